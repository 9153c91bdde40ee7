use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use tower_service::Service as _;

use super::{Har, ReplayError};
use crate::scenarios::{COMMUNITIES, Client, new_community};
use crate::{Fault, Sim};

/// Traffic about people: a lost answer, a list of users, a conversation, a form.
async fn traffic() -> Sim {
    let sim = Sim::builder()
        .user("ada")
        .user("grace")
        .group("Pilots", ["ada", "grace"])
        .fault(Fault::lose_connection("groups.list"))
        .fault(Fault::respond("groups.count", 502).content_type("text/html").body("<html>Ada's proxy</html>"))
        .build();
    let ada = Client::new(&sim, "ada");
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let _ = ada.try_send(Method::GET, "/v1.0/groups", None).await;
    ada.get("/v1.0/groups/$count").await;
    let path = format!("{group}/members?$filter=displayName%20eq%20'Ada'&$count=true&$top=1");
    Client::new(&sim, "ada").header("consistencylevel", "eventual").get(&path).await;
    ada.get(&format!("{group}/members/graph.user?$select=displayName,mail")).await;
    ada.get("/v1.0/users/grace@contoso.example").await;
    ada.get("/v1.0/users/nobody@contoso.example").await;
    let thread = json!({
        "topic": "Ada's plans",
        "posts": [{ "body": { "contentType": "html", "content": "<p>Let us fly</p>" } }],
    });
    ada.post(&format!("{group}/threads"), thread).await;
    ada.get(&format!("{group}/threads")).await;
    let batch = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/users/ada@contoso.example" }] });
    ada.post("/v1.0/$batch", batch).await;
    sim
}

#[tokio::test(start_paused = true)]
async fn an_archive_holds_the_wire_and_reads_back() {
    let sim = traffic().await;
    let text = sim.journal().to_har_unredacted().to_string();
    let json: Value = serde_json::from_str(&text).unwrap();
    let log = &json["log"];
    assert_eq!((&log["version"], log["entries"].as_array().unwrap().len()), (&json!("1.2"), 9));
    let first = &log["entries"][0];
    assert_eq!(first["startedDateTime"], "2026-01-05T08:00:00.000Z");
    assert_eq!((&first["response"]["status"], &first["request"]["method"]), (&json!(0), &json!("GET")));
    let filtered = &log["entries"][2]["request"];
    assert_eq!(filtered["queryString"][0], json!({ "name": "$filter", "value": "displayName eq 'Ada'" }));
    assert!(text.contains("Bearer ") && text.contains("grace@contoso.example"));
    assert_eq!(Har::parse(&text).unwrap().to_string(), text);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_left_in_a_redacted_archive() {
    let sim = traffic().await;
    let har = sim.journal().to_har();
    let text = har.to_string();
    for gone in ["Ada", "ada@", "Grace", "grace", "nobody@", "fly", "Bearer", "contoso"] {
        assert!(!text.contains(gone), "{gone} is still in\n{text}");
    }
    for gone in ["Pilots", "0000000b", "Simulated", "proxy"] {
        assert!(!text.contains(gone), "{gone} is known to nobody: {text}");
    }
    assert_eq!(har.redacted().to_string(), text, "once is enough");
    insta::assert_snapshot!(text);
}

#[test]
fn secrets_of_a_token_endpoint_are_redacted() {
    let archive = json!({ "log": { "entries": [{
        "request": {
            "method": "POST",
            "url": "https://login.example/t/oauth2/v2.0/token?code=abc",
            "headers": [{ "name": "Cookie", "value": "sid=1" }],
            "cookies": [{ "name": "sid", "value": "1" }],
            "postData": {
                "mimeType": "application/x-www-form-urlencoded",
                "text": "grant_type=client_credentials&client_secret=hush&scope=.default",
            },
        },
        "response": {
            "status": 200,
            "content": { "mimeType": "application/json", "text": "{\"access_token\":\"ey.hush\",\"expires_in\":3599}" },
        },
    }] } });
    let text = Har::parse(&archive.to_string()).unwrap().redacted().to_string();
    for gone in ["hush", "sid", "abc"] {
        assert!(!text.contains(gone), "{gone} is still in\n{text}");
    }
    assert!(text.contains("grant_type=client_credentials") && text.contains("3599"), "{text}");
}

fn request(method: Method, path: &str, body: Option<Value>) -> Request<Bytes> {
    let mut request = Request::new(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())));
    *request.method_mut() = method;
    *request.uri_mut() = format!("https://other.example{path}").parse().unwrap();
    request
}

