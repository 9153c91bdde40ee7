//! A service that keeps contents, for tests and measurements: as much of it as a run sees, and nothing of the client's.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tower_service::Service;

/// Clones are the same service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// The contents by their external ids, as they were sent.
    pub(crate) held: BTreeMap<String, Box<RawValue>>,
    /// How often each was sent.
    pub(crate) writes: HashMap<String, u32>,
    pub(crate) deletions: u32,
    /// How many requests came, an envelope counted once.
    pub(crate) requests: u64,
    /// How many came in envelopes, or alone.
    pub(crate) items: u64,
    /// So many items are answered, and then as many are refused as the second says, for so many seconds; in turn.
    pub(crate) refusals: VecDeque<(u64, u64, u64)>,
    /// Answered with this status wherever the key begins with `!`.
    pub(crate) status: u16,
    pub(crate) latency: Duration,
    /// Remembers no content, so that memory is the client's alone.
    pub(crate) forgets: bool,
    /// Every request so far, if somebody wants them.
    pub(crate) tape: Option<Vec<Request<Bytes>>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    requests: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    id: &'a str,
    method: &'a str,
    url: &'a str,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// A status, seconds to wait, and a body.
type Answer = (u16, Option<u64>, Option<String>);

impl Contents {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = self.state();
        state.requests += 1;
        if !request.uri().path().ends_with("/$batch") {
            let body = str::from_utf8(request.body()).ok().and_then(|text| serde_json::from_str(text).ok());
            let (status, wait, body) = state.item(request.method().as_str(), request.uri().path(), body);
            let mut response = Response::builder().status(status).header("content-type", "application/json");
            if let Some(wait) = wait {
                response = response.header("retry-after", wait);
            }
            return response.body(body.unwrap_or_default().into()).unwrap();
        }
        let envelope: Envelope<'_> = serde_json::from_slice(request.body()).unwrap();
        assert!(envelope.requests.len() <= 20, "an envelope takes 20");
        let mut body = String::from(r#"{"responses":["#);
        for (position, item) in envelope.requests.iter().enumerate() {
            let (status, wait, content) = state.item(item.method, item.url, item.body);
            let comma = if position == 0 { "" } else { "," };
            let headers = wait.map_or(String::new(), |wait| format!(r#","Retry-After":"{wait}""#));
            let content = content.map_or(String::new(), |content| format!(r#","body":{content}"#));
            let _ = write!(
                body,
                r#"{comma}{{"id":"{}","status":{status},"headers":{{"Content-Type":"application/json"{headers}}}{content}}}"#,
                item.id
            );
        }
        body += "]}";
        Response::builder().status(200).header("content-type", "application/json").body(body.into()).unwrap()
    }
}

impl State {
    /// What is held of a content, as JSON.
    #[allow(dead_code, reason = "measurements count")]
    pub(crate) fn content(&self, key: &str) -> Option<Value> {
        self.held.get(key).map(|content| serde_json::from_str(content.get()).unwrap())
    }

    fn item(&mut self, method: &str, path: &str, body: Option<&RawValue>) -> Answer {
        self.items += 1;
        if let Some((answered, refused, wait)) = self.refusals.front_mut() {
            if *answered > 0 {
                *answered -= 1;
            } else if *refused > 0 {
                *refused -= 1;
                return (429, Some(*wait), Some(error("TooManyRequests")));
            } else {
                self.refusals.pop_front();
            }
        }
        let Some((_, key)) = path.split_once("(externalId='") else {
            let value: Vec<_> = self.held.values().collect();
            return (200, None, Some(json!({ "value": value }).to_string()));
        };
        let key = key.trim_end_matches("')").replace("%20", " ").replace("''", "'");
        if key.starts_with('!') {
            return (self.status, None, Some(error("badRequest")));
        }
        match (method, body) {
            ("PATCH", Some(body)) if self.forgets => (202, None, Some(body.get().to_owned())),
            ("PATCH", Some(body)) => {
                *self.writes.entry(key.clone()).or_default() += 1;
                self.held.insert(key, body.to_owned());
                (202, None, Some(body.get().to_owned()))
            }
            ("DELETE", _) if self.held.remove(&key).is_some() => {
                self.deletions += 1;
                (204, None, None)
            }
            ("GET", _) if self.held.contains_key(&key) => (200, None, Some(self.held[&key].get().to_owned())),
            _ => (404, None, Some(error("notFound"))),
        }
    }
}

fn error(code: &str) -> String {
    json!({"error": {"code": code, "message": "no"}}).to_string()
}

impl Service<Request<Bytes>> for Contents {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// The service acts after half of the latency, whether anybody still listens or not.
    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (service, half) = (self.clone(), self.state().latency / 2);
        Box::pin(async move {
            if let Some(tape) = &mut service.state().tape {
                tape.push(request.clone());
            }
            tokio::time::sleep(half).await;
            let response = service.answer(&request);
            tokio::time::sleep(half).await;
            Ok(response)
        })
    }
}
