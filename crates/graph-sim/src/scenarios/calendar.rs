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
async fn a_zone_that_there_is_none_of_is_refused() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let events = format!("/v1.0/groups/{}/events", sim.group_id("Pilots").unwrap());
    let asked = Client::new(&sim, "ada").header("prefer", "outlook.timezone=\"Europe/Atlantis\"");
    asked.get(&events).await.assert_refused(400, "TimeZoneNotSupportedException", "'Europe/Atlantis'");
}
