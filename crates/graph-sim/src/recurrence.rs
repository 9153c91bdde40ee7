//! The days of a series of events, by each of the six patterns.

use std::collections::HashSet;

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

    /// The days from `from` to `until`, both included, on which it takes place.
    pub(crate) fn days(&self, from: Date, until: Date) -> impl Iterator<Item = Date> {
        let (first, last) = (self.first, self.last.map_or(until, |last| last.min(until)));
        // What lies before `from` is counted and not gone through, for a series may have begun centuries ago.
        let skipped = self.pattern.periods_before(first, from);
        let gone = if skipped == 0 { 0 } else { self.times_in_first(skipped) };
        let times = self.times.map_or(usize::MAX, |times| times.saturating_sub(gone));
        (skipped..)
            .map_while(move |period| self.pattern.days(first, period))
            .flatten()
            .filter(move |day| *day >= first)
            .take(times)
            .take_while(move |day| *day <= last)
            .skip_while(move |day| *day < from)
    }

    /// How often it takes place in its first so many periods; all after the first have the same number of days.
    fn times_in_first(&self, periods: i64) -> usize {
        let in_one = match &self.pattern {
            Pattern::Weekly { weekdays, .. } => weekdays.len(),
            Pattern::Daily { .. } | Pattern::Monthly { .. } | Pattern::Yearly { .. } => 1,
        };
        let first = self.pattern.days(self.first, 0).unwrap_or_default();
        let first = first.iter().filter(|day| **day >= self.first).count();
        usize::try_from(periods - 1).unwrap_or(0).saturating_mul(in_one).saturating_add(first)
    }
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

    /// How many whole periods a series from `first` on surely has before the day `from`.
    fn periods_before(&self, first: Date, from: Date) -> i64 {
        let days = (from - first).whole_days();
        let periods = match self {
            Self::Daily { interval } => days / interval,
            Self::Weekly { interval, .. } => days / 7 / interval - 1,
            Self::Monthly { interval, .. } => months_between(first, from) / i64::from(*interval) - 1,
            Self::Yearly { interval, .. } => months_between(first, from) / 12 / i64::from(*interval) - 1,
        };
        periods.max(0)
    }

    /// The days of the period of this number, of a series from `first` on; none after the last day there is.
    fn days(&self, first: Date, period: i64) -> Option<Vec<Date>> {
        let later = |from: Date, days: i64| from.checked_add(Duration::days(days));
        match self {
            Self::Daily { interval } => Some(vec![later(first, in_days(interval.checked_mul(period)?)?)?]),
            Self::Weekly { interval, weekdays, week_starts } => {
                let weeks = interval.checked_mul(period)?;
                let week = later(week_of(first, *week_starts), in_days(weeks.checked_mul(7)?)?)?;
                let days = (0..7).map_while(|day| later(week, day));
                Some(days.filter(|day| weekdays.contains(&day.weekday())).collect())
            }
            Self::Monthly { interval, day } => {
                month_after(first, i64::from(*interval).checked_mul(period)?, day).map(|day| vec![day])
            }
            Self::Yearly { interval, month, day } => {
                let start = first.replace_day(1).and_then(|first| first.replace_month(*month)).ok()?;
                let months = i64::from(*interval).checked_mul(12)?.checked_mul(period)?;
                month_after(start, months, day).map(|day| vec![day])
            }
        }
    }
}

/// A number of days, if there are dates so far apart.
fn in_days(days: i64) -> Option<i64> {
    (days <= (Date::MAX - Date::MIN).whole_days()).then_some(days)
}

fn months_between(first: Date, last: Date) -> i64 {
    let month = |day: Date| i64::from(day.year()) * 12 + i64::from(u8::from(day.month()));
    month(last) - month(first)
}

/// The day in the month that comes so many months after that of `start`.
fn month_after(start: Date, months: i64, day: &DayOfMonth) -> Option<Date> {
    let month = months.checked_add(i64::from(start.year()) * 12 + i64::from(u8::from(start.month())) - 1)?;
    let number = u8::try_from(month.rem_euclid(12) + 1).ok()?;
    day.of(i32::try_from(month.div_euclid(12)).ok()?, Month::try_from(number).ok()?)
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
    let days: Option<HashSet<_>> = names.iter().map(|name| weekday(name.as_str()?)).collect();
    days.map(Vec::from_iter)
        .filter(|days| !days.is_empty())
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
        Ok(series
            .days(first, moment::day(until).unwrap())
            .map(|day| day.to_string()[5..].to_owned())
            .collect())
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
    fn a_window_shows_what_the_whole_series_has_there() {
        let (first, last) = (moment::day("2023-11-15").unwrap(), moment::day("2034-12-31").unwrap());
        for pattern in [
            json!({ "type": "daily", "interval": 1 }),
            json!({ "type": "daily", "interval": 11 }),
            json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["monday", "friday", "monday"] }),
            json!({ "type": "weekly", "interval": 3, "daysOfWeek": ["sunday", "tuesday"], "firstDayOfWeek": "wednesday" }),
            json!({ "type": "absoluteMonthly", "interval": 5, "dayOfMonth": 1 }),
            json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["thursday"], "index": "last" }),
            json!({ "type": "absoluteYearly", "interval": 2, "month": 1, "dayOfMonth": 31 }),
            json!({ "type": "relativeYearly", "interval": 1, "month": 12, "daysOfWeek": ["sunday"], "index": "second" }),
        ] {
            for range in
                [json!({ "type": "noEnd" }), json!({ "type": "numbered", "numberOfOccurrences": 40 })]
            {
                let series = Series::read(&json!({ "pattern": pattern, "range": range }), first).unwrap();
                let all: Vec<Date> = series.days(first, last).collect();
                for days in (0..4000).step_by(13) {
                    let from = first + Duration::days(days);
                    let until = from + Duration::days(45);
                    let expected = all.iter().copied().filter(|day| (from..=until).contains(day));
                    assert!(series.days(from, until).eq(expected), "{pattern} {range} from {from}");
                }
            }
        }
    }

    #[test]
    fn no_interval_leads_past_the_last_day() {
        for kind in ["daily", "weekly", "absoluteMonthly", "absoluteYearly"] {
            let pattern = json!({ "type": kind, "interval": i64::MAX, "daysOfWeek": ["monday"], "dayOfMonth": 5, "month": 1 });
            assert_eq!(
                days(&pattern, &json!({ "type": "noEnd" }), "9999-12-31").unwrap(),
                ["01-05"],
                "{kind}"
            );
        }
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
