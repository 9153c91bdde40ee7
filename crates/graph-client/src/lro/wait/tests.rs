use std::time::Duration;

use graph_things::models::{NewThing, Thing};
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::{Seen, Visibility};
use crate::lro::Operation;
use crate::testing::{ROOT, Reply, Script};
use crate::{ErrorKind, TransportError};

fn succeeded() -> Reply {
    Reply::json(json!({"status": "succeeded", "resourceId": "c1"}))
}

fn there() -> Reply {
    Reply::json(json!({"id": "c1"}))
}

fn absent() -> Reply {
    Reply::error(404, "NotFound", "not yet")
}

/// An operation that is accepted at once and succeeds after 31 s, with `readings` of its result to come.
async fn accepted(readings: impl IntoIterator<Item = Reply>) -> (Script, Operation<Thing>) {
    let address = format!("{ROOT}/thingOperations('op')");
    let accepted = Reply::new(202).header("Operation-Location", &address);
    let script = Script::new([accepted, succeeded()].into_iter().chain(readings));
    let new = NewThing::new("Pilots");
    let operation = script.client().things().create(new).await.unwrap();
    (script, operation)
}

#[tokio::test(start_paused = true)]
async fn only_readings_of_all_parts_in_a_row_count() {
    let readings =
        [there(), there(), there(), absent(), there(), there(), absent(), there(), there(), there(), there()];
    let (script, mut operation) = accepted(readings).await;
    let start = Instant::now();
    let seen = operation.wait().visible(Visibility::default().reads(2)).await.unwrap();
    assert!(matches!(&seen, Seen::Visible(community) if community.id.as_deref() == Some("c1")), "{seen:?}");
    let second = |lines: &[u64]| lines.iter().map(|at| at + 31).collect::<Vec<_>>();
    assert_eq!(script.seconds_since(start)[2..], second(&[0, 0, 10, 10, 20, 20, 30, 40, 40, 50, 50])[..]);
    assert_eq!(script.lines()[3], format!("GET {ROOT}/things/c1/parts?%24select=id"));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_in_time_exists_all_the_same_and_can_be_waited_for_again() {
    let readings = [absent(), absent(), there(), there(), there(), there(), there(), there(), there()];
    let (script, mut operation) = accepted(readings).await;
    let policy = Visibility::default().reads(2).within(Duration::from_secs(25));
    let seen = operation.wait().visible(policy).await.unwrap();
    let Seen::NotYetVisible { report, since, reads, trouble } = seen else { panic!("{seen:?}") };
    assert_eq!((report.resource_id.as_deref(), reads), (Some("c1"), 1));
    assert_eq!(since, operation.last_poll_at().unwrap());
    assert!(trouble.unwrap().is_not_found());
    assert_eq!(script.requests().len(), 6);

    let seen = operation.wait().visible(policy).await.unwrap();
    assert!(matches!(seen, Seen::Visible(_)), "{seen:?}");
    assert_eq!(script.requests().len(), 10, "no further poll");
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_begins_the_row_anew_and_lasting_trouble_is_reported() {
    let lost = || Reply::failing(TransportError::lost("reset by peer"));
    let readings = [there(), there(), lost(), lost(), lost(), lost(), Reply::error(403, "Forbidden", "no")];
    let (_, mut operation) = accepted(readings).await;
    let error = operation.wait().visible(Visibility::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.location()), (ErrorKind::Service, Some(operation.location())));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_loses_nothing() {
    let (script, mut operation) = accepted((0..12).map(|_| there())).await;
    let visible = operation.wait().visible(Visibility::default());
    assert!(timeout(Duration::from_secs(45), visible).await.is_err());
    operation.wait().visible(Visibility::default()).await.unwrap();
    assert_eq!(script.lines().iter().filter(|line| line.contains("thingOperations")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_may_be_shorter() {
    let (script, mut operation) = accepted([there()]).await;
    let start = Instant::now();
    operation.wait().timeout(Duration::from_secs(20)).await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 20, 20]);
}
