//! Moments and lengths of time far beyond any that make sense.

use std::time::Duration;

use fastrand::Rng;
use serde_json::json;

use super::{COMMUNITIES, Client, new_community};
use crate::{Counting, Fault, Sim, SimBuilder, Timeline};

/// A length that no calculation should hold.
fn extreme(chance: &mut Rng) -> Duration {
    match chance.u8(0..6) {
        0 => Duration::ZERO,
        1 => Duration::from_nanos(1),
        2 => Duration::from_secs(18_000_000_000_000_000_000),
        3 => Duration::from_secs(u64::MAX / 2),
        4 => Duration::from_secs(i64::MAX.unsigned_abs()),
        _ => Duration::MAX,
    }
}

fn faults(chance: &mut Rng) -> Vec<Fault> {
    let mut length = || extreme(chance);
    let faults = [
        Fault::delay("*", length()),
        Fault::delay("groups.*", length()),
        Fault::slow_body("*", length()),
        Fault::slow_body("*", length()),
        Fault::lag("*", length()),
        Fault::clock_ahead("*", length()),
        Fault::clock_behind("*", length()),
        Fault::throttle("*").retry_after_date(length()).skip(3),
        Fault::respond("*", 503).from(length()).until(length()),
        Fault::course("communities.create", Timeline::new().stay("running", length()).stay("ß", length())),
    ];
    let mut faults = Vec::from(faults);
    chance.shuffle(&mut faults);
    faults.truncate(chance.usize(0..6));
    faults
}

fn simulator(chance: &mut Rng) -> Sim {
    let mut length = || extreme(chance);
    let timeline = Timeline::new().stay("", length()).stay("übermorgen", length());
    let builder: SimBuilder = Sim::builder()
        .group("Pilots", ["ada"])
        .notebook("Pilots", "Logs")
        .timeline(timeline)
        .token_lifetime(length().max(Duration::from_secs(1)))
        .group_delay(length())
        .site_after(length())
        .team_after(length())
        .found_after(length())
        .hidden_quota("groups.list", 1, length())
        .counting(Counting::FixedWindow { phase: length() })
        .punish_early_retries(true);
    let counting =
        [Counting::SlidingLog, Counting::FixedWindow { phase: extreme(chance) }, Counting::LeakyBucket];
    let builder = builder.counting(counting[chance.usize(0..3)]).count_refused(chance.bool());
    faults(chance).into_iter().fold(builder, SimBuilder::fault).build()
}

/// Sends a request and doesn't wait for its answer, which may take for ever.
async fn ask(sim: &Sim, method: &str, path: &str, body: Option<serde_json::Value>) {
    let ada = Client::new(sim, "ada");
    let answer = ada.try_send(method.parse().unwrap(), path, body);
    tokio::time::timeout(Duration::from_millis(1), answer).await.ok();
}

#[tokio::test(start_paused = true)]
async fn no_length_of_time_is_too_much() {
    for seed in 0..40 {
        println!("seed {seed}");
        let mut chance = Rng::with_seed(seed);
        let sim = simulator(&mut chance);
        let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
        let notebook = sim.onenote_id("Logs").unwrap();
        let batch = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/groups" }, { "id": "2", "method": "GET", "url": "/groups" }] });
        let new = json!({ "displayName": "New", "mailNickname": "new", "mailEnabled": true, "securityEnabled": false, "groupTypes": ["Unified"] });
        for round in 0..3 {
            ask(&sim, "POST", COMMUNITIES, Some(new_community("Crew"))).await;
            ask(&sim, "POST", "/v1.0/groups", Some(new.clone())).await;
            ask(&sim, "POST", "/v1.0/$batch", Some(batch.clone())).await;
            ask(&sim, "GET", "/v1.0/groups", None).await;
            ask(&sim, "GET", COMMUNITIES, None).await;
            ask(&sim, "GET", &format!("{group}/sites/root"), None).await;
            ask(&sim, "GET", &format!("{group}/events"), None).await;
            ask(&sim, "PUT", &format!("{group}/team"), Some(json!({}))).await;
            ask(
                &sim,
                "POST",
                &format!("{group}/onenote/notebooks/{notebook}/copyNotebook"),
                Some(json!({ "renameAs": "B" })),
            )
            .await;
            let (now, shown) = (sim.now(), sim.journal().to_har().to_string());
            assert!(
                sim.token("ada").starts_with("ey") && shown.contains("\"entries\""),
                "seed {seed}, {now:?}"
            );
            sim.advance(if round == 0 { Duration::from_secs(90) } else { extreme(&mut chance) });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_delays_that_last_for_ever_are_one_that_does() {
    let for_ever = Duration::from_secs(18_000_000_000_000_000_000);
    let sim = Sim::builder()
        .user("ada")
        .fault(Fault::delay("groups.list", for_ever))
        .fault(Fault::delay("*", for_ever))
        .fault(Fault::slow_body("*", for_ever))
        .build();
    let ada = Client::new(&sim, "ada");
    let answer = tokio::spawn(async move { ada.get("/v1.0/groups").await.status });
    tokio::task::yield_now().await;
    sim.advance(Duration::from_secs(1 << 40));
    tokio::task::yield_now().await;
    assert!(!answer.is_finished());
    sim.advance(Duration::MAX);
    assert_eq!(answer.await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_ends_with_the_last_year_there_is() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada").header("prefer", "outlook.timezone=\"Tokyo Standard Time\"");
    let events = format!("/v1.0/groups/{}/events", sim.group_id("Pilots").unwrap());
    let zone = "Pacific Standard Time";
    let (start, end) = ("9999-12-31T23:00:00", "9999-12-31T23:59:59");
    let event = json!({ "subject": "The end", "start": { "dateTime": start, "timeZone": zone },
        "end": { "dateTime": end, "timeZone": zone },
        "recurrence": { "pattern": { "type": "daily", "interval": 1 }, "range": { "type": "noEnd", "startDate": "9999-12-31" } } });
    let made = ada.post(&events, event).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let instant = json!({ "displayName": "A", "mailNickname": "a", "mailEnabled": false, "securityEnabled": true,
        "createdDateTime": "9999-12-31T23:59:59-08:00" });
    let made = ada.post("/v1.0/groups", instant).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let view = events.replace("/events", "/calendarView");
    let window = "startDateTime=9999-12-30T00:00:00&endDateTime=9999-12-31T23:59:59";
    assert_eq!(ada.get(&format!("{view}?{window}")).await.status, 200);
    for (start, end) in [
        ("2026-01-01T00:00:00", "9999-12-31T23:59:59"),
        ("2026-01-01T00:00:00Z", "9999-12-31T23:59:59-08:00"),
    ] {
        let answer = ada.get(&format!("{view}?startDateTime={start}&endDateTime={end}")).await;
        assert_eq!(answer.status, 400, "{end}: {}", answer.json);
    }
}
