//! Time zones by the names that Outlook knows: those of Windows, and those of the tz database, which is part of this program.

mod windows;

use jiff::civil;
use jiff::tz::TimeZone;
use time::{Date, Duration, Month, PrimitiveDateTime, Time};

/// A time zone, with the rules that it had and has for summer time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Zone(TimeZone);

/// The zone of a name, in whatever case, or what to say of one that there isn't.
pub(crate) fn find(name: &str) -> Result<Zone, String> {
    let known = windows::zone(name)
        .or_else(|| name.eq_ignore_ascii_case("tzone://Microsoft/Utc").then_some("Etc/UTC"));
    TimeZone::get(known.unwrap_or(name)).map(Zone).map_err(|_| {
        format!("There is no time zone '{name}': give a name of Windows or of the tz database, such as 'W. Europe Standard Time' or 'Europe/Berlin'.")
    })
}

impl Zone {
    /// A time on the clocks there, in UTC. One that the clocks skip counts as if they had not yet; of one that they show twice, it is the first.
    pub(crate) fn to_utc(&self, local: PrimitiveDateTime) -> PrimitiveDateTime {
        let moment = self.0.to_timestamp(to_civil(local)).ok();
        moment.map_or(local, |moment| of_civil(TimeZone::UTC.to_datetime(moment)))
    }

    /// What the clocks there show at a time in UTC.
    pub(crate) fn of_utc(&self, utc: PrimitiveDateTime) -> PrimitiveDateTime {
        let moment = TimeZone::UTC.to_timestamp(to_civil(utc)).ok();
        moment.map_or(utc, |moment| of_civil(self.0.to_datetime(moment)))
    }

    /// How far the clocks there are ahead at a time in UTC.
    pub(crate) fn ahead(&self, utc: PrimitiveDateTime) -> Duration {
        self.of_utc(utc) - utc
    }
}

/// Both kinds of date have the years from 0 to 9999, and so do all moments here.
fn to_civil(at: PrimitiveDateTime) -> civil::DateTime {
    let small = |number: u8| i8::try_from(number).unwrap_or_default();
    let year = i16::try_from(at.year()).unwrap_or_default();
    let nanosecond = i32::try_from(at.nanosecond()).unwrap_or_default();
    let date = civil::Date::new(year, small(u8::from(at.month())), small(at.day())).unwrap_or_default();
    let time = civil::Time::new(small(at.hour()), small(at.minute()), small(at.second()), nanosecond);
    date.to_datetime(time.unwrap_or_default())
}

fn of_civil(at: civil::DateTime) -> PrimitiveDateTime {
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    let month = Month::try_from(small(at.month())).unwrap_or(Month::January);
    let date = Date::from_calendar_date(i32::from(at.year()), month, small(at.day())).unwrap_or(Date::MIN);
    let nanosecond = u32::try_from(at.subsec_nanosecond()).unwrap_or_default();
    let time = Time::from_hms_nano(small(at.hour()), small(at.minute()), small(at.second()), nanosecond);
    PrimitiveDateTime::new(date, time.unwrap_or(Time::MIDNIGHT))
}

#[cfg(test)]
mod tests {
    use super::{find, windows};
    use crate::moment;

    #[test]
    fn summer_begins_and_ends_where_it_does() {
        for (zone, local, utc) in [
            ("UTC", "2026-07-01T12:00:00", "2026-07-01T12:00:00"),
            ("Europe/Berlin", "2026-03-29T01:59:00", "2026-03-29T00:59:00"),
            ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
            ("w. europe standard time", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
            ("Europe/London", "2026-07-01T12:00:00", "2026-07-01T11:00:00"),
            ("Pacific Standard Time", "2026-03-08T01:59:00", "2026-03-08T09:59:00"),
            ("Pacific Standard Time", "2026-03-08T03:00:00", "2026-03-08T10:00:00"),
            ("America/New_York", "2026-11-01T02:00:00", "2026-11-01T07:00:00"),
            ("Asia/Kolkata", "2026-07-01T12:00:00", "2026-07-01T06:30:00"),
            ("Taipei Standard Time", "2026-07-01T12:00:00", "2026-07-01T04:00:00"),
            ("europe/madrid", "2026-07-01T12:00:00", "2026-07-01T10:00:00"),
            ("Cen. Australia Standard Time", "2026-01-01T12:00:00", "2026-01-01T01:30:00"),
        ] {
            let zone = find(zone).unwrap();
            let (local, utc) = (moment::local(local).unwrap(), moment::local(utc).unwrap());
            assert_eq!(zone.to_utc(local), utc, "{local}");
            assert_eq!(zone.of_utc(utc), local, "{utc}");
        }
        assert!(find("Europe/Atlantis").unwrap_err().contains("'Europe/Berlin'"));
    }

    #[test]
    fn every_name_of_windows_leads_to_a_zone() {
        for (name, zone) in windows::all() {
            let (by_name, by_zone) = (find(name).unwrap(), find(zone).unwrap());
            let noon = moment::local("2026-07-01T12:00:00").unwrap();
            assert_eq!(by_name.to_utc(noon), by_zone.to_utc(noon), "{name}");
        }
        assert!(windows::all().count() > 130);
    }

    #[test]
    fn no_moment_is_too_far_away() {
        for (zone, text) in
            [("Pacific Standard Time", "9999-12-31T23:59:59"), ("Asia/Tokyo", "0000-01-01T00:00:00")]
        {
            let (zone, moment) = (find(zone).unwrap(), moment::local(text).unwrap());
            let (there, back) = (zone.to_utc(moment), zone.of_utc(moment));
            assert!((there - moment).abs() <= time::Duration::DAY, "{there}");
            assert!((back - moment).abs() <= time::Duration::DAY, "{back}");
        }
    }
}
