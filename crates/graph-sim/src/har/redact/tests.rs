//! Secrets in every position of an archive, none of which may be left.

mod secrets;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::har::Har;
use crate::scenarios::Client;
use crate::spec::Spec;
use crate::{Fault, Sim};
use secrets::Secrets;

/// Every operation, once.
fn archive(secrets: &mut Secrets) -> Value {
    let document = &Spec::shared().document;
    let entries: Vec<Value> =
        document.endpoints().map(|endpoint| secrets.exchange(document, &endpoint)).collect();
    let text = secrets.text();
    json!({ "log": { "version": text, "comment": text, "creator": { "name": text, "version": text },
        "browser": { "name": text }, "pages": [{ "id": text, "title": text }], "entries": entries } })
}

#[test]
fn no_secret_is_left_wherever_it_was() {
    for seed in 0..2 {
        println!("seed {seed}");
        let mut secrets = Secrets::new(seed);
        let recorded = archive(&mut secrets).to_string();
        assert!(secrets.left_in(&recorded).is_some());
        let redacted = Har::parse(&recorded).unwrap().redacted();
        let text = redacted.to_string();
        assert_eq!(secrets.left_in(&text), None, "seed {seed}");
        let again = redacted.redacted().to_string();
        let changed = text.lines().zip(again.lines()).find(|(once, twice)| once != twice);
        assert_eq!(changed, None, "seed {seed}: once is enough");
        assert_eq!(Har::parse(&text).unwrap().to_string(), text, "seed {seed}");
    }
}

#[tokio::test]
async fn the_requests_that_were_recorded_fit_what_is_left_of_them() {
    for seed in 0..2 {
        println!("seed {seed}");
        let recorded = archive(&mut Secrets::new(seed));
        let mut replay = Har::parse(&recorded.to_string()).unwrap().redacted().replay();
        for entry in recorded["log"]["entries"].as_array().unwrap() {
            let asked = &entry["request"];
            let body = asked["postData"]["text"].as_str().unwrap().to_owned();
            let mut request = Request::new(Bytes::from(body));
            *request.method_mut() = asked["method"].as_str().unwrap().parse::<Method>().unwrap();
            *request.uri_mut() = asked["url"].as_str().unwrap().parse().unwrap();
            if let Err(departure) = replay.call(request).await {
                panic!("seed {seed}: {departure}");
            }
        }
        replay.finish().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_left_of_what_the_simulator_recorded() {
    for seed in 0..10 {
        println!("seed {seed}");
        let mut secrets = Secrets::new(seed);
        let (page, name, club) = (secrets.text(), secrets.plain(), secrets.plain());
        let sim = Sim::builder()
            .user(&name)
            .group(&club, [&name])
            .fault(Fault::respond("users.get", 502).content_type("text/html").body(page))
            .build();
        let client = Client::new(&sim, &name);
        let group = sim.group_id(&club).unwrap();
        let batch = json!({ "requests": [{ "id": name, "method": "GET", "url": format!("/users/{name}@contoso.example") }] });
        client.get("/v1.0/groups?$expand=members").await;
        client.get(&format!("/v1.0/groups/{group}/members?$select=id")).await;
        client.get(&format!("/v1.0/groups/{name}?$select=id")).await;
        client.get(&format!("/v1.0/users/{name}?$search={name}")).await;
        client.get(&format!("/v1.0/users?$filter=displayName%20eq%20'{name}'")).await;
        client.post("/v1.0/$batch", batch).await;
        client.post("/v1.0/groups", json!({ "displayName": name, name.as_str(): name })).await;
        let text = sim.journal().to_har().to_string();
        assert!(secrets.left_in(&sim.journal().to_har_unredacted().to_string()).is_some());
        assert_eq!(secrets.left_in(&text), None, "seed {seed}");
    }
}
