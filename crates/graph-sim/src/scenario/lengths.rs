//! Lengths and moments of time, as a file writes them.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::ScenarioError;
use super::place::At;
use crate::clock;

/// `250ms`, `30s`, `5m`, `2h` or `1d`.
pub(super) fn length(text: &At<String>) -> Result<Duration, ScenarioError> {
    let length = read(text.value()).filter(|length| *length <= clock::LONGEST);
    length.ok_or_else(|| {
        let (found, days) = (text.value(), clock::LONGEST.as_secs() / (24 * 60 * 60));
        let expected = format!("expected a length such as 250ms, 30s, 5m, 2h or 1d, of at most {days}d");
        ScenarioError::new(text.place(), format!("found '{found}', {expected}"))
    })
}

/// As [`length`], of something that can't take no time.
pub(super) fn some_length(text: &At<String>) -> Result<Duration, ScenarioError> {
    let length = length(text)?;
    if length.is_zero() {
        return Err(ScenarioError::new(
            text.place(),
            format!("found '{}', expected more than nothing", text.value()),
        ));
    }
    Ok(length)
}

/// As [`length`]; zero if there is none.
pub(super) fn length_or_zero(text: Option<&At<String>>) -> Result<Duration, ScenarioError> {
    text.map_or(Ok(Duration::ZERO), length)
}

fn read(text: &str) -> Option<Duration> {
    let unit = text.find(|it: char| !it.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().ok()?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(60 * 60),
        "d" => seconds(24 * 60 * 60),
        _ => None,
    }
}

/// How long after the simulator's first morning a date is.
pub(super) fn moment(text: &At<String>) -> Result<Duration, ScenarioError> {
    let date = OffsetDateTime::parse(text.value(), &Rfc3339).ok();
    let after = date.and_then(|date| Duration::try_from(date - clock::date(Duration::ZERO)).ok());
    after.filter(|after| *after <= clock::LONGEST).ok_or_else(|| {
        let (found, first, last) = (text.value(), clock::utc(Duration::ZERO), clock::utc(clock::LONGEST));
        let expected = format!("expected a date from {first} to {last}, with its offset");
        ScenarioError::new(text.place(), format!("found '{found}', {expected}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (text, milliseconds) in [
            ("250ms", Some(250)),
            ("30s", Some(30_000)),
            ("5m", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("1d", Some(86_400_000)),
            ("30", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("99999999999999999999s", None),
            ("9999999999999999999d", None),
            ("3 weeks", None),
        ] {
            assert_eq!(read(text), milliseconds.map(Duration::from_millis), "{text}");
        }
    }
}
