//! What moves bytes to the service and back.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use graph_runtime::BoxFuture;
use http::response::Parts;
use tower_service::Service;

use crate::BoxError;

mod body;
mod connect;
mod http_builder;
mod http_transport;
mod limits;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod unanswered;

pub(crate) use body::within;
pub use http_builder::HttpTransportBuilder;
pub use http_transport::HttpTransport;
pub use limits::ExchangeLimits;
pub(crate) use limits::MAX_RESPONSE_BYTES;
#[cfg(feature = "reqwest")]
pub use reqwest_transport::ReqwestTransport;

/// Sends one HTTP request and returns what came back, whatever its status.
///
/// Every [`Service`] of `http` requests and responses with [`Bytes`] bodies is one, so a test can plug in a closure or a
/// whole simulated service. A transport neither retries nor follows redirects: the pipeline counts every attempt.
///
/// How much of a body it may read, and how long it has, is in the [`ExchangeLimits`] of the request. The client checks afterwards
/// whether it kept to the former, which then has cost the memory already.
pub trait Transport: Send + Sync {
    /// Sends `request`.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<S> Transport for S
where
    S: Service<http::Request<Bytes>, Response = http::Response<Bytes>> + Clone + Send + Sync,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut service = self.clone();
        Box::pin(async move {
            poll_fn(|context| service.poll_ready(context))
                .await
                .map_err(|error| TransportError::from_service(error, TransportError::connect))?;
            service
                .call(request)
                .await
                .map_err(|error| TransportError::from_service(error, TransportError::lost))
        })
    }
}

/// Why a request got no answer, and so whether the service may have acted on it.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.fate.describe())]
pub struct TransportError {
    fate: Fate,
    source: BoxError,
    /// The status and the headers of an answer whose body is of no use.
    answer: Option<Box<Parts>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    NotSent,
    Lost,
    TimedOut,
    TooLarge,
    Redirected,
}

impl Fate {
    fn describe(self) -> &'static str {
        match self {
            Self::NotSent => "no connection to the service",
            Self::Lost => "the connection broke before the answer was complete",
            Self::TimedOut => "no answer in time",
            Self::TooLarge => "the answer is larger than the limit",
            Self::Redirected => "a redirect was followed, and what it led to is not handed out",
        }
    }
}

impl TransportError {
    fn new(fate: Fate, source: impl Into<BoxError>) -> Self {
        Self { fate, source: source.into(), answer: None }
    }

    /// The request surely did not reach the service.
    pub fn connect(source: impl Into<BoxError>) -> Self {
        Self::new(Fate::NotSent, source)
    }

    /// The connection broke after the request was on its way.
    pub fn lost(source: impl Into<BoxError>) -> Self {
        Self::new(Fate::Lost, source)
    }

    /// No answer came in time.
    pub fn timeout(source: impl Into<BoxError>) -> Self {
        Self::new(Fate::TimedOut, source)
    }

    /// The answer came, and its body is larger than the request's [`ExchangeLimits`] allow.
    pub fn too_large(source: impl Into<BoxError>) -> Self {
        Self::new(Fate::TooLarge, source)
    }

    /// A redirect was followed, so that nobody knows who answered. The answer must not be handed out, and the request is not sent
    /// again.
    pub fn redirected(source: impl Into<BoxError>) -> Self {
        Self::new(Fate::Redirected, source)
    }

    /// The same failure with the head of the answer that it is about.
    fn with_answer(self, answer: Parts) -> Self {
        Self { answer: Some(Box::new(answer)), ..self }
    }

    /// The status and the headers of the answer that it is about, if there was one.
    pub(crate) fn answer(&self) -> Option<&Parts> {
        self.answer.as_deref()
    }

    /// The same failure for another of the requests that shared it.
    pub(crate) fn shared(failure: &Arc<Self>) -> Self {
        Self { answer: failure.answer.clone(), ..Self::new(failure.fate, Arc::clone(failure)) }
    }

    /// Whether the service may have acted on the request.
    pub fn maybe_processed(&self) -> bool {
        self.fate != Fate::NotSent
    }

    /// What lies at the bottom of it, such as a certificate that nobody trusts.
    pub(crate) fn reason(&self) -> String {
        let mut reason: &dyn std::error::Error = &*self.source;
        while let Some(deeper) = reason.source() {
            reason = deeper;
        }
        reason.to_string()
    }

    /// Whether no answer came in time.
    #[cfg(feature = "reqwest")]
    fn is_timeout(&self) -> bool {
        self.fate == Fate::TimedOut
    }

    pub(crate) fn fate(&self) -> Fate {
        self.fate
    }

    /// A service that reports a `TransportError` knows best; any other error gets the fate of the step it came from.
    fn from_service<E: Into<BoxError>>(error: E, otherwise: impl FnOnce(BoxError) -> Self) -> Self {
        match error.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => otherwise(error),
        }
    }
}

#[cfg(test)]
mod tests;
