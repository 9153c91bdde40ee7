//! Simulated time: a fixed date plus what tokio's clock says has passed, and what was leapt over on request. It can be stopped, and
//! then passes by leaps alone.
//!
//! Nothing here reads the machine's clock, so a paused tokio clock makes hours pass in milliseconds and every
//! date in an answer is the same in every run.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::sync::watch;
use tokio::time::Instant;

/// 2026-01-05T08:00:00Z, a Monday morning.
const EPOCH_SECONDS: i64 = 1_767_600_000;

/// Simulated time stands still at 9000-01-01T00:00:00Z, so that every date has four digits, and what is added to one still is a date.
pub(crate) const LATEST: Duration = Duration::from_secs(220_077_792_000);

/// The longest leap, delay or lifetime that a file or a request to the admin endpoint may name: a hundred years of 365 days.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Measures the time since the simulator started.
#[derive(Debug)]
pub(crate) struct Clock {
    reckoning: watch::Sender<Reckoning>,
}

#[derive(Debug, Clone, Copy)]
struct Reckoning {
    /// Since when time passes by itself; none while the clock is stopped.
    start: Option<Instant>,
    /// What had passed before that, and what was leapt over.
    leapt: Duration,
    /// How often the clock was set back to its start.
    restarts: u64,
}

impl Reckoning {
    fn elapsed(self) -> Duration {
        let passed = self.start.map_or(Duration::ZERO, |start| start.elapsed());
        passed.saturating_add(self.leapt)
    }
}

impl Clock {
    pub(crate) fn start() -> Self {
        let reckoning = Reckoning { start: Some(Instant::now()), leapt: Duration::ZERO, restarts: 0 };
        Self { reckoning: watch::Sender::new(reckoning) }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.reckoning.borrow().elapsed()
    }

    /// Leaps over so much time.
    pub(crate) fn advance(&self, by: Duration) {
        self.reckoning.send_modify(|it| it.leapt = it.leapt.saturating_add(by));
    }

    /// Lets time pass by itself, or by leaps alone.
    pub(crate) fn run(&self, runs: bool) {
        self.reckoning.send_modify(|it| {
            it.leapt = it.elapsed();
            it.start = runs.then(Instant::now);
        });
    }

    pub(crate) fn is_running(&self) -> bool {
        self.reckoning.borrow().start.is_some()
    }

    /// Begins anew; a stopped clock stays so.
    pub(crate) fn restart(&self) {
        self.reckoning.send_modify(|it| {
            let start = it.start.map(|_| Instant::now());
            *it = Reckoning { start, leapt: Duration::ZERO, restarts: it.restarts.wrapping_add(1) };
        });
    }

    /// Waits until so much time has passed or was leapt over, or the clock begins anew.
    pub(crate) async fn sleep(&self, length: Duration) {
        let mut changes = self.reckoning.subscribe();
        let begun = *changes.borrow();
        let end = begun.elapsed().saturating_add(length);
        loop {
            let now = *changes.borrow_and_update();
            let left = end.saturating_sub(now.elapsed());
            if left.is_zero() || now.restarts != begun.restarts {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left), if now.start.is_some() => {}
                _ = changes.changed() => {}
            }
        }
    }
}

/// The simulated date.
pub(crate) fn time_of_day(at: Duration) -> SystemTime {
    // Far from what a system's time can hold.
    SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH_SECONDS.unsigned_abs()) + at.min(LATEST)
}

/// The simulated date as seconds since 1970, as tokens carry it.
pub(crate) fn unix_seconds(at: Duration) -> i64 {
    date(at).unix_timestamp()
}

/// `2026-01-05T08:00:00Z`, as directory objects carry it.
pub(crate) fn utc(at: Duration) -> String {
    format!("{}Z", civil(date(at)))
}

/// `2026-01-05T08:00:00.000Z`, as HTTP archives carry it.
pub(crate) fn with_milliseconds(at: Duration) -> String {
    let date = date(at);
    format!("{}.{:03}Z", civil(date), date.millisecond())
}

/// `2026-01-05T08:00:00`: the service's error bodies leave the zone out.
pub(crate) fn without_zone(at: Duration) -> String {
    civil(date(at))
}

/// `2026-01-05T00:00:00.000000-08:00`: long-running operations carry local time and microseconds.
pub(crate) fn pacific(at: Duration) -> String {
    let local = date(at).saturating_sub(time::Duration::hours(8));
    format!("{}.{:06}-08:00", civil(local), local.microsecond())
}

