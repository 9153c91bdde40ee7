//! What is known about how an answer came.

use bytes::Bytes;
use graph_runtime::OperationInfo;
use http::StatusCode;

use super::{CallId, request_id};
use crate::error::{Error, ErrorKind};

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
