//! How long a request can wait for a slot, and the error if that is not enough.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::FLIGHT;
use super::store::{Forecast, QuotaStoreError};

/// How long a request may wait for its slot, and hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquireOptions {
    pub(super) deadline: Option<Instant>,
    pub(super) hold: Duration,
}

impl Default for AcquireOptions {
    /// No deadline, and two minutes.
    fn default() -> Self {
        Self { deadline: None, hold: Duration::from_secs(120) }
    }
}

impl AcquireOptions {
    /// Fails if there is no slot before `deadline`: at once where that can be foreseen.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How long it may take from getting the slot to the end of the answer; otherwise two minutes, and a day at most. A slot
    /// that is held longer counts as used from then on and becomes free one window later, even if the request is yet to be
    /// sent.
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }
}

/// How long a request can wait, and needs its slot.
pub(crate) struct Patience<'a> {
    /// Whether it can wait so long for a service that will not listen.
    pub(crate) parked: &'a (dyn Fn(Duration) -> bool + Send + Sync),
    pub(crate) deadline: Option<Instant>,
    /// How long it may hold its slot.
    pub(crate) hold: Duration,
}

impl Patience<'_> {
    /// What may pass between getting a slot and sending: a record in a journal, a middleware.
    const PREPARATION: Duration = Duration::from_secs(30);

    /// For how long a request may hold its slot of which an attempt may take as long as `attempt`.
    pub(crate) fn hold_for(attempt: Duration) -> Duration {
        attempt.saturating_add(FLIGHT).saturating_add(Self::PREPARATION)
    }

    pub(super) fn bears(&self, forecast: Forecast) -> Result<(), NoSlot> {
        let Forecast { parked, busy } = forecast;
        let bears_parked = parked.is_zero() || ((self.parked)(parked) && self.in_time(parked));
        if !bears_parked {
            return Err(NoSlot { wait: parked.max(busy), reason: Reason::Parked });
        }
        if self.in_time(busy) { Ok(()) } else { Err(NoSlot::busy(busy)) }
    }

    fn in_time(&self, wait: Duration) -> bool {
        self.deadline.is_none_or(|deadline| wait <= deadline.saturating_duration_since(Instant::now()))
    }
}

/// There is no slot before the deadline, or the store of slots failed. Nothing was sent.
#[derive(Clone, Debug)]
pub struct NoSlot {
    wait: Duration,
    reason: Reason,
}

#[derive(Clone, Debug)]
enum Reason {
    Busy,
    Parked,
    Store(QuotaStoreError),
}

impl NoSlot {
    pub(super) fn busy(wait: Duration) -> Self {
        Self { wait, reason: Reason::Busy }
    }

    pub(super) fn store(error: QuotaStoreError) -> Self {
        Self { wait: Duration::ZERO, reason: Reason::Store(error) }
    }

    /// How long to wait before asking again, as far as can be foreseen.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Whether the service has said that it will not listen; otherwise the limiter expects that it would refuse, or its store
    /// failed.
    pub fn is_parked(&self) -> bool {
        matches!(self.reason, Reason::Parked)
    }

    /// The error of the store of slots, if it failed or did not answer in time.
    pub fn store_error(&self) -> Option<&QuotaStoreError> {
        match &self.reason {
            Reason::Store(error) => Some(error),
            Reason::Busy | Reason::Parked => None,
        }
    }
}

impl fmt::Display for NoSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::Busy => "the service's limit leaves no room for another request in time",
            Reason::Parked => "the service refused an earlier request of this quota",
            Reason::Store(_) => "the rate limiter can't ask for a slot, so nothing was sent",
        })
    }
}

impl Error for NoSlot {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.store_error().map(|error| error as _)
    }
}
