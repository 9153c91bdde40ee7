//! Calls of the generated client, seen from the pipeline.

use std::future::ready;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graph_models::{
    BoxFuture, Dispatch, DispatchError, Inspect, OperationInfo, RawClient, RawRequest, ReadAnswer,
};
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::{Answer, CallId, Outgoing, Pipeline, Terms, headers, request_id, version};
use crate::batch::Seat;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::lro::journal::Entry;
use crate::request::RawCall;
use crate::response::Response;

/// What is known about how an answer came.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) status: StatusCode,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) client_request_id: Option<CallId>,
    pub(crate) attempts: u32,
}

impl Receipt {
    pub(super) fn new(response: &http::Response<Bytes>, id: CallId, attempts: u32) -> Self {
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
    /// How large the body of a success may be, where it is another size than the client's.
    pub(crate) max_response_bytes: Option<u64>,
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
        Terms {
            deadline,
            max_response_bytes: self.max_response_bytes,
            journal: self.journal.as_ref(),
            seat: self.seat.as_ref(),
            ..terms
        }
    }
}

impl Pipeline {
    /// What a generated client wrote, at the address that it has in the client's version.
    fn placed(
        &self,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
    ) -> Result<Outgoing, Error> {
        let mut outgoing = Outgoing::from(request);
        match version::move_to(self.root.version(), operation, &mut outgoing.uri) {
            Ok(()) => Ok(outgoing),
            Err(error) => Err(error.with_operation(operation)),
        }
    }

    /// What `read` makes of `answer`.
    fn response<T>(
        &self,
        operation: &'static OperationInfo,
        answer: Answer,
        read: ReadAnswer<T>,
    ) -> Result<Response<T>, Error> {
        let Answer { mut response, receipt } = answer;
        match read(&response, &mut |value| self.inspect(operation, value)) {
            Ok(value) => Ok(Response::new(mem::take(response.headers_mut()), value, receipt)),
            Err(source) => Err(receipt.unreadable(operation, response.into_body(), source)),
        }
    }
}

/// For raw clients, whose calls nobody looks at on their way.
impl Dispatch for Client {
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>> {
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

impl Client {
    /// Sends the call of `operation` that `write` makes of a method of the generated client. All that comes before sending is done
    /// at once, so that the future holds nothing twice; and what does not depend on the type of the answer stands apart, so that
    /// it is compiled once.
    pub(crate) fn call<T: 'static>(
        self,
        operation: &'static OperationInfo,
        options: CallOptions,
        write: impl FnOnce(&RawClient) -> RawCall<T>,
    ) -> BoxFuture<'static, Result<Response<T>, Error>> {
        let written = write(&self.pipeline.raw).and_then(|sending| Ok(sending.into_request()?));
        let (request, read) = match written {
            Ok(RawRequest { request, read, .. }) => (request, read),
            Err(error) => return refusal(error.with_operation(operation)),
        };
        match self.outgoing(operation, request, &options) {
            Ok(outgoing) => Box::pin(async move {
                let (client, answer) = self.answered(operation, outgoing, options).await?;
                client.pipeline.response(operation, answer, read)
            }),
            Err(error) => refusal(error),
        }
    }

    fn outgoing(
        &self,
        operation: &'static OperationInfo,
        request: http::Request<Bytes>,
        options: &CallOptions,
    ) -> Result<Outgoing, Error> {
        let mut outgoing = self.pipeline.placed(operation, request)?;
        headers::overlay(&mut outgoing.headers, &options.headers);
        Ok(outgoing)
    }

    /// Sends `outgoing`, and gives the client back with the answer.
    fn answered(
        self,
        operation: &'static OperationInfo,
        mut outgoing: Outgoing,
        options: CallOptions,
    ) -> BoxFuture<'static, Result<(Self, Answer), Error>> {
        Box::pin(async move {
            let terms = options.terms(self.terms());
            // Apart, as two pieces of less than a kilobyte are allocated in much less time than one of more.
            let answer = Box::pin(self.pipeline.send(operation, &mut outgoing, &terms)).await?;
            Ok((self, answer))
        })
    }
}

fn refusal<T: 'static>(error: Error) -> BoxFuture<'static, Result<Response<T>, Error>> {
    Box::pin(async { Err(error) })
}
