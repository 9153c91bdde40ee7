use std::error::Error as _;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use graph_runtime::{ApiVersion, Cloud};
use graph_things::models::{NewThing, Thing};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

mod extremes;

use super::{InvalidSavedOperation, Operation, SavedOperation, Update};
use crate::testing::{ROOT, Reply, Script, start_time};
use crate::{Client, Clock, Error, ErrorKind, ForeignAddress, TransportError};

const LOCATION: &str = "https://graph.microsoft.com/v1.0/thingOperations('op')";

fn accepted() -> Reply {
    Reply::new(202).header("Operation-Location", LOCATION)
}

fn status(status: &str) -> Reply {
    Reply::json(json!({"id": "op", "status": status, "statusDetail": null, "resourceId": null}))
}

fn succeeded() -> Reply {
    let address = format!("{ROOT}/things('c1')");
    Reply::json(json!({"status": "succeeded", "resourceId": "c1", "resourceLocation": address}))
}

fn community() -> Reply {
    Reply::json(json!({"id": "c1", "displayName": "Pilots"}))
}

async fn create(client: &Client) -> Result<Operation<Thing>, Error> {
    let new = NewThing::new("Pilots");
    client.things().create(new).await
}

#[tokio::test(start_paused = true)]
async fn a_creation_is_waited_for() {
    let script =
        Script::new([accepted(), status("notStarted"), status("inProgress"), succeeded(), community()]);
    let start = Instant::now();
    let community = create(&script.client()).await.unwrap().wait().await.unwrap();
    assert_eq!(community.display_name.as_deref(), Some("Pilots"));
    let lines = script.lines();
    assert_eq!(lines[0], format!("POST {ROOT}/things"));
    assert_eq!(lines[1], format!("GET {LOCATION}"));
    assert_eq!(lines[4], format!("GET {ROOT}/things('c1')"));
    assert_eq!(script.seconds_since(start), [0, 31, 62, 93, 93]);
    let body: serde_json::Value = serde_json::from_slice(script.requests()[0].body()).unwrap();
    assert_eq!(body, json!({ "displayName": "Pilots" }));
}

