//! Tells successes from failures, and makes errors of the latter.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use graph_runtime::OperationInfo;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Response, StatusCode};

use super::challenge;
use crate::clock::Clock;
use crate::error::envelope::Envelope;
use crate::error::{Error, ErrorCode, ErrorKind};
use crate::limit::NoSlot;
use crate::policy::{FailureClass, retry_after_in_words, retry_after_of};
use crate::time::date_after;
use crate::transport::{Fate, TransportError};

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// An attempt that gave no success, and how it is to be judged.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) class: FailureClass,
    pub(super) error: Error,
}

impl Failed {
    /// The limiter has no slot in time, or could not ask for one.
    pub(super) fn without_slot(no_slot: NoSlot, now: SystemTime) -> Self {
        // The policy has been asked already; and of a store that fails, it knows nothing.
        let class = FailureClass::Refused;
        if let Some(cause) = no_slot.store_error() {
            let message = cause.to_string();
            let mut error = Error::from_source(ErrorKind::QuotaStore, no_slot);
            error.inner_mut().message = message.into();
            return Self { class, error };
        }
        let wait = no_slot.wait();
        let mut failed = Self { class, error: Error::from_source(ErrorKind::Throttled, no_slot) };
        failed.come_back_after(wait, now);
        failed
    }

    /// Says when to try again, unless the service said so.
    pub(super) fn come_back_after(&mut self, wait: Duration, now: SystemTime) {
        let inner = self.error.inner_mut();
        if inner.retry_after.is_none() && inner.kind == ErrorKind::Throttled {
            inner.retry_after = Some(wait);
            inner.retry_at = Some(date_after(now, wait));
        }
    }

    /// The error of a call that ends with this failure, after so many requests.
    pub(super) fn into_error(mut self, attempts: u32, maybe_processed: bool) -> Error {
        let inner = self.error.inner_mut();
        inner.attempts = attempts;
        inner.maybe_processed = maybe_processed;
        self.error
    }
}

/// A failure that trying again would only repeat.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { class: FailureClass::Refused, error }
    }
}

impl From<TransportError> for Failed {
    fn from(failure: TransportError) -> Self {
        let (class, kind) = match failure.fate() {
            Fate::NotSent => (FailureClass::NotSent, ErrorKind::Connect),
            Fate::Lost => (FailureClass::Lost, ErrorKind::Connect),
            Fate::TimedOut => (FailureClass::TimedOut, ErrorKind::Timeout),
            // What is sent again would be answered the same, or led astray again.
            Fate::TooLarge => (FailureClass::Refused, ErrorKind::ResponseTooLarge),
            Fate::Redirected => (FailureClass::Refused, ErrorKind::Decode),
        };
        let maybe_processed = failure.maybe_processed();
        // Few people print an error's sources, and what helps stands at their end.
        let message = format!("{failure}: {}", failure.reason());
        let (status, request_id) = match failure.answer() {
            Some(answer) => (Some(answer.status), request_id(&answer.headers).map(Into::into)),
            None => (None, None),
        };
        let mut error = Error::from_source(kind, failure);
        let inner = error.inner_mut();
        inner.status = status;
        inner.request_id = request_id;
        inner.message = message.into();
        inner.maybe_processed = maybe_processed;
        Self { class, error }
    }
}

/// How long an answer asks to wait: in its header or, where Viva Learning throttles, in words.
pub(super) fn asked_wait(response: &Response<Bytes>, clock: &Clock) -> Option<Duration> {
    let class = FailureClass::of_status(response.status());
    let throttled = matches!(class, FailureClass::Throttled | FailureClass::Unavailable);
    retry_after_of(response.headers(), || clock.now()).or_else(|| {
        let message = throttled.then(|| Envelope::parse(response.body()).message)?;
        retry_after_in_words(&message?)
    })
}

/// Lets successes pass.
pub(super) fn classify(
    response: Response<Bytes>,
    retry_after: Option<Duration>,
    clock: &Clock,
) -> Result<Response<Bytes>, Failed> {
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(failure(&response, retry_after, clock.now()))
    }
}

