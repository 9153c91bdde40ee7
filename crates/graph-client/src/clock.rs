//! The time of day, driven by tokio's clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::time::date_after;

/// By less than this, two clocks differ without a suspension.
const LAG: Duration = Duration::from_secs(1);

/// Tells the time of day, driven by tokio's clock.
///
/// The time of day is read when the clock is made; from then on it advances with [`tokio::time`], so that a test with a paused
/// clock rules every wait, expiry and timestamp of a [`Client`](crate::Client).
///
/// Tokio's clock stands still while the computer is suspended. So [`system`](Self::system) compares it with the time of day whenever
/// it is asked: where that is more than a second ahead, the clock moves ahead with it, and a token that ended during a
/// suspension is known to have ended. It never goes back. A wait that began before a suspension may still end
/// late; none ends early. A clock that [starts at a given time](Self::starting_at) follows tokio's clock alone.
#[derive(Clone)]
pub struct Clock {
    base: SystemTime,
    started: Instant,
    /// Nothing for a clock that follows tokio's alone.
    outside: Option<Arc<Outside>>,
}

/// The time of day by another clock than tokio's.
struct Outside {
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    /// How much tokio's clock has fallen behind so far, in nanoseconds.
    ahead: AtomicU64,
}

impl Clock {
    /// A clock that shows the time of day.
    #[allow(clippy::disallowed_methods, reason = "the one place where the time of day enters the crate")]
    pub fn system() -> Self {
        Self::following(SystemTime::now)
    }

    /// A clock that starts at `base`, whatever the time of day is; for tests.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// let clock = graph_client::Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    /// assert!(clock.now() >= SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    /// ```
    pub fn starting_at(base: SystemTime) -> Self {
        Self { base, started: Instant::now(), outside: None }
    }

    /// A clock that starts at the time that `now` tells, and moves ahead where that does.
    fn following(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let clock = Self::starting_at(now());
        let outside = Outside { now: Box::new(now), ahead: AtomicU64::new(0) };
        Self { outside: Some(Arc::new(outside)), ..clock }
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        let steady = date_after(self.base, self.started.elapsed());
        match &self.outside {
            None => steady,
            Some(outside) => date_after(steady, outside.ahead_of(steady)),
        }
    }

    /// How long it is until `moment`; zero if that has passed.
    pub fn until(&self, moment: SystemTime) -> Duration {
        moment.duration_since(self.now()).unwrap_or_default()
    }

    /// Waits until `moment`; at once if that has passed.
    pub async fn sleep_until(&self, moment: SystemTime) {
        tokio::time::sleep(self.until(moment)).await;
    }
}

impl Outside {
    /// How much tokio's clock, which shows `steady`, has fallen behind.
    fn ahead_of(&self, steady: SystemTime) -> Duration {
        let known = Duration::from_nanos(self.ahead.load(Ordering::Relaxed));
        let ahead = (self.now)().duration_since(steady).unwrap_or_default();
        if ahead.saturating_sub(known) <= LAG {
            return known;
        }
        let nanos = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.ahead.fetch_max(nanos, Ordering::Relaxed).max(nanos))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn start() -> SystemTime {
        SystemTime::UNIX_EPOCH + seconds(1_000)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_follows_tokio() {
        let (start, clock) = (start(), Clock::starting_at(start()));
        tokio::time::sleep(seconds(40)).await;
        assert_eq!(clock.now(), start + seconds(40));
        assert_eq!(clock.until(start), Duration::ZERO);
        clock.sleep_until(start + seconds(60)).await;
        assert_eq!(clock.now(), start + seconds(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_suspension_moves_the_clock_ahead_and_nothing_moves_it_back() {
        let outside = Arc::new(Mutex::new(start()));
        let told = Arc::clone(&outside);
        let clock = Clock::following(move || *told.lock().unwrap());
        let clone = clock.clone();
        // How far tokio's clock advances, what the other then shows, and what is told, all in seconds.
        for (step, shown, expected) in [
            (10, 10, 10),
            // Less than a lag, or behind: tokio's clock alone.
            (0, 11, 10),
            (10, 12, 20),
            // Suspended for an hour.
            (0, 3_620, 3_620),
            (5, 3_625, 3_625),
            // Set back: what was told stays, and goes on.
            (0, 0, 3_625),
            (5, 5, 3_630),
            // Suspended again.
            (0, 7_200, 7_200),
        ] {
            tokio::time::advance(seconds(step)).await;
            *outside.lock().unwrap() = start() + seconds(shown);
            assert_eq!(clock.now(), start() + seconds(expected), "{step} {shown}");
            assert_eq!(clone.now(), clock.now(), "clones share what they have learned");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_clock_rules_the_system_clock_too() {
        let clock = Clock::system();
        let before = clock.now();
        tokio::time::sleep(seconds(1_000_000)).await;
        assert_eq!(clock.now(), before + seconds(1_000_000));
    }

    #[tokio::test(start_paused = true)]
    async fn no_clock_overflows() {
        let last = SystemTime::UNIX_EPOCH + seconds(i64::MAX.unsigned_abs() - 1);
        let clock = Clock::starting_at(last);
        tokio::time::sleep(seconds(10)).await;
        assert_eq!(clock.now(), last);
        assert_eq!(clock.until(SystemTime::UNIX_EPOCH), Duration::ZERO);
        assert_eq!(Clock::following(move || last).now(), last);
    }
}
