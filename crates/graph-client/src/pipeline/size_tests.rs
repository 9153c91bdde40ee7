//! Answers of a transport that knows nothing of limits.

use http::StatusCode;
use serde_json::json;

use crate::testing::{Reply, Script};
use crate::transport::{MAX_RESPONSE_BYTES, TransportError};
use crate::{Error, ErrorKind, ExchangeLimits};

/// A group whose answer has so many bytes.
fn group_of(bytes: usize) -> Reply {
    let rest = json!({"id": "g", "description": ""}).to_string().len();
    Reply::json(json!({"id": "g", "description": " ".repeat(bytes - rest)}))
}

fn refused(error: Result<graph_things::models::Thing, Error>) -> Error {
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}");
    error
}

#[tokio::test(start_paused = true)]
async fn an_answer_over_the_limit_is_an_error_with_its_size_and_the_remedy() {
    let script = Script::new([group_of(1_001), group_of(1_000)]);
    let client = script.builder().max_response_bytes(1_000).build().unwrap();
    let error = refused(client.things().get("g").await);
    assert_eq!((error.status(), error.request_id()), (Some(StatusCode::OK), Some("r-1")));
    assert_eq!((error.attempts(), error.maybe_processed()), (1, true), "asked again, it would be as large");
    let line = error.to_string();
    for said in ["things.get", "1001 bytes", "at most 1000 are allowed", "max_response_bytes"] {
        assert!(line.contains(said), "{line}");
    }
    client.things().get("g").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_a_limit_of_its_own() {
    let script = Script::new([group_of(1_001), group_of(1_001), group_of(1_001)]);
    let client = script.builder().max_response_bytes(1_000).build().unwrap();
    client.things().get("g").max_response_bytes(1_001).await.unwrap();
    refused(client.things().get("g").max_response_bytes(1_000).await);
    let error = client.things().list().max_response_bytes(900).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}

#[tokio::test(start_paused = true)]
async fn a_request_says_to_the_transport_what_it_may_cost() {
    let script = Script::new([group_of(100), group_of(100)]);
    let client = script.client();
    client.things().get("g").await.unwrap();
    client.things().get("g").max_response_bytes(1 << 30).await.unwrap();
    let requests = script.requests();
    let limits = requests.iter().map(|request| ExchangeLimits::of(request.extensions()));
    let most: Vec<_> = limits.map(|limits| limits.max_response_bytes(StatusCode::OK)).collect();
    assert_eq!(most, [MAX_RESPONSE_BYTES, 1 << 30]);
    let limits = ExchangeLimits::of(requests[1].extensions());
    assert_eq!(limits.max_response_bytes(StatusCode::BAD_GATEWAY), 64 * 1024);
    assert!(limits.deadline().is_some());
}

#[tokio::test(start_paused = true)]
async fn of_an_error_the_first_64_kib_are_kept() {
    let script = Script::new([Reply::new(400).body(" ".repeat(1 << 20))]);
    let error = script.client().things().get("g").await.unwrap_err();
    assert_eq!((error.kind(), error.body().len()), (ErrorKind::Service, 64 * 1024));
}

#[tokio::test(start_paused = true)]
async fn a_transport_may_say_by_itself_that_an_answer_is_too_large() {
    let script = Script::new([Reply::failing(TransportError::too_large("it has 5 GB"))]);
    let error = refused(script.client().things().get("g").await);
    assert!(error.to_string().contains("it has 5 GB"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_over_the_limit_costs_its_neighbours_in_an_envelope_nothing_until_that_is_too_large() {
    for (size, most, expected) in [
        (2_000, 1_000, [true, false]),
        (2_000, 10_000, [true, true]),
        (100_000, 1_000, [false, false]),
        (100_000, 200_000, [true, true]),
    ] {
        let script = Script::new([Reply::json(json!({"responses": [
            {"id": "1", "status": 200, "body": {"id": "a"}},
            {"id": "2", "status": 200, "body": {"id": "b", "description": " ".repeat(size)}},
        ]}))]);
        let client = script.builder().max_response_bytes(1_000).build().unwrap();
        let mut batch = client.batch();
        let handles = ["a", "b"].map(|id| batch.add(client.things().get(id).max_response_bytes(most)));
        let outcome = batch.send().await.unwrap();
        let taken = handles.map(|handle| {
            let answer = outcome.take(handle);
            answer
                .inspect_err(|error| assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}"))
                .is_ok()
        });
        assert_eq!(taken, expected, "{size} {most}");
    }
}
