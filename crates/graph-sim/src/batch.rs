//! `$batch`: several requests in one, as the service takes them apart.

use std::collections::{HashMap, HashSet};

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine as _, alphabet};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::error::Refusal;

/// The operation that is an envelope.
pub(crate) const OPERATION: &str = "batch";

const LARGEST: usize = 20;

/// One request of an envelope.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) request: Request<Bytes>,
    depends_on: Vec<String>,
}

/// The members of an envelope, and those of the requests in it.
const MEMBERS: [&str; 7] = ["requests", "id", "method", "url", "headers", "body", "dependsOn"];

/// The envelope as the contract writes it: members without regard to case, and those that it doesn't know or that are null left out; ids, also those
/// that others depend on, as text.
pub(crate) fn tidy(body: &Value) -> Value {
    let mut envelope = known(body);
    for item in envelope.get_mut("requests").and_then(Value::as_array_mut).into_iter().flatten() {
        *item = known(item);
        let Value::Object(members) = item else { continue };
        members.get_mut("id").into_iter().for_each(as_text);
        let ids = members.get_mut("dependsOn").and_then(Value::as_array_mut);
        ids.into_iter().flatten().for_each(as_text);
        let headers = members.get_mut("headers").and_then(Value::as_object_mut);
        if let Some(headers) = headers {
            headers.values_mut().for_each(as_text);
        }
    }
    envelope
}

fn known(object: &Value) -> Value {
    let Some(members) = object.as_object() else { return object.clone() };
    let spelled = |name: &String| MEMBERS.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    let members = members.iter().filter(|(_, value)| !value.is_null());
    let known = members.filter_map(|(name, value)| Some((spelled(name)?.to_owned(), value.clone())));
    Value::Object(known.collect())
}

fn as_text(value: &mut Value) {
    if value.is_number() {
        *value = value.to_string().into();
    }
}

fn key(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// The requests in a [tidy] envelope, in their order.
///
/// That the whole envelope is refused with 400 is documented for a body that is malformed and for ids that are there twice. For
/// too many requests, for a batch in a batch and for an order that can't be kept, it is assumed.
pub(crate) fn open(envelope: &Request<Bytes>, body: Option<&Value>) -> Result<Vec<Item>, Refusal> {
    let Some(requests) = body.and_then(|body| body["requests"].as_array()) else {
        return Err(Refusal::bad_request("The batch request has no 'requests'."));
    };
    if requests.len() > LARGEST {
        let message = format!("Number of batch request steps exceeds the maximum value of {LARGEST}.");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "MaximumValueExceeded", message));
    }
    let mut earlier = HashSet::new();
    let mut items = Vec::with_capacity(requests.len());
    for request in requests {
        let item = Item::read(request, envelope)?;
        if let Some(unknown) = item.depends_on.iter().find(|id| !earlier.contains(*id)) {
            let message = format!("'{}' depends on '{unknown}', which is not before it.", item.id);
            return Err(Refusal::bad_request(message));
        }
        if !earlier.insert(item.key()) {
            return Err(Refusal::bad_request(format!("The id '{}' is there twice.", item.id)));
        }
        items.push(item);
    }
    Ok(items)
}

impl Item {
    fn read(item: &Value, envelope: &Request<Bytes>) -> Result<Self, Refusal> {
        let invalid =
            |what: &str| Refusal::bad_request(format!("A request of the batch has no valid '{what}'."));
        let id = item["id"].as_str().ok_or_else(|| invalid("id"))?.to_owned();
        let method =
            item["method"].as_str().and_then(|text| text.to_ascii_uppercase().parse::<Method>().ok());
        let url = item["url"].as_str().filter(|url| !is_absolute(url)).ok_or_else(|| invalid("url"))?;
        let address = address(envelope.uri(), url).ok_or_else(|| invalid("url"))?;
        if is_envelope(address.path()) {
            return Err(Refusal::bad_request("A batch can't be part of a batch."));
        }
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method.ok_or_else(|| invalid("method"))?;
        *request.uri_mut() = address;
        *request.headers_mut() = headers(item["headers"].as_object(), envelope.headers())?;
        if let Some(body) = item.get("body").filter(|body| !body.is_null()) {
            let kind = request.headers().get(CONTENT_TYPE).ok_or_else(|| {
                Refusal::bad_request("A request of the batch has a body without a 'Content-Type'.")
            })?;
            let content = content(kind.to_str().unwrap_or_default(), body).ok_or_else(|| invalid("body"))?;
            *request.body_mut() = content;
        }
        let depends_on = match &item["dependsOn"] {
            Value::Null => Vec::new(),
            Value::Array(ids) => ids.iter().filter_map(Value::as_str).map(key).collect(),
            _ => return Err(invalid("dependsOn")),
        };
        Ok(Self { id, request, depends_on })
    }

