//! Calls of a raw client under way, and what comes of them.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::StatusCode;
use progenitor_client::{Error, ResponseValue};
use serde::de::{DeserializeOwned, Error as _};

use crate::{BoxFuture, DispatchError, Failure, OperationInfo, Response, Seam};

/// What a raw client's method gives.
pub type RawAnswer<T> = Result<ResponseValue<T>, Error<()>>;

/// Makes a value of a success.
pub(crate) type Read<T> = fn(&Seam, &'static OperationInfo, http::Response<Bytes>) -> RawAnswer<T>;

/// A call of a raw client under way. Dropped, it is given up.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Sending<T> {
    pub(crate) seam: Seam,
    pub(crate) operation: &'static OperationInfo,
    /// The answer to come, or why nothing can be sent.
    pub(crate) outcome: Result<BoxFuture<'static, Result<http::Response<Bytes>, DispatchError>>, String>,
    pub(crate) read: Read<T>,
}

impl<T> Future for Sending<T> {
    type Output = RawAnswer<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.outcome {
            Ok(outcome) => ready!(outcome.as_mut().poll(context)),
            Err(why) => return Poll::Ready(Err(Error::InvalidRequest(std::mem::take(why)))),
        };
        Poll::Ready(match answer {
            Ok(answer) if answer.status().is_success() => {
                (self.read)(&self.seam, self.operation, nothing_as_null(self.operation, answer))
            }
            Ok(answer) => Err(Error::UnexpectedResponse(answer.into())),
            Err(failure) => Err(Error::UnexpectedResponse(carry(failure))),
        })
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}

/// Where an operation answers with a body or with none, none is `null`: the generated code reads an `Option`.
fn nothing_as_null(operation: &OperationInfo, mut answer: http::Response<Bytes>) -> http::Response<Bytes> {
    let may_be_nothing = operation.success.len() > 1 && answer.status() == StatusCode::NO_CONTENT;
    if may_be_nothing && answer.body().is_empty() {
        *answer.body_mut() = Bytes::from_static(b"null");
    }
    answer
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
    use crate::operation::tests::READ;

    #[test]
    fn only_of_a_body_that_may_be_missing_is_none_null() {
        let operation = |success: &'static [u16]| OperationInfo { success, ..READ };
        let cases = [
            (&[200, 204][..], 204, "", "null"),
            (&[200, 204], 200, "", ""),
            (&[200, 204], 200, "{}", "{}"),
            (&[204], 204, "", ""),
        ];
        for (success, status, body, expected) in cases {
            let answer = http::Response::builder().status(status).body(Bytes::from_static(body.as_bytes()));
            let answer = nothing_as_null(&operation(success), answer.unwrap_or_default());
            assert_eq!(answer.body(), expected, "{status} of {success:?}");
        }
    }

    #[test]
    fn an_empty_body_reads_as_null_and_nothing_else() {
        assert_eq!(read::<Option<u8>>(b"").ok(), Some(None));
        assert_eq!(read::<u8>(b"").map_err(|error| error.to_string()), Err("the body is empty".to_owned()));
    }
}
