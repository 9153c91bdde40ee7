//! Code of the caller inside the pipeline.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use graph_runtime::OperationInfo;
use http::{HeaderMap, Method, Response, Uri};

use crate::error::{BoxError, Error, ErrorKind};

/// Code of yours that takes part in every call.
///
/// *When:* a middleware given to [`call_middleware`](crate::ClientBuilder::call_middleware) runs once per call, before the
/// first attempt, and after the success or the failure that the call ends with; one given to
/// [`attempt_middleware`](crate::ClientBuilder::attempt_middleware) before every attempt, and after every answer, whatever its
/// status, or after the failure to get one. Both run within the [span](crate#telemetry) of what they take part in. Of a call
/// that is dropped, and of one that is refused before any of it begins, they are told nothing more.
/// *Sees:* the operation, method, address and ids, and the headers; per attempt they include the token, marked as
/// sensitive. *May change:* the headers, never the address, so that no token can be led astray.
/// *On error:* the call ends with an [`InvalidRequest`](crate::ErrorKind::InvalidRequest) error whose source is the
/// middleware's; nothing more is sent.
///
/// It must not block, and there is nothing in it to wait with: what has to be waited for belongs into a
/// [`TokenProvider`](crate::TokenProvider), or into a [`Transport`](crate::Transport), which any tower service is.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use graph_client::{BoxError, CallContext, Client, Error, Middleware, StaticToken};
/// use http::{HeaderMap, HeaderValue};
///
/// /// Lets nothing be deleted, says who is responsible, and counts what goes wrong.
/// #[derive(Debug, Default)]
/// struct House {
///     failures: AtomicU64,
/// }
///
/// impl Middleware for House {
///     fn on_request(&self, context: &CallContext<'_>, headers: &mut HeaderMap) -> Result<(), BoxError> {
///         if context.method == http::Method::DELETE {
///             return Err(format!("{} is not for this program", context.operation.id).into());
///         }
///         headers.insert("x-cost-center", HeaderValue::from_static("4711"));
///         Ok(())
///     }
///
///     fn on_failure(&self, _: &CallContext<'_>, _: &Error) {
///         self.failures.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// let client = Client::builder()
///     .credential(StaticToken::new("eyJ0eXAi…"))
///     .call_middleware(House::default())
///     .build()?;
/// # Ok::<(), graph_client::Error>(())
/// ```
pub trait Middleware: fmt::Debug + Send + Sync {
    /// Before the request goes on.
    fn on_request(&self, _context: &CallContext<'_>, _headers: &mut HeaderMap) -> Result<(), BoxError> {
        Ok(())
    }

    /// After an answer came.
    fn on_response(&self, _context: &CallContext<'_>, _response: &Response<Bytes>) {}

    /// After it became clear that no answer comes: per call, whatever it ended with; per attempt, that its request was sent and
    /// got lost, or timed out.
    fn on_failure(&self, _context: &CallContext<'_>, _error: &Error) {}
}

/// What a [`Middleware`] sees of the call it takes part in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallContext<'a> {
    /// The operation's row in the table.
    pub operation: &'static OperationInfo,
    /// The HTTP method.
    pub method: &'a Method,
    /// The whole address.
    pub uri: &'a Uri,
    /// The client's id of the call.
    pub client_request_id: &'a str,
    /// The number of the attempt, from 1; 0 in a middleware that runs once per call.
    pub attempt: u32,
}

pub(super) fn on_request(
    chain: &[Arc<dyn Middleware>],
    context: &CallContext<'_>,
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    chain
        .iter()
        .try_for_each(|middleware| middleware.on_request(context, headers))
        .map_err(|error| Error::from_source(ErrorKind::InvalidRequest, error))
}

/// In reverse, so that the first in is the last out.
pub(super) fn on_response(
    chain: &[Arc<dyn Middleware>],
    context: &CallContext<'_>,
    response: &Response<Bytes>,
) {
    chain.iter().rev().for_each(|middleware| middleware.on_response(context, response));
}

/// In reverse, as for answers.
pub(super) fn on_failure(chain: &[Arc<dyn Middleware>], context: &CallContext<'_>, error: &Error) {
    chain.iter().rev().for_each(|middleware| middleware.on_failure(context, error));
}
