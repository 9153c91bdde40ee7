//! One call of the generated client, seen from the pipeline.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use graph_models::{BoxFuture, Dispatch, DispatchError, Failure, OperationInfo};
use http::{HeaderMap, Request, Response, StatusCode};
use tokio::time::Instant;

use super::{Answer, Pipeline, Terms, headers, request_id, version};
use crate::batch::Seat;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::lro::journal::Entry;

/// What is known about how an answer came.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) status: StatusCode,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) client_request_id: Box<str>,
    pub(crate) attempts: u32,
}

impl Receipt {
    pub(super) fn new(response: &Response<Bytes>, client_request_id: &str, attempts: u32) -> Self {
        Self {
            status: response.status(),
            request_id: request_id(response.headers()).map(Into::into),
            client_request_id: client_request_id.into(),
            attempts,
        }
    }

    /// How the answer came that `refusal` is about, if it is about one.
    pub(crate) fn of_refusal(refusal: &Error) -> Option<Self> {
        Some(Self {
            status: refusal.status()?,
            request_id: refusal.request_id().map(Into::into),
            client_request_id: refusal.client_request_id().unwrap_or_default().into(),
            attempts: refusal.attempts(),
        })
    }

    /// Adds what is known of the answer to an error about it.
    pub(crate) fn complete(&self, mut error: Error) -> Error {
        let inner = error.inner_mut();
        inner.status = Some(self.status);
        inner.request_id.clone_from(&self.request_id);
        inner.client_request_id = Some(self.client_request_id.clone());
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

/// Carries one call of the generated client through the pipeline, and remembers how its answer came: the generated code
/// keeps nothing of it when it can't read the body.
#[derive(Debug)]
pub(crate) struct Call {
    client: Client,
    options: CallOptions,
    answered: Mutex<Option<(&'static OperationInfo, Receipt)>>,
}

impl Call {
    /// A call of `client` with `options` of its own.
    pub(crate) fn new(client: Client, options: CallOptions) -> Self {
        Self { client, options, answered: Mutex::new(None) }
    }

    /// How the answer came, if one came.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        self.last().map(|(_, receipt)| receipt)
    }

    /// The error behind a failure of the generated client.
    pub(crate) fn error(&self, failure: Failure) -> Error {
        match (failure, self.last()) {
            (Failure::Decode { body, source }, Some((operation, receipt))) => {
                receipt.unreadable(operation, body, source)
            }
            (failure, _) => failure.into(),
        }
    }

    fn last(&self) -> Option<(&'static OperationInfo, Receipt)> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn send(
        &self,
        operation: &'static OperationInfo,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, DispatchError> {
        headers::overlay(request.headers_mut(), &self.options.headers);
        let terms = self.options.terms(self.client.terms());
        let answer = self.client.pipeline.send_built(operation, &mut request, terms).await?;
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some((operation, answer.receipt));
        Ok(answer.response)
    }
}

impl Pipeline {
    /// Sends what a generated client built.
    async fn send_built(
        &self,
        operation: &'static OperationInfo,
        request: &mut Request<Bytes>,
        terms: Terms<'_>,
    ) -> Result<Answer, Error> {
        let address = version::address_in(self.root.version(), operation, request.uri().clone());
        *request.uri_mut() = address.map_err(|error| error.with_operation(operation))?;
        self.send(operation, request, terms).await
    }
}

/// For calls that nobody looks at on their way.
impl Dispatch for Client {
    fn dispatch(
        &self,
        operation: &'static OperationInfo,
        mut request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, DispatchError>> {
        Box::pin(async move {
            let answer = self.pipeline.send_built(operation, &mut request, self.terms()).await?;
            Ok(answer.response)
        })
    }
}

impl Dispatch for Call {
    fn dispatch(
        &self,
        operation: &'static OperationInfo,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, DispatchError>> {
        Box::pin(self.send(operation, request))
    }
}
