//! The one way to the wire: what happens to every request, in this order.
//!
//! 1. [`guard`]: the client's cloud and version offer the operation, one of its credentials is of a kind that the operation
//!    is offered to, and the address is below the client's root
//! 2. [`headers`]: ids, `User-Agent`, `Prefer`
//! 3. a tracing span
//! 4. the caller's middleware, once per call; then [`guard`] again: the headers that the operation needs are there
//! 5. [`attempts`], as often as the retry policy says: limiter, token, a span, the caller's middleware per attempt, transport;
//!    the limiter is told of the answer. A token that is refused is renewed once ([`authorization`])
//! 6. [`classify`]: a success, or an [`Error`]

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graph_models::{Cloud, Inspect, Inspector, OperationInfo};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Request, Response};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use crate::batch::Seat;
use crate::clock::Clock;
use crate::credential::Credentials;
use crate::error::{Error, ErrorKind};
use crate::limit::{Limiter, QuotaKey};
use crate::lro::OperationJournal;
use crate::lro::journal::Entry;
use crate::policy::RetryPolicy;
use crate::root::Root;
use crate::scopes::Access;
use crate::telemetry::{CallSpan, DriftLog};
use crate::transport::Transport;

mod attempts;
mod authorization;
mod call;
mod challenge;
mod classify;
mod guard;
mod headers;
mod ids;
mod middleware;
mod version;

pub(crate) use call::{Call, CallOptions, Receipt};
pub(crate) use classify::request_id;
pub(crate) use headers::PREFER;
pub(crate) use ids::Ids;
pub use middleware::{CallContext, Middleware};

/// Everything that a request meets on its way; shared by the clones of a client.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pub(crate) root: Root,
    pub(crate) cloud: Cloud,
    /// What tokens are asked for.
    pub(crate) scope: Arc<str>,
    pub(crate) clock: Clock,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) credentials: Credentials,
    /// The kind of access that the caller wants; otherwise the operation decides.
    pub(crate) access: Option<Access>,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) limiter: Limiter,
    pub(crate) journal: Option<OperationJournal>,
    pub(crate) timeout: Duration,
    pub(crate) ids: Ids,
    pub(crate) user_agent: HeaderValue,
    pub(crate) call_middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) attempt_middleware: Vec<Arc<dyn Middleware>>,
    /// What the models do not know of the answers; nothing if nobody wants to know.
    pub(crate) drift: Option<Arc<DriftLog>>,
}

/// What the caller of one call wants.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// What decides about further attempts.
    pub(crate) retry: &'a dyn RetryPolicy,
    /// Whose budgets it counts against.
    pub(crate) key: &'a QuotaKey,
    /// By when it must be over.
    pub(crate) deadline: Option<Instant>,
    /// One attempt and no more, whatever comes of it: what is polled must not be asked twice at once.
    pub(crate) once: bool,
    /// The client's id of the call that started the long-running operation that this one asks about.
    pub(crate) started_by: Option<&'a str>,
    /// The record of the operation that it starts or asks about, if there is a journal.
    pub(crate) journal: Option<&'a Entry>,
    /// Its place in a batch, if it is sent in one.
    pub(crate) seat: Option<&'a Seat>,
}

impl Terms<'_> {
    /// How much time is left; nothing if there is no end.
    fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether anything can come of a request that is sent after `wait`.
    fn allow(&self, wait: Duration) -> bool {
        self.remaining().is_none_or(|remaining| wait < remaining)
    }
}

/// A success, and what is known about how it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) receipt: Receipt,
}

impl Answer {
    /// What the body says, and what the models do not know of it.
    pub(crate) fn read<T: DeserializeOwned + Inspect>(
        &self,
        operation: &'static OperationInfo,
    ) -> Result<T, Error> {
        let body = self.response.body();
        // Checking the text once and parsing it as such is faster than parsing bytes.
        let value = str::from_utf8(body)
            .map_err(serde::de::Error::custom)
            .and_then(serde_json::from_str::<T>)
            .map_err(|source| self.receipt.unreadable(operation, body.clone(), source))?;
        if let Some(inspector) = self.response.extensions().get::<Inspector>() {
            inspector.inspect(&value);
        }
        Ok(value)
    }
}

impl Pipeline {
    /// Sends `request`, which belongs to `operation`, through all stages. It is borrowed all the way: each future that owned it
    /// would hold it twice.
    pub(crate) async fn send(
        &self,
        operation: &'static OperationInfo,
        request: &mut Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Answer, Error> {
        self.check(operation, request.uri()).map_err(|error| error.with_operation(operation))?;
        let client_request_id = headers::prepare(request.headers_mut(), &self.ids, &self.user_agent);
        let call = CallSpan::begin(operation, &client_request_id, terms.started_by);
        // Pinned here, as it would be copied into what instruments it.
        let calling = pin!(self.call(operation, &client_request_id, request, terms, &call));
        calling.instrument(call.span()).await
    }

    /// Reads an address that the service handed out: a next page, a long-running operation, a resource.
    pub(crate) async fn get(
        &self,
        operation: &'static OperationInfo,
        url: &Url,
        headers: &HeaderMap,
        terms: Terms<'_>,
    ) -> Result<Answer, Error> {
        self.send(operation, &mut reading(operation, url, headers)?, terms).await
    }

    async fn call(
        &self,
        operation: &'static OperationInfo,
        client_request_id: &str,
        request: &mut Request<Bytes>,
        terms: Terms<'_>,
        call: &CallSpan,
    ) -> Result<Answer, Error> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let context = CallContext { operation, method: &method, uri: &uri, client_request_id, attempt: 0 };
        match self.try_call(context, request, terms).await {
            Ok(mut answer) => {
                call.succeeded(answer.receipt.attempts);
                middleware::on_response(&self.call_middleware, &context, &answer.response);
                self.watch_drift(operation, &mut answer.response);
                Ok(answer)
            }
            Err(mut error) => {
                error.inner_mut().client_request_id = Some(client_request_id.into());
                let error = error.with_operation(operation);
                call.failed(&error);
                middleware::on_failure(&self.call_middleware, &context, &error);
                Err(error)
            }
        }
    }

    async fn try_call(
        &self,
        context: CallContext<'_>,
        request: &mut Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Answer, Error> {
        middleware::on_request(&self.call_middleware, &context, request.headers_mut())?;
        guard::required_headers(context.operation, request.headers())?;
        let Some(entry) = terms.journal else { return self.attempts(context, request, terms).await };
        entry.begin(context.client_request_id, self.clock.now()).await?;
        let mut outcome = self.attempts(context, request, terms).await;
        entry.answered(context.operation, &self.root, &mut outcome, self.clock.now()).await;
        outcome
    }

    /// Lets whoever reads the answer say what the models do not know of it.
    fn watch_drift(&self, operation: &'static OperationInfo, response: &mut Response<Bytes>) {
        if let Some(drift) = self.drift.as_ref().filter(|_| !response.body().is_empty()) {
            response.extensions_mut().insert(Inspector::new(operation, Arc::clone(drift) as _));
        }
    }
}

/// The request for what is at `url`.
pub(crate) fn reading(
    operation: &'static OperationInfo,
    url: &Url,
    headers: &HeaderMap,
) -> Result<Request<Bytes>, Error> {
    let mut request = Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|error| Error::from_source(ErrorKind::InvalidRequest, error).with_operation(operation))?;
    *request.headers_mut() = headers.clone();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("root", &self.root.base())
            .field("cloud", &self.cloud)
            .field("credentials", &self.credentials)
            .field("access", &self.access)
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
