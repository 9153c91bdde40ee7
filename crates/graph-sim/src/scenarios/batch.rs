//! Several requests in one.

use serde_json::{Value, json};

use super::{COMMUNITIES, Client, new_community};
use crate::{Fault, Sim};

const BATCH: &str = "/v1.0/$batch";

fn get(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

/// Id and status of each answer, in the order in which they came.
fn statuses(answer: &Value) -> Vec<(&str, u64)> {
    let responses = answer["responses"].as_array().unwrap().iter();
    responses.map(|it| (it["id"].as_str().unwrap(), it["status"].as_u64().unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn each_request_is_answered_for_itself_and_in_another_order() {
    let sim = Sim::builder()
        .user("ada")
        .fault(Fault::throttle("groups.list").retry_after("7"))
        .fault(Fault::respond("communities.list", 502).content_type("text/html").body("<html>"))
        .build();
    let create = json!({ "id": "c", "method": "POST", "url": COMMUNITIES.trim_start_matches("/v1.0"),
        "headers": { "content-type": "application/json" }, "body": new_community("Pilots") });
    let requests =
        [get("A", "/groups"), get("b", "groups?$top=1"), create, get("d", "employeeExperience/communities")];
    let answer = Client::new(&sim, "ada").post(BATCH, json!({ "requests": requests })).await;
    assert_eq!(statuses(&answer.json), [("d", 502), ("c", 202), ("b", 200), ("a", 429)]);
    let [html, accepted, list, throttled] = answer.json["responses"].as_array().unwrap().as_slice() else {
        panic!("{}", answer.json)
    };
    assert_eq!(throttled["headers"]["Retry-After"], "7");
    assert_eq!(list["body"]["value"], json!([]));
    assert!(accepted.get("body").is_none() && accepted["headers"].is_object());
    assert_eq!(html["body"], "PGh0bWw+");
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_a_failure_is_not_processed() {
    let sim = Sim::builder().user("ada").build();
    let mut dependent = get("2", "/groups");
    dependent["dependsOn"] = json!(["1"]);
    let mut further = get("3", "/groups");
    further["dependsOn"] = json!(["2"]);
    let requests = [get("1", "/groups/missing"), dependent, further, get("4", "/groups")];
    let answer = Client::new(&sim, "ada").post(BATCH, json!({ "requests": requests })).await;
    assert_eq!(statuses(&answer.json), [("4", 200), ("3", 424), ("2", 424), ("1", 404)]);
    assert_eq!(sim.journal().entries().len(), 3, "\n{}", sim.journal());
}

#[tokio::test(start_paused = true)]
async fn malformed_envelopes_are_refused_whole() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let mut ahead = get("1", "/groups");
    ahead["dependsOn"] = json!(["2"]);
    let bare = json!({ "id": "1", "method": "POST", "url": "/groups", "body": {} });
    for (requests, words) in [
        ((0..21).map(|id| get(&id.to_string(), "/groups")).collect(), "maximum"),
        (vec![get("a", "/groups"), get("A", "/groups")], "twice"),
        (vec![get("1", "/$batch")], "part of a batch"),
        (vec![get("1", "https://graph.microsoft.com/v1.0/groups")], "url"),
        (vec![ahead, get("2", "/groups")], "not before it"),
        (vec![bare], "Content-Type"),
        (vec![json!({ "method": "GET", "url": "/groups" })], "id"),
    ] {
        let answer = ada.post(BATCH, json!({ "requests": requests })).await;
        assert_eq!(answer.status, 400, "{words}: {}", answer.json);
        assert!(answer.message().contains(words), "{words}: {}", answer.json);
    }
    assert_eq!(sim.violations().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn no_spelling_gets_an_envelope_into_an_envelope() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let inner = json!({ "requests": [get("1", "/groups")] });
    for url in [
        "/$batch",
        "$batch",
        "/%24batch",
        "/$BATCH",
        "/%24Ba%74ch",
        "/%2524batch",
        "/$batch/",
        "//$batch",
        "./$batch",
        "/./$batch",
        "/groups/../$batch",
        "/$batch/.",
        "v1.0/$batch",
        "/beta/$batch",
        "/%2e/%24batch%2f",
        "/$batch%20",
        "/$batch?x=1",
        "/$batch%3Fx=1",
        "\\$batch",
        "/$batch;x=1",
    ] {
        let item = json!({ "id": "1", "method": "POST", "url": url,
            "headers": { "content-type": "application/json" }, "body": inner });
        let answer = ada.post(BATCH, json!({ "requests": [item] })).await;
        assert_eq!(answer.status, 400, "{url}: {}", answer.json);
        let says = answer.message();
        assert!(says.contains("part of a batch") || says.contains("no valid 'url'"), "{url}: {says}");
    }
    assert_eq!(
        sim.journal().entries().iter().filter(|it| it.notes.iter().any(|note| note == "in a batch")).count(),
        0
    );
    // What only looks like one is none, and an envelope may be written as any other path.
    let batches = json!({ "requests": [get("1", "/groups?$filter=displayName%20eq%20'x://$batch'"), get("2", "/groups/$batches")] });
    for path in [BATCH, "/v1.0/%24batch", "/v1.0/$BATCH", "/beta/%24Batch"] {
        let answer = ada.post(path, batches.clone()).await;
        assert_eq!(statuses(&answer.json), [("2", 404), ("1", 200)], "{path}");
    }
}