/// `Mon, 05 Jan 2026 08:00:00 GMT`, the form of the `Date` header, by a clock that is off by `skew`; not before 1970, as the form
/// has no earlier century.
pub(crate) fn http_date(at: Duration, skew: time::Duration) -> String {
    let shown = date(at).saturating_add(skew).max(OffsetDateTime::UNIX_EPOCH);
    let text = shown.format(&Rfc2822).unwrap_or_default();
    text.replace("+0000", "GMT")
}

pub(crate) fn date(at: Duration) -> OffsetDateTime {
    let passed = time::Duration::try_from(at).unwrap_or(time::Duration::MAX);
    OffsetDateTime::UNIX_EPOCH.saturating_add(time::Duration::seconds(EPOCH_SECONDS)).saturating_add(passed)
}

fn civil(date: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        date.hour(),
        date.minute(),
        date.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_shows_the_same_moment() {
        let at = Duration::from_micros(90_061_250_042);
        assert_eq!(utc(at), "2026-01-06T09:01:01Z");
        assert_eq!(with_milliseconds(at), "2026-01-06T09:01:01.250Z");
        assert_eq!(without_zone(at), "2026-01-06T09:01:01");
        assert_eq!(pacific(at), "2026-01-06T01:01:01.250042-08:00");
        assert_eq!(http_date(at, time::Duration::ZERO), "Tue, 06 Jan 2026 09:01:01 GMT");
        assert_eq!(http_date(at, -time::Duration::minutes(2)), "Tue, 06 Jan 2026 08:59:01 GMT");
        assert_eq!(unix_seconds(at), EPOCH_SECONDS + 90_061);
        assert_eq!(time_of_day(at).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 1_767_690_061);
    }

    #[test]
    fn no_moment_is_too_far_away_to_be_shown() {
        for at in [LATEST, Duration::from_secs(1 << 62), Duration::MAX] {
            assert!(time_of_day(at) > SystemTime::UNIX_EPOCH);
            for text in [utc(at), with_milliseconds(at), without_zone(at), pacific(at)] {
                assert!(
                    text.starts_with(if at == LATEST { "9000-01-01" } else { "9999-12-31" }) || at == LATEST,
                    "{text}"
                );
            }
            for skew in [time::Duration::MIN, time::Duration::ZERO, time::Duration::MAX] {
                assert!(http_date(at, skew).ends_with(" GMT"), "{at:?} {skew}");
            }
        }
        assert_eq!((utc(LATEST), unix_seconds(LATEST)), ("9000-01-01T00:00:00Z".to_owned(), 221_845_392_000));
    }

    #[tokio::test(start_paused = true)]
    async fn tokio_rules_the_clock() {
        let clock = Clock::start();
        tokio::time::advance(Duration::from_secs(7_200)).await;
        assert_eq!(clock.elapsed(), Duration::from_secs(7_200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_leap_wakes_who_waits_for_it_and_so_does_a_new_beginning() {
        let (clock, began) = (Clock::start(), Instant::now());
        let hour = Duration::from_secs(3_600);
        tokio::join!(clock.sleep(hour), async { clock.advance(hour) });
        assert_eq!((clock.elapsed(), began.elapsed()), (hour, Duration::ZERO));
        tokio::join!(clock.sleep(hour), async { clock.restart() });
        assert_eq!((clock.elapsed(), began.elapsed()), (Duration::ZERO, Duration::ZERO));
        tokio::join!(clock.sleep(hour), async { clock.advance(hour / 2) });
        assert_eq!((clock.elapsed(), began.elapsed()), (hour, hour / 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_clock_goes_by_leaps_alone() {
        let (clock, hour) = (Clock::start(), Duration::from_secs(3_600));
        tokio::time::advance(hour).await;
        clock.run(false);
        tokio::time::advance(hour).await;
        assert_eq!((clock.elapsed(), clock.is_running()), (hour, false));
        tokio::join!(clock.sleep(hour), async {
            tokio::time::sleep(5 * hour).await;
            assert_eq!(clock.elapsed(), hour);
            clock.advance(hour);
        });
        assert_eq!(clock.elapsed(), 2 * hour);
        clock.run(true);
        tokio::time::advance(hour).await;
        assert_eq!(clock.elapsed(), 3 * hour);
        clock.run(false);
        clock.restart();
        tokio::time::advance(hour).await;
        assert_eq!((clock.elapsed(), clock.is_running()), (Duration::ZERO, false));
    }
}
