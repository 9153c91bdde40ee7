//! Points in time as requests write them.

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// A date and time without an offset: `2026-01-05T09:00:00.0000000`.
pub(crate) fn local(text: &str) -> Option<PrimitiveDateTime> {
    let date = OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339).ok()?;
    Some(PrimitiveDateTime::new(date.date(), date.time()))
}

/// A point in time in UTC; without an offset, it is meant so, and a day alone stands for its first moment.
pub(crate) fn utc(text: &str) -> Option<PrimitiveDateTime> {
    let Ok(date) = OffsetDateTime::parse(text, &Rfc3339) else {
        return local(text).or_else(|| day(text).map(time::Date::midnight));
    };
    let date = date.checked_to_offset(UtcOffset::UTC)?;
    Some(PrimitiveDateTime::new(date.date(), date.time()))
}

/// A day: `2026-01-05`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// As Outlook writes it: seven digits of a second, and no offset.
pub(crate) fn outlook(date: PrimitiveDateTime) -> String {
    format!(
        "{}T{:02}:{:02}:{:02}.{:07}",
        date.date(),
        date.hour(),
        date.minute(),
        date.second(),
        date.nanosecond() / 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let nine = local("2026-01-05T09:00:00.0000000").unwrap();
        assert_eq!(utc("2026-01-05T10:00:00+01:00"), Some(nine));
        assert_eq!(utc("2026-01-05T09:00:00"), Some(nine));
        assert_eq!(outlook(nine), "2026-01-05T09:00:00.0000000");
        assert_eq!(day("2026-01-05"), Some(nine.date()));
        assert_eq!(utc("2026-01-05"), Some(nine.date().midnight()));
        assert_eq!((local("tomorrow"), utc("2026-01"), day("2026-13-05")), (None, None, None));
        assert_eq!(utc("9999-12-31T23:59:59-08:00"), None, "there is no such year in UTC");
    }
}
