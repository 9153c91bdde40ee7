//! Answers as HTTP responses, with the headers that every response of the service has.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY, VARY,
};
use http::{HeaderMap, Response};

use crate::clock;
use crate::error::Refusal;
use crate::fault::Skew;
use crate::ids::{self, Kind};
use crate::metadata::Metadata;
use crate::reply::{Body, Reply};

const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"SIM"}}"#;

/// What tells one exchange from another.
#[derive(Debug)]
pub(crate) struct Stamp {
    at: Duration,
    skew: Skew,
    request_id: String,
    client_request_id: String,
    metadata: Metadata,
}

impl Stamp {
    /// For the `number`th request, with these headers.
    pub(crate) fn new(number: u64, at: Duration, skew: Skew, headers: &HeaderMap) -> Self {
        let request_id = ids::guid(Kind::Request, number);
        let sent = headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let client_request_id = sent.unwrap_or(&request_id).to_owned();
        Self { at, skew, request_id, client_request_id, metadata: Metadata::accepted(headers) }
    }

    pub(crate) fn render(&self, reply: Reply) -> Response<Bytes> {
        let mut headers = HeaderMap::new();
        let content = match reply.body {
            Body::Empty => Bytes::new(),
            Body::Raw(content) => content,
            Body::Json(json) => {
                headers.extend(HeaderValue::try_from(self.content_type()).ok().map(|it| (CONTENT_TYPE, it)));
                headers.insert(HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0"));
                json.to_string().into()
            }
        };
        self.sign(&mut headers);
        for (name, value) in reply.headers {
            headers.insert(name, value);
        }
        let mut response = Response::new(content);
        *response.status_mut() = reply.status;
        *response.headers_mut() = headers;
        response
    }

    /// A refusal in the service's own form.
    pub(crate) fn reply(&self, refusal: Refusal) -> Reply {
        let body = refusal.body(&clock::without_zone(self.at), &self.request_id, &self.client_request_id);
        Reply { status: refusal.status, headers: refusal.headers, ..Reply::ok(body) }
    }

    fn content_type(&self) -> String {
        let level = self.metadata.name();
        format!(
            "application/json;odata.metadata={level};odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
    }

    fn sign(&self, headers: &mut HeaderMap) {
        let date = clock::http_date(self.at, self.skew.length());
        let signature = [
            (HeaderName::from_static("request-id"), self.request_id.as_str()),
            (HeaderName::from_static("client-request-id"), &self.client_request_id),
            (HeaderName::from_static("x-ms-ags-diagnostic"), DIAGNOSTIC),
            (DATE, &date),
            (CACHE_CONTROL, "no-cache"),
            (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
            (VARY, "Accept-Encoding"),
        ];
        for (name, value) in signature {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
    }
}
