//! What can go wrong: refusals in the service's own words, and the errors of the simulator's own API.

use std::net::SocketAddr;

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::reply::Headers;

/// The connection closed before an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection closed before an answer came")]
#[non_exhaustive]
pub struct ConnectionLost;

/// Why [`Sim::serve`](crate::Sim::serve) stopped or didn't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The listener accepts connections from other machines, and the simulator checks no signatures.
    #[error("{0} is not a loopback address; listen on 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// The root is more or less than scheme and host.
    #[error("`{0}` is no root: give scheme and host alone, such as https://graph.microsoft.com")]
    NotAnOrigin(String),
    /// The listener failed.
    #[error("the listener failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Why a user can't sign in with a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// No device waits for this code: it was never given out, was used, or is older than 15 minutes.
    #[error("no device waits for the code '{0}': it is unknown, decided on, or older than 15 minutes")]
    UnknownCode(String),
    /// The tenant has no such user.
    #[error("the tenant has no user '{0}': add one to the builder")]
    UnknownUser(String),
}

/// A request that the service refuses.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The single faults: code, property, message.
    pub(crate) details: Vec<Value>,
    pub(crate) headers: Headers,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), headers: Headers::new() }
    }

    /// 400 as the Viva Engage endpoints write it.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 400 as the directory writes it.
    pub(crate) fn directory(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// 400 for a query that the service doesn't support.
    pub(crate) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// 501 for what the simulator doesn't know: it would have to guess.
    pub(crate) fn not_simulated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    /// 404 for a directory object.
    pub(crate) fn no_such_object(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried references is not present.");
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    /// 404 as the Viva Engage endpoints write it.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", format!("There is no {what} with the id '{id}'."))
    }

    /// 403 for a token without a permission that suffices, as the service behind the operation writes it.
    pub(crate) fn forbidden(operation: &str) -> Self {
        const ENGAGE_AND_LEARNING: [&str; 3] = ["communities.", "engagement_", "learning_"];
        const OUTLOOK: [&str; 5] = ["calendar", "events.", "conversations.", "threads.", "posts."];
        let (code, message) = if ENGAGE_AND_LEARNING.iter().any(|start| operation.starts_with(start)) {
            ("Forbidden", "Missing permissions: the access token has none that suffices.")
        } else if OUTLOOK.iter().any(|part| operation.contains(part)) {
            ("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        } else {
            ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        };
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// Names one fault of one property.
    pub(crate) fn detail(mut self, code: &str, target: &str) -> Self {
        self.details.push(json!({ "code": code, "target": target, "message": self.message }));
        self
    }

    /// 404 as Outlook writes it.
    pub(crate) fn not_in_store(_id: &str) -> Self {
        let message = "The specified object was not found in the store.";
        Self::new(StatusCode::NOT_FOUND, "ErrorItemNotFound", message)
    }

    /// 400 as Outlook writes it.
    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ErrorInvalidArgument", message)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The body; `date` has no zone, as the service leaves it out.
    pub(crate) fn body(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        let mut body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date,
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }});
        if !self.details.is_empty() {
            body["error"]["details"] = self.details.clone().into();
        }
        body
    }
}
