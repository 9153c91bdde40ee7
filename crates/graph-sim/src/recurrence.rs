//! The days of a series of events: daily and weekly patterns.

use serde_json::Value;
use time::{Date, Duration, Weekday};

use crate::moment;

/// When a series takes place.
#[derive(Debug, PartialEq)]
pub(crate) struct Series {
    first: Date,
    /// In days, or in weeks where there are `weekdays`.
    interval: i64,
    weekdays: Vec<Weekday>,
    week_starts: Weekday,
    last: Option<Date>,
    /// How often it takes place.
    times: Option<usize>,
}

impl Series {
    /// Reads Graph's `patternedRecurrence` of an event that first takes place on `day`.
    pub(crate) fn read(recurrence: &Value, day: Date) -> Result<Self, String> {
        let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
        let interval = pattern["interval"].as_i64().filter(|interval| *interval > 0);
        let interval = interval.ok_or("'recurrence/pattern/interval' must be 1 at least.")?;
        let weekdays = match pattern["type"].as_str().unwrap_or_default() {
            "daily" => Vec::new(),
            "weekly" => weekdays(&pattern["daysOfWeek"])?,
            other => return Err(format!("The simulator expands daily and weekly patterns, not '{other}'.")),
        };
        let day_of = |name: &str| range[name].as_str().and_then(moment::day).filter(|date| date.year() > 1);
        let (last, times) = match range["type"].as_str().unwrap_or_default() {
            "noEnd" => (None, None),
            "endDate" => (Some(day_of("endDate").ok_or("'recurrence/range/endDate' is no day.")?), None),
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
        let week_starts = pattern["firstDayOfWeek"].as_str().and_then(weekday).unwrap_or(Weekday::Sunday);
        Ok(Self { first, interval, weekdays, week_starts, last, times })
    }

    /// The days on which it takes place, up to and including `until`.
    pub(crate) fn days(&self, until: Date) -> impl Iterator<Item = Date> {
        let last = self.last.map_or(until, |last| last.min(until));
        let days = std::iter::successors(Some(self.first), |day| day.next_day());
        days.take_while(move |day| *day <= last)
            .filter(|day| self.takes_place(*day))
            .take(self.times.unwrap_or(usize::MAX))
    }

    fn takes_place(&self, day: Date) -> bool {
        if self.weekdays.is_empty() {
            return (day - self.first).whole_days() % self.interval == 0;
        }
        let weeks = (day - self.week_of(self.first)).whole_days() / 7;
        self.weekdays.contains(&day.weekday()) && weeks % self.interval == 0
    }

    fn week_of(&self, day: Date) -> Date {
        let into =
            (7 + day.weekday().number_days_from_monday() - self.week_starts.number_days_from_monday()) % 7;
        day.saturating_sub(Duration::days(i64::from(into)))
    }
}

fn weekdays(names: &Value) -> Result<Vec<Weekday>, String> {
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    let days: Option<Vec<_>> = names.iter().map(|name| weekday(name.as_str()?)).collect();
    days.filter(|days| !days.is_empty())
        .ok_or_else(|| "A weekly pattern needs 'recurrence/pattern/daysOfWeek'.".to_owned())
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
    fn what_is_not_known_is_said() {
        let endless = json!({ "type": "noEnd" });
        for (pattern, range, reason) in [
            (json!({ "type": "absoluteMonthly", "interval": 1 }), &endless, "absoluteMonthly"),
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
