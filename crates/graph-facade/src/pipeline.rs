//! The one way to the wire: what happens to every request, in this order.
//!
//! 1. [`guard`]: the client's cloud and version offer the operation, one of its credentials is of a kind that the operation
//!    is offered to, and the address is below the client's root
//! 2. [`headers`]: ids, `User-Agent`, `Prefer`
//! 3. a tracing span
//! 4. the caller's middleware, once per call; then [`guard`] again: the headers that the operation needs are there
//! 5. [`attempts`], as often as the retry policy says: token, limiter, a span, the caller's middleware per attempt, transport;
//!    the limiter is told of the answer. A token that is refused is renewed once ([`authorization`])
//! 6. [`classify`]: a success, or an [`Error`]

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graph_models::{Cloud, Inspect, OperationInfo, RawClient};
use http::{HeaderMap, HeaderValue, Response};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use crate::batch::Seat;
use crate::clock::Clock;
use crate::credential::Credentials;
use crate::error::Error;
use crate::limit::{Limiter, QuotaKey};
use crate::lro::OperationJournal;
use crate::lro::journal::Entry;
use crate::policy::RetryPolicy;
use crate::root::Root;
use crate::scopes::Access;
use crate::telemetry::{self, CallSpan, DriftLog};
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
mod outgoing;
mod version;

pub(crate) use call::{CallOptions, Receipt};
pub(crate) use classify::request_id;
pub(crate) use headers::PREFER;
pub(crate) use ids::{CallId, Ids};
pub use middleware::{CallContext, Middleware};
pub(crate) use outgoing::Outgoing;

/// Everything that a request meets on its way; shared by the clones of a client.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pub(crate) root: Root,
    /// Writes requests below the root, and sends none.
    pub(crate) raw: RawClient,
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
    /// How large the body of a success may be.
    pub(crate) max_response_bytes: u64,
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
    /// How large the body of a success may be, where it is another size than the client's.
    pub(crate) max_response_bytes: Option<u64>,
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

impl Pipeline {
    /// Sends `outgoing`, which belongs to `operation`, through all stages. It is borrowed all the way: each future that owned it
    /// would hold it twice.
    pub(crate) async fn send(
        &self,
        operation: &'static OperationInfo,
        outgoing: &mut Outgoing,
        terms: &Terms<'_>,
    ) -> Result<Answer, Error> {
        self.check(operation, &mut outgoing.uri).map_err(|error| error.with_operation(operation))?;
        let id = self.ids.next();
        headers::prepare(&mut outgoing.headers, &id, &self.user_agent);
        let call = CallSpan::begin(operation, id.as_str(), terms.started_by);
        telemetry::within(call.span(), pin!(self.call(operation, &id, outgoing, terms, &call))).await
    }

    /// Reads an address that the service handed out: a next page, a long-running operation, a resource.
    pub(crate) async fn get(
        &self,
        operation: &'static OperationInfo,
        url: &Url,
        headers: &HeaderMap,
        terms: &Terms<'_>,
    ) -> Result<Answer, Error> {
        let mut outgoing =
            Outgoing::reading(url, headers.clone()).map_err(|error| error.with_operation(operation))?;
        self.send(operation, &mut outgoing, terms).await
    }

    async fn call(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &mut Outgoing,
        terms: &Terms<'_>,
        call: &CallSpan,
    ) -> Result<Answer, Error> {
        let outcome = self.try_call(operation, id, outgoing, terms).await;
        let context = outgoing.context(operation, id, 0);
        match outcome {
            Ok(answer) => {
                call.succeeded(answer.receipt.attempts);
                middleware::on_response(&self.call_middleware, &context, &answer.response);
                Ok(answer)
            }
            Err(mut error) => {
                error.inner_mut().client_request_id = Some(id.as_str().into());
                let error = error.with_operation(operation);
                call.failed(&error);
                middleware::on_failure(&self.call_middleware, &context, &error);
                Err(error)
            }
        }
    }

    async fn try_call(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &mut Outgoing,
        terms: &Terms<'_>,
    ) -> Result<Answer, Error> {
        self.ask_middleware(operation, id, outgoing)?;
        guard::required_headers(operation, &outgoing.headers)?;
        outgoing.leave_room();
        match terms.journal {
            None => self.attempts(operation, id, outgoing, terms).await,
            Some(entry) => Box::pin(self.journaled(operation, id, outgoing, terms, entry)).await,
        }
    }

    fn ask_middleware(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &mut Outgoing,
    ) -> Result<(), Error> {
        let (context, headers) = outgoing.split(operation, id);
        middleware::on_request(&self.call_middleware, &context, headers)
    }

    /// The attempts of a call whose course is written to a journal.
    async fn journaled(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &Outgoing,
        terms: &Terms<'_>,
        entry: &Entry,
    ) -> Result<Answer, Error> {
        entry.begin(id.as_str(), self.clock.now()).await?;
        let mut outcome = self.attempts(operation, id, outgoing, terms).await;
        entry.answered(operation, &self.root, &mut outcome, self.clock.now()).await;
        outcome
    }

    /// What the body of an answer to `operation` says; what the models do not know of it goes to the log.
    pub(crate) fn read<T: DeserializeOwned + Inspect>(
        &self,
        operation: &'static OperationInfo,
        answer: &Answer,
    ) -> Result<T, Error> {
        let body = answer.response.body();
        // Checking the text once and parsing it as such is faster than parsing bytes.
        let value = str::from_utf8(body)
            .map_err(serde::de::Error::custom)
            .and_then(serde_json::from_str::<T>)
            .map_err(|source| answer.receipt.unreadable(operation, body.clone(), source))?;
        self.inspect(operation, &value);
        Ok(value)
    }

    /// Looks for what the models do not know of an answer, unless nobody wants to know.
    pub(crate) fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        if let Some(drift) = &self.drift {
            drift.inspect(operation, answer);
        }
    }
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
mod size_tests;
#[cfg(test)]
mod tests;
