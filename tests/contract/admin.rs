//! The simulator's admin endpoint, as a test in another process uses it, while the facade talks to Graph.

use graph_facade::{Client, ErrorKind, NoRetry, StaticToken};
use graph_sim::Sim;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{assert_clean, pilots};

/// The least of an HTTP client.
struct Admin {
    address: String,
}

impl Admin {
    async fn send(&self, host: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        self.send_with(method, path, &format!("Host: {host}\r\nContent-Type: application/json\r\n"), body)
            .await
    }

    /// `headers` are lines.
    async fn send_with(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(&self.address, "GET", path, "").await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap_or(Value::String(body))
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = self.send(&self.address, method, path, &body).await;
        (status, serde_json::from_str(&answer).unwrap_or_default())
    }
}

/// A simulator and its admin endpoint, each behind a port. Both end with the test's runtime.
async fn served() -> (Sim, Admin, Client) {
    let sim = Sim::builder().group("Crew", ["ada"]).members("Crew", ["grace"]).build();
    let listener = || TcpListener::bind(("127.0.0.1", 0));
    let (graph, admin) = (listener().await.unwrap(), listener().await.unwrap());
    let address = admin.local_addr().unwrap().to_string();
    tokio::spawn(sim.serve(graph));
    tokio::spawn(sim.server().serve_admin(admin));
    let admin = Admin { address };
    let (_, token) = admin.ask("POST", "/tokens", &json!({ "user": "ada" })).await;
    let credential = StaticToken::new(token["token"].as_str().unwrap());
    let client = Client::builder().credential(credential).root(sim.root()).retry(NoRetry).build().unwrap();
    (sim, admin, client)
}

#[tokio::test]
async fn minutes_pass_in_no_time() {
    let (sim, admin, client) = served().await;
    let _operation = client.communities().create(pilots()).await.unwrap();
    assert_eq!(client.communities().list().await.unwrap().items.len(), 0);
    let (status, clock) = admin.ask("POST", "/clock", &json!({ "advance": 75 })).await;
    assert_eq!(status, 200);
    assert!(clock["elapsedSeconds"].as_f64().unwrap() >= 75.0, "{clock}");
    assert!(clock["now"].as_str().unwrap().starts_with("2026-01-05T08:01:"), "{clock}");
    assert_eq!(client.communities().list().await.unwrap().items.len(), 1);
    assert_clean(&sim);
}

#[tokio::test]
async fn a_clock_that_is_stopped_shows_the_same_dates_in_every_run() {
    let (sim, admin, client) = served().await;
    admin.ask("POST", "/clock", &json!({ "running": false })).await;
    admin.ask("POST", "/reset", &Value::Null).await;
    client.groups().list().await.unwrap();
    admin.ask("POST", "/clock", &json!({ "advance": 1.5 })).await;
    client.groups().list().await.unwrap();
    let expected = "    0.000s ada GET /v1.0/groups -> 200 groups.list\n    1.500s ada GET /v1.0/groups -> 200 groups.list\n";
    assert_eq!(admin.get("/journal").await, expected);
    let clock = json!({ "now": "2026-01-05T08:00:01Z", "elapsedSeconds": 1.5, "running": false });
    assert_eq!(admin.get("/clock").await, clock);
    assert_clean(&sim);
}

#[tokio::test]
async fn the_state_and_the_journal_can_be_read_and_reset() {
    let (sim, admin, client) = served().await;
    let _operation = client.communities().create(pilots()).await.unwrap();
    let counts = admin.get("/state").await["counts"].clone();
    for (name, expected) in
        [("users", 2), ("groups", 1), ("memberships", 2), ("ownerships", 1), ("operations", 1)]
    {
        assert_eq!(counts[name], expected, "{name} of {counts}");
    }
    let line = "ada POST /v1.0/employeeExperience/communities -> 202 communities.create";
    assert!(admin.get("/journal").await.as_str().unwrap().contains(line));
    let journal = admin.get("/journal.json").await;
    let entry = &journal["entries"][0];
    assert_eq!((&entry["operation"], &entry["status"]), (&json!("communities.create"), &json!(202)));

    assert_eq!(admin.ask("DELETE", "/journal", &Value::Null).await.0, 204);
    assert_eq!(admin.get("/state").await["counts"]["requests"], 0);
    let crew = sim.group_id("Crew").unwrap();
    client.groups().delete(&crew).await.unwrap();
    admin.ask("POST", "/clock", &json!({ "advance": 3_600 })).await;
    assert_eq!(admin.ask("POST", "/reset", &Value::Null).await.0, 204);
    let state = admin.get("/state").await;
    assert_eq!((&state["counts"]["groups"], &state["counts"]["operations"]), (&json!(1), &json!(0)));
    assert!(state["clock"]["elapsedSeconds"].as_f64().unwrap() < 3_600.0, "{state}");
    assert_eq!(client.groups().list().await.unwrap().items.len(), 1, "the token is still good");
}

