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
use graph_runtime::{Cloud, Inspect, OperationInfo};
use http::{HeaderMap, HeaderValue, Request, Response};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use crate::clock::Clock;
use crate::credential::Credentials;
use crate::error::Error;
use crate::limit::{Limiter, QuotaKey};
use crate::policy::RetryPolicy;
use crate::root::Root;
use crate::scopes::Access;
use crate::transport::Transport;

mod attempts;
mod authorization;
mod challenge;
mod classify;
mod guard;
mod headers;
mod hooks;
mod ids;
mod middleware;
mod observer;
mod options;
mod outgoing;
mod receipt;
mod spans;
mod version;

pub(crate) use classify::{refused_by, request_id};
pub(crate) use headers::PREFER;
pub(crate) use hooks::{CallHook, HookContext, Step};
pub(crate) use ids::{CallId, Ids};
pub use middleware::{CallContext, Middleware};
pub(crate) use observer::{AttemptReport, Observer};
pub use options::CallOptions;
pub(crate) use outgoing::Outgoing;
pub(crate) use receipt::Receipt;

use hooks::Hooks;
use spans::CallSpan;

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
    pub(crate) timeout: Duration,
    /// How large the body of a success may be.
    pub(crate) max_response_bytes: u64,
    pub(crate) ids: Ids,
    pub(crate) user_agent: HeaderValue,
    pub(crate) call_middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) attempt_middleware: Vec<Arc<dyn Middleware>>,
    /// Who is told of all calls.
    pub(crate) observers: Arc<[Arc<dyn Observer>]>,
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
    /// The client's id of the call that this one asks about, if it does.
    pub(crate) follows: Option<&'a str>,
    /// What takes part in it.
    pub(crate) hooks: &'a [Arc<dyn CallHook>],
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
        let call = CallSpan::begin(operation, id.as_str(), terms.follows);
        self.tell(|observer| observer.call_began(operation, terms.follows.is_some()));
        spans::within(call.span(), pin!(self.call(operation, &id, outgoing, terms, &call))).await
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
                self.tell(|observer| observer.call_ended(operation, None));
                middleware::on_response(&self.call_middleware, &context, &answer.response);
                Ok(answer)
            }
            Err(mut error) => {
                error.inner_mut().client_request_id = Some(id.as_str().into());
                let error = error.with_operation(operation);
                let error_type = call.failed(&error);
                self.tell(|observer| observer.call_ended(operation, Some(&error_type)));
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
        if terms.hooks.is_empty() {
            return self.attempts(operation, id, outgoing, terms).await;
        }
        Box::pin(self.hooked(operation, id, outgoing, terms)).await
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

    /// The attempts of a call that hooks take part in.
    async fn hooked(
        &self,
        operation: &'static OperationInfo,
        id: &CallId,
        outgoing: &Outgoing,
        terms: &Terms<'_>,
    ) -> Result<Answer, Error> {
        let hooks = Hooks(terms.hooks);
        let context = || HookContext { operation, root: &self.root, id: id.as_str(), now: self.clock.now() };
        hooks.begin(context()).await?;
        let mut outcome = self.attempts(operation, id, outgoing, terms).await;
        hooks.ended(context(), &mut outcome).await;
        outcome
    }

    /// What the body of an answer to `operation` says; the observers see it too.
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

    /// Shows the observers what was read.
    pub(crate) fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        self.tell(|observer| observer.answer_read(operation, answer));
    }

    fn tell(&self, what: impl Fn(&dyn Observer)) {
        self.observers.iter().for_each(|observer| what(&**observer));
    }

    /// What a generated client wrote, at the address that it has in the client's version.
    pub(crate) fn placed(
        &self,
        operation: &'static OperationInfo,
        request: Request<Bytes>,
    ) -> Result<Outgoing, Error> {
        let mut outgoing = Outgoing::from(request);
        match version::move_to(self.root.version(), operation, &mut outgoing.uri) {
            Ok(()) => Ok(outgoing),
            Err(error) => Err(error.with_operation(operation)),
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
