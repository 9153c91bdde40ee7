//! Series of events in the calendar of a group.

use http::StatusCode;
use serde_json::json;

use super::Client;
use crate::Sim;

const WINDOW: &str = "startDateTime=2026-02-01T00:00:00Z&endDateTime=2026-06-01T00:00:00Z";

#[tokio::test(start_paused = true)]
async fn the_days_of_a_series_are_counted_in_its_own_zone() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let event = json!({
        "subject": "Saturday in Taipei, Friday evening in London",
        "start": { "dateTime": "2026-02-06T22:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-02-06T23:00:00", "timeZone": "UTC" },
        "recurrence": {
            "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["saturday"] },
            "range": { "type": "endDate", "startDate": "2026-02-07", "endDate": "2026-02-14", "recurrenceTimeZone": "Taipei Standard Time" },
        },
    });
    let made = Client::new(&sim, "ada").post(&format!("{group}/events"), event).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    for (prefer, expected) in [
        ("outlook.body-content-type=\"text\"", ["2026-02-06T22:00:00Z", "2026-02-13T22:00:00Z"]),
        ("outlook.timezone=\"America/Caracas\"", ["2026-02-06T18:00:00-04:00", "2026-02-13T18:00:00-04:00"]),
    ] {
        let view = Client::new(&sim, "ada")
            .header("prefer", prefer)
            .get(&format!("{group}/calendarView?{WINDOW}"))
            .await;
        assert_eq!(view.each("originalStart"), expected, "{}", view.json);
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_series_keeps_its_time_of_day_through_the_summer() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let event = json!({
        "subject": "First weekday of the month",
        "start": { "dateTime": "2026-02-02T09:00:00", "timeZone": "Europe/Madrid" },
        "end": { "dateTime": "2026-02-02T10:00:00", "timeZone": "Europe/Madrid" },
        "recurrence": {
            "pattern": { "type": "relativeMonthly", "interval": 1, "index": "first", "month": 0, "dayOfMonth": 0,
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"] },
            "range": { "type": "noEnd", "startDate": "2026-02-02" },
        },
    });
    let ada = Client::new(&sim, "ada");
    let made = ada.post(&format!("{group}/events"), event).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    let view = ada.get(&format!("{group}/calendarView?{WINDOW}")).await;
    let starts: Vec<_> =
        view.json["value"].as_array().unwrap().iter().map(|it| it["start"]["dateTime"].clone()).collect();
    let hours = ["2026-02-02T08", "2026-03-02T08", "2026-04-01T07", "2026-05-01T07"];
    assert_eq!(starts, hours.map(|hour| json!(format!("{hour}:00:00.0000000"))));
}

#[tokio::test(start_paused = true)]
async fn each_occurrence_has_an_id_of_its_own_where_summer_begins_at_different_times() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    // Half past seven in the evening in New York is 00:30 in UTC until the 7th of March, and 23:30 from the 8th on.
    let event = json!({
        "start": { "dateTime": "2026-03-07T00:30:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-03-07T01:00:00", "timeZone": "UTC" },
        "recurrence": {
            "pattern": { "type": "daily", "interval": 1 },
            "range": { "type": "numbered", "numberOfOccurrences": 4, "startDate": "2026-03-06", "recurrenceTimeZone": "America/New_York" },
        },
    });
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.post(&format!("{group}/events"), event).await.status, StatusCode::CREATED);
    let view = ada.get(&format!("{group}/calendarView?{WINDOW}")).await;
    let starts =
        ["2026-03-07T00:30:00Z", "2026-03-08T00:30:00Z", "2026-03-08T23:30:00Z", "2026-03-09T23:30:00Z"];
    assert_eq!(view.each("originalStart"), starts, "{}", view.json);
    for (id, start) in view.each("id").iter().zip(starts) {
        let one = ada.get(&format!("{group}/events/{id}")).await;
        assert_eq!(one.json["originalStart"], start, "{}", one.json);
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_the_clocks_skip_on_the_first_day_is_kept_on_the_others() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let event = json!({
        "start": { "dateTime": "2026-03-29T02:30:00", "timeZone": "Europe/Berlin" },
        "end": { "dateTime": "2026-03-29T04:00:00", "timeZone": "Europe/Berlin" },
        "recurrence": {
            "pattern": { "type": "daily", "interval": 1 },
            "range": { "type": "numbered", "numberOfOccurrences": 2, "startDate": "2026-03-29", "recurrenceTimeZone": "W. Europe Standard Time" },
        },
    });
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.post(&format!("{group}/events"), event).await.status, StatusCode::CREATED);
    let view = ada.get(&format!("{group}/calendarView?{WINDOW}")).await;
    assert_eq!(view.each("originalStart"), ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"], "{}", view.json);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_there_is_none_of_is_refused() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let events = format!("/v1.0/groups/{}/events", sim.group_id("Pilots").unwrap());
    let asked = Client::new(&sim, "ada").header("prefer", "outlook.timezone=\"Europe/Atlantis\"");
    asked.get(&events).await.assert_refused(400, "TimeZoneNotSupportedException", "'Europe/Atlantis'");
}
