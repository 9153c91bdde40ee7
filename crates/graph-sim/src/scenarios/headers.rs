//! Headers that have nothing to do with what is asked.

use http::{Method, StatusCode};
use serde_json::json;

use super::{COMMUNITIES, Client, ROOT, new_community};
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn every_answer_has_those_of_the_service() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let answer = Client::new(&sim, "ada").get("/v1.0/groups").await;
    for (name, value) in [
        ("odata-version", "4.0"),
        ("cache-control", "no-cache"),
        ("strict-transport-security", "max-age=31536000"),
        ("vary", "Accept-Encoding"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert!(answer.header("x-ms-ags-diagnostic").contains("ServerInfo"));
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "nobody asked from a page");
}

#[tokio::test(start_paused = true)]
async fn what_was_made_has_an_address() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    let event = json!({ "subject": "Start", "start": { "dateTime": "2026-02-01T10:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-02-01T11:00:00", "timeZone": "UTC" } });
    let group = json!({ "displayName": "Cooks", "mailEnabled": false, "mailNickname": "cooks", "securityEnabled": true });
    for (path, body) in [("/v1.0/groups", group), (&format!("/v1.0/groups/{id}/events"), event)] {
        let made = ada.post(path, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
        let location = made.header("location");
        assert!(location.starts_with(&format!("{ROOT}{path}/")), "{location}");
        assert_eq!(ada.get(location).await.json["id"], made.json["id"]);
    }
    let accepted = ada.post(COMMUNITIES, new_community("Nurses")).await;
    assert_eq!(accepted.header("location"), accepted.header("operation-location"));
}

#[tokio::test(start_paused = true)]
async fn a_page_in_a_browser_may_ask_and_read() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let page = Client::new(&sim, "ada").header("origin", "https://contoso.example");
    let asked = Client::with_token(&sim, String::new())
        .header("origin", "https://contoso.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,content-type");
    let leave = asked.send(Method::OPTIONS, "/v1.0/groups/7", None).await;
    assert_eq!(leave.status, StatusCode::OK);
    let of_sign_in = asked.send(Method::OPTIONS, "/common/oauth2/v2.0/token", None).await;
    assert_eq!(of_sign_in.status, StatusCode::OK);
    assert_eq!(leave.header("access-control-allow-headers"), "authorization,content-type");
    assert!(leave.header("access-control-allow-methods").contains("PATCH"));
    for answer in [leave, page.get("/v1.0/groups").await, page.get("/v1.0/groups/missing").await] {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let exposed = answer.header("access-control-expose-headers");
        for name in ["request-id", "ETag", "Location", "Preference-Applied", "Retry-After"] {
            assert!(exposed.contains(name), "{name} in {exposed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn head_is_get_without_its_body() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let head = ada.send(Method::HEAD, "/v1.0/groups", None).await;
    assert_eq!((head.status, head.json.is_null()), (StatusCode::OK, true));
    let length: usize = head.header("content-length").parse().unwrap();
    assert!(length > 100, "{length}");
    assert_eq!(ada.send(Method::HEAD, "/v1.0/groups/missing", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn doubled_slashes_and_one_at_the_end_count_for_nothing() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    for path in ["/v1.0/groups/", "/v1.0//groups", "//v1.0/groups//"] {
        assert_eq!(ada.get(&format!("{ROOT}{path}")).await.status, StatusCode::OK, "{path}");
    }
}
