//! The days of a series of events, by each of the six patterns.

use serde_json::Value;
use time::{Date, Duration, Month, Weekday};

use crate::moment;

/// When a series takes place.
#[derive(Debug, PartialEq)]
pub(crate) struct Series {
    first: Date,
    pattern: Pattern,
    last: Option<Date>,
    /// How often it takes place.
    times: Option<usize>,
}

#[derive(Debug, PartialEq)]
enum Pattern {
    Daily { interval: i64 },
    Weekly { interval: i64, weekdays: Vec<Weekday>, week_starts: Weekday },
    Monthly { interval: i32, day: DayOfMonth },
    Yearly { interval: i32, month: Month, day: DayOfMonth },
}

#[derive(Debug, PartialEq)]
enum DayOfMonth {
    /// In a shorter month, its last.
    Number(u8),
    /// The first, second, third, fourth or, without a number, the last of these days of the week.
    Nth(Option<usize>, Vec<Weekday>),
}

impl Series {
    /// Reads Graph's `patternedRecurrence` of an event that first takes place on `day`.
    pub(crate) fn read(recurrence: &Value, day: Date) -> Result<Self, String> {
        let range = &recurrence["range"];
        let pattern = Pattern::read(&recurrence["pattern"])?;
        let day_of = |name: &str| range[name].as_str().and_then(moment::day).filter(|date| date.year() > 1);
        let (last, times) = match lower(&range["type"]).as_str() {
            "noend" => (None, None),
            "enddate" => (Some(day_of("endDate").ok_or("'recurrence/range/endDate' is no day.")?), None),
            "numbered" => {
                let times = range["numberOfOccurrences"].as_u64().filter(|times| *times > 0);
                let times = times.ok_or("'recurrence/range/numberOfOccurrences' must be 1 at least.")?;
                (None, usize::try_from(times).ok())
            }
            other => return Err(format!("'recurrence/range/type' can't be '{other}'.")),
        };
        let first = day_of("startDate").unwrap_or(day);
        if last.is_some_and(|last| last < first) {
            return Err("'recurrence/range/endDate' is before its 'startDate'.".to_owned());
        }
        Ok(Self { first, pattern, last, times })
    }

    /// The days on which it takes place, up to and including `until`.
    pub(crate) fn days(&self, until: Date) -> impl Iterator<Item = Date> {
        let (first, last) = (self.first, self.last.map_or(until, |last| last.min(until)));
        let days: Box<dyn Iterator<Item = Date>> = match &self.pattern {
            Pattern::Daily { .. } | Pattern::Weekly { .. } => {
                let days = std::iter::successors(Some(first), |day| day.next_day());
                Box::new(
                    days.take_while(move |day| *day <= last).filter(move |day| self.pattern.has(first, *day)),
                )
            }
            Pattern::Monthly { interval, day } => Box::new(months(first, *interval, day)),
            Pattern::Yearly { interval, month, day } => {
                let start =
                    first.replace_day(1).and_then(|first| first.replace_month(*month)).unwrap_or(first);
                Box::new(months(start, interval.saturating_mul(12), day))
            }
        };
        days.skip_while(move |day| *day < first)
            .take_while(move |day| *day <= last)
            .take(self.times.unwrap_or(usize::MAX))
    }
}

/// The day of every so many months from that of `start` on.
fn months(start: Date, interval: i32, day: &DayOfMonth) -> impl Iterator<Item = Date> {
    let from = start.year() * 12 + i32::from(u8::from(start.month())) - 1;
    (0..).map_while(move |count: i32| {
        let month = interval.checked_mul(count)?.checked_add(from)?;
        let number = u8::try_from(month.rem_euclid(12) + 1).ok()?;
        day.of(month.div_euclid(12), Month::try_from(number).ok()?)
    })
}

