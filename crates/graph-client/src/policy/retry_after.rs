//! Reading of `Retry-After`, in every form in which it has been seen.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// 10,000 years: more than any date asks for, and little enough to be added to any clock's time.
const LONGEST: Duration = Duration::from_secs(10_000 * 365 * 24 * 60 * 60);

/// How long an answer asks to wait.
///
/// The service and the gateways before it write whole seconds, fractions (`2.128`), HTTP dates and comma lists; of several
/// values the longest counts. What they say is not judged here: a number too large for a clock counts as 10,000 years. A date is relative to `date`, the answer's own `Date`, and to `now` only where that is
/// missing, so that a wrong clock does not matter. Values that are none of these are ignored.
pub(crate) fn parse_retry_after<'a>(
    values: impl IntoIterator<Item = &'a str>,
    date: Option<SystemTime>,
    now: SystemTime,
) -> Option<Duration> {
    let waits = values.into_iter().filter_map(|value| parse_value(value, date.unwrap_or(now)));
    waits.max().map(|wait| wait.min(LONGEST))
}

/// How long the answer with these headers asks to wait. Few ask, so that the time is asked for only then.
pub(crate) fn retry_after_of(headers: &HeaderMap, now: impl FnOnce() -> SystemTime) -> Option<Duration> {
    if !headers.contains_key(RETRY_AFTER) {
        return None;
    }
    let values = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    parse_retry_after(values, date, now())
}

/// How long a message asks to wait, as Viva Learning puts it: `Retry after 5 minutes`.
pub(crate) fn retry_after_in_words(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    let (_, rest) = message.split_once("retry after")?;
    let mut words = rest.split_whitespace();
    let (count, unit) = (parse_seconds(words.next()?)?, words.next()?);
    let factor = match unit {
        _ if unit.starts_with("sec") => 1,
        _ if unit.starts_with("min") => 60,
        _ => return None,
    };
    Some(count.saturating_mul(factor).min(LONGEST))
}

fn parse_value(value: &str, date: SystemTime) -> Option<Duration> {
    // Dates first: they have a comma of their own.
    if let Ok(moment) = httpdate::parse_http_date(value.trim()) {
        return Some(moment.duration_since(date).unwrap_or_default());
    }
    value.split(',').filter_map(|seconds| parse_seconds(seconds.trim())).max()
}

/// Digits with at most one point among them: no sign, no exponent, no `inf`.
fn parse_seconds(text: &str) -> Option<Duration> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    // More than a duration can hold.
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST))
}
