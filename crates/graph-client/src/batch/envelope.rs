//! The form of `$batch`: requests into one body, and one body into answers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write as _};
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST,
    HeaderName, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
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

/// One request for all `items`, which share origin, version and sender. Their ids are their positions, from 1.
///
/// None if there is no item. Each must be one that it [`carries`]: bodies are copied as they are, not looked through again.
pub(crate) fn pack(items: &[Item<'_>]) -> Option<Request<Bytes>> {
    let first = items.first()?.request;
    let (root, _) = split(first.uri())?;
    let length: usize = items.iter().map(|item| item.request.body().len() + 512).sum();
    let mut body = Vec::with_capacity(length);
    body.extend_from_slice(br#"{"requests":["#);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        write(&mut body, position, item).ok()?;
    }
    body.extend_from_slice(b"]}");
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

/// Writes one item as it stands in the envelope.
fn write(to: &mut Vec<u8>, position: usize, item: &Item<'_>) -> io::Result<()> {
    let request = item.request;
    let (_, url) = split(request.uri()).unwrap_or_default();
    write!(to, r#"{{"id":"{}","method":"{}","url":"#, position + 1, request.method())?;
    serde_json::to_writer(&mut *to, url)?;
    let headers = request.headers();
    let names = headers.keys().filter(|name| !OF_THE_ENVELOPE.contains(name));
    for (number, name) in names.enumerate() {
        write!(to, "{}\"{name}\":", if number == 0 { r#","headers":{"# } else { "," })?;
        // A second value of one name joins the first, as HTTP allows.
        let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        match (values.next().unwrap_or_default(), values.next()) {
            (only, None) => serde_json::to_writer(&mut *to, only)?,
            (first, Some(second)) => {
                let joined = values.fold(format!("{first}, {second}"), |joined, next| joined + ", " + next);
                serde_json::to_writer(&mut *to, &joined)?;
            }
        }
    }
    if headers.keys().any(|name| !OF_THE_ENVELOPE.contains(name)) {
        to.push(b'}');
    }
    if !request.body().is_empty() {
        to.extend_from_slice(br#","body":"#);
        to.extend_from_slice(request.body());
    }
    for (number, needed) in item.after.iter().enumerate() {
        write!(to, "{}\"{}\"", if number == 0 { r#","dependsOn":["# } else { "," }, needed + 1)?;
    }
    to.extend_from_slice(if item.after.is_empty() { b"}" } else { b"]}" });
    Ok(())
}

#[derive(Deserialize)]
struct Answers<'a> {
    #[serde(borrow)]
    responses: Vec<ReadAnswer<'a>>,
}

#[derive(Deserialize)]
struct ReadAnswer<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    status: u16,
    #[serde(borrow, default)]
    headers: Option<ReadHeaders<'a>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// The headers of one answer, in order.
struct ReadHeaders<'a>(Vec<(HeaderName, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for ReadHeaders<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Names<'a> {
            type Value = ReadHeaders<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut headers = Vec::with_capacity(4);
                while let Some((name, value)) = map.next_entry::<Text<'_>, &RawValue>()? {
                    headers.extend(HeaderName::try_from(&*name.0).ok().map(|name| (name, value)));
                }
                Ok(ReadHeaders(headers))
            }
        }

        deserializer.deserialize_map(Names(PhantomData))
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The answers by the positions of their requests, in whatever order they came. What is in them stays where it is.
pub(crate) fn unpack(body: &Bytes) -> serde_json::Result<HashMap<usize, Response<Bytes>>> {
    let text = str::from_utf8(body).map_err(serde::de::Error::custom)?;
    let answers: Answers<'_> = serde_json::from_str(text)?;
    let read = |answer: ReadAnswer<'_>| Some((position_of(answer.id)?, answer.into_response(body)?));
    Ok(answers.responses.into_iter().filter_map(read).collect())
}

/// Ids come as texts, and are taken as numbers too.
fn position_of(id: &RawValue) -> Option<usize> {
    id.get().trim_matches('"').trim().parse::<usize>().ok()?.checked_sub(1)
}

impl ReadAnswer<'_> {
    fn into_response(self, envelope: &Bytes) -> Option<Response<Bytes>> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        for (name, value) in self.headers.into_iter().flat_map(|headers| headers.0) {
            append(response.headers_mut(), name, value.get());
        }
        if let Some(body) = self.body {
            *response.body_mut() = content(body.get(), response.headers(), envelope);
        }
        Some(response)
    }
}

/// Headers about how the bytes travelled are no longer true.
fn append(headers: &mut HeaderMap, name: HeaderName, json: &str) {
    if [CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING].contains(&name) {
        return;
    }
    let plain = json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if let Some(value) = plain.filter(|text| !text.contains('\\')) {
        headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        return;
    }
    let values = match serde_json::from_str(json) {
        Ok(Value::Array(values)) => values,
        Ok(value) => vec![value],
        Err(_) => return,
    };
    for value in values.into_iter().filter(|value| !value.is_null()) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.extend(HeaderValue::try_from(text).ok().map(|value| (name.clone(), value)));
    }
}

/// The bytes that the answer would have had alone. What isn't JSON comes as text in base64.
fn content(json: &str, headers: &HeaderMap, envelope: &Bytes) -> Bytes {
    let is_other_type = || headers.get(CONTENT_TYPE).is_some_and(|kind| !is_json(kind));
    if json.starts_with('"')
        && is_other_type()
        && let Ok(text) = serde_json::from_str::<String>(json)
    {
        return decoded(&text).unwrap_or_else(|| text.into_bytes()).into();
    }
    envelope.slice_ref(json.as_bytes())
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    [STANDARD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(text).ok())
}

#[cfg(test)]
mod tests;
