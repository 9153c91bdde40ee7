//! A recording as a service that answers from it, and from nothing else.

use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::Value;
use tower_service::Service;

use super::archive::{self, Exchange, Named, PostData};
use super::redact::{as_pattern, is_redacted};
use crate::error::ConnectionLost;
use crate::pattern;

/// Headers that belong to the connection on which a recording was made.
const OF_CONNECTION: [&str; 5] =
    ["connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"];

/// Answers requests as they were recorded; a [`tower_service::Service`], made by [`Har::replay`](super::Har::replay).
///
/// Requests must come in the recorded order, each with the method, path, query and body that was recorded. The order of the
/// parts of a query and of a JSON object's properties is free, as are headers and host; what was redacted may be anything.
/// Addresses in answers lead to the host of the request. Clones play the same recording.
///
/// ```
/// use bytes::Bytes;
/// use graph_sim::{Har, Sim};
/// use tower_service::Service as _;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Sim::builder().group("Pilots", ["ada"]).build();
/// let list = |token: String| http::Request::get("https://graph.microsoft.com/v1.0/groups")
///     .header("Authorization", format!("Bearer {token}"))
///     .body(Bytes::new());
/// let answer = sim.transport().call(list(sim.token("ada"))?).await?;
///
/// let recording: String = sim.journal().to_har().to_string();
/// let mut replay = Har::parse(&recording)?.replay();
/// assert_eq!(replay.call(list("any".to_owned())?).await?.status(), answer.status());
/// replay.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Replay {
    state: Arc<Mutex<State>>,
}

struct State {
    exchanges: Vec<Exchange>,
    next: usize,
    departed: Option<Departure>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} exchanges played", self.next, self.exchanges.len())
    }
}

/// Why a replayed request has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The requests departed from the recording. Everything after that is refused too.
    #[error(transparent)]
    Departed(#[from] Departure),
    /// The connection was lost, as it was when it was recorded.
    #[error(transparent)]
    Lost(#[from] ConnectionLost),
    /// Requests of the recording didn't come.
    #[error("the recording goes on: {left} requests didn't come; the next is {next}")]
    Unfinished {
        /// How many didn't come.
        left: usize,
        /// Method and path of the first that didn't.
        next: String,
    },
}

/// Where requests departed from a recording: both sides, and the first difference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Departure {
    /// Which request it was, from one.
    pub number: usize,
    /// What was recorded; nothing if the recording was over.
    pub recorded: Option<String>,
    /// What came.
    pub came: String,
    /// In what they differ.
    pub difference: String,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, recorded, came, difference } = self;
        writeln!(f, "request {number} departs from the recording: {difference}")?;
        writeln!(f, "--- recorded\n{}", recorded.as_deref().unwrap_or("(nothing: the recording is over)"))?;
        write!(f, "--- came\n{came}")
    }
}

impl std::error::Error for Departure {}

impl Replay {
    pub(super) fn new(exchanges: Vec<Exchange>) -> Self {
        Self { state: Arc::new(Mutex::new(State { exchanges, next: 0, departed: None })) }
    }

