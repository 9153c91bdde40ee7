//! The right to send one request.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Response;
use tokio::time::Instant;

use super::gate::Gate;
use super::lease::Lease;
use super::signals::Signals;
use super::store::SlotEnd;
use super::{FLIGHT, Shared};
use crate::policy::retry_after_of;
use crate::time::after;

/// The right to send one request.
///
/// Dropped before [`sending`](Self::sending), it was never used. Dropped after it, the request counts, with allowance for
/// its still being on the way.
#[derive(Debug)]
#[must_use = "dropping a slot gives it back"]
pub struct Slot(Option<Permit>);

#[derive(Debug)]
struct Permit {
    shared: Arc<Shared>,
    gate: Arc<Gate>,
    lease: Lease,
    operation: &'static str,
    sent_at: Option<Instant>,
    over: bool,
}

impl Slot {
    /// Of an operation without a limit.
    pub(super) fn unlimited() -> Self {
        Self(None)
    }

    /// The slot that `lease` holds.
    pub(super) fn held(shared: Arc<Shared>, gate: Arc<Gate>, lease: Lease, operation: &'static str) -> Self {
        Self(Some(Permit { shared, gate, lease, operation, sent_at: None, over: false }))
    }

    /// From here on the request counts.
    pub fn sending(&mut self) {
        self.sending_at(Instant::now());
    }

    /// From `now` on the request counts.
    pub(crate) fn sending_at(&mut self, now: Instant) {
        if let Some(permit) = &mut self.0 {
            permit.sent_at = Some(now);
        }
    }

    /// The answer came, `now` by the clock of the machine. If it is a refusal, it holds back everybody whom it concerns.
    pub fn answered<B>(self, response: &Response<B>, now: SystemTime) {
        self.answered_with(response, retry_after_of(response.headers(), || now));
    }

    /// The answer came, and asks to wait so long.
    pub(crate) fn answered_with<B>(self, response: &Response<B>, retry_after: Option<Duration>) {
        if let Some(permit) = self.0 {
            permit.answered(&Signals::of(response, retry_after));
        }
    }
}

impl Permit {
    fn answered(mut self, signals: &Signals) {
        let sent_at = self.sent_at.unwrap_or_else(Instant::now);
        let longest = self.shared.max_retry_after;
        if let Some(silent_for) = self.gate.learn(self.operation, sent_at, signals, longest) {
            self.shared.park(self.lease.budget(), signals.scope, silent_for);
        }
        // The answer is here, so the service counted the request no later than now.
        self.settle(SlotEnd::Counted(Duration::ZERO));
    }

    fn settle(&mut self, end: SlotEnd) {
        self.over = true;
        self.shared.store.settle(&self.lease, end);
        self.gate.wake();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match (self.over, self.sent_at) {
            (true, _) => {}
            (false, None) => self.settle(SlotEnd::Unused),
            (false, Some(sent_at)) => {
                let arrives_by = after(sent_at, FLIGHT).saturating_duration_since(Instant::now());
                self.settle(SlotEnd::Counted(arrives_by));
            }
        }
    }
}
