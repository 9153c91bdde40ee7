//! An answer before it becomes an HTTP response.

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;

/// Headers to set; a list, as there are one or two.
pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

/// What a behaviour, a refusal or a fault answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
    /// JSON pointers to values that break the contract on purpose.
    pub(crate) deliberate: Vec<&'static str>,
    /// The long-running operation that this answer reports on.
    pub(crate) polled: Option<String>,
}

/// The content of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// Whatever a fault wants sent; its content type is among the headers.
    Raw(Bytes),
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Headers::new(), body: Body::Empty, deliberate: Vec::new(), polled: None }
    }

    pub(crate) fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    pub(crate) fn ok(json: Value) -> Self {
        Self { body: Body::Json(json), ..Self::empty(StatusCode::OK) }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}
