//! A transport that answers from a script, for the tests of this crate and of `graph-facade`, which includes this file.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use graph_runtime::{BoxFuture, OperationInfo};
use http::{Request, Response};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use crate::{BoxError, Client, ClientBuilder, Clock, Token, TokenProvider, TokenRequest, TransportError};

pub(crate) const ROOT: &str = "https://graph.microsoft.com/v1.0";
pub(crate) const SECRET: &str = "s3cr3t-t0k3n";

/// A row of an operation that is in no table, of v1.0 alone.
pub(crate) const THINGS: OperationInfo =
    OperationInfo::new("things.get", "things_get", "GET", "/things").success(&[200]);

/// When the clocks of tests start.
pub(crate) fn start_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

/// What the script says about one request: the answer, and how long it takes.
#[derive(Debug)]
pub(crate) struct Reply {
    outcome: Result<Response<Bytes>, TransportError>,
    latency: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        let response = Response::builder().status(status).header("request-id", "r-1").body(Bytes::new());
        Self { outcome: Ok(response.unwrap()), latency: Duration::ZERO }
    }

    #[allow(clippy::needless_pass_by_value, reason = "the argument is always a `json!`")]
    pub(crate) fn json(body: Value) -> Self {
        Self::new(200).body(body.to_string())
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(status).body(serde_json::json!({"error": {"code": code, "message": message}}).to_string())
    }

    pub(crate) fn failing(error: TransportError) -> Self {
        Self { outcome: Err(error), latency: Duration::ZERO }
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.outcome.as_mut().unwrap().body_mut() = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.outcome.as_mut().unwrap().headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn after(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }
}

/// When a request was sent, and the request.
type Sent = (Instant, Request<Bytes>);

/// A transport that gives the replies of a script in order, and remembers what was sent and when.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = replies.into_iter().collect();
        Self { replies: Arc::new(Mutex::new(replies)), seen: Arc::default() }
    }

    /// A client over this transport, for tests that set more.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .credential(FakeCredential)
            .transport(self.clone())
            .clock(Clock::starting_at(start_time()))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().iter().map(|(_, request)| request.clone()).collect()
    }

    /// `METHOD address` of every request.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }

    /// When the requests were sent, in whole seconds after `start`.
    pub(crate) fn seconds_since(&self, start: Instant) -> Vec<u64> {
        self.seen.lock().unwrap().iter().map(|(sent, _)| (*sent - start).as_secs()).collect()
    }
}

impl Service<Request<Bytes>> for Script {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Response<Bytes>, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let line = format!("{} {}", request.method(), request.uri());
        self.seen.lock().unwrap().push((Instant::now(), request));
        let reply = self.replies.lock().unwrap().pop_front();
        let Reply { outcome, latency } = reply.unwrap_or_else(|| panic!("the script has no reply to {line}"));
        Box::pin(async move {
            sleep(latency).await;
            outcome
        })
    }
}

/// A credential whose token must show up nowhere.
#[derive(Debug)]
pub(crate) struct FakeCredential;

impl TokenProvider for FakeCredential {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        assert_eq!(request.scope(), "https://graph.microsoft.com/.default");
        Box::pin(ready(Ok(Token::new(SECRET))))
    }
}