#[tokio::test]
async fn a_fault_can_be_ordered() {
    let (_sim, admin, client) = served().await;
    let fault =
        json!({ "operation": "groups.*", "kind": "respond", "status": 502, "body": "<p>", "times": 1 });
    assert_eq!(admin.ask("POST", "/faults", &fault).await.0, 201);
    assert_eq!(admin.get("/faults").await["faults"].as_array().unwrap().len(), 1);
    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 502));
    client.groups().list().await.unwrap();
    assert_eq!(admin.get("/faults").await, json!({ "faults": [] }), "one that is used up is no longer told");
    admin.ask("POST", "/faults", &json!({ "operation": "*", "kind": "respond", "status": 503 })).await;
    assert_eq!(admin.ask("DELETE", "/faults", &Value::Null).await.0, 204);
    client.groups().list().await.unwrap();
}

#[tokio::test]
async fn another_tenant_can_be_loaded_and_its_traffic_taken_away() {
    let (sim, admin, client) = served().await;
    let scenario = "users:\n  - name: ada\ngroups:\n  - name: Pilots\n    owners: [ada]\n";
    let (status, answer) = admin.send(&admin.address, "POST", "/scenario", scenario).await;
    assert_eq!((status, answer.as_str()), (204, ""));
    let groups = client.groups().list().await.unwrap().items;
    assert_eq!(groups[0].display_name.as_deref(), Some("Pilots"));
    let archive = admin.get("/journal.har").await;
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 1);

    assert_eq!(admin.ask("POST", "/weather", &json!({ "seed": 7, "worse": 20 })).await.0, 204);
    for _ in 0..20 {
        client.groups().list().await.ok();
    }
    let noted = |sim: &Sim| sim.journal().to_string().matches("weather: ").count();
    let met = noted(&sim);
    assert!(met > 0, "twenty times as bad");
    assert_eq!(admin.ask("POST", "/weather", &json!({})).await.0, 204);
    client.groups().list().await.unwrap();
    assert_eq!(noted(&sim), met);

    assert_eq!(admin.ask("POST", "/reset", &Value::Null).await.0, 204);
    let groups = client.groups().list().await.unwrap().items;
    assert_eq!(groups[0].display_name.as_deref(), Some("Pilots"), "the tenant that was loaded");
    let (status, answer) = admin.send(&admin.address, "POST", "/scenario", "user: []\n").await;
    assert!(status == 400 && answer.contains("did you mean"), "{answer}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let (_sim, admin, _client) = served().await;
    for (method, path, body, status, words) in [
        ("POST", "/clock", json!({ "advance": -1 }), 400, "'advance' must be a number of seconds"),
        ("POST", "/clock", json!({ "advance": 1.8e19 }), 400, "to 3153600000 (a hundred years)"),
        ("POST", "/clock", json!({ "seconds": 1 }), 400, "unknown field `seconds`"),
        (
            "POST",
            "/faults",
            json!({ "operation": "*", "kind": "delay", "seconds": 1.8e19 }),
            400,
            "'seconds' must be",
        ),
        ("POST", "/faults", json!({ "operation": "*", "kind": "explode" }), 400, "unknown variant `explode`"),
        ("POST", "/tokens", json!({ "user": "bob" }), 400, "no user 'bob'"),
        ("POST", "/sign-ins/ABC", json!({ "user": "ada" }), 400, "the code 'ABC'"),
        ("GET", "/nowhere", Value::Null, 404, "GET / lists"),
    ] {
        let (is, answer) = admin.ask(method, path, &body).await;
        assert_eq!(is, status, "{path} {body}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{path} {body}: {answer}");
    }
    let (status, _) = admin.send("evil.example", "GET", "/journal", "").await;
    assert_eq!(status, 421, "a page in a browser comes under another name");
    assert!(admin.get("/").await.as_str().unwrap().contains("POST   /clock"));
}

#[tokio::test]
async fn no_page_of_another_origin_changes_anything() {
    let (sim, admin, client) = served().await;
    let host = format!("Host: {}\r\n", admin.address);
    let body = r#"{"operation":"*","kind":"respond","status":503}"#;
    // What a browser sends for any page without asking first, and what it asks.
    for (method, headers, status, words) in [
        (
            "POST",
            "Origin: https://evil.example\r\nContent-Type: text/plain\r\n",
            403,
            "'https://evil.example'",
        ),
        ("POST", "Origin: null\r\nContent-Type: application/json\r\n", 403, "'Origin'"),
        ("POST", "Content-Type: text/plain\r\n", 415, "Content-Type: application/json"),
        (
            "OPTIONS",
            "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n",
            403,
            "'Origin'",
        ),
    ] {
        let (is, answer) = admin.send_with(method, "/faults", &format!("{host}{headers}"), body).await;
        assert!(is == status && answer.contains(words), "{method} {headers}: {is} {answer}");
        let (is, _) = admin.send_with(method, "/reset", &format!("{host}{headers}"), "").await;
        assert_eq!(is, if status == 415 { 204 } else { 403 }, "{method} {headers}");
    }
    assert_eq!(admin.get("/faults").await, json!({ "faults": [] }));
    client.groups().list().await.unwrap();
    let own = format!("{host}Origin: http://{}\r\nContent-Type: application/json\r\n", admin.address);
    assert_eq!(admin.send_with("POST", "/faults", &own, body).await.0, 201);
    assert_clean(&sim);
}
