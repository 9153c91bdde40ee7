//! Errors as Entra words them.

use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;

use super::as_json;
use crate::clock;
use crate::ids::{self, Kind};
use crate::reply::Reply;

/// A request that the endpoint refuses: OAuth's word for it, Entra's number and a sentence.
#[derive(Debug)]
pub(super) struct Refusal {
    error: &'static str,
    code: u32,
    text: String,
    suberror: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { error, code, text: text.into(), suberror: None }
    }

    pub(super) fn suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new("invalid_request", 900_144, text)
    }

    pub(super) fn only_post(method: &Method) -> Self {
        let text = format!("The endpoint only accepts POST requests. Received a {method} request.");
        Self::new("invalid_request", 900_561, text)
    }

    pub(super) fn no_such_tenant(tenant: &str) -> Self {
        let text = format!("Tenant '{tenant}' not found. Check that it is the tenant of this simulator.");
        Self::new("invalid_request", 90_002, text)
    }

    pub(super) fn no_such_app(id: &str) -> Self {
        let text = format!("Application with identifier '{id}' was not found in the directory 'Contoso'.");
        Self::new("unauthorized_client", 700_016, text)
    }

    pub(super) fn invalid_client(code: u32, text: impl Into<String>) -> Self {
        Self::new("invalid_client", code, text)
    }

    pub(super) fn invalid_grant(code: u32, text: impl Into<String>) -> Self {
        Self::new("invalid_grant", code, text)
    }

    pub(super) fn invalid_scope(code: u32, text: impl Into<String>) -> Self {
        Self::new("invalid_scope", code, text)
    }

    pub(super) fn reply(&self, authority: &str, at: Duration, number: u64) -> Reply {
        let status = match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let (trace, timestamp) = (ids::guid(Kind::Request, number), clock::utc(at).replace('T', " "));
        let Self { error, code, .. } = self;
        let description = format!("{self} Trace ID: {trace} Correlation ID: {trace} Timestamp: {timestamp}");
        let mut body = json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": format!("{authority}/error?code={code}"),
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        as_json(status, body)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AADSTS{}: {}", self.code, self.text)
    }
}
