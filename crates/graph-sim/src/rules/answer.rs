//! What a rule answers.

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::reply::{Body, Reply};

/// What a [`Rule`](super::Rule) answers.
///
/// ```
/// use graph_sim::Answer;
///
/// let throttled = Answer::status(429).header("retry-after", "7");
/// let named = Answer::json(&serde_json::json!({ "displayName": "Ada" }));
/// # let _ = (throttled, named);
/// ```
#[derive(Debug, Clone)]
pub struct Answer {
    reply: Reply,
    is_checked: bool,
}

impl Answer {
    /// A status without a body; from 400 on, with an error body in Graph's form. A number that is no status stands for 500.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = Reply::empty(status);
        if status.is_client_error() || status.is_server_error() {
            let reason = status.canonical_reason().unwrap_or("Unknown");
            let code: String = reason.chars().filter(|it| !it.is_whitespace()).collect();
            reply.body = Body::Json(
                json!({ "error": { "code": code, "message": "A rule of the simulator answers." } }),
            );
        }
        Self { reply, is_checked: true }
    }

    /// 200 with a body.
    pub fn json(body: &Value) -> Self {
        Self { reply: Reply::ok(body.clone()), is_checked: true }
    }

    /// Any text as the body, such as a proxy's page; it is held against nothing.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.reply.body = Body::Raw(body.into());
        self.header("content-type", content_type)
    }

    /// A header; one that can't be sent is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            self.reply.headers.push((name, value));
        }
        self
    }

    /// Lets it break the contract.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.is_checked = false;
        self
    }

    pub(super) fn reply(&self) -> Reply {
        self.reply.clone()
    }

    pub(super) fn is_checked(&self) -> bool {
        self.is_checked
    }
}

impl From<u16> for Answer {
    fn from(status: u16) -> Self {
        Self::status(status)
    }
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        Self::json(&body)
    }
}