    /// Checks that all of the recording was played.
    ///
    /// # Errors
    ///
    /// The first departure, or what didn't come.
    pub fn finish(&self) -> Result<(), ReplayError> {
        let state = self.state();
        if let Some(departure) = &state.departed {
            return Err(departure.clone().into());
        }
        let left = &state.exchanges[state.next..];
        left.first().map_or(Ok(()), |first| {
            let next = format!("{} {}", first.request.method, target(&first.request.url));
            Err(ReplayError::Unfinished { left: left.len(), next })
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service<Request<Bytes>> for Replay {
    type Response = Response<Bytes>;
    type Error = ReplayError;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        ready(self.state().answer(&request))
    }
}

impl State {
    fn answer(&mut self, request: &Request<Bytes>) -> Result<Response<Bytes>, ReplayError> {
        if let Some(departure) = &self.departed {
            return Err(departure.clone().into());
        }
        let recorded = self.exchanges.get(self.next);
        let difference = match recorded {
            None => Some("it is one too many".to_owned()),
            Some(exchange) => difference(exchange, request),
        };
        let number = self.next + 1;
        if let Some(difference) = difference {
            let recorded = recorded.map(|it| show(&it.request.method, target(&it.request.url), text_of(it)));
            let body = String::from_utf8_lossy(request.body());
            let came = show(request.method().as_str(), target(&request.uri().to_string()), &body);
            let departure = Departure { number, recorded, came, difference };
            self.departed = Some(departure.clone());
            return Err(departure.into());
        }
        self.next = number;
        recorded.map_or(Err(ConnectionLost.into()), |exchange| play(exchange, request))
    }
}

fn play(exchange: &Exchange, request: &Request<Bytes>) -> Result<Response<Bytes>, ReplayError> {
    let recorded = &exchange.response;
    let Some(status) =
        Some(recorded.status).filter(|it| *it > 0).and_then(|it| StatusCode::from_u16(it).ok())
    else {
        return Err(ConnectionLost.into());
    };
    let (from, to) = (origin(&exchange.request.url), host_of(request));
    let moved = |text: &str| match &to {
        Some(to) if !from.is_empty() => text.replace(from, to),
        _ => text.to_owned(),
    };
    let mut response = Response::new(if recorded.content.encoding.is_some() {
        recorded.content.bytes()
    } else {
        Bytes::from(moved(&recorded.content.text))
    });
    *response.status_mut() = status;
    for Named { name, value } in &recorded.headers {
        if OF_CONNECTION.iter().any(|it| name.eq_ignore_ascii_case(it)) {
            continue;
        }
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::from_str(&moved(value)))
        {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// Scheme and host of a request; a server sees none.
fn host_of(request: &Request<Bytes>) -> Option<String> {
    let uri = request.uri();
    if let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) {
        return Some(format!("{scheme}://{authority}"));
    }
    let host = request.headers().get(http::header::HOST)?.to_str().ok()?;
    Some(format!("http://{host}"))
}

fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find('/').map_or(url, |at| &url[..start + at])
}

/// Path and query of an address.
fn target(url: &str) -> String {
    let rest = url.strip_prefix(origin(url)).unwrap_or(url);
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

fn text_of(exchange: &Exchange) -> &str {
    exchange.request.post_data.as_ref().map_or("", |data| data.text.as_str())
}

/// In what a request differs from the recorded one first.
fn difference(exchange: &Exchange, request: &Request<Bytes>) -> Option<String> {
    let recorded = &exchange.request;
    if recorded.method != request.method().as_str() {
        return Some(format!("the method is {}, not {}", request.method(), recorded.method));
    }
    let (expected, came) = (target(&recorded.url), target(&request.uri().to_string()));
    let path = |target: &str| {
        target.split('?').next().unwrap_or_default().split('/').map(archive::decode).collect::<Vec<_>>()
    };
    let (expected_path, came_path) = (path(&expected), path(&came));
    let is_same = |(expected, came): (&String, &String)| is_match(expected, came);
    if expected_path.len() != came_path.len() || !expected_path.iter().zip(&came_path).all(is_same) {
        return Some("the path is another".to_owned());
    }
    difference_of_queries(archive::query(&expected), archive::query(&came))
        .or_else(|| difference_of_bodies(recorded.post_data.as_ref(), request.body()))
}

fn difference_of_queries(mut expected: Vec<Named>, mut came: Vec<Named>) -> Option<String> {
    for parts in [&mut expected, &mut came] {
        parts.sort_by(|one, other| (&one.name, &one.value).cmp(&(&other.name, &other.value)));
    }
    let lacks = |name: &str, of: &[Named]| !of.iter().any(|part| part.name == name);
    if let Some(part) = expected.iter().find(|part| lacks(&part.name, &came)) {
        return Some(format!("the query has no '{}'", part.name));
    }
    if let Some(part) = came.iter().find(|part| lacks(&part.name, &expected)) {
        return Some(format!("the query has '{}' too", part.name));
    }
    let differs = |(expected, came): &(&Named, &Named)| !is_match(&expected.value, &came.value);
    let first = expected.iter().zip(&came).find(differs);
    first.map(|(expected, came)| format!("'{}' is {}, not {}", came.name, came.value, expected.value))
}

fn difference_of_bodies(recorded: Option<&PostData>, came: &Bytes) -> Option<String> {
    let recorded = recorded.map_or("", |data| data.text.as_str());
    match (serde_json::from_str(recorded), serde_json::from_slice(came)) {
        (Ok(expected), Ok(came)) => difference_of_json(&expected, &came, ""),
        _ if is_match(recorded, &String::from_utf8_lossy(came)) => None,
        _ => Some("the body is another".to_owned()),
    }
}

/// Where two values differ first.
fn difference_of_json(expected: &Value, came: &Value, pointer: &str) -> Option<String> {
    let place = if pointer.is_empty() { "the body" } else { pointer };
    match (expected, came) {
        (Value::Object(expected), Value::Object(came)) => {
            if let Some(name) = expected.keys().find(|name| !came.contains_key(*name)) {
                return Some(format!("{place} has no '{name}'"));
            }
            if let Some(name) = came.keys().find(|name| !expected.contains_key(*name)) {
                return Some(format!("{place} has '{name}' too"));
            }
            expected.iter().find_map(|(name, value)| {
                difference_of_json(value, came.get(name)?, &format!("{pointer}/{name}"))
            })
        }
        (Value::Array(expected), Value::Array(came)) if expected.len() == came.len() => {
            let mut pairs = expected.iter().zip(came).enumerate();
            pairs.find_map(|(at, (expected, came))| {
                difference_of_json(expected, came, &format!("{pointer}/{at}"))
            })
        }
        (Value::String(expected), Value::String(came)) if is_match(expected, came) => None,
        _ if expected == came => None,
        _ => Some(format!("{place} is {came}, not {expected}")),
    }
}

/// Whether a text is what was recorded; what was redacted may be anything.
fn is_match(recorded: &str, came: &str) -> bool {
    if is_redacted(recorded) { pattern::matches(&as_pattern(recorded), came) } else { recorded == came }
}

fn show(method: &str, target: impl fmt::Display, body: &str) -> String {
    let json = serde_json::from_str::<Value>(body).and_then(|json| serde_json::to_string_pretty(&json));
    let body = json.unwrap_or_else(|_| body.to_owned());
    let line = format!("{method} {target}");
    if body.is_empty() { line } else { format!("{line}\n{body}") }
}
