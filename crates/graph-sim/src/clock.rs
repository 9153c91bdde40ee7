//! Simulated time: a fixed date plus what tokio's clock says has passed.
//!
//! Nothing here reads the machine's clock, so a paused tokio clock makes hours pass in milliseconds and every
//! date in an answer is the same in every run.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::time::Instant;

/// 2026-01-05T08:00:00Z, a Monday morning.
const EPOCH_SECONDS: i64 = 1_767_600_000;

/// Measures the time since the simulator started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.start.elapsed()
    }
}

/// The simulated date.
pub(crate) fn time_of_day(at: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH_SECONDS.unsigned_abs()) + at
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
    let local = date(at) - time::Duration::hours(8);
    format!("{}.{:06}-08:00", civil(local), local.microsecond())
}

/// `Mon, 05 Jan 2026 08:00:00 GMT`, the form of the `Date` header.
pub(crate) fn http_date(at: Duration) -> String {
    let text = date(at).format(&Rfc2822).unwrap_or_default();
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
        assert_eq!(http_date(at), "Tue, 06 Jan 2026 09:01:01 GMT");
        assert_eq!(unix_seconds(at), EPOCH_SECONDS + 90_061);
        assert_eq!(time_of_day(at).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 1_767_690_061);
    }

    #[tokio::test(start_paused = true)]
    async fn tokio_rules_the_clock() {
        let clock = Clock::start();
        tokio::time::advance(Duration::from_secs(7_200)).await;
        assert_eq!(clock.elapsed(), Duration::from_secs(7_200));
    }
}
