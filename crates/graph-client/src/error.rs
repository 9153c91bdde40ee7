//! Why a call gave no value.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use graph_runtime::{Failure, InvalidId, OperationInfo};
use http::StatusCode;

mod code;
mod display;
pub(crate) mod envelope;
mod predicates;
mod remedy;
mod support;

pub use code::ErrorCode;
#[cfg(feature = "oauth2")]
pub(crate) use display::OneLine;
pub use envelope::ErrorDetail;

/// A boxed error of any type.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a call gave no value, with everything the service said about it.
///
/// [`kind`](Self::kind) is the cause, also after retries ran out. Printed, it is one line: the operation, what
/// happened, the ids to quote to support, and the likely fix. No secret is in it, printed either way.
pub struct Error(Box<Inner>);

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) kind: ErrorKind,
    pub(crate) message: Box<str>,
    pub(crate) operation: Option<&'static OperationInfo>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) target: Option<Box<str>>,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) client_request_id: Option<Box<str>>,
    pub(crate) claims: Option<Box<str>>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) retry_at: Option<SystemTime>,
    pub(crate) attempts: u32,
    pub(crate) location: Option<Box<str>>,
    pub(crate) maybe_processed: bool,
    /// A journal holds what it is about.
    pub(crate) in_journal: bool,
    pub(crate) body: Bytes,
    pub(crate) source: Option<BoxError>,
}

/// The cause of an [`Error`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request, or an address that the service handed out, is not acceptable. Nothing was sent; change the request.
    #[default]
    InvalidRequest,
    /// No token could be got, or the service refused it: with 401, or because it wants further
    /// [`claims`](Error::claims). Check the credential.
    Auth,
    /// The service asked for fewer requests. Come back at [`retry_at`](Error::retry_at).
    Throttled,
    /// The service answered with another error. See [`code`](Error::code) and the predicates.
    Service,
    /// No connection could be made, or it broke before the answer was complete.
    Connect,
    /// No answer came within the client's timeout.
    Timeout,
    /// The service answered with success, but its answer can't be read or followed.
    Decode,
    /// The service answered with success, and its answer is larger than the client takes: 32 MiB, unless the
    /// [client](crate::ClientBuilder::max_response_bytes) or the [call](crate::Request::max_response_bytes) says otherwise.
    ResponseTooLarge,
    /// A long-running operation ended without success. Asking for its status worked.
    OperationFailed,
    /// A long-running operation was still under way when the wait for it ended. It goes on; wait again.
    WaitExceeded,
    /// The journal of long-running operations can't be read or written; its own error is the source. A creation that had to
    /// be written first was not sent, a poll neither: once the journal works again, both can be repeated.
    Journal,
    /// The [`QuotaStore`](crate::QuotaStore) that the rate limiter keeps its slots in failed or did not answer in time; its own error
    /// is among the sources. Nothing was sent: the call can be repeated once the store works again.
    QuotaStore,
    /// The caller stopped the work.
    Cancelled,
}

impl ErrorKind {
    /// The name that telemetry knows it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Auth => "auth",
            Self::Throttled => "throttled",
            Self::Service => "service",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::ResponseTooLarge => "response_too_large",
            Self::OperationFailed => "operation_failed",
            Self::WaitExceeded => "wait_exceeded",
            Self::Journal => "journal",
            Self::QuotaStore => "quota_store",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<Box<str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), ..Inner::default() }))
    }

    /// A request that is refused before anything is sent.
    pub fn refused(message: impl Into<Box<str>>) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    /// The refusal of a change that changes nothing.
    pub fn nothing_to_change() -> Self {
        Self::refused("the change changes nothing: set at least one property")
    }

    /// An error of this kind that came of another.
    pub fn from_source(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let mut error = Self::new(kind, source.to_string());
        error.0.source = Some(source);
        error
    }

    /// What was set can't be used.
    pub(crate) fn of_settings(source: impl Into<BoxError>) -> Self {
        Self::from_source(ErrorKind::InvalidRequest, source)
    }

    /// The same error, of this operation.
    pub fn with_operation(mut self, operation: &'static OperationInfo) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// The same error, about the long-running operation at this address.
    pub fn with_location(mut self, location: &str) -> Self {
        self.0.location = Some(location.into());
        self
    }

    /// The same error, whose message ends with what else there is to know.
    pub fn with_note(mut self, note: &str) -> Self {
        self.0.message = format!("{}; {note}", self.0.message).into();
        self
    }

    /// The same error, with when to come back.
    pub fn with_retry_at(mut self, time: SystemTime) -> Self {
        self.0.retry_at = Some(time);
        self
    }

    /// The same error, with how long to wait.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The same error, of an answer with this status.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The same error, of which it is known whether the service may have acted on the request.
    pub fn with_maybe_processed(mut self, maybe: bool) -> Self {
        self.0.maybe_processed = maybe;
        self
    }

    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        &mut self.0
    }

    /// The cause.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What the service called it: of nested codes, the deepest that is known.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// What the service said about it, or what is wrong. Its wording may change at any time.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The part of the request that it is about, where the service names one.
    pub fn target(&self) -> Option<&str> {
        self.0.target.as_deref()
    }

    /// The single faults, where the service lists them.
    pub fn details(&self) -> &[ErrorDetail] {
        &self.0.details
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's id of the last attempt: what Microsoft's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The client's id of the call, sent with every attempt.
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.client_request_id.as_deref()
    }

    /// The claims that the service wants in the token, as JSON, if it refused the token for lack of them and no token with
    /// them could be got; or those that the token endpoint wants the user to sign in with.
    ///
    /// A user has to sign in again with these claims. A service that calls on behalf of its own caller passes them on.
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// How long to wait before trying again, if the service said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// When to try again, by the client's clock, if the service said so.
    pub fn retry_at(&self) -> Option<SystemTime> {
        self.0.retry_at
    }

    /// How many requests were sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The id of the operation that failed: `communities.create`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// What is known of the operation that failed.
    pub fn row(&self) -> Option<&'static OperationInfo> {
        self.0.operation
    }

    /// The address of the long-running operation that it is about, where there is one.
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// Whether the service may have acted on the request all the same.
    ///
    /// If so, look whether it did before you send a request that isn't idempotent again.
    pub fn maybe_processed(&self) -> bool {
        self.0.maybe_processed
    }

    /// The body of the answer as it came, of an answer without success at most the first 64 KiB; empty if there was none.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

impl From<InvalidId> for Error {
    fn from(invalid: InvalidId) -> Self {
        Self::from_source(ErrorKind::InvalidRequest, invalid)
    }
}

impl From<Failure> for Error {
    /// The pipeline's own error where it is behind the failure.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Dispatch(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::from_source(ErrorKind::InvalidRequest, error),
            },
            Failure::Decode { body, source } => {
                let mut error = Self::from_source(ErrorKind::Decode, source);
                error.inner_mut().body = body;
                error
            }
            other => Self::refused(other.to_string()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Ends with the line of `Display`: a `main` that returns an error prints its `Debug`, and the remedy is in the line.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &self.operation())
            .field("status", &inner.status)
            .field("code", &inner.code)
            .field("request_id", &inner.request_id)
            .field("client_request_id", &inner.client_request_id)
            .field("retry_after", &inner.retry_after)
            .field("attempts", &inner.attempts)
            .field("location", &inner.location)
            .field("source", &inner.source)
            .finish_non_exhaustive()?;
        write!(f, ": {self}")
    }
}

#[cfg(test)]
mod tests;
