//! One call of the generated client, seen from the pipeline.

use std::future::ready;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use graph_models::{BoxFuture, Dispatch, DispatchError, Failure, Inspect, OperationInfo};
use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time::Instant;

use super::{Answer, CallId, Outgoing, Pipeline, Terms, headers, request_id, version};
use crate::batch::Seat;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::lro::journal::Entry;
use crate::request::Unsuccessful;

/// What is known about how an answer came.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) status: StatusCode,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) client_request_id: Option<CallId>,
    pub(crate) attempts: u32,
}

impl Receipt {
    pub(super) fn new(response: &Response<Bytes>, id: CallId, attempts: u32) -> Self {
        Self {
            status: response.status(),
            request_id: request_id(response.headers()).map(Into::into),
            client_request_id: Some(id),
            attempts,
        }
    }

    /// How the answer came that `refusal` is about, if it is about one.
    pub(crate) fn of_refusal(refusal: &Error) -> Option<Self> {
        Some(Self {
            status: refusal.status()?,
            request_id: refusal.request_id().map(Into::into),
            client_request_id: refusal.client_request_id().and_then(CallId::of),
            attempts: refusal.attempts(),
        })
    }

    /// Adds what is known of the answer to an error about it.
    pub(crate) fn complete(&self, mut error: Error) -> Error {
        let inner = error.inner_mut();
        inner.status = Some(self.status);
        inner.request_id.clone_from(&self.request_id);
        inner.client_request_id = self.client_request_id.map(|id| id.as_str().into());
        inner.attempts = self.attempts;
        inner.maybe_processed = true;
        error
    }

    /// The error for an answer that came as described here but can't be read.
    pub(crate) fn unreadable(
        &self,
        operation: &'static OperationInfo,
        body: Bytes,
        source: serde_json::Error,
    ) -> Error {
        let mut error =
            self.complete(Error::from_source(ErrorKind::Decode, source).with_operation(operation));
        error.inner_mut().body = body;
        error
    }
}

/// What a caller adds to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallOptions {
    pub(crate) headers: HeaderMap,
    /// How long the call may take from sending to the end of the answer, waits included.
    pub(crate) time_limit: Option<Duration>,
    /// The call's place in a batch, if it is sent in one.
    pub(crate) seat: Option<Seat>,
    /// The record of what it starts, if there is a journal.
    pub(crate) journal: Option<Entry>,
}

impl From<HeaderMap> for CallOptions {
    fn from(headers: HeaderMap) -> Self {
        Self { headers, ..Self::default() }
    }
}

impl CallOptions {
    /// `terms`, with what this call adds, and the end that they have for a call that is sent now.
    pub(crate) fn terms<'a>(&'a self, terms: Terms<'a>) -> Terms<'a> {
        let deadline = self.time_limit.and_then(|limit| Instant::now().checked_add(limit));
        Terms { deadline, journal: self.journal.as_ref(), seat: self.seat.as_ref(), ..terms }
    }
}

/// Carries one call of the generated client through the pipeline, and keeps how its answer came: the generated code keeps
/// nothing of it when it can't read the body.
#[derive(Debug)]
pub(crate) struct Call {
    client: Client,
    options: CallOptions,
    answered: Mutex<Option<Arrival>>,
}

/// How an answer came.
#[derive(Debug)]
struct Arrival {
    operation: &'static OperationInfo,
    receipt: Receipt,
    headers: HeaderMap,
}

impl Call {
    /// A call of `client` with `options` of its own.
    pub(crate) fn new(client: Client, options: CallOptions) -> Self {
        Self { client, options, answered: Mutex::new(None) }
    }

    /// The answer that the generated code's method read as `value`.
    pub(crate) fn answered_with<T>(&self, value: T) -> Result<crate::Response<T>, Error> {
        match self.arrival() {
            Some(Arrival { receipt, headers, .. }) => Ok(crate::Response::new(headers, value, receipt)),
            None => Err(Error::refused("the call gave a value without sending a request")),
        }
    }

    /// What it comes to that the generated code's method gave no value.
    pub(crate) fn failed(&self, unsuccessful: Unsuccessful) -> Error {
        match (unsuccessful, self.arrival()) {
            (Unsuccessful::Refused(error), _) => error,
            (
                Unsuccessful::Failed(Failure::Decode { body, source }),
                Some(Arrival { operation, receipt, .. }),
            ) => receipt.unreadable(operation, body, source),
            (Unsuccessful::Failed(failure), _) => failure.into(),
        }
    }

    fn arrival(&self) -> Option<Arrival> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn arrived(&self, operation: &'static OperationInfo, answer: Answer) -> Response<Bytes> {
        let Answer { mut response, receipt } = answer;
        // What the generated code would keep of them is a copy.
        let headers = mem::take(response.headers_mut());
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arrival { operation, receipt, headers });
        response
    }
}

impl Pipeline {
    /// What a generated client built, at the address that it has in the client's version.
    fn placed(&self, operation: &'static OperationInfo, request: Request<Bytes>) -> Result<Outgoing, Error> {
        let mut outgoing = Outgoing::from(request);
        match version::move_to(self.root.version(), operation, &mut outgoing.uri) {
            Ok(()) => Ok(outgoing),
            Err(error) => Err(error.with_operation(operation)),
        }
    }
}

/// For calls that nobody looks at on their way.
impl Dispatch for Client {
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, DispatchError>> {
        let mut outgoing = match self.pipeline.placed(operation, request) {
            Ok(outgoing) => outgoing,
            Err(error) => return Box::pin(ready(Err(error.into()))),
        };
        Box::pin(async move {
            let answer = self.pipeline.send(operation, &mut outgoing, &self.terms()).await?;
            Ok(answer.response)
        })
    }

    fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        self.pipeline.inspect(operation, answer);
    }
}

impl Dispatch for Call {
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, DispatchError>> {
        let mut outgoing = match self.client.pipeline.placed(operation, request) {
            Ok(outgoing) => outgoing,
            Err(error) => return Box::pin(ready(Err(error.into()))),
        };
        headers::overlay(&mut outgoing.headers, &self.options.headers);
        // Owned by the outermost future alone; each further owner would hold it twice.
        Box::pin(async move {
            let terms = self.options.terms(self.client.terms());
            let answer = self.client.pipeline.send(operation, &mut outgoing, &terms).await?;
            Ok(self.arrived(operation, answer))
        })
    }

    fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        self.client.pipeline.inspect(operation, answer);
    }
}
