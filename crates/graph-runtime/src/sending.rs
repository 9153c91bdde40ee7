//! Calls of a raw client under way, and what comes of them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use serde::de::{DeserializeOwned, Error as _};

use crate::{BoxFuture, DispatchError, Failure, Inspect, OperationInfo, Response, Seam};

/// Makes a value of a success, and shows what it read.
pub type ReadAnswer<T> = fn(&http::Response<Bytes>, OnRead<'_>) -> serde_json::Result<T>;

/// Whom the models that were read are shown to.
pub type OnRead<'a> = &'a mut dyn FnMut(&dyn Inspect);

/// A call of a raw client: what its methods give. It is sent when it is first polled, and given up when it is dropped.
///
/// [`into_request`](Self::into_request) takes the request out of it instead, for whoever sends requests by other means.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Sending<T> {
    seam: Seam,
    /// The request until it is sent, or why there is none.
    request: Option<Result<RawRequest<T>, String>>,
    under_way: Option<UnderWay<T>>,
}

struct UnderWay<T> {
    operation: &'static OperationInfo,
    outcome: BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>>,
    read: ReadAnswer<T>,
}

/// A request that is not sent yet, and how an answer to it is read.
#[non_exhaustive]
pub struct RawRequest<T> {
    /// What it belongs to.
    pub operation: &'static OperationInfo,
    /// The request, without a token.
    pub request: http::Request<Bytes>,
    /// Makes a value of a success.
    pub read: ReadAnswer<T>,
}

impl<T> fmt::Debug for RawRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

impl<T> Sending<T> {
    pub(crate) fn new(
        seam: &Seam,
        operation: &'static OperationInfo,
        request: Result<http::Request<Bytes>, String>,
        read: ReadAnswer<T>,
    ) -> Self {
        let request = request.map(|request| RawRequest { operation, request, read });
        Self { seam: seam.clone(), request: Some(request), under_way: None }
    }

    /// The same call, whose answer is read otherwise.
    pub fn read_by<U>(self, read: ReadAnswer<U>) -> Sending<U> {
        let Self { seam, request, under_way } = self;
        let otherwise = |RawRequest { operation, request, .. }| RawRequest { operation, request, read };
        Sending {
            seam,
            request: request.map(|request| request.map(otherwise)),
            under_way: under_way.map(|UnderWay { operation, outcome, .. }| UnderWay {
                operation,
                outcome,
                read,
            }),
        }
    }

    /// The request, instead of sending it.
    pub fn into_request(self) -> Result<RawRequest<T>, Failure> {
        self.request.unwrap_or_else(|| Err(SENT.to_owned())).map_err(Failure::InvalidRequest)
    }
}

const SENT: &str = "it was sent already";

impl<T> Future for Sending<T> {
    type Output = Result<Response<T>, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { seam, request, under_way } = &mut *self;
        if let Some(request) = request.take() {
            let RawRequest { operation, request, read } = request.map_err(Failure::InvalidRequest)?;
            let outcome = Arc::clone(&seam.0).dispatch(operation, request);
            *under_way = Some(UnderWay { operation, outcome, read });
        }
        let Some(UnderWay { operation, outcome, read }) = under_way else {
            return Poll::Ready(Err(Failure::InvalidRequest(SENT.to_owned())));
        };
        let answer = ready!(outcome.as_mut().poll(context)).map_err(Failure::Dispatch)?;
        if !answer.status().is_success() {
            return Poll::Ready(Err(Failure::UnexpectedStatus(answer.status())));
        }
        let value = read(&answer, &mut |value| seam.0.inspect(operation, value));
        let (parts, body) = answer.into_parts();
        Poll::Ready(match value {
            Ok(value) => Ok(Response { status: parts.status, headers: parts.headers, value }),
            Err(source) => Err(Failure::Decode { body, source }),
        })
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Reads the JSON of a body. One that is empty reads as `null`, where that is a value.
#[doc(hidden)]
pub fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    // Looked through once and as a whole, instead of string by string.
    let text = str::from_utf8(body).map_err(serde_json::Error::custom)?;
    let value = serde_json::from_str(if text.is_empty() { "null" } else { text });
    value
        .map_err(|error| if text.is_empty() { serde_json::Error::custom("the body is empty") } else { error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_body_reads_as_null_and_nothing_else() {
        assert_eq!(read::<Option<u8>>(b"").ok(), Some(None));
        assert_eq!(read::<u8>(b"").map_err(|error| error.to_string()), Err("the body is empty".to_owned()));
    }
}