impl Pattern {
    fn read(pattern: &Value) -> Result<Self, String> {
        let interval = pattern["interval"].as_i64().filter(|interval| *interval > 0);
        let interval = interval.ok_or("'recurrence/pattern/interval' must be 1 at least.")?;
        let many = i32::try_from(interval).unwrap_or(i32::MAX);
        let month = || {
            let month = pattern["month"].as_u64().and_then(|month| u8::try_from(month).ok());
            let month = month.and_then(|month| Month::try_from(month).ok());
            month.ok_or("A yearly pattern needs 'recurrence/pattern/month', from 1 to 12.")
        };
        Ok(match lower(&pattern["type"]).as_str() {
            "daily" => Self::Daily { interval },
            "weekly" => Self::Weekly {
                interval,
                weekdays: weekdays(&pattern["daysOfWeek"])?,
                week_starts: pattern["firstDayOfWeek"].as_str().and_then(weekday).unwrap_or(Weekday::Sunday),
            },
            "absolutemonthly" => Self::Monthly { interval: many, day: DayOfMonth::number(pattern)? },
            "relativemonthly" => Self::Monthly { interval: many, day: DayOfMonth::nth(pattern)? },
            "absoluteyearly" => {
                Self::Yearly { interval: many, month: month()?, day: DayOfMonth::number(pattern)? }
            }
            "relativeyearly" => {
                Self::Yearly { interval: many, month: month()?, day: DayOfMonth::nth(pattern)? }
            }
            other => return Err(format!("'recurrence/pattern/type' can't be '{other}'.")),
        })
    }

    /// Whether a pattern of days or weeks from `first` on has this day.
    fn has(&self, first: Date, day: Date) -> bool {
        match self {
            Self::Weekly { interval, weekdays, week_starts } => {
                let weeks = (day - week_of(first, *week_starts)).whole_days() / 7;
                weekdays.contains(&day.weekday()) && weeks % interval == 0
            }
            Self::Daily { interval } => (day - first).whole_days() % interval == 0,
            Self::Monthly { .. } | Self::Yearly { .. } => false,
        }
    }
}

impl DayOfMonth {
    fn number(pattern: &Value) -> Result<Self, String> {
        let day = pattern["dayOfMonth"].as_u64().and_then(|day| u8::try_from(day).ok());
        let day = day.filter(|day| (1..=31).contains(day));
        day.map(Self::Number)
            .ok_or_else(|| "'recurrence/pattern/dayOfMonth' must be from 1 to 31.".to_owned())
    }

    fn nth(pattern: &Value) -> Result<Self, String> {
        let index = match lower(&pattern["index"]).as_str() {
            // The service's default.
            "" | "first" => Some(0),
            "second" => Some(1),
            "third" => Some(2),
            "fourth" => Some(3),
            "last" => None,
            other => return Err(format!("'recurrence/pattern/index' can't be '{other}'.")),
        };
        Ok(Self::Nth(index, weekdays(&pattern["daysOfWeek"])?))
    }

    /// The day in a month; none after the last year there is.
    fn of(&self, year: i32, month: Month) -> Option<Date> {
        let last = month.length(year);
        match self {
            Self::Number(day) => Date::from_calendar_date(year, month, (*day).min(last)).ok(),
            Self::Nth(index, weekdays) => {
                let all: Option<Vec<Date>> =
                    (1..=last).map(|day| Date::from_calendar_date(year, month, day).ok()).collect();
                let days = all?.into_iter().filter(|day| weekdays.contains(&day.weekday()));
                let days: Vec<Date> = days.collect();
                index.map_or(days.last(), |index| days.get(index)).copied()
            }
        }
    }
}

fn week_of(day: Date, week_starts: Weekday) -> Date {
    let into = (7 + day.weekday().number_days_from_monday() - week_starts.number_days_from_monday()) % 7;
    day.saturating_sub(Duration::days(i64::from(into)))
}

fn lower(name: &Value) -> String {
    name.as_str().unwrap_or_default().to_ascii_lowercase()
}

