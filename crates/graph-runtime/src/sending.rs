//! Calls of a raw client under way, and what comes of them.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::StatusCode;
use progenitor_client::{Error, ResponseValue};
use serde::de::{DeserializeOwned, Error as _};

use crate::{BoxFuture, DispatchError, Failure, Inspect, OperationInfo, Response, Seam};

/// What a raw client's method comes to.
pub type RawAnswer<T> = Result<ResponseValue<T>, Error<()>>;

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
    type Output = RawAnswer<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { seam, request, under_way } = &mut *self;
        if let Some(request) = request.take() {
            let RawRequest { operation, request, read } = request.map_err(Error::InvalidRequest)?;
            let outcome = Arc::clone(&seam.0).dispatch(operation, request);
            *under_way = Some(UnderWay { operation, outcome, read });
        }
        let Some(UnderWay { operation, outcome, read }) = under_way else {
            return Poll::Ready(Err(Error::InvalidRequest(SENT.to_owned())));
        };
        Poll::Ready(match ready!(outcome.as_mut().poll(context)) {
            Ok(answer) if answer.status().is_success() => {
                match read(&answer, &mut |value| seam.0.inspect(operation, value)) {
                    Ok(value) => {
                        let (parts, _) = answer.into_parts();
                        Ok(ResponseValue::new(value, parts.status, parts.headers))
                    }
                    Err(why) => Err(Error::InvalidResponsePayload(answer.into_body(), why)),
                }
            }
            Ok(answer) => Err(Error::UnexpectedResponse(answer.into())),
            Err(failure) => Err(Error::UnexpectedResponse(carry(failure))),
        })
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("request", &self.request).finish_non_exhaustive()
    }
}

/// The failure of a dispatch, on its way through the raw client's types as an extension of a synthetic response.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<DispatchError>>>);

fn carry(error: DispatchError) -> reqwest::Response {
    let mut response = http::Response::new(Bytes::new());
    // Not a success, whatever is done with it.
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(error)))));
    response.into()
}

fn take_carried(response: &reqwest::Response) -> Option<DispatchError> {
    let carried = response.extensions().get::<Carried>()?;
    carried.0.lock().unwrap_or_else(PoisonError::into_inner).take()
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

/// Turns what a raw client's method gives into a [`Response`] or the [`Failure`] behind it.
pub fn lift<T>(answer: RawAnswer<T>) -> Result<Response<T>, Failure> {
    let response = answer?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Response { status, headers, value: response.into_inner() })
}

impl From<Error<()>> for Failure {
    fn from(error: Error<()>) -> Self {
        match error {
            Error::UnexpectedResponse(response) => match take_carried(&response) {
                Some(carried) => Self::Dispatch(carried),
                None => Self::UnexpectedStatus(response.status()),
            },
            Error::InvalidResponsePayload(body, source) => Self::Decode { body, source },
            Error::InvalidRequest(why) => Self::InvalidRequest(why),
            other => Self::InvalidRequest(other.to_string()),
        }
    }
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
