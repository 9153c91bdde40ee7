//! Faults, as a client meets them.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::time::Instant;

use super::{COMMUNITIES, Client, new_community, pass};
use crate::{Fault, Sim};

#[tokio::test(start_paused = true)]
async fn a_throttled_creation_is_not_processed() {
    let fault = Fault::throttle("communities.create").times(2).retry_after("2.128");
    let sim = Sim::builder().user("ada").fault(fault).build();
    let ada = Client::new(&sim, "ada");
    for _ in 0..2 {
        let refused = ada.post(COMMUNITIES, new_community("Pilots")).await;
        refused.assert_refused(429, "TooManyRequests", "");
        assert_eq!(refused.header("retry-after"), "2.128");
    }
    assert_eq!(ada.post(COMMUNITIES, new_community("Pilots")).await.status, 202);
    pass(100).await;
    assert_eq!(ada.get(COMMUNITIES).await.each("displayName"), ["Pilots"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_anything() {
    let fault = Fault::respond("groups.list", 502).content_type("text/html").body("<html>").retry_after("7");
    let sim = Sim::builder().user("ada").fault(fault).build();
    let ada = Client::new(&sim, "ada");
    let answer = ada.get("/v1.0/groups").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (502, "text/html"));
    assert_eq!(answer.header("retry-after"), "7");
    assert!(answer.headers.contains_key("request-id"), "whoever answers stamps it");
    assert_eq!(ada.get("/v1.0/groups").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_body_altered_on_purpose_breaks_no_contract() {
    let fault = Fault::alter("communities.get", |json| {
        json["privacy"] = json!("secret");
        json["surprise"] = json!(1);
    });
    let sim = Sim::builder().community("Pilots", ["ada"]).fault(fault).build();
    let ada = Client::new(&sim, "ada");
    let community = ada.get(&format!("{COMMUNITIES}/{}", sim.community_id("Pilots").unwrap())).await.json;
    assert_eq!((&community["privacy"], &community["surprise"]), (&json!("secret"), &json!(1)));
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_gets_lost_after_or_before_processing() {
    for (fault, expected) in [
        (Fault::lose_connection("communities.create"), vec!["Pilots"]),
        (Fault::lose_connection("communities.create").before_processing(), vec![]),
    ] {
        let sim = Sim::builder().user("ada").fault(fault).build();
        let ada = Client::new(&sim, "ada");
        let lost = ada.try_send(Method::POST, COMMUNITIES, Some(new_community("Pilots"))).await;
        assert_eq!(lost.err(), Some(crate::ConnectionLost));
        assert_eq!(sim.journal().entries()[0].status, None);
        pass(100).await;
        assert_eq!(ada.get(COMMUNITIES).await.each("displayName"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn polling_again_after_a_lost_answer_is_no_violation() {
    let fault = Fault::lose_connection("engagement_async_operations.get");
    let sim = Sim::builder().user("ada").fault(fault).build();
    let ada = Client::new(&sim, "ada");
    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    let address = accepted.header("operation-location");
    assert!(ada.try_send(Method::GET, address, None).await.is_err());
    assert_eq!(ada.get(address).await.status, 200);
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_late() {
    let fault = Fault::delay("groups.list", Duration::from_secs(60));
    let sim = Sim::builder().user("ada").fault(fault).build();
    let start = Instant::now();
    assert_eq!(Client::new(&sim, "ada").get("/v1.0/groups").await.status, 200);
    assert_eq!(start.elapsed(), Duration::from_secs(60));
}