#[tokio::test(start_paused = true)]
async fn addresses_of_every_documented_form_are_followed() {
    let relative = "/thingOperations/op";
    for (header, address, followed) in [
        ("Operation-Location", LOCATION, LOCATION),
        ("Location", LOCATION, LOCATION),
        ("Location", relative, &format!("{ROOT}{relative}")),
        ("Operation-Location", &format!("/v1.0{relative}"), &format!("{ROOT}{relative}")),
    ] {
        let script = Script::new([Reply::new(202).header(header, address)]);
        assert_eq!(create(&script.client()).await.unwrap().location(), followed, "{header}: {address}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_without_an_address_says_that_the_work_may_be_done() {
    let script = Script::new([Reply::new(202)]);
    let error = create(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Decode, 202));
    assert!(error.maybe_processed());
    assert_eq!(error.request_id(), Some("r-1"));

    let evil = "https://graph.microsoft.com.evil.example/v1.0/op";
    let script = Script::new([Reply::new(202).header("Operation-Location", evil)]);
    let error = create(&script.client()).await.unwrap_err();
    assert!(error.source().unwrap().is::<ForeignAddress>());
    assert!(error.maybe_processed());
    assert_eq!(error.location(), Some(evil));
}

#[tokio::test(start_paused = true)]
async fn a_failed_operation_is_no_failed_question() {
    for ended in ["failed", "skipped", "Invalid"] {
        let reply = Reply::json(json!({"status": ended, "statusDetail": "name taken"}));
        let script = Script::new([accepted(), reply]);
        let mut operation = create(&script.client()).await.unwrap();
        for _ in 0..2 {
            let error = operation.wait().await.unwrap_err();
            assert_eq!((error.kind(), error.location()), (ErrorKind::OperationFailed, Some(LOCATION)));
            assert_eq!(error.operation(), Some("things.create"));
            assert_eq!(error.message(), format!("it ended as `{ended}`: name taken"));
        }
        assert_eq!(script.requests().len(), 2, "a failure is remembered");
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_says_nothing_is_waited_out() {
    let odd = [
        status("brandNew"),
        status("unknownFutureValue"),
        Reply::json(json!({"status": null})),
        Reply::json(json!({})),
        Reply::json(json!({"status": 7})),
        Reply::new(200).body("<html>"),
        Reply::json(
            json!({"@odata.type": "#microsoft.graph.future", "status": "Succeeded", "resourceId": "c1"}),
        ),
        community(),
    ];
    let script = Script::new([accepted()].into_iter().chain(odd));
    create(&script.client()).await.unwrap().wait().await.unwrap();
    assert_eq!(script.lines().last().unwrap(), &format!("GET {ROOT}/things/c1"));
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_is_endured_one_request_per_interval() {
    let trouble = [
        Reply::error(404, "NotFound", "not yet"),
        Reply::new(429).header("Retry-After", "2.128"),
        Reply::new(503).header("Retry-After", "100"),
        Reply::new(502).body("<html>"),
        Reply::failing(TransportError::connect("refused")),
        Reply::failing(TransportError::lost("reset by peer")),
        succeeded(),
        community(),
    ];
    let script = Script::new([accepted()].into_iter().chain(trouble));
    let start = Instant::now();
    create(&script.client()).await.unwrap().wait().await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 31, 62, 93, 193, 224, 255, 286, 286]);
}

#[tokio::test(start_paused = true)]
async fn lasting_trouble_is_reported_and_the_handle_lives_on() {
    let refused = Reply::error(403, "Forbidden", "no");
    let script = Script::new([accepted(), refused, succeeded(), community()]);
    let mut operation = create(&script.client()).await.unwrap();
    let error = operation.wait().await.unwrap_err();
    assert_eq!((error.kind(), error.location()), (ErrorKind::Service, Some(LOCATION)));
    assert!(error.is_permission_denied());
    operation.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_and_can_go_on() {
    let script = Script::new([accepted(), status("running"), status("running"), succeeded(), community()]);
    let start = Instant::now();
    let mut operation = create(&script.client()).await.unwrap();
    let error = operation.wait_timeout(Duration::from_secs(70)).await.unwrap_err();
    assert_eq!((error.kind(), error.location()), (ErrorKind::WaitExceeded, Some(LOCATION)));
    assert_eq!(start.elapsed(), Duration::from_secs(70));
    operation.wait().await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 31, 62, 93, 93]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_in_trouble_names_it() {
    let script = Script::new([accepted(), Reply::error(503, "serviceNotAvailable", "busy")]);
    let mut operation = create(&script.client()).await.unwrap();
    let error = operation.wait_timeout(Duration::from_secs(40)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitExceeded);
    assert!(error.source().unwrap().is::<Error>());
}

#[tokio::test(start_paused = true)]
async fn a_poll_never_comes_too_soon_and_never_waits() {
    let script = Script::new([accepted(), status("running"), succeeded(), community()]);
    let mut operation = create(&script.client()).await.unwrap();
    for expected in [1, 2, 4] {
        for _ in 0..10 {
            let update = operation.poll().await.unwrap();
            if let Update::Done(community) = update {
                assert_eq!(community.id.as_deref(), Some("c1"));
                assert_eq!(script.requests().len(), expected);
                return;
            }
        }
        assert_eq!(script.requests().len(), expected);
        sleep(Duration::from_secs(31)).await;
    }
    panic!("the operation is not done");
}

#[tokio::test(start_paused = true)]
async fn updates_come_as_they_are_known() {
    let script = Script::new([accepted(), status("notStarted"), status("running"), succeeded(), community()]);
    let start = Instant::now();
    let mut operation = create(&script.client()).await.unwrap();
    let seen: Vec<_> = operation
        .updates()
        .map_ok(|update| match update {
            Update::Pending(report) => (start.elapsed().as_secs(), report.status),
            Update::Done(_) => (start.elapsed().as_secs(), Some("succeeded".to_owned())),
        })
        .try_collect()
        .await
        .unwrap();
    let expected = [
        (0, None),
        (31, Some("notStarted".to_owned())),
        (62, Some("running".to_owned())),
        (93, Some("succeeded".to_owned())),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_loses_nothing_and_hurries_nothing() {
    let slow = status("running").after(Duration::from_secs(20));
    let script = Script::new([accepted(), slow, status("running"), succeeded(), community()]);
    let start = Instant::now();
    let mut operation = create(&script.client()).await.unwrap();
    assert!(timeout(Duration::from_secs(10), operation.wait()).await.is_err(), "dropped while waiting");
    assert!(
        timeout(Duration::from_secs(30), operation.wait()).await.is_err(),
        "dropped while polling, at 40 s"
    );
    assert!(timeout(Duration::from_secs(40), operation.updates().skip(1).next()).await.is_ok());
    operation.wait().await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 31, 71, 102, 102]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_loses_nothing_and_hurries_nothing() {
    let script = Script::new([accepted(), status("running"), succeeded(), community()]);
    let start = Instant::now();
    let text = {
        let mut operation = create(&script.client()).await.unwrap();
        sleep(Duration::from_secs(40)).await;
        operation.poll().await.unwrap();
        operation.save().to_string()
    };
    // The same wall clock, as another process would read it.
    let client = script.builder().clock(Clock::starting_at(start_time() + start.elapsed())).build().unwrap();
    let mut operation: Operation<Thing> = Operation::resume(&client, text.parse().unwrap()).unwrap();
    operation.wait().await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 40, 71, 71]);
}

#[tokio::test(start_paused = true)]
async fn the_saved_form_is_stable() {
    let script = Script::new([accepted()]);
    let saved = create(&script.client()).await.unwrap().save();
    let text = saved.to_string().replace(saved.client_request_id(), "CLIENT-REQUEST-ID");
    insta::assert_snapshot!(text, @r#"{"version":1,"operation":"things.create","location":"https://graph.microsoft.com/v1.0/thingOperations('op')","root":"https://graph.microsoft.com","cloud":"global","api_version":"v1.0","tenant":null,"accepted_at":1767225600000,"last_poll_at":null,"client_request_id":"CLIENT-REQUEST-ID"}"#);
    assert_eq!(saved.to_string().parse::<SavedOperation>().unwrap(), saved);
    assert_eq!(
        serde_json::from_value::<SavedOperation>(serde_json::to_value(&saved).unwrap()).unwrap(),
        saved
    );
}

#[tokio::test(start_paused = true)]
async fn saving_never_moves_the_last_poll_back() {
    let script = Script::new([accepted()]);
    let polled = start_time() + Duration::from_micros(1);
    let saved =
        SavedOperation { last_poll_at: Some(polled), ..create(&script.client()).await.unwrap().save() };
    assert!(saved.to_string().parse::<SavedOperation>().unwrap().last_poll_at().unwrap() >= polled);
}

#[test]
fn what_is_no_saved_operation_is_refused_with_the_reason() {
    let error = r#"{"version":2,"future":true}"#.parse::<SavedOperation>().unwrap_err();
    assert!(matches!(error, InvalidSavedOperation::UnknownVersion(2)), "{error}");
    for text in ["", "{}", "null", r#"{"version":1}"#] {
        let error = text.parse::<SavedOperation>().unwrap_err();
        assert!(matches!(error, InvalidSavedOperation::Malformed(_)), "{text}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_another_service_is_not_resumed() {
    let script = Script::new([accepted()]);
    let saved = create(&script.client()).await.unwrap().save();
    let resume = |client: Client, saved: &SavedOperation| {
        Operation::<Thing>::resume(&client, saved.clone()).unwrap_err()
    };
    let elsewhere = script.builder().root("http://127.0.0.1:1").build().unwrap();
    let cloud = script.builder().cloud(Cloud::UsGov).root("https://graph.microsoft.com").build().unwrap();
    for client in [elsewhere, cloud] {
        let error = resume(client, &saved);
        assert_eq!((error.kind(), error.location()), (ErrorKind::InvalidRequest, Some(LOCATION)));
    }
    let forged = SavedOperation { location: "https://evil.example/v1.0/op".into(), ..saved.clone() };
    assert!(resume(script.client(), &forged).source().unwrap().is::<ForeignAddress>());
    let other = SavedOperation { operation: "pages.copy".into(), ..saved.clone() };
    assert!(resume(script.client(), &other).to_string().contains("pages.copy"));
    let beta = SavedOperation { api_version: ApiVersion::Beta, ..saved };
    assert!(Operation::<Thing>::resume(&script.client(), beta).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_not_named_is_an_error_with_the_place_to_look() {
    let script = Script::new([accepted(), Reply::json(json!({"status": "succeeded"}))]);
    let error = create(&script.client()).await.unwrap().wait().await.unwrap_err();
    assert_eq!((error.kind(), error.location()), (ErrorKind::Decode, Some(LOCATION)));
    assert_eq!(error.operation(), Some("things.create"));
    assert!(error.message().contains("does not say what came of it"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn another_interval_is_kept() {
    let script = Script::new([accepted(), succeeded(), community()]);
    let start = Instant::now();
    let interval = Duration::from_secs(120);
    create(&script.client()).await.unwrap().with_interval(interval).wait().await.unwrap();
    assert_eq!(script.seconds_since(start), [0, 120, 120]);
}
