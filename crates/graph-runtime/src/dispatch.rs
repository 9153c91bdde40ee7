//! The seam between the generated client, which builds requests and decodes responses, and whoever sends them.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Inspect, OperationInfo};

/// Why a request got no usable answer, as the [`Dispatch`] implementation reports it.
pub type DispatchError = Box<dyn StdError + Send + Sync>;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends the requests that a raw client builds.
///
/// An implementation answers with a 2xx response. Everything else, an error status included, it returns as its own
/// error, which reaches the caller unchanged as [`Failure::Dispatch`].
pub trait Dispatch: fmt::Debug + Send + Sync {
    /// Sends `request`, which belongs to `operation`.
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>>;

    /// Looks at what an answer to `operation` was read as, for what in it the models do not know.
    fn inspect(&self, _operation: &'static OperationInfo, _answer: &dyn Inspect) {}
}

/// What a raw client carries: the [`Dispatch`] that all its requests go through.
#[derive(Clone, Debug)]
pub struct Seam(pub(crate) Arc<dyn Dispatch>);

impl Seam {
    /// Makes every request of a client go through `dispatch`.
    pub fn new(dispatch: Arc<dyn Dispatch>) -> Self {
        Self(dispatch)
    }

    /// Makes a client that writes requests and sends none: they are taken from its calls by
    /// [`into_request`](crate::Sending::into_request).
    pub fn unconnected() -> Self {
        Self::new(Arc::new(Unconnected))
    }
}

#[derive(Debug)]
struct Unconnected;

impl Dispatch for Unconnected {
    fn dispatch(
        self: Arc<Self>,
        _: &'static OperationInfo,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>> {
        Box::pin(ready(Err("this client only writes requests".into())))
    }
}

/// A decoded answer with its status and headers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The status, always 2xx.
    pub status: http::StatusCode,
    /// The headers as they came.
    pub headers: http::HeaderMap,
    /// The decoded body; `()` where the operation answers with none.
    pub value: T,
}

impl<T> Response<T> {
    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        let Self { status, headers, value } = self;
        Response { status, headers, value: change(value) }
    }
}

/// Why a call of the raw client gave no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The [`Dispatch`] failed; its error, unchanged.
    #[error(transparent)]
    Dispatch(DispatchError),
    /// The request could not be built, so nothing was sent.
    #[error("the request can't be built: {0}")]
    InvalidRequest(String),
    /// The service accepted the request, but its answer can't be read as the expected type.
    #[error("the answer can't be read: {source}")]
    Decode {
        /// The body as it came.
        body: Bytes,
        /// What is wrong with it, and where.
        source: serde_json::Error,
    },
    /// The [`Dispatch`] let a status pass that is no success.
    #[error("unexpected status {0}")]
    UnexpectedStatus(http::StatusCode),
}
