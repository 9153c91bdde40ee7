//! How long to wait where the service does not say.

use std::time::Duration;

use crate::time::part_of;

/// Waits that double from one attempt to the next up to a limit, each shortened by chance to as little as half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
}

impl Default for Backoff {
    /// One second at first, 30 seconds at most.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), limit: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// Waits of `first` after the first attempt and of `limit` at most.
    pub const fn new(first: Duration, limit: Duration) -> Self {
        Self { first, limit }
    }

    /// The wait after attempt number `attempt`, counted from 1. `random` is at least 0 and less than 1; what is no number
    /// shortens nothing.
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.limit);
        part_of(full, f64::midpoint(1.0, random.clamp(0.0, 1.0)))
    }
}
