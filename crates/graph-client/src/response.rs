//! A value together with the answer that it came in.

use http::{HeaderMap, StatusCode};

use crate::error::Error;
use crate::pipeline::Receipt;

/// A value, with the status, headers and ids of the answer that it came in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The status: 2xx, or that of a refusal which says that the wish was fulfilled before.
    pub status: StatusCode,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The value; `()` where the operation answers with none.
    pub value: T,
    receipt: Receipt,
}

impl<T> Response<T> {
    pub(crate) fn new(headers: HeaderMap, value: T, receipt: Receipt) -> Self {
        Self { status: receipt.status, headers, value, receipt }
    }

    /// The value that a refusal, or an answer that could not be read, amounts to; none where there was no answer.
    pub fn of_refusal(refusal: &Error, value: T) -> Option<Self> {
        Some(Self::new(HeaderMap::new(), value, Receipt::of_refusal(refusal)?))
    }

    /// Adds the status and the ids of the answer to an error about it.
    pub fn complete(&self, error: Error) -> Error {
        self.receipt.complete(error)
    }

    /// The service's id of the attempt that succeeded: what Microsoft's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.receipt.request_id.as_deref()
    }

    /// The client's id of the call, sent with every attempt.
    pub fn client_request_id(&self) -> &str {
        self.receipt.client_request_id.as_ref().map_or("", |id| id.as_str())
    }

    /// How many requests were sent.
    pub fn attempts(&self) -> u32 {
        self.receipt.attempts
    }

    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        let Self { status, headers, value, receipt } = self;
        Response { status, headers, value: change(value), receipt }
    }
}
