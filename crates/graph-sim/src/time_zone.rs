//! Time zones: those that tests are likely to use, with today's rules for summer time.

use time::{Date, Duration, Month, PrimitiveDateTime, Time, Weekday};

/// A time zone by its names: the one that Windows gives it, and those of its places.
#[derive(Debug)]
pub(crate) struct Zone {
    names: &'static [&'static str],
    /// Minutes ahead of UTC in winter.
    offset: i64,
    summer: Option<Summer>,
}

/// Who decides when clocks are put forward by an hour.
#[derive(Debug, Clone, Copy)]
enum Summer {
    Europe,
    America,
}

static ZONES: [Zone; 8] = [
    Zone { names: &["UTC", "Etc/UTC", "GMT"], offset: 0, summer: None },
    Zone { names: &["GMT Standard Time", "Europe/London"], offset: 0, summer: Some(Summer::Europe) },
    Zone {
        names: &["W. Europe Standard Time", "Europe/Berlin", "Europe/Vienna", "Europe/Zurich"],
        offset: 60,
        summer: Some(Summer::Europe),
    },
    Zone { names: &["Romance Standard Time", "Europe/Paris"], offset: 60, summer: Some(Summer::Europe) },
    Zone {
        names: &["Eastern Standard Time", "America/New_York"],
        offset: -300,
        summer: Some(Summer::America),
    },
    Zone {
        names: &["Pacific Standard Time", "America/Los_Angeles"],
        offset: -480,
        summer: Some(Summer::America),
    },
    Zone { names: &["India Standard Time", "Asia/Kolkata"], offset: 330, summer: None },
    Zone { names: &["Tokyo Standard Time", "Asia/Tokyo"], offset: 540, summer: None },
];

/// The zone of a name, or what to say of one that isn't known.
pub(crate) fn find(name: &str) -> Result<&'static Zone, String> {
    let zone = ZONES.iter().find(|zone| zone.names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    zone.ok_or_else(|| {
        let known = ZONES.iter().flat_map(|zone| zone.names).copied().collect::<Vec<_>>().join("', '");
        format!("The simulator doesn't know the time zone '{name}', only '{known}'.")
    })
}

impl Zone {
    pub(crate) fn to_utc(&self, local: PrimitiveDateTime) -> PrimitiveDateTime {
        let winter = local.saturating_sub(Duration::minutes(self.offset));
        let summer = winter.saturating_sub(Duration::HOUR);
        if self.is_summer(summer) { summer } else { winter }
    }

    pub(crate) fn of_utc(&self, utc: PrimitiveDateTime) -> PrimitiveDateTime {
        let winter = utc.saturating_add(Duration::minutes(self.offset));
        if self.is_summer(utc) { winter.saturating_add(Duration::HOUR) } else { winter }
    }

    fn is_summer(&self, utc: PrimitiveDateTime) -> bool {
        let (year, hour) = (utc.year(), Duration::HOUR);
        let bounds = match self.summer {
            None => return false,
            // At one o'clock UTC, everywhere.
            Some(Summer::Europe) => (
                sunday(year, Month::March, 31).map(|day| day + hour),
                sunday(year, Month::October, 31).map(|day| day + hour),
            ),
            // At two o'clock by the clocks there.
            Some(Summer::America) => {
                let local = Duration::minutes(self.offset);
                (
                    sunday(year, Month::March, 14).map(|day| day + 2 * hour - local),
                    sunday(year, Month::November, 7).map(|day| day + hour - local),
                )
            }
        };
        matches!(bounds, (Some(begin), Some(end)) if begin <= utc && utc < end)
    }
}

/// Midnight of the last Sunday up to a day of a month.
fn sunday(year: i32, month: Month, day: u8) -> Option<PrimitiveDateTime> {
    let last = Date::from_calendar_date(year, month, day).ok()?;
    let back = i64::from(last.weekday().number_days_from_sunday());
    let date = last.checked_sub(Duration::days(back))?;
    debug_assert_eq!(date.weekday(), Weekday::Sunday);
    Some(PrimitiveDateTime::new(date, Time::MIDNIGHT))
}

#[cfg(test)]
mod tests {
    use super::find;
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
        ] {
            let zone = find(zone).unwrap();
            let (local, utc) = (moment::local(local).unwrap(), moment::local(utc).unwrap());
            assert_eq!(zone.to_utc(local), utc, "{local}");
            assert_eq!(zone.of_utc(utc), local, "{utc}");
        }
        for (zone, text) in
            [("Pacific Standard Time", "9999-12-31T23:59:59"), ("Asia/Tokyo", "0000-01-01T00:00:00")]
        {
            let (zone, moment) = (find(zone).unwrap(), moment::local(text).unwrap());
            assert_eq!(
                (zone.to_utc(moment).year(), zone.of_utc(moment).year() / 10),
                (moment.year() - i32::from(moment.year() == 0), moment.year() / 10)
            );
        }
        assert!(find("Europe/Atlantis").unwrap_err().contains("'Europe/Berlin'"));
    }
}
