//! How many envelopes are under way at once, and when none may leave.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::policy::Backoff;

/// How long to hold back where the service does not say.
const HOLD: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// Additive increase, multiplicative decrease: half as many at once after a refusal, and one more after as many envelopes as
/// there are at once have gone well.
#[derive(Debug)]
pub(super) struct Pace {
    most: f64,
    width: f64,
    /// What left before says nothing about the present width.
    cut_at: Option<Instant>,
    refusals: u32,
    hold: Hold,
    throttled: Duration,
}

impl Pace {
    pub(super) fn new(most: u16) -> Self {
        let most = f64::from(most.max(1));
        Self {
            most,
            width: most,
            cut_at: None,
            refusals: 0,
            hold: Hold::default(),
            throttled: Duration::ZERO,
        }
    }

    /// How many envelopes may be added to so many.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to some thousand")]
    pub(super) fn places(&self, under_way: usize) -> usize {
        (self.width as usize).saturating_sub(under_way)
    }

    /// When envelopes may leave.
    pub(super) fn hold(&self) -> Hold {
        self.hold.clone()
    }

    /// For how long the run held back.
    pub(super) fn throttled(&self) -> Duration {
        self.throttled
    }

    pub(super) fn went_well(&mut self) {
        self.refusals = 0;
        self.width = (self.width + 1.0 / self.width).min(self.most);
    }

    /// The service refused an envelope that left at `left_at`, and may have said for how long it won't listen.
    pub(super) fn refused(&mut self, left_at: Instant, asked: Option<Duration>) {
        let now = Instant::now();
        if self.cut_at.is_none_or(|cut_at| left_at > cut_at) {
            self.width = (self.width / 2.0).max(1.0);
            self.cut_at = Some(now);
            self.refusals += 1;
        }
        let wait = asked.filter(|wait| !wait.is_zero()).unwrap_or_else(|| HOLD.delay(self.refusals, 0.5));
        let until = now + wait;
        let before = self.hold.until().map_or(now, |before| before.max(now));
        self.throttled += until.saturating_duration_since(before);
        self.hold.extend(until);
    }
}

/// A moment before which nothing leaves, shared with the envelopes that wait for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hold(Arc<Mutex<Option<Instant>>>);

impl Hold {
    pub(super) async fn over(&self) {
        while let Some(until) = self.until().filter(|until| *until > Instant::now()) {
            sleep_until(until).await;
        }
    }

    fn until(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, until: Instant) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |before| before.max(until)));
    }
}
