//! Wall-clock time that follows tokio's clock.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Tells the time of day, driven by tokio's clock.
///
/// The time of day is read once, when the clock is made; from then on it advances with [`tokio::time`], so that a test
/// with a paused clock rules every wait, expiry and timestamp of a [`Client`](crate::Client). A computer that sleeps
/// makes the clock late, never early, so no wait is cut short by it.
#[derive(Clone, Debug)]
pub struct Clock {
    base: SystemTime,
    started: Instant,
}

impl Clock {
    /// A clock that starts at the time of day.
    #[allow(clippy::disallowed_methods, reason = "the one place where the time of day enters the crate")]
    pub fn system() -> Self {
        Self::starting_at(SystemTime::now())
    }

    /// A clock that starts at `base`, whatever the time of day is; for tests.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// let clock = graph_facade::Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    /// assert!(clock.now() >= SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    /// ```
    pub fn starting_at(base: SystemTime) -> Self {
        Self { base, started: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        self.base + self.started.elapsed()
    }

    /// How long it is until `moment`; zero if that has passed.
    pub fn until(&self, moment: SystemTime) -> Duration {
        moment.duration_since(self.now()).unwrap_or_default()
    }

    /// Waits until `moment`; at once if that has passed.
    pub(crate) async fn sleep_until(&self, moment: SystemTime) {
        tokio::time::sleep(self.until(moment)).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Clock;

    #[tokio::test(start_paused = true)]
    async fn the_clock_follows_tokio() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let clock = Clock::starting_at(start);
        tokio::time::sleep(Duration::from_secs(40)).await;
        assert_eq!(clock.now(), start + Duration::from_secs(40));
        assert_eq!(clock.until(start), Duration::ZERO);
        clock.sleep_until(start + Duration::from_secs(60)).await;
        assert_eq!(clock.now(), start + Duration::from_secs(60));
    }
}
