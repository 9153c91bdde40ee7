//! When an event takes place: once, or on each day of its series.

use time::{Date, Duration, PrimitiveDateTime};

use crate::error::Refusal;
use crate::moment;
use crate::properties::Properties;
use crate::records::Record;
use crate::recurrence::Series;
use crate::time_zone::{self, Zone};

/// A time at which an event takes place, in the time zones of its start and end.
#[derive(Debug, Clone, Copy)]
pub(in crate::behavior) struct Occurrence {
    /// The day in the zone of the series, which tells it from the others.
    pub(in crate::behavior) day: Date,
    pub(in crate::behavior) start: PrimitiveDateTime,
    pub(in crate::behavior) end: PrimitiveDateTime,
}

/// When `event` takes place, if it may touch the time from `from` to `until`, in UTC.
pub(in crate::behavior) fn occurrences(
    event: &Record,
    from: PrimitiveDateTime,
    until: PrimitiveDateTime,
) -> Result<Vec<Occurrence>, Refusal> {
    let (start, end) = times(&event.properties)?;
    let Some(schedule) = Schedule::read(&event.properties)? else {
        return Ok(vec![Occurrence { day: start.date(), start, end }]);
    };
    // The days of two zones differ by one, and each of both ends may lie in another zone.
    let from = from.saturating_sub(schedule.length).saturating_sub(Duration::days(2));
    let until = until.saturating_add(Duration::days(2));
    Ok(schedule.series.days(from.date(), until.date()).map(|day| schedule.on(day)).collect())
}

/// The occurrence of a series on a day in the zone of the series, if there is one.
pub(in crate::behavior) fn occurrence_on(event: &Record, day: Date) -> Result<Option<Occurrence>, Refusal> {
    let schedule = Schedule::read(&event.properties)?;
    Ok(schedule.and_then(|schedule| schedule.series.days(day, day).next().map(|day| schedule.on(day))))
}

/// A series, and the time of day at which it takes place.
pub(super) struct Schedule {
    series: Series,
    /// The zone in which its days are counted: the recurrence's own or, where that names none, that of the event's start.
    zone: Zone,
    /// The start of its first occurrence there.
    first: PrimitiveDateTime,
    /// The zone of the event's start.
    own: Zone,
    length: Duration,
}

impl Schedule {
    /// The schedule of an event; none of one that takes place once.
    pub(super) fn read(properties: &Properties) -> Result<Option<Self>, Refusal> {
        let recurrence = &properties["recurrence"];
        if recurrence.is_null() {
            return Ok(None);
        }
        let ((start, end), (own, _)) = (times(properties)?, zones(properties)?);
        let named = recurrence["range"]["recurrenceTimeZone"].as_str().filter(|name| !name.is_empty());
        // Within one zone, a time that the clocks skip on the first day is as it was written on all others.
        let (zone, first) = match named {
            None => (own.clone(), start),
            Some(name) => {
                let zone = time_zone::find(name).map_err(Refusal::invalid_argument)?;
                let first = if zone == own { start } else { zone.of_utc(own.to_utc(start)) };
                (zone, first)
            }
        };
        let series = Series::read(recurrence, first.date()).map_err(Refusal::invalid_argument)?;
        Ok(Some(Self { series, zone, first, own, length: end - start }))
    }

    fn on(&self, day: Date) -> Occurrence {
        let start = self.own.of_utc(self.zone.to_utc(self.first.replace_date(day)));
        Occurrence { day, start, end: start.saturating_add(self.length) }
    }
}

/// The zones of an event's start and end.
pub(in crate::behavior) fn zones(properties: &Properties) -> Result<(Zone, Zone), Refusal> {
    let zone = |name: &str| {
        let zone = properties[name]["timeZone"].as_str().unwrap_or("UTC");
        time_zone::find(zone).map_err(Refusal::invalid_argument)
    };
    Ok((zone("start")?, zone("end")?))
}

/// An event's start and end, each in its own zone.
pub(super) fn times(properties: &Properties) -> Result<(PrimitiveDateTime, PrimitiveDateTime), Refusal> {
    let time = |name: &str| {
        let text = properties.get(name).and_then(|time| time["dateTime"].as_str());
        text.and_then(moment::local).ok_or_else(|| {
            Refusal::invalid_argument(format!("'{name}' needs a 'dateTime' such as 2026-01-05T09:00:00."))
        })
    };
    Ok((time("start")?, time("end")?))
}
