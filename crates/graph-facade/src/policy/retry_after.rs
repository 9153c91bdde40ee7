//! Reading of `Retry-After`, in every form in which it has been seen.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// How long an answer asks to wait.
///
/// The service and the gateways before it write whole seconds, fractions (`2.128`), HTTP dates and comma lists; of several
/// values the longest counts. A date is relative to `date`, the answer's own `Date`, and to `now` only where that is
/// missing, so that a wrong clock does not matter. Values that are none of these are ignored.
pub(crate) fn parse_retry_after<'a>(
    values: impl IntoIterator<Item = &'a str>,
    date: Option<SystemTime>,
    now: SystemTime,
) -> Option<Duration> {
    values.into_iter().filter_map(|value| parse_value(value, date.unwrap_or(now))).max()
}

/// How long the answer with these headers asks to wait.
pub(crate) fn retry_after_of(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    parse_retry_after(values, date, now)
}

fn parse_value(value: &str, date: SystemTime) -> Option<Duration> {
    // Dates first: they have a comma of their own.
    if let Ok(moment) = httpdate::parse_http_date(value.trim()) {
        return Some(moment.duration_since(date).unwrap_or_default());
    }
    value.split(',').filter_map(|seconds| parse_seconds(seconds.trim())).max()
}

fn parse_seconds(text: &str) -> Option<Duration> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain { Duration::try_from_secs_f64(text.parse().ok()?).ok() } else { None }
}
