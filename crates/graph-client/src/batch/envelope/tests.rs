use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::{carries, unpack};

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &'static str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(format!("https://graph.microsoft.com{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from_static(body.as_bytes())).unwrap()
}

#[test]
fn json_is_carried_and_nothing_else() {
    let (json, html) =
        (&[("content-type", "application/json; charset=utf-8")], &[("content-type", "text/html")]);
    for (expected, method, path, headers, body) in [
        (true, "GET", "/v1.0/things", &[][..], ""),
        (true, "GET", "/beta/things?$filter=a%20eq%20'/content'", &[], ""),
        (true, "GET", "/v1.0/things", &[("accept", "*/*")], ""),
        (true, "POST", "/v1.0/things", json, "{}"),
        (true, "DELETE", "/v1.0/things/1", &[], ""),
        (false, "GET", "/v1.0/things/$count", &[], ""),
        (false, "GET", "/v1.0/me/photo/$value", &[], ""),
        (false, "GET", "/v1.0/things/1/onenote/pages/2/content", &[], ""),
        (false, "GET", "/v1.0/things", &[("accept", "text/csv")], ""),
        (false, "POST", "/v1.0/things", html, "<html>"),
        (false, "POST", "/v1.0/things", &[], "{}"),
        (false, "POST", "/v1.0/things", json, "{"),
        (false, "HEAD", "/v1.0/things", &[], ""),
        (false, "POST", "/v1.0/$batch", json, "{}"),
        (false, "GET", "/v2.0/things", &[], ""),
    ] {
        assert_eq!(
            carries(&request(method, path, headers, body)),
            expected,
            "{method} {path} {headers:?} {body}"
        );
    }
}

#[test]
fn bodies_have_the_bytes_that_they_would_have_alone() {
    let html = json!({ "Content-Type": "text/html", "Content-Length": "999" });
    let plain = json!({ "content-type": "application/json" });
    for (headers, body, expected) in [
        (&plain, json!({ "a": 1.50 }), r#"{"a":1.5}"#),
        (&plain, json!("text"), r#""text""#),
        (&plain, json!(null), ""),
        // In each of base64's alphabets, with padding or without.
        (&html, json!("PD8+"), "<?>"),
        (&html, json!("PD8-"), "<?>"),
        (&html, json!("PGE+Pw=="), "<a>?"),
        (&html, json!("PGE-Pw"), "<a>?"),
        // Some services send text as it is.
        (&html, json!("<html>"), "<html>"),
        (&html, json!({ "error": {} }), r#"{"error":{}}"#),
    ] {
        let answers =
            json!({ "responses": [{ "id": "2", "status": 200, "headers": headers, "body": body }] });
        let mut answers = unpack(&answers.to_string().into()).unwrap();
        let answer = answers.remove(&1).unwrap();
        assert_eq!(answer.body(), expected, "{body}");
        assert!(!answer.headers().contains_key("content-length"));
    }
}

#[test]
fn an_answer_is_found_whatever_is_around_it() {
    let answers = json!({ "responses": [
        { "id": 3, "status": 204 },
        { "id": "1", "status": 429, "headers": { "retry-after": 7, "x": ["a", "b"] } },
        { "id": "0", "status": 200 },
        { "id": "two", "status": 200 },
        { "id": "2", "status": 7 },
    ], "@odata.nextLink": "x" });
    let answers = unpack(&answers.to_string().into()).unwrap();
    let mut positions: Vec<_> = answers.keys().copied().collect();
    positions.sort_unstable();
    assert_eq!(positions, [0, 2]);
    assert_eq!(answers[&0].headers()["retry-after"], "7");
    assert_eq!(answers[&0].headers().get_all("x").iter().count(), 2);
    assert!(unpack(&Bytes::from_static(b"[]")).is_err() && unpack(&Bytes::from_static(b"<html>")).is_err());
}
