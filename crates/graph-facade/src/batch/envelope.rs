//! The form of `$batch`: requests into one body, and one body into answers.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST,
    HeaderName, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

/// So many requests fit into one envelope.
pub(crate) const LARGEST: usize = 20;

/// Headers that are about the connection or the sender, and so are the envelope's alone.
const OF_THE_ENVELOPE: [HeaderName; 6] =
    [AUTHORIZATION, USER_AGENT, HOST, CONTENT_LENGTH, ACCEPT_ENCODING, CONNECTION];

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// One request of an envelope, with the positions of those that must have succeeded before.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) after: Vec<usize>,
}

/// Where below its version's root a request goes: the root `/v1.0`, and the rest with its query.
pub(crate) fn split(uri: &Uri) -> Option<(&str, &str)> {
    let whole = uri.path_and_query()?.as_str();
    let end = whole.get(1..)?.find('/')? + 1;
    let (root, rest) = whole.split_at(end);
    matches!(root, "/v1.0" | "/beta").then_some((root, rest))
}

/// Whether an envelope can carry `request` and its answer. It carries JSON alone.
pub(crate) fn carries(request: &Request<Bytes>) -> bool {
    let Some((_, rest)) = split(request.uri()) else { return false };
    let path = rest.split('?').next().unwrap_or(rest);
    let is_raw = path.split('/').any(|segment| matches!(segment, "$batch" | "$value" | "$count" | "content"));
    let fits = matches!(
        *request.method(),
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    );
    let headers = request.headers();
    let wants_json = headers.get_all(ACCEPT).iter().all(|value| is_json(value) || value == "*/*");
    let is_text = item_headers(headers).all(|(_, value)| value.to_str().is_ok());
    let body = request.body();
    let brings_json = body.is_empty()
        || (headers.get(CONTENT_TYPE).is_some_and(is_json)
            && serde_json::from_slice::<&RawValue>(body).is_ok());
    fits && !is_raw && wants_json && is_text && brings_json
}

fn is_json(value: &HeaderValue) -> bool {
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn item_headers(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    headers.iter().filter(|(name, _)| !OF_THE_ENVELOPE.contains(name))
}

#[derive(Serialize)]
struct Envelope<'a> {
    requests: Vec<WrittenItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenItem<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

/// One request for all `items`, which share origin, version and sender. Their ids are their positions, from 1.
///
/// None if there is no item, or one that [`carries`] would refuse.
pub(crate) fn pack(items: &[Item<'_>]) -> Option<Request<Bytes>> {
    let first = items.first()?.request;
    let (root, _) = split(first.uri())?;
    let requests = items.iter().enumerate().map(|(position, item)| write(position, item));
    let body = serde_json::to_vec(&Envelope { requests: requests.collect::<Option<_>>()? }).ok()?;
    let mut parts = first.uri().clone().into_parts();
    parts.path_and_query = Some(format!("{root}/$batch").try_into().ok()?);
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_parts(parts).ok()?;
    let headers = request.headers_mut();
    for name in [AUTHORIZATION, USER_AGENT] {
        if let Some(value) = first.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(ACCEPT, JSON);
    headers.insert(CONTENT_TYPE, JSON);
    let id = HeaderValue::try_from(Uuid::new_v4().to_string()).ok()?;
    headers.insert(HeaderName::from_static("client-request-id"), id);
    Some(request)
}

fn write<'a>(position: usize, item: &Item<'a>) -> Option<WrittenItem<'a>> {
    let body = item.request.body();
    let mut headers = Map::new();
    for (name, value) in item_headers(item.request.headers()) {
        let value = value.to_str().ok()?;
        // A second value of one name joins the first, as HTTP allows.
        match headers.get_mut(name.as_str()) {
            Some(Value::String(joined)) => {
                joined.push_str(", ");
                joined.push_str(value);
            }
            _ => {
                headers.insert(name.as_str().to_owned(), value.into());
            }
        }
    }
    Some(WrittenItem {
        id: id_of(position),
        method: item.request.method().as_str(),
        url: split(item.request.uri())?.1,
        headers,
        body: if body.is_empty() { None } else { Some(serde_json::from_slice(body).ok()?) },
        depends_on: item.after.iter().copied().map(id_of).collect(),
    })
}

fn id_of(position: usize) -> String {
    (position + 1).to_string()
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<ReadAnswer>,
}

#[derive(Deserialize)]
struct ReadAnswer {
    id: Value,
    status: u16,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// The answers by the positions of their requests, in whatever order they came.
pub(crate) fn unpack(body: &[u8]) -> serde_json::Result<HashMap<usize, Response<Bytes>>> {
    let answers: Answers = serde_json::from_slice(body)?;
    let read = |answer: ReadAnswer| Some((position_of(&answer.id)?, answer.into_response()?));
    Ok(answers.responses.into_iter().filter_map(read).collect())
}

fn position_of(id: &Value) -> Option<usize> {
    let number = match id {
        Value::String(text) => text.trim().parse().ok()?,
        other => usize::try_from(other.as_u64()?).ok()?,
    };
    number.checked_sub(1)
}

impl ReadAnswer {
    fn into_response(self) -> Option<Response<Bytes>> {
        let mut response = Response::builder().status(self.status).body(Bytes::new()).ok()?;
        for (name, value) in self.headers.into_iter().flatten() {
            append(response.headers_mut(), &name, &value);
        }
        let content = self.body.map(|body| content(&body, response.headers())).unwrap_or_default();
        *response.body_mut() = content;
        Some(response)
    }
}

/// Headers about how the bytes travelled are no longer true.
fn append(headers: &mut HeaderMap, name: &str, value: &Value) {
    let Ok(name) = HeaderName::try_from(name) else { return };
    if [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING].contains(&name) {
        return;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => return values.iter().for_each(|value| append(headers, name.as_str(), value)),
        Value::Null => return,
        other => other.to_string(),
    };
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.append(name, value);
    }
}

/// The bytes that the answer would have had alone. What isn't JSON comes as text in base64.
fn content(body: &RawValue, headers: &HeaderMap) -> Bytes {
    let raw = body.get();
    let other_type = headers.get(CONTENT_TYPE).is_some_and(|kind| !is_json(kind));
    match serde_json::from_str::<String>(raw) {
        _ if raw == "null" => Bytes::new(),
        Ok(text) if other_type => decoded(&text).unwrap_or_else(|| text.into_bytes()).into(),
        _ => Bytes::copy_from_slice(raw.as_bytes()),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    [STANDARD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(text).ok())
}

#[cfg(test)]
mod tests;
