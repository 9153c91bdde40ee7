use std::error::Error as _;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use graph_runtime::{BoxFuture, Cloud};
use graph_things::models::Thing;
use graph_things::operations;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use crate::testing::{FakeCredential, ROOT, Reply, SECRET, Script};
use crate::{
    BoxError, CallContext, Client, Error, ErrorCode, ErrorKind, ForeignAddress, Middleware, StandardRetry,
    StaticToken, Token, TokenProvider, TokenRequest, Transport, TransportError,
};

mod extremes;

async fn read(client: &Client) -> Result<Thing, Error> {
    client.things().get("c1").send().await
}

async fn write(client: &Client) -> Result<crate::Operation<Thing>, Error> {
    client.things().create(graph_things::models::NewThing::new("Pilots")).send().await
}

fn found() -> Reply {
    Reply::json(json!({"id": "c1"}))
}

#[tokio::test(start_paused = true)]
async fn every_request_has_the_headers_that_graph_wants_and_no_others() {
    let script = Script::new([found()]);
    script.builder().user_agent("pilots/1.2").build().unwrap().things().get("c1").await.unwrap();
    let request = &script.requests()[0];
    let headers = request.headers();
    assert_eq!(request.uri().to_string(), format!("{ROOT}/things/c1"));
    assert_eq!(headers["authorization"], format!("Bearer {SECRET}"));
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["prefer"], "include-unknown-enum-members");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("pilots/1.2 graph-client/"));
    assert_eq!(headers["client-request-id"].len(), 36);
    assert!(!headers.contains_key("api-version"));
    assert_eq!(headers.len(), 5, "{headers:?}");
}

#[tokio::test(start_paused = true)]
async fn a_callers_prefer_is_kept() {
    let script = Script::new([found()]);
    let prefer = HeaderValue::from_static("return=minimal");
    script.client().things().get("c1").header(super::headers::PREFER, prefer).await.unwrap();
    assert_eq!(script.requests()[0].headers()["prefer"], "return=minimal, include-unknown-enum-members");
}

/// A credential that must not be asked.
#[derive(Debug)]
pub(super) struct Untouchable;

impl TokenProvider for Untouchable {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        panic!("a token was asked for {}", request.operation().id)
    }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_address_is_refused_before_a_token_is_asked_for() {
    let script = Script::new([]);
    let client = script.builder().credential(Untouchable).build().unwrap();
    for address in [
        "https://graph.microsoft.com.evil.example/v1.0/things",
        "https://user@graph.microsoft.com/v1.0/things",
        "http://graph.microsoft.com/v1.0/things",
        "https://graph.microsoft.com/other/things",
    ] {
        let url = Url::parse(address).unwrap();
        let (headers, terms) = (HeaderMap::new(), client.terms());
        let error = client.pipeline.get(&operations::PARTS_LIST, &url, &headers, &terms).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{address}");
        assert!(error.source().unwrap().is::<ForeignAddress>(), "{address}");
        assert!(!error.maybe_processed());
    }
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_the_cloud_lacks_is_refused_with_the_clouds_that_have_it() {
    let script = Script::new([]);
    let client = script.builder().credential(Untouchable).cloud(Cloud::UsGov).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let expected =
        "things.get: nothing was sent: US Government L4 does not offer this; the global cloud does";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_waited_out_with_the_same_id() {
    let script = Script::new([Reply::new(429).header("Retry-After", "2.128"), found()]);
    let start = Instant::now();
    let response = script.client().things().get("c1").send_full().await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_millis(2_128));
    assert_eq!(response.attempts(), 2);
    assert_eq!(response.request_id(), Some("r-1"));
    let requests = script.requests();
    assert_eq!(requests[0].headers()["client-request-id"], requests[1].headers()["client-request-id"]);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_past_the_time_limit_is_reported_at_once_and_parks_the_quota() {
    let script = Script::new([Reply::new(429).header("Retry-After", "1000"), found()]);
    let client = script.client();
    let start = Instant::now();
    let error = read(&client).await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(1000))));
    assert_eq!(error.retry_at(), Some(client.clock().now() + Duration::from_secs(1000)));

    let parked = read(&client).await.unwrap_err();
    assert!(parked.is_throttled());
    assert_eq!((parked.attempts(), parked.status()), (0, None));
    assert_eq!(start.elapsed(), Duration::ZERO);

    tokio::time::sleep(Duration::from_secs(1000)).await;
    read(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_kind_is_the_cause_after_retries_ran_out() {
    let script = Script::new((0..4).map(|_| Reply::new(429)));
    let error = read(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.retry_at()), (ErrorKind::Throttled, 4, None));
}