fn weekdays(names: &Value) -> Result<Vec<Weekday>, String> {
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    let days: Option<Vec<_>> = names.iter().map(|name| weekday(name.as_str()?)).collect();
    days.filter(|days| !days.is_empty())
        .ok_or_else(|| "This pattern needs 'recurrence/pattern/daysOfWeek'.".to_owned())
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name.to_ascii_lowercase().as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn days(pattern: &Value, range: &Value, until: &str) -> Result<Vec<String>, String> {
        let first = moment::day("2026-01-05").unwrap();
        let series = Series::read(&json!({ "pattern": pattern, "range": range }), first)?;
        Ok(series.days(moment::day(until).unwrap()).map(|day| day.to_string()[5..].to_owned()).collect())
    }

    #[test]
    fn days_follow_the_pattern() {
        let daily = json!({ "type": "daily", "interval": 3 });
        let weekly = |interval: u32, days: &[&str]| json!({ "type": "weekly", "interval": interval, "daysOfWeek": days, "firstDayOfWeek": "monday" });
        let endless = json!({ "type": "noEnd" });
        let numbered = |times: u32| json!({ "type": "numbered", "numberOfOccurrences": times });
        let until = |day: &str| json!({ "type": "endDate", "endDate": day });
        for (pattern, range, expected) in [
            (&daily, &endless, &["01-05", "01-08", "01-11", "01-14"][..]),
            (&daily, &numbered(2), &["01-05", "01-08"]),
            (&daily, &until("2026-01-10"), &["01-05", "01-08"]),
            (&weekly(1, &["monday", "Friday"]), &endless, &["01-05", "01-09", "01-12"]),
            // The 5th is a Monday: the Sunday of its week is the 11th.
            (&weekly(2, &["sunday"]), &endless, &["01-11"]),
        ] {
            assert_eq!(days(pattern, range, "2026-01-15").unwrap(), expected, "{pattern} {range}");
        }
    }

    #[test]
    fn months_and_years_have_their_days() {
        let endless = json!({ "type": "noEnd", "startDate": "2026-01-05", "endDate": "0001-01-01", "numberOfOccurrences": 0 });
        for (pattern, expected) in [
            (
                json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31, "month": 0, "index": "first" }),
                &["01-31", "02-28", "03-31", "04-30"][..],
            ),
            (json!({ "type": "absoluteMonthly", "interval": 2, "dayOfMonth": 1 }), &["03-01"]),
            (
                json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["thursday"], "index": "last" }),
                &["01-29", "02-26", "03-26", "04-30"],
            ),
            (
                json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "index": "second" }),
                &["02-03", "03-03", "04-02"],
            ),
            (json!({ "type": "absoluteYearly", "interval": 1, "month": 4, "dayOfMonth": 30 }), &["04-30"]),
            (
                json!({ "type": "relativeYearly", "interval": 1, "month": 3, "daysOfWeek": ["sunday"], "index": "First" }),
                &["03-01"],
            ),
            // Its month has begun already, and its day is over: it takes place next year.
            (json!({ "type": "absoluteYearly", "interval": 1, "month": 1, "dayOfMonth": 4 }), &[]),
        ] {
            assert_eq!(days(&pattern, &endless, "2026-04-30").unwrap(), expected, "{pattern}");
        }
        let leap = json!({ "type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 29 });
        assert_eq!(days(&leap, &endless, "2028-12-31").unwrap(), ["02-28", "02-28", "02-29"]);
        let far = json!({ "type": "absoluteYearly", "interval": i32::MAX, "month": 1, "dayOfMonth": 5 });
        assert_eq!(days(&far, &endless, "9999-12-31").unwrap(), ["01-05"]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let endless = json!({ "type": "noEnd" });
        for (pattern, range, reason) in [
            (json!({ "type": "absoluteMonthly", "interval": 1 }), &endless, "dayOfMonth"),
            (json!({ "type": "relativeMonthly", "interval": 1 }), &endless, "daysOfWeek"),
            (json!({ "type": "absoluteYearly", "interval": 1, "dayOfMonth": 1 }), &endless, "month"),
            (json!({ "type": "hourly", "interval": 1 }), &endless, "hourly"),
            (json!({ "type": "daily", "interval": 0 }), &endless, "interval"),
            (json!({ "type": "weekly", "interval": 1 }), &endless, "daysOfWeek"),
            (
                json!({ "type": "daily", "interval": 1 }),
                &json!({ "type": "numbered" }),
                "numberOfOccurrences",
            ),
        ] {
            let fault = days(&pattern, range, "2026-01-15").unwrap_err();
            assert!(fault.contains(reason), "{fault}");
        }
    }
}
