//! Several requests in one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
    assert_eq!(statuses(&answer.json), [("d", 502), ("c", 202), ("b", 200), ("A", 429)]);
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
        assert_eq!(statuses(&answer.json), [("2", 501), ("1", 200)], "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn ids_may_be_numbers_and_come_back_as_they_were_written() {
    let sim = Sim::builder().user("ada").build();
    let item =
        |id: Value, after: Value| json!({ "id": id, "method": "get", "url": "/groups", "dependsOn": after });
    let requests = json!([
        item(json!(1), json!([])),
        item(json!("First"), json!([1])),
        item(json!("last"), json!(["FIRST", "1"])),
        item(json!("alone"), Value::Null),
    ]);
    let answer = Client::new(&sim, "ada").post(BATCH, json!({ "Requests": requests })).await;
    assert_eq!(statuses(&answer.json), [("alone", 200), ("last", 200), ("First", 200), ("1", 200)]);
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_address_is_written_with_or_without_its_escapes() {
    let sim = Sim::builder().group("Wild Geese", ["ada"]).group("100 % ü", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    for (url, name) in [
        ("groups?$filter=displayName eq 'Wild Geese'", "Wild Geese"),
        ("/groups?$filter=displayName%20eq%20'Wild%20Geese'", "Wild Geese"),
        ("/groups?%24filter=displayName eq 'Wild+Geese'", "Wild Geese"),
        ("//groups?$filter=displayName eq '100 % ü'", "100 % ü"),
        ("/groups?$filter=displayName eq '100 %25 %C3%BC'", "100 % ü"),
    ] {
        let answer = ada.post(BATCH, json!({ "requests": [get("1", url)] })).await;
        let found = &answer.json["responses"][0]["body"]["value"][0]["displayName"];
        assert_eq!(found, name, "{url}: {}", answer.json);
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_an_item_has_besides_is_left_aside() {
    let sim = Sim::builder().user("ada").build();
    let mut item = get("1", "/groups");
    item["atomicityGroup"] = json!("g1");
    item["if"] = json!({ "x": 1 });
    item["headers"] = json!({ "x-retries": 3 });
    let answer = Client::new(&sim, "ada").post(BATCH, json!({ "requests": [item], "note": 1 })).await;
    assert_eq!(statuses(&answer.json), [("1", 200)]);
    assert_eq!(sim.violations(), [""; 0]);
}

/// Every operation that takes another content than JSON.
#[tokio::test(start_paused = true)]
async fn other_content_than_json_is_base64_or_text() {
    let there = super::furnished::furnished().await;
    let document = &crate::spec::Spec::shared().document;
    let mut tried = 0;
    for endpoint in document.endpoints() {
        let body = document.resolve(&endpoint.node["requestBody"]);
        let kinds = body["content"].as_object().into_iter().flatten().map(|(kind, _)| kind);
        for kind in kinds.filter(|kind| !kind.contains("json")) {
            let html = "<html><head><title>Fuel?</title></head><body>é</body></html>";
            let (plain, url) = (STANDARD.encode(html), URL_SAFE_NO_PAD.encode(html));
            for body in [html, plain.as_str(), url.as_str()] {
                let item = json!({ "id": "1", "method": "POST", "url": there.path(endpoint.path),
                    "headers": { "Content-Type": kind }, "body": body });
                let answer = there.ada.post(BATCH, json!({ "requests": [item] })).await;
                let made = &answer.json["responses"][0];
                assert_eq!(
                    (&made["status"], &made["body"]["title"]),
                    (&json!(201), &json!("Fuel?")),
                    "{made}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 6, "{tried}");
    assert_eq!(there.sim.violations(), [""; 0]);
}