/// Refuses a success of which a part is missing, so that what is safe to repeat is asked for again; anything else is read as far
/// as it goes, since its headers may say enough.
pub(super) fn complete(
    response: Response<Bytes>,
    operation: &OperationInfo,
) -> Result<Response<Bytes>, Failed> {
    if !operation.idempotent || !is_cut_off(response.headers(), response.body()) {
        return Ok(response);
    }
    let mut failed = Failed::from(TransportError::lost(CutOff));
    let inner = failed.error.inner_mut();
    inner.request_id = request_id(response.headers()).map(Into::into);
    inner.body = response.into_body();
    Err(failed)
}

/// The JSON in an answer doesn't end.
#[derive(Debug, thiserror::Error)]
#[error("the answer is cut off")]
struct CutOff;

/// Whether JSON begins and does not end, as far as its last byte tells.
fn is_cut_off(headers: &HeaderMap, body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let is_open = match body.first() {
        Some(b'{') => body.last() != Some(&b'}'),
        Some(b'[') => body.last() != Some(&b']'),
        _ => false,
    };
    // Looked up last: nearly no answer is open.
    is_open && {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        kind.is_some_and(|kind| kind.contains("json"))
    }
}

/// What an answer without success comes to.
pub(super) fn failure(response: &Response<Bytes>, retry_after: Option<Duration>, now: SystemTime) -> Failed {
    let class = FailureClass::of_status(response.status());
    let mut error = refusal(response);
    let inner = error.inner_mut();
    inner.retry_after = retry_after;
    inner.retry_at = retry_after.map(|wait| date_after(now, wait));
    inner.maybe_processed = maybe_processed(response.status(), retry_after);
    Failed { class, error }
}

/// The error of a call that was never sent, in the words of `response`, which stands for the service's.
pub(crate) fn refused_by(response: &Response<Bytes>) -> Error {
    refusal(response)
}

/// The error that an answer without success describes. Whatever its body, no status, id or code is lost.
fn refusal(response: &Response<Bytes>) -> Error {
    let status = response.status();
    let envelope = Envelope::parse(response.body());
    let message = envelope.message.unwrap_or_else(|| without_words(status));
    let claims = challenge::claims(response.headers()).filter(|_| matches!(status.as_u16(), 401 | 403));
    let kind = if claims.is_some() { ErrorKind::Auth } else { kind_of(status, envelope.code.as_ref()) };
    let mut error = Error::new(kind, message);
    let inner = error.inner_mut();
    inner.claims = claims.map(Into::into);
    inner.status = Some(status);
    inner.code = envelope.code;
    inner.target = envelope.target.map(Into::into);
    inner.details = envelope.details;
    inner.request_id = request_id(response.headers()).map(Into::into).or(envelope.request_id.map(Into::into));
    inner.body = response.body().clone();
    error
}

fn kind_of(status: StatusCode, code: Option<&ErrorCode>) -> ErrorKind {
    match (status.as_u16(), code) {
        (429 | 509, _) | (_, Some(ErrorCode::TooManyRequests | ErrorCode::ActivityLimitReached)) => {
            ErrorKind::Throttled
        }
        (401, _) => ErrorKind::Auth,
        _ => ErrorKind::Service,
    }
}

fn without_words(status: StatusCode) -> String {
    match status.canonical_reason() {
        _ if status.is_redirection() => "redirects are not followed".to_owned(),
        Some(reason) => reason.to_owned(),
        None => "the service gave no reason".to_owned(),
    }
}

/// A gateway's failure says nothing about the service behind it; refusals for lack of capacity come before any work.
fn maybe_processed(status: StatusCode, retry_after: Option<Duration>) -> bool {
    match status.as_u16() {
        509 => false,
        503 => retry_after.is_none(),
        code => code >= 500,
    }
}

/// The service's id of an attempt.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn json_that_does_not_end_is_cut_off() {
        for (kind, body, expected) in [
            ("application/json", r#"{"value":[{"id":"a"#, true),
            ("application/json;odata.metadata=minimal", r#"{"value":[]"#, true),
            ("application/json", r#"[{"id":"a"}"#, true),
            ("application/json", "{\"value\":[]}\r\n", false),
            ("application/json", "[]", false),
            ("application/json", "", false),
            ("application/json", "12", false),
            ("text/html", "{ half a style", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
            assert_eq!(is_cut_off(&headers, body.as_bytes()), expected, "{kind} {body}");
        }
        assert!(!is_cut_off(&HeaderMap::new(), b"{"), "nobody knows what it is");
    }
}
