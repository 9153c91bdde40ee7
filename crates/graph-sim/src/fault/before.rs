//! What happens instead of processing a request.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};

use super::{Effect, Fault, Faults};
use crate::reply::{Body, Headers, Reply};

/// An answer without processing, or none.
#[derive(Debug, Clone)]
pub(crate) enum Instead {
    Throttle {
        retry_after: RetryAfter,
    },
    /// In base64, as the header has them.
    Challenge {
        claims: String,
    },
    Answer(Reply),
    Lose,
    Reset,
}

/// How a refusal says when to come back.
#[derive(Debug, Clone)]
pub(crate) enum RetryAfter {
    Unsaid,
    Text(HeaderValue),
    /// As a date, by the service's clock.
    Date(Duration),
}

impl Fault {
    /// Answers 429 without processing the request; without [`retry_after`](Self::retry_after), without that header.
    pub fn throttle(operation: impl Into<String>) -> Self {
        Self::instead(operation, Instead::Throttle { retry_after: RetryAfter::Unsaid })
    }

    /// Answers 429 as Viva Learning does, without processing the request: how long to wait is said in words alone.
    pub fn throttle_in_words(operation: impl Into<String>, minutes: u32) -> Self {
        let body = format!(r#"{{"code":"tooManyRequests","message":"Retry after {minutes} minutes"}}"#);
        Self::respond(operation, 429).content_type("application/json").body(body)
    }

    /// Answers `status` without processing the request. A number that is no status stands for 500.
    pub fn respond(operation: impl Into<String>, status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Reply { body: Body::Raw(Bytes::new()), ..Reply::empty(status) };
        Self::instead(operation, Instead::Answer(reply))
    }

    /// Answers 401 without processing the request: continuous access evaluation wants these `claims`, a JSON object, in the
    /// token.
    ///
    /// ```
    /// let fault = graph_sim::Fault::claims_challenge("groups.list", r#"{"access_token":{"nbf":{"value":"1767600000"}}}"#);
    /// # let _ = fault;
    /// ```
    pub fn claims_challenge(operation: impl Into<String>, claims: &str) -> Self {
        Self::instead(operation, Instead::Challenge { claims: STANDARD.encode(claims) })
    }

    /// Answers 410 to a request that goes on from a delta token, or within a round of changes: the service wants a full
    /// synchronisation. Other requests are spared.
    pub fn reset_delta(operation: impl Into<String>) -> Self {
        Self::instead(operation, Instead::Reset)
    }

    fn instead(operation: impl Into<String>, instead: Instead) -> Self {
        Self::new(operation, Effect::Before(instead), Some(1))
    }

    /// Sends a `Retry-After` of this text, well-formed or not. Only for answers that replace the real one.
    #[must_use]
    pub fn retry_after(mut self, text: &str) -> Self {
        match (&mut self.effect, HeaderValue::from_str(text)) {
            (Effect::Before(Instead::Throttle { retry_after }), Ok(value)) => {
                *retry_after = RetryAfter::Text(value);
            }
            (Effect::Before(Instead::Answer(reply)), Ok(value)) => reply.headers.push((RETRY_AFTER, value)),
            _ => {}
        }
        self
    }

    /// Sends a `Retry-After` that is a date: the service's time and `length`. Only for [`throttle`](Self::throttle).
    #[must_use]
    pub fn retry_after_date(mut self, length: Duration) -> Self {
        if let Effect::Before(Instead::Throttle { retry_after }) = &mut self.effect {
            *retry_after = RetryAfter::Date(length);
        }
        self
    }

    /// Sends this content type. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn content_type(self, text: &str) -> Self {
        match HeaderValue::from_str(text) {
            Ok(value) => self.header(CONTENT_TYPE, value),
            Err(_) => self,
        }
    }

    /// Sends this header. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Some(headers) = self.replaced_headers() {
            headers.push((name, value));
        }
        self
    }

    /// Sends this body. Only for [`respond`](Self::respond).
    #[must_use]
    pub fn body(mut self, content: impl Into<Bytes>) -> Self {
        if let Effect::Before(Instead::Answer(reply)) = &mut self.effect {
            reply.body = Body::Raw(content.into());
        }
        self
    }

    fn replaced_headers(&mut self) -> Option<&mut Headers> {
        match &mut self.effect {
            Effect::Before(Instead::Answer(reply)) => Some(&mut reply.headers),
            _ => None,
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle { .. } => f.write_str("throttle"),
            Self::Challenge { .. } => f.write_str("claims challenge"),
            Self::Answer(reply) => write!(f, "respond {}", reply.status.as_u16()),
            Self::Lose => f.write_str("lose connection before processing"),
            Self::Reset => f.write_str("reset delta"),
        }
    }
}

impl Faults {
    /// The first fault that keeps this request from being processed.
    ///
    /// `goes_on` says that the request has a delta token, or one of a page.
    pub(crate) fn instead(&mut self, operation: &str, goes_on: bool) -> Option<Instead> {
        let instead = |effect: &Effect| match effect {
            Effect::Before(Instead::Reset) if !goes_on => None,
            Effect::Before(instead) => Some(instead.clone()),
            Effect::Lose { before: true } => Some(Instead::Lose),
            _ => None,
        };
        self.due(operation, instead).next()
    }
}
