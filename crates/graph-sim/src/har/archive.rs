//! The form of HAR 1.2. Reading is tolerant: tools leave out what they don't know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) const VERSION: &str = "HTTP/1.1";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Archive {
    pub(super) log: Log,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Log {
    #[serde(default)]
    version: String,
    #[serde(default)]
    creator: Creator,
    pub(super) entries: Vec<Exchange>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Creator {
    name: String,
    version: String,
}

/// One request and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exchange {
    #[serde(default)]
    pub(super) started_date_time: String,
    #[serde(default)]
    pub(super) time: f64,
    pub(super) request: Request,
    pub(super) response: Response,
    #[serde(default)]
    pub(super) cache: Map<String, Value>,
    #[serde(default)]
    pub(super) timings: Timings,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) http_version: String,
    #[serde(default)]
    pub(super) cookies: Vec<Value>,
    #[serde(default)]
    pub(super) headers: Vec<Named>,
    #[serde(default)]
    pub(super) query_string: Vec<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) post_data: Option<PostData>,
    #[serde(default = "unknown")]
    pub(super) headers_size: i64,
    #[serde(default = "unknown")]
    pub(super) body_size: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    /// Zero if the connection was lost.
    pub(super) status: u16,
    #[serde(default)]
    pub(super) status_text: String,
    #[serde(default)]
    pub(super) http_version: String,
    #[serde(default)]
    pub(super) cookies: Vec<Value>,
    #[serde(default)]
    pub(super) headers: Vec<Named>,
    #[serde(default)]
    pub(super) content: Content,
    #[serde(default, rename = "redirectURL")]
    pub(super) redirect_url: String,
    #[serde(default = "unknown")]
    pub(super) headers_size: i64,
    #[serde(default = "unknown")]
    pub(super) body_size: i64,
}

/// A header, or a part of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) value: String,
}

/// What a request holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    #[serde(default)]
    pub(super) mime_type: String,
    #[serde(default)]
    pub(super) text: String,
}

/// What an answer holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(default)]
    pub(super) size: i64,
    #[serde(default)]
    pub(super) mime_type: String,
    #[serde(default)]
    pub(super) text: String,
    /// `base64`, where the text is not the body itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Timings {
    #[serde(default)]
    pub(super) send: f64,
    #[serde(default)]
    pub(super) wait: f64,
    #[serde(default)]
    pub(super) receive: f64,
}

/// What the format says for a size that nobody measured.
fn unknown() -> i64 {
    -1
}

impl Log {
    pub(super) fn new(entries: Vec<Exchange>) -> Self {
        let creator = Creator {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Self { version: "1.2".to_owned(), creator, entries }
    }
}

impl PostData {
    pub(super) fn new(headers: &HeaderMap, body: &Bytes) -> Self {
        Self { mime_type: media_type(headers), text: String::from_utf8_lossy(body).into_owned() }
    }
}

impl Content {
    pub(super) fn new(headers: &HeaderMap, body: &Bytes) -> Self {
        let (text, encoding) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
        };
        Self { size: size(body), mime_type: media_type(headers), text, encoding }
    }

    /// The body itself; a text that claims to be base64 and isn't is the body.
    pub(super) fn bytes(&self) -> Bytes {
        let decoded = (self.encoding.as_deref() == Some("base64")).then(|| STANDARD.decode(&self.text).ok());
        decoded.flatten().map_or_else(|| Bytes::from(self.text.clone()), Bytes::from)
    }
}

fn media_type(headers: &HeaderMap) -> String {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

pub(super) fn size(body: &Bytes) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}

pub(super) fn headers(headers: &HeaderMap) -> Vec<Named> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| Named { name: name.as_str().to_owned(), value: text(value) }).collect()
}

pub(super) fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

/// The parts of a URL's query, decoded.
pub(super) fn query(url: &str) -> Vec<Named> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let parts = query.split('&').filter(|part| !part.is_empty());
    let named = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    named.map(|(name, value)| Named { name: decode(name), value: decode(&value.replace('+', " ")) }).collect()
}

pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
