//! A recording as a service that answers from it, and from nothing else.

use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use tower_service::Service;

use super::archive::{self, Exchange, Named, PostData};
use super::redact::{as_pattern, is_placeholder, is_redacted};
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

/// Path and query of an address; no server sees a fragment.
fn target(url: &str) -> String {
    let rest = url.strip_prefix(origin(url)).unwrap_or(url);
    let rest = rest.split('#').next().unwrap_or_default();
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

fn text_of(exchange: &Exchange) -> &str {
    exchange.request.post_data.as_ref().map_or("", |data| data.text.as_str())
}

/// In what a request differs from the recorded one first.
fn difference(exchange: &Exchange, request: &Request<Bytes>) -> Option<String> {
    let recorded = &exchange.request;
    if !is_match(&recorded.method, request.method().as_str()) {
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
    difference_of_queries(&archive::query(&expected), archive::query(&came))
        .or_else(|| difference_of_bodies(recorded.post_data.as_ref(), request.body()))
}

fn difference_of_queries(expected: &[Named], mut came: Vec<Named>) -> Option<String> {
    let lacks = |name: &str, of: &[Named]| !of.iter().any(|part| part.name == name);
    // What may be anything takes what the others leave.
    let (redacted, plain): (Vec<&Named>, Vec<&Named>) =
        expected.iter().partition(|part| is_redacted(&part.name));
    let (wide, exact): (Vec<&Named>, Vec<&Named>) =
        plain.iter().copied().partition(|part| is_redacted(&part.value));
    if let Some(part) = plain.iter().find(|part| lacks(&part.name, &came)) {
        return Some(format!("the query has no '{}'", part.name));
    }
    for part in exact.into_iter().chain(wide) {
        let has_its_name = |it: &Named| it.name == part.name;
        match came.iter().position(|it| has_its_name(it) && is_match(&part.value, &it.value)) {
            Some(at) => drop(came.remove(at)),
            None => {
                let other = came.into_iter().find(has_its_name)?;
                return Some(format!("'{}' is {}, not {}", part.name, other.value, part.value));
            }
        }
    }
    for part in redacted {
        let fits = |it: &Named| is_match(&part.name, &it.name) && is_match(&part.value, &it.value);
        match came.iter().position(fits) {
            Some(at) => drop(came.remove(at)),
            None => return Some(format!("the query has no '{}'", part.name)),
        }
    }
    came.first().map(|part| format!("the query has '{}' too", part.name))
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
        (Value::Object(expected), Value::Object(came)) => difference_of_objects(expected, came, pointer),
        (Value::Array(expected), Value::Array(came)) if expected.len() == came.len() => {
            let mut pairs = expected.iter().zip(came).enumerate();
            pairs.find_map(|(at, (expected, came))| {
                difference_of_json(expected, came, &format!("{pointer}/{at}"))
            })
        }
        (Value::String(expected), Value::String(came)) if is_match(expected, came) => None,
        // A number that was taken out.
        (Value::String(expected), Value::Number(_)) if is_placeholder(expected) => None,
        _ if expected == came => None,
        _ => Some(format!("{place} is {came}, not {expected}")),
    }
}

fn difference_of_objects(
    expected: &Map<String, Value>,
    came: &Map<String, Value>,
    pointer: &str,
) -> Option<String> {
    let place = if pointer.is_empty() { "the body" } else { pointer };
    let (redacted, plain): (Vec<_>, Vec<_>) = expected.iter().partition(|(name, _)| is_redacted(name));
    if let Some((name, _)) = plain.iter().find(|(name, _)| !came.contains_key(*name)) {
        return Some(format!("{place} has no '{name}'"));
    }
    let of = |name: &str, value: &Value, came: &Value| {
        difference_of_json(value, came, &format!("{pointer}/{name}"))
    };
    let first = plain.iter().find_map(|(name, value)| of(name, value, came.get(*name)?));
    if first.is_some() {
        return first;
    }
    // Each name that was taken out is that of another property which fits.
    let others: Vec<_> = came.iter().filter(|(name, _)| !plain.iter().any(|(it, _)| it == name)).collect();
    let fits = |(name, value): &(&String, &Value)| {
        let fits =
            others.iter().map(|(other, came)| is_match(name, other) && of(name, value, came).is_none());
        fits.collect::<Vec<_>>()
    };
    let fitting: Vec<Vec<bool>> = redacted.iter().map(fits).collect();
    let mut taken = vec![None; others.len()];
    for (at, (name, _)) in redacted.iter().enumerate() {
        if !find_place(at, &fitting, &mut taken, &mut vec![false; others.len()]) {
            return Some(format!("{place} has no '{name}'"));
        }
    }
    let left = others.iter().zip(taken).find(|(_, taken)| taken.is_none());
    left.map(|((name, _), _)| format!("{place} has '{name}' too"))
}

/// Finds a place that fits for `one`; whoever has it moves to another. (Kuhn's algorithm for matchings.)
fn find_place(one: usize, fitting: &[Vec<bool>], taken: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for place in 0..taken.len() {
        if fitting[one][place] && !std::mem::replace(&mut tried[place], true) {
            let is_free = taken[place].is_none_or(|other| find_place(other, fitting, taken, tried));
            if is_free {
                taken[place] = Some(one);
                return true;
            }
        }
    }
    false
}

/// Whether a text is what was recorded; what was redacted may be anything, and what is encoded needn't be.
fn is_match(recorded: &str, came: &str) -> bool {
    let decoded = |text: &str| archive::decode(&text.replace('+', " "));
    if !is_redacted(recorded) {
        return recorded == came;
    }
    pattern::matches(&as_pattern(recorded), came)
        || pattern::matches(&as_pattern(&decoded(recorded)), &decoded(came))
}

fn show(method: &str, target: impl fmt::Display, body: &str) -> String {
    let json = serde_json::from_str::<Value>(body).and_then(|json| serde_json::to_string_pretty(&json));
    let body = json.unwrap_or_else(|_| body.to_owned());
    let line = format!("{method} {target}");
    if body.is_empty() { line } else { format!("{line}\n{body}") }
}
