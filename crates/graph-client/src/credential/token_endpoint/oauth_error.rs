//! What the endpoint says when it grants nothing.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::OneLine;

/// Why Microsoft Entra granted no token: the error response of its token endpoint
/// ([RFC 6749, section 5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2), with Entra's additions).
///
/// It is among the sources of the [`Error`](crate::Error) with which the call ended:
///
/// ```
/// use std::error::Error;
/// use graph_client::OAuthError;
///
/// fn refusal(error: &graph_client::Error) -> Option<&OAuthError> {
///     let mut sources = std::iter::successors(error.source(), |error| (*error).source());
///     sources.find_map(|source| source.downcast_ref())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OAuthError {
    /// The kind of refusal: `invalid_grant`, `interaction_required`.
    pub error: String,
    /// What kind of it, such as `basic_action` or `bad_token`.
    #[serde(default, deserialize_with = "text")]
    pub suberror: Option<String>,
    /// Entra's numbers, as in `AADSTS50076`.
    #[serde(default, deserialize_with = "numbers")]
    pub error_codes: Vec<u64>,
    /// The claims that the user has to sign in with, as JSON.
    #[serde(default, deserialize_with = "text")]
    pub claims: Option<String>,
    /// The endpoint's words, for people. They may name users and addresses.
    #[serde(default, rename = "error_description", deserialize_with = "text")]
    pub description: Option<String>,
    /// What Microsoft's support asks for.
    #[serde(default, deserialize_with = "text")]
    pub correlation_id: Option<String>,
    /// What Microsoft's support asks for, too.
    #[serde(default, deserialize_with = "text")]
    pub trace_id: Option<String>,
    /// The status of the answer.
    #[serde(skip)]
    pub status: StatusCode,
}

impl OAuthError {
    /// The one in an answer of this status, if it has one.
    pub(super) fn read(status: StatusCode, body: &[u8]) -> Option<Self> {
        let error: Self = serde_json::from_slice(body).ok()?;
        Some(Self { status, ..error })
    }

    /// `error`, if it is one itself or has one among its sources.
    pub(crate) fn within<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }

    /// The kind of refusal as telemetry tells it: a word of the protocol or, if it is none, `other`.
    pub(crate) fn kind(&self) -> &str {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if self.error.len() <= 40 && self.error.bytes().all(is_word) { &self.error } else { "other" }
    }

    /// Whether the endpoint is to blame, and may well have recovered some seconds later.
    pub(super) fn is_passing(&self) -> bool {
        self.status.is_server_error()
            || matches!(self.status.as_u16(), 408 | 429)
            || matches!(&*self.error, "temporarily_unavailable" | "server_error")
    }

    /// Whether only the user can help: by signing in.
    pub(in crate::credential) fn needs_sign_in(&self) -> bool {
        let needs = ["invalid_grant", "interaction_required", "login_required", "consent_required"];
        !self.is_passing() && needs.contains(&&*self.error)
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(&self.error))?;
        match &self.description {
            Some(description) => write!(f, ": {}", OneLine(description)),
            None => Ok(()),
        }
    }
}

impl StdError for OAuthError {}

/// A text. Anything else counts as not given, so that no refusal gets lost for a detail.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(numbers) => numbers.iter().filter_map(Value::as_u64).collect(),
        _ => Vec::new(),
    })
}
