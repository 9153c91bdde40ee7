//! What is in an envelope, and what never is.

use futures_util::future::join_all;
use graph_facade::graph_models::{Id, RawClient};
use graph_facade::{BatchingTransport, NoRetry};
use graph_sim::{Fault, Sim};

use super::{Tap, gathering, journal, sim};
use crate::support::{assert_clean, builder, pilots};

#[tokio::test(start_paused = true)]
async fn the_envelope_is_written_as_documented() {
    let sim = sim([]);
    let tap = Tap::on(&sim);
    let ada = builder(&sim, "ada").transport(tap.clone()).build().unwrap();
    let mut batch = ada.batch();
    let created = batch.add(ada.communities().create(pilots()));
    let get = ada
        .groups()
        .get("a b/c")
        .select(["id"])
        .header(http::header::IF_NONE_MATCH, "\"e\"".parse().unwrap());
    drop(batch.add(get).depends_on(&created));
    drop(batch.await.unwrap());
    let [(request, mut json)] = tap.take().try_into().unwrap();
    assert_eq!(request.uri(), "https://graph.microsoft.com/v1.0/$batch");
    assert_eq!(request.headers()["authorization"], format!("Bearer {}", sim.token("ada")));
    for item in json["requests"].as_array_mut().unwrap() {
        let id = item["headers"]["client-request-id"].take();
        assert_eq!(id.as_str().map(str::len), Some(36));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

/// Events are not simulated; what matters here is how they are asked for.
fn outlook() -> Sim {
    let nothing = r#"{"value":[]}"#;
    sim([Fault::respond("groups.events.list", 200)
        .content_type("application/json")
        .body(nothing)
        .times(u32::MAX)])
}

#[tokio::test(start_paused = true)]
async fn four_requests_of_an_envelope_are_for_one_mailbox() {
    let sim = outlook();
    let tap = Tap::on(&sim);
    let transport = BatchingTransport::new(tap.clone());
    let raw = builder(&sim, "ada").transport(transport).build().unwrap().connect(RawClient::new);
    let (a, b) = (Id::new("a").unwrap(), Id::new("b").unwrap());
    // An id is the same in any case.
    let capital = Id::new("A").unwrap();
    let read = |group| raw.groups_events_list(group, None, None, None, None, None, None, None, None);
    let mailboxes = [&a, &a, &capital, &b, &a, &a, &a, &b, &a, &b, &a, &a];
    for outcome in join_all(mailboxes.map(read)).await {
        outcome.unwrap();
    }
    let of = |json: &serde_json::Value, group: &str| {
        let urls = json["requests"].as_array().unwrap().iter().map(|it| it["url"].as_str().unwrap());
        urls.filter(|url| url.to_ascii_lowercase().contains(&format!("/groups/{group}/"))).count()
    };
    let counts: Vec<_> = tap.take().iter().map(|(_, json)| (of(json, "a"), of(json, "b"))).collect();
    assert_eq!(counts, [(4, 3), (4, 0)]);
    assert_eq!(journal(&sim).last().unwrap(), "alone groups.events.list 200", "the ninth has no company");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_json_goes_beside() {
    let respond = |operation: &str, body: &'static str| {
        Fault::respond(operation, 200).content_type("text/html").body(body)
    };
    let page = Fault::respond("onenote_pages.create", 201).content_type("application/json").body("{}");
    let sim = sim([respond("onenote_pages.content.get", "<html>"), page]);
    let raw = gathering(&sim).connect(RawClient::new);
    let id = Id::new("1").unwrap();
    let (content, created, _, _) = tokio::join!(
        raw.onenote_pages_content_get(&id, &id),
        raw.onenote_pages_create(&id, "<html><head><title>x</title></head></html>"),
        raw.groups_get(&id, None, None),
        raw.groups_get(&id, None, None),
    );
    content.unwrap();
    created.unwrap();
    assert_eq!(
        journal(&sim),
        [
            "alone onenote_pages.content.get 200",
            "alone onenote_pages.create 201",
            "in groups.get 404",
            "in groups.get 404",
            "alone batch 200"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_json_comes_as_its_bytes() {
    let sim =
        sim([Fault::respond("groups.get", 502).content_type("text/html").body("<html>Bad gateway</html>")]);
    let transport = BatchingTransport::new(sim.transport());
    let ada = builder(&sim, "ada").transport(transport).retry(NoRetry).build().unwrap();
    let id = sim.group_id("Pilots").unwrap();
    let (first, second) = tokio::join!(ada.groups().get(&*id).send(), ada.groups().get(&*id).send());
    let error = first.unwrap_err();
    assert_eq!(error.body(), "<html>Bad gateway</html>");
    assert!(second.is_ok() && journal(&sim).contains(&"alone batch 200".to_owned()));
    assert_clean(&sim);
}