#[tokio::test(start_paused = true)]
async fn a_creation_is_never_sent_twice_if_it_may_have_been_done() {
    for ambiguous in [
        Reply::new(504),
        Reply::new(503),
        Reply::failing(TransportError::lost("reset by peer")),
        Reply::new(202).after(Duration::from_secs(61)),
    ] {
        let script = Script::new([ambiguous]);
        let error = write(&script.client()).await.unwrap_err();
        assert!(error.maybe_processed(), "{error}");
        assert_eq!((error.attempts(), script.requests().len()), (1, 1), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_is_sent_again_after_any_passing_trouble() {
    let script = Script::new([
        Reply::new(504),
        Reply::failing(TransportError::lost("reset by peer")),
        Reply::failing(TransportError::connect("refused")),
        found(),
    ]);
    read(&script.client()).await.unwrap();
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let refused = || Reply::failing(TransportError::connect("refused"));
    let script = Script::new([Reply::new(504), refused(), refused(), refused()]);
    let error = script.client().things().delete("c1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    assert!(error.maybe_processed());
}

/// A transport that never answers.
struct Silent;

impl Transport for Silent {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(pending())
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_at_the_timeout() {
    let client =
        Client::builder().credential(FakeCredential).transport(Silent).timeout(Duration::from_secs(5));
    let client = client.retry(StandardRetry::default().attempts(2)).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::Timeout, 2, None));
}

#[tokio::test(start_paused = true)]
async fn a_failure_without_an_answer_has_no_status() {
    let script = Script::new([Reply::failing(TransportError::lost("reset by peer"))]);
    let error = write(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Connect, None, None));
    assert_eq!(error.operation(), Some("things.create"));
    assert!(error.message().ends_with("before the answer was complete: reset by peer"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_gateways_page_is_quoted() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let script = Script::new((0..4).map(|_| Reply::new(502).body(page)));
    let error = read(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 502));
    assert_eq!(error.message(), page);
    assert_eq!(error.body(), page.as_bytes());
    assert_eq!(error.request_id(), Some("r-1"));
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_success_keeps_what_is_known_of_it() {
    let script = Script::new([Reply::new(200).body("{\"id\": 7}")]);
    let error = read(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Decode, 200));
    assert_eq!((error.request_id(), error.attempts()), (Some("r-1"), 1));
    assert_eq!(&error.body()[..], b"{\"id\": 7}");
    assert!(error.message().contains("Thing.id"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed() {
    let script = Script::new([Reply::new(302).header("Location", "https://evil.example/")]);
    let error = read(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Service, "redirects are not followed"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_an_auth_error() {
    let script = Script::new([Reply::error(401, "invalidauthenticationtoken", "expired")]);
    let error = read(&script.client()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Auth, Some(&ErrorCode::InvalidAuthenticationToken)));
}

/// A credential that fails.
#[derive(Debug)]
struct Broken;

impl TokenProvider for Broken {
    fn token<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(ready(Err("az login has expired".into())))
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_fails_ends_the_call_unsent() {
    let script = Script::new([]);
    let error = read(&script.builder().credential(Broken).build().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 0));
    assert!(error.to_string().contains("az login has expired"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_printed() {
    let script = Script::new([Reply::error(403, "Forbidden", "no")]);
    let client = script.builder().credential(StaticToken::new(SECRET)).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert!(!format!("{client:?} {error:?} {error} {:?}", script.requests()).contains(SECRET));

    let client = script.builder().credential(StaticToken::new(format!("{SECRET}\n"))).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!format!("{error:?} {error}").contains(SECRET));
}

/// Notes when it is called, and whether the token is there yet.
#[derive(Clone, Debug, Default)]
struct Notes(&'static str, Arc<Mutex<Vec<String>>>);

impl Middleware for Notes {
    fn on_request(&self, context: &CallContext<'_>, headers: &mut HeaderMap) -> Result<(), BoxError> {
        let token = if headers.contains_key(header::AUTHORIZATION) { " with token" } else { "" };
        self.1.lock().unwrap().push(format!("{} out {}{token}", self.0, context.attempt));
        headers.insert("x-note", HeaderValue::from_static(self.0));
        Ok(())
    }

    fn on_response(&self, context: &CallContext<'_>, response: &Response<Bytes>) {
        self.1.lock().unwrap().push(format!(
            "{} in {} {}",
            self.0,
            context.attempt,
            response.status().as_u16()
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn stages_run_in_their_order() {
    let notes = Notes::default();
    let named = |name| Notes(name, Arc::clone(&notes.1));
    let script = Script::new([Reply::new(503).header("Retry-After", "1"), found()]);
    let builder = script.builder().call_middleware(named("first")).call_middleware(named("second"));
    read(&builder.attempt_middleware(named("attempt")).build().unwrap()).await.unwrap();
    let expected = [
        "first out 0",
        "second out 0",
        "attempt out 1 with token",
        "attempt in 1 503",
        "attempt out 2 with token",
        "attempt in 2 200",
        "second in 0 200",
        "first in 0 200",
    ];
    assert_eq!(*notes.1.lock().unwrap(), expected);
    assert_eq!(script.requests()[0].headers()["x-note"], "attempt");
}

#[derive(Debug)]
struct Refusing;

impl Middleware for Refusing {
    fn on_request(&self, _: &CallContext<'_>, _: &mut HeaderMap) -> Result<(), BoxError> {
        Err("outside of office hours".into())
    }
}

#[tokio::test(start_paused = true)]
async fn middleware_can_refuse_and_its_slot_is_given_back() {
    let script = Script::new([found()]);
    let refusing = script.builder().attempt_middleware(Refusing).build().unwrap();
    for _ in 0..20 {
        let error = refusing.things().update("c1", Thing::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
    }
    assert!(script.requests().is_empty());
}

#[test]
fn a_client_without_a_credential_is_refused_with_the_remedy() {
    let error = Client::builder().build().unwrap_err();
    assert!(error.to_string().contains("`.credential("), "{error}");
    let error = Client::builder().credential(FakeCredential).root("http://example.com").build().unwrap_err();
    assert!(error.to_string().contains("in the clear"), "{error}");
}