    /// What other requests call this one: ids are the same whatever their case.
    pub(crate) fn key(&self) -> String {
        key(&self.id)
    }

    /// Whether something that it depends on did not succeed.
    pub(crate) fn is_blocked(&self, answers: &HashMap<String, StatusCode>) -> bool {
        self.depends_on.iter().any(|id| answers.get(id).is_none_or(|status| !status.is_success()))
    }
}

/// Whether a path leads to envelopes, also where it is written so that only some readers of addresses understand it: encoded, even
/// more than once, in another case, with dots or empty segments, with a version of its own.
fn is_envelope(path: &str) -> bool {
    let mut path = path.to_owned();
    while let Ok(decoded) = percent_decode_str(&path).decode_utf8()
        && decoded != path
    {
        path = decoded.into_owned();
    }
    let path = path.split(['?', '#', ';']).next().unwrap_or_default();
    let is_word = |segment: &&str| !matches!(segment.trim(), "" | "." | "..");
    let last = path.split(['/', '\\']).rfind(is_word);
    last.is_some_and(|last| last.trim().eq_ignore_ascii_case("$batch"))
}

/// Whether an address has a host of its own; what stands in its query doesn't matter.
fn is_absolute(url: &str) -> bool {
    url.split(['?', '#']).next().is_some_and(|path| path.contains("://"))
}

/// Where an item's relative `url` leads: below the version of the envelope.
fn address(envelope: &Uri, url: &str) -> Option<Uri> {
    // The last segment is the envelope's own, however it is written.
    let (base, _) = envelope.path().rsplit_once('/')?;
    let mut parts = envelope.clone().into_parts();
    parts.path_and_query = Some(format!("{base}/{}", encoded(url.trim_start_matches('/'))).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// An address as HTTP has it: what may not stand in one is encoded, and what is encoded already stays.
fn encoded(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for (at, character) in url.char_indices() {
        let is_escape = || {
            let digits = url.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let is_foreign = !character.is_ascii()
            || character.is_ascii_control()
            || " \"<>\\^`{|}".contains(character)
            || (character == '%' && !is_escape());
        if is_foreign {
            encoded.extend(utf8_percent_encode(character.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
        } else {
            encoded.push(character);
        }
    }
    encoded
}

/// What an item sends: JSON as it stands; any other content as a text in base64, or as it is where it is text.
fn content(kind: &str, body: &Value) -> Option<Bytes> {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(text) = body.as_str().filter(|_| !kind.ends_with("json")) else {
        return Some(body.to_string().into());
    };
    let is_text = kind.starts_with("text/") || kind.ends_with("+xml");
    match decoded(text) {
        // Markup is no base64, and what decodes to no text was none.
        Some(bytes) if !is_text || std::str::from_utf8(&bytes).is_ok() => Some(bytes.into()),
        _ => is_text.then(|| Bytes::copy_from_slice(text.as_bytes())),
    }
}

/// Base64 in either alphabet, padded or not.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const INDIFFERENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, INDIFFERENT);
    const PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, INDIFFERENT);
    URL.decode(text).or_else(|_| PLAIN.decode(text)).ok()
}

fn headers(own: Option<&Map<String, Value>>, envelope: &HeaderMap) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value) in own.into_iter().flatten() {
        let pair = HeaderName::try_from(name)
            .ok()
            .zip(HeaderValue::try_from(value.as_str().unwrap_or_default()).ok());
        let (name, value) =
            pair.ok_or_else(|| Refusal::bad_request(format!("The header '{name}' is not valid.")))?;
        headers.insert(name, value);
    }
    for name in [AUTHORIZATION, HOST] {
        if let Some(value) = envelope.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    Ok(headers)
}

/// An item's answer as the envelope carries it: JSON as it is, all else in base64.
pub(crate) fn pack(id: &str, response: &Response<Bytes>) -> Value {
    let texts =
        response.headers().iter().filter_map(|(name, value)| Some((title(name), value.to_str().ok()?)));
    let headers: Map<String, Value> = texts.map(|(name, value)| (name, value.into())).collect();
    let mut answer = json!({ "id": id, "status": response.status().as_u16(), "headers": headers });
    let content = response.body();
    if !content.is_empty() {
        answer["body"] = serde_json::from_slice(content).unwrap_or_else(|_| STANDARD.encode(content).into());
    }
    answer
}

/// The answer to an item that was not processed because of another.
pub(crate) fn blocked(id: &str) -> Value {
    let error =
        json!({ "code": "FailedDependency", "message": "A request that this one depends on failed." });
    let headers = json!({ "Content-Type": "application/json" });
    json!({ "id": id, "status": 424, "headers": headers, "body": { "error": error } })
}

/// `Retry-After`, as the service spells names within a batch.
fn title(name: &HeaderName) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.as_str().split('-').filter(|part| !part.is_empty()).map(capital).collect::<Vec<_>>().join("-")
}
