//! Arithmetic on moments and lengths of time that come from a caller, a file or a header: it ends at a last moment instead of
//! overflowing.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Longer than any process runs.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
/// The end of the year 9999, after which a moment has no form in HTTP or ISO 8601; seconds since 1970.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// `wait` after `moment`, or 30 years after it if the clock does not reach so far.
pub(crate) fn after(moment: Instant, wait: Duration) -> Instant {
    moment.checked_add(wait).or_else(|| moment.checked_add(FAR)).unwrap_or(moment)
}

/// The time of day `wait` after `moment`, the end of the year 9999 at the latest.
pub fn date_after(moment: SystemTime, wait: Duration) -> SystemTime {
    let last = (SystemTime::UNIX_EPOCH + LAST_SECOND).max(moment);
    moment.checked_add(wait).map_or(last, |date| date.min(last))
}

/// `fraction` of `length`, from none of it to all of it; what is no number counts as all.
pub(crate) fn part_of(length: Duration, fraction: f64) -> Duration {
    let fraction = if fraction.is_nan() { 1.0 } else { fraction.clamp(0.0, 1.0) };
    Duration::try_from_secs_f64(length.as_secs_f64() * fraction).map_or(length, |part| part.min(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn moments_end_instead_of_overflowing() {
        let now = Instant::now();
        assert_eq!(after(now, SECOND), now + SECOND);
        assert_eq!(after(now, Duration::MAX), now + FAR);
        assert_eq!(after(after(now, Duration::MAX), Duration::MAX), now + FAR + FAR);
    }

    #[test]
    fn dates_end_with_the_year_9999() {
        let (epoch, last) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST_SECOND);
        assert_eq!(date_after(epoch, SECOND), epoch + SECOND);
        assert_eq!(date_after(epoch, Duration::MAX), last);
        assert_eq!(date_after(last - SECOND, 2 * SECOND), last);
        assert_eq!(date_after(last + SECOND, SECOND), last + SECOND);
        assert_eq!(httpdate::fmt_http_date(last), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn parts_are_never_longer_than_the_whole() {
        for (length, fraction, expected) in [
            (4 * SECOND, 0.5, 2 * SECOND),
            (SECOND, 0.0, Duration::ZERO),
            (SECOND, -1.0, Duration::ZERO),
            (SECOND, 7.0, SECOND),
            (SECOND, f64::NAN, SECOND),
            (SECOND, f64::INFINITY, SECOND),
            (Duration::MAX, 1.0, Duration::MAX),
            (Duration::MAX, f64::NAN, Duration::MAX),
            (Duration::ZERO, 1.0, Duration::ZERO),
        ] {
            assert_eq!(part_of(length, fraction), expected, "{length:?} {fraction}");
        }
        assert!(part_of(Duration::MAX, 0.5) > Duration::MAX / 3);
    }
}
