//! How many envelopes are under way at once, and when none may leave.

use graph_client::Backoff;
use std::time::Duration;

use tokio::time::Instant;

/// How long to hold back where the service does not say.
const HOLD: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// What can't be added to the present time is as good as this: 30 years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Additive increase, multiplicative decrease: half as many at once after a refusal, and one more after as many envelopes as
/// there are at once have gone well.
#[derive(Debug)]
pub(super) struct Pace {
    most: f64,
    width: f64,
    /// What left before says nothing about the present width.
    cut_at: Option<Instant>,
    refusals: u32,
    /// When envelopes may leave again.
    held_until: Option<Instant>,
    throttled: Duration,
}

impl Pace {
    pub(super) fn new(most: u16) -> Self {
        let most = f64::from(most.max(1));
        Self { most, width: most, cut_at: None, refusals: 0, held_until: None, throttled: Duration::ZERO }
    }

    /// How many envelopes may be added to so many.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to some thousand")]
    pub(super) fn places(&self, under_way: usize) -> usize {
        (self.width as usize).saturating_sub(under_way)
    }

    /// The moment before which none may leave, if it is yet to come.
    pub(super) fn held_until(&self) -> Option<Instant> {
        self.held_until.filter(|until| *until > Instant::now())
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
            self.refusals = self.refusals.saturating_add(1);
        }
        let wait = asked.filter(|wait| !wait.is_zero()).unwrap_or_else(|| HOLD.delay(self.refusals, 0.5));
        let until = now.checked_add(wait).or_else(|| now.checked_add(FAR)).unwrap_or(now);
        let before = self.held_until().unwrap_or(now);
        self.throttled = self.throttled.saturating_add(until.saturating_duration_since(before));
        self.held_until = Some(before.max(until));
    }
}