async fn recording() -> Har {
    let sim = Sim::builder().user("ada").user("grace").group("Pilots", ["ada", "grace"]).build();
    let ada = Client::new(&sim, "ada");
    ada.get("/v1.0/groups?$top=1&$select=id").await;
    ada.post(COMMUNITIES, new_community("Crew")).await;
    ada.get("/v1.0/users/grace@contoso.example").await;
    Har::parse(&sim.journal().to_har().to_string()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_recording_answers_what_it_was_asked() {
    let mut replay = recording().await.replay();
    let groups = replay.call(request(Method::GET, "/v1.0/groups?%24select=id&$top=1", None)).await.unwrap();
    assert!(String::from_utf8_lossy(groups.body()).contains("https://other.example/v1.0/$metadata#groups"));
    let accepted =
        replay.call(request(Method::POST, COMMUNITIES, Some(new_community("Crew")))).await.unwrap();
    assert_eq!(accepted.status(), 202);
    assert!(accepted.headers()["operation-location"].to_str().unwrap().starts_with("https://other.example/"));
    let left = replay.finish().unwrap_err();
    assert!(matches!(left, ReplayError::Unfinished { left: 1, .. }), "{left}");
    let grace =
        replay.call(request(Method::GET, "/v1.0/users/anybody@fabrikam.example", None)).await.unwrap();
    assert_eq!(grace.status(), 200, "what was redacted may be anything");
    replay.finish().unwrap();
    let more = replay.call(request(Method::GET, "/v1.0/groups", None)).await.unwrap_err();
    assert!(more.to_string().contains("it is one too many"), "{more}");
}

#[tokio::test(start_paused = true)]
async fn a_departure_shows_both_sides() {
    for (method, path, body, difference) in [
        (Method::DELETE, "/v1.0/groups?$top=1&$select=id", None, "the method is DELETE, not GET"),
        (Method::GET, "/v1.0/users?$top=1&$select=id", None, "the path is another"),
        (Method::GET, "/v1.0/groups?$top=1", None, "the query has no '$select'"),
        (Method::GET, "/v1.0/groups?$top=1&$select=id&$skip=1", None, "the query has '$skip' too"),
        (Method::GET, "/v1.0/groups?$top=2&$select=id", None, "'$top' is 2, not 1"),
        (Method::GET, "/v1.0/groups?$top=1&$select=id", Some(json!({})), "the body is another"),
    ] {
        let mut replay = recording().await.replay();
        let error = replay.call(request(method, path, body)).await.unwrap_err();
        assert!(error.to_string().contains(difference), "{error}");
    }
    let mut replay = recording().await.replay();
    replay.call(request(Method::GET, "/v1.0/groups?$top=1&$select=id", None)).await.unwrap();
    let other = json!({ "displayName": "Crew", "description": "Flight deck", "privacy": "public" });
    let error = replay.call(request(Method::POST, COMMUNITIES, Some(other))).await.unwrap_err();
    insta::assert_snapshot!(error);
    assert_eq!(replay.finish().unwrap_err().to_string(), error.to_string());
    let stuck =
        replay.call(request(Method::GET, "/v1.0/users/grace@contoso.example", None)).await.unwrap_err();
    assert_eq!(stuck.to_string(), error.to_string(), "nothing goes on after a departure");
}

#[test]
fn what_is_no_archive_is_refused() {
    let error = Har::parse("{\"log\": {}}").unwrap_err().to_string();
    assert!(error.starts_with("this is no HTTP archive (HAR 1.2): missing field `entries`"), "{error}");
}
