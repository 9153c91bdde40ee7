//! The calendar of a group: events, series, and what takes place when.

use graph_facade::models::{
    DayOfWeek, Event, EventPatch, NewEvent, PatternedRecurrence, RecurrencePattern, RecurrencePatternType,
    RecurrenceRange, RecurrenceRangeType,
};
use graph_facade::{GraphDateTime, zoned};

use super::Stage;

fn at(text: &str) -> GraphDateTime {
    GraphDateTime::from_text(text)
}

/// Every Monday and Thursday, six times.
fn twice_a_week() -> PatternedRecurrence {
    let mut pattern = RecurrencePattern::default();
    pattern.type_ = Some(RecurrencePatternType::Weekly);
    pattern.interval = Some(1);
    pattern.days_of_week = Some(vec![DayOfWeek::Monday, DayOfWeek::Thursday]);
    let mut range = RecurrenceRange::default();
    range.type_ = Some(RecurrenceRangeType::Numbered);
    range.start_date = Some("2026-03-23".to_owned());
    range.number_of_occurrences = Some(6);
    let mut recurrence = PatternedRecurrence::default();
    (recurrence.pattern, recurrence.range) = (Some(pattern), Some(range));
    recurrence
}

fn start(event: &Event) -> &str {
    event.start.as_ref().unwrap().date_time.as_deref().unwrap()
}

fn berlin(text: &str) -> graph_facade::models::DateTimeTimeZone {
    zoned(text, "Europe/Berlin")
}

pub(super) async fn all(stage: Stage) {
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    assert_eq!(groups.calendar(&pilots).await.unwrap().name.as_deref(), Some("Calendar"));
    let events = groups.events(&pilots);

    let lunch = NewEvent::new("Lunch", berlin("2026-03-24T12:00:00"), berlin("2026-03-24T13:00:00"));
    let lunch = events.create(lunch.transaction_id("lunch-1")).await.unwrap();
    assert_eq!(start(&lunch), "2026-03-24T11:00:00.0000000", "in UTC unless asked otherwise");
    let again = NewEvent::new("Lunch", berlin("2026-03-24T12:00:00"), berlin("2026-03-24T13:00:00"));
    assert_eq!(events.create(again.transaction_id("lunch-1")).await.unwrap().id, lunch.id);

    let series = NewEvent::new("Stand-up", berlin("2026-03-23T09:00:00"), berlin("2026-03-23T09:15:00"));
    let series = events.create(series.recurrence(twice_a_week())).await.unwrap();

    // Clocks go forward on the 29th; at the place of the event, it stays at nine.
    let utc =
        events.instances(&series, at("2026-03-23T00:00:00Z"), at("2026-04-30T00:00:00Z")).await.unwrap();
    let starts: Vec<_> = utc.items.iter().map(start).collect();
    assert_eq!(starts.len(), 6);
    assert_eq!((starts[1], starts[2]), ("2026-03-26T08:00:00.0000000", "2026-03-30T07:00:00.0000000"));
    let there = events.clone().in_time_zone("Europe/Berlin").as_text();
    let week = there.view(at("2026-03-30T00:00:00+02:00"), at("2026-04-06T00:00:00+02:00")).await.unwrap();
    let starts: Vec<_> = week.items.iter().map(start).collect();
    assert_eq!(starts, ["2026-03-30T09:00:00.0000000", "2026-04-02T09:00:00.0000000"]);
    assert_eq!(week.items[0].series_master_id, series.id);
    assert_eq!(start(&there.get(&week.items[1]).await.unwrap()), starts[1], "an occurrence has an id");

    let moved = EventPatch::new().start(berlin("2026-03-24T12:30:00")).subject("Late lunch");
    let moved = there.update(&lunch, moved).await.unwrap();
    assert_eq!(
        (moved.subject.as_deref(), start(&moved)),
        (Some("Late lunch"), "2026-03-24T12:30:00.0000000")
    );
    assert_eq!(there.list().await.unwrap().items.len(), 2);
    events.delete(&series).await.unwrap();
    let rest = events.view(at("2026-03-01T00:00:00"), at("2026-05-01T00:00:00")).await.unwrap().items;
    assert_eq!(rest.iter().map(|event| &event.id).collect::<Vec<_>>(), [&lunch.id]);
    let refused = events.instances(&lunch, at("2026-03-01T00:00:00"), at("2026-05-01T00:00:00")).await;
    assert!(refused.unwrap_err().to_string().contains("no series"));
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let events = stage.client.groups().events("g");
    let new = |start: &str, end: &str| NewEvent::new("Lunch", berlin(start), berlin(end));
    let (noon, one) = ("2026-03-24T12:00:00", "2026-03-24T13:00:00");
    let no_zone = NewEvent::new("Lunch", zoned(noon, ""), berlin(one));
    for (refused, named) in [
        (events.create(new(one, noon)).await.map(drop), "`end` is before `start`"),
        (events.create(new("noon", one)).await.map(drop), "`start` is `noon`"),
        (events.create(no_zone).await.map(drop), "no `timeZone`"),
        (events.create(new(noon, one).is_all_day(true)).await.map(drop), "at midnight"),
        (events.update("e", EventPatch::new()).await.map(drop), "changes nothing"),
        (events.update("e", EventPatch::new().end(berlin("13:00"))).await.map(drop), "`end` is `13:00`"),
        (events.view(at(one), at(noon)).await.map(drop), "is not after the start"),
        (events.view(at(noon), at(noon)).await.map(drop), "is not after the start"),
        (events.instances("e", at("today"), at(noon)).await.map(drop), "`today` is no date and time"),
        (events.clone().in_time_zone("a\", b").list().await.map(drop), "no name of a time zone"),
        (events.clone().in_time_zone("").get("e").await.map(drop), "no name of a time zone"),
    ] {
        let refused = refused.unwrap_err();
        assert!(refused.to_string().contains(named), "{refused}");
    }
    assert_eq!(stage.sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_nobody_knows_is_refused_by_the_service() {
    let stage = Stage::new();
    let events = stage.client.groups().events(stage.pilots()).in_time_zone("Europe/Atlantis");
    let refused = events.list().await.unwrap_err();
    assert!(refused.to_string().contains("Europe/Atlantis"), "{refused}");
}
