//! What a caller gets when the service, or a gateway before it, refuses.

use std::time::Duration;

use graph_facade::{Error, ErrorCode, ErrorKind, NoRetry, StandardRetry};
use graph_sim::{Fault, Sim};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{assert_clean, builder, client, seconds, statuses};

/// Everything that an error of the service says reaches the caller, although its date has no zone.
#[track_caller]
fn assert_complete(error: &Error, status: u16, code: &ErrorCode) {
    let body: Value = serde_json::from_slice(error.body()).unwrap();
    let inner = &body["error"]["innerError"];
    assert_eq!(inner["date"].as_str().unwrap().len(), "2026-01-05T08:00:00".len(), "no zone in {body}");

    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, status));
    assert_eq!(error.code(), Some(code));
    assert_eq!(error.message(), body["error"]["message"]);
    assert_eq!(error.request_id().unwrap(), inner["request-id"]);
    assert_eq!(error.client_request_id().unwrap(), inner["client-request-id"], "the service repeats ours");
    let line = error.to_string();
    for part in [error.operation().unwrap(), error.request_id().unwrap(), error.client_request_id().unwrap()]
    {
        assert!(line.contains(part), "no {part} in {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_404_whose_date_has_no_zone_keeps_code_and_ids() {
    let sim = Sim::builder().user("ada").build();
    let error = client(&sim, "ada").communities().get("nobody").await.unwrap_err();
    assert_complete(&error, 404, &ErrorCode::NotFound);
    assert!(error.is_not_found());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_400_whose_date_has_no_zone_keeps_code_and_ids() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let owners = client(&sim, "ada").groups().owners(sim.group_id("Pilots").unwrap());
    let error = owners.remove(sim.user_id("ada")).await.unwrap_err();
    assert_complete(&error, 400, &ErrorCode::RequestBadRequest);
    assert_clean(&sim);
}

const GATEWAY: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n</html>";

fn bad_gateway() -> Fault {
    let padding = "<!-- padding -->".repeat(100);
    Fault::respond("groups.list", 502).content_type("text/html").body(format!("{GATEWAY}{padding}"))
}

#[tokio::test(start_paused = true)]
async fn an_html_502_on_a_read_is_tried_again() {
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(bad_gateway().times(2)).build();
    let answer = client(&sim, "ada").groups().list().send_full().await.unwrap();
    assert_eq!((answer.attempts(), answer.value.items.len()), (3, 1));
    assert_eq!(statuses(&sim), [Some(502), Some(502), Some(200)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_html_502_that_is_not_tried_again_quotes_the_page() {
    let sim = Sim::builder().user("ada").fault(bad_gateway()).build();
    let client = builder(&sim, "ada").retry(NoRetry).build().unwrap();

    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 502));
    assert_eq!((error.code(), error.attempts()), (None, 1));
    assert!(error.message().starts_with(GATEWAY) && error.message().ends_with('…'), "{error}");
    assert!(error.message().chars().count() <= 201, "a snippet, not the page");
    assert!(error.body().len() > 1_000, "the page is there too");
    assert!(!error.to_string().contains('\n'), "one line: {error}");
    assert!(error.request_id().is_some());
    assert_clean(&sim);
}

fn throttled(operation: &str) -> Fault {
    Fault::respond(operation, 429).retry_after("2.128")
}

const ASKED: Duration = Duration::from_millis(2_128);

#[tokio::test(start_paused = true)]
async fn an_empty_429_is_waited_for_to_the_millisecond() {
    for operation in ["groups.list", "communities.list"] {
        let sim = Sim::builder().user("ada").fault(throttled(operation)).build();
        let (client, start) = (client(&sim, "ada"), Instant::now());
        match operation {
            "groups.list" => drop(client.groups().list().await.unwrap()),
            _ => drop(client.communities().list().await.unwrap()),
        }
        assert_eq!(start.elapsed(), ASKED, "{operation}");
        assert_eq!(statuses(&sim), [Some(429), Some(200)], "{operation}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_429_that_may_not_be_waited_for_says_when_to_come_back() {
    let impatient = StandardRetry::default().time_limit(seconds(2));
    for (count, operation) in ["groups.list", "communities.list"].into_iter().enumerate() {
        let sim = Sim::builder().user("ada").fault(throttled(operation)).build();
        let builder = builder(&sim, "ada");
        let client = if count == 0 { builder.retry(NoRetry) } else { builder.retry(impatient.clone()) };
        let (client, start) = (client.build().unwrap(), Instant::now());

        let error = match operation {
            "groups.list" => client.groups().list().await.unwrap_err(),
            _ => client.communities().list().await.unwrap_err(),
        };
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Throttled, 429));
        assert!(error.is_throttled() && !error.maybe_processed());
        assert_eq!(error.retry_after(), Some(ASKED));
        assert_eq!(error.retry_at(), Some(client.clock().now() + ASKED));
        assert!(error.to_string().contains("retry after 2.128 s"), "{error}");
        assert_eq!(start.elapsed(), Duration::ZERO, "park the work, don't sleep");
        assert_eq!(statuses(&sim), [Some(429)]);
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    let fault = Fault::delay("groups.list", seconds(90));
    let sim = Sim::builder().user("ada").fault(fault).build();
    let client = builder(&sim, "ada").timeout(seconds(20)).retry(NoRetry).build().unwrap();
    let start = Instant::now();
    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), start.elapsed()), (ErrorKind::Timeout, seconds(20)));
    assert_clean(&sim);
}
