//! progenitor's hook: every request of the generated client leaves through here, and every failure comes back.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::{DeserializeOwned, Error as _};

use crate::{DispatchError, Failure, Inspect, Inspector, OperationInfo, Response, Seam};

/// Gives a raw client the hook through which its requests leave; `$operations` is its operation table. The orphan rule
/// wants this in the client's own crate.
#[doc(hidden)]
#[macro_export]
macro_rules! raw_client {
    ($client:path, $operations:path) => {
        impl ::progenitor_client::ClientHooks<$crate::Seam> for $client {
            async fn exec(
                &self,
                request: ::reqwest::Request,
                info: &::progenitor_client::OperationInfo,
            ) -> ::reqwest::Result<::reqwest::Response> {
                $crate::exec(&self.inner, $operations, request, info.operation_id).await
            }
        }
    };
}

/// Sends what the raw client's method `name` built. `operations` is sorted by the names of the methods.
#[doc(hidden)]
pub async fn exec(
    seam: &Seam,
    operations: &[&'static OperationInfo],
    request: reqwest::Request,
    name: &str,
) -> reqwest::Result<reqwest::Response> {
    let outcome = match prepare(operations, request, name) {
        Ok((operation, request)) => {
            let answer = seam.0.dispatch(operation, request).await;
            answer.map(|answer| nothing_as_null(operation, answer))
        }
        Err(unsendable) => Err(unsendable),
    };
    Ok(outcome.map_or_else(carry, reqwest::Response::from))
}

fn prepare(
    operations: &[&'static OperationInfo],
    request: reqwest::Request,
    name: &str,
) -> Result<(&'static OperationInfo, http::Request<Bytes>), DispatchError> {
    let operation = crate::operation::by_name(operations, name)
        .ok_or_else(|| format!("`{name}` is not in the operation table: run `cargo codegen generate`"))?;
    let (mut parts, body) = http::Request::<reqwest::Body>::try_from(request)?.into_parts();
    let body = body.as_bytes().ok_or("a streaming body can't be sent again after a refusal: send bytes")?;
    let body = Bytes::copy_from_slice(body);
    // progenitor's own header; Graph has no such thing.
    parts.headers.remove("api-version");
    if let Some(media_type) = operation.media_type {
        // progenitor knows bytes; what they are is the operation's to say.
        parts.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    }
    parts.uri = with_spaces_as_percent_20(parts.uri)?;
    Ok((operation, http::Request::from_parts(parts, body)))
}

/// Where an operation answers with a body or with none, none is `null`: the generated code reads an `Option`.
fn nothing_as_null(operation: &OperationInfo, mut answer: http::Response<Bytes>) -> http::Response<Bytes> {
    let may_be_nothing = operation.success.len() > 1 && answer.status() == http::StatusCode::NO_CONTENT;
    if may_be_nothing && answer.body().is_empty() {
        *answer.body_mut() = Bytes::from_static(b"null");
    }
    answer
}

/// reqwest writes queries as forms do, with `+` for a space; OData knows only `%20`. A real plus sign is `%2B` in both.
fn with_spaces_as_percent_20(uri: http::Uri) -> Result<http::Uri, DispatchError> {
    let Some(query) = uri.query().filter(|query| query.contains('+')) else { return Ok(uri) };
    let path_and_query = format!("{}?{}", uri.path(), query.replace('+', "%20"));
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(path_and_query.parse()?);
    Ok(http::Uri::from_parts(parts)?)
}

/// The failure of a dispatch, on its way through the generated code as an extension of a synthetic response.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<DispatchError>>>);

fn carry(error: DispatchError) -> reqwest::Response {
    let mut response = http::Response::new(Bytes::new());
    // Not a success, so that the generated code hands it on as it is.
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(error)))));
    response.into()
}

/// Reads the answer to what the raw client sent.
#[doc(hidden)]
pub async fn decode<T: DeserializeOwned + Inspect, E>(
    mut response: reqwest::Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let inspector = response.extensions_mut().remove::<Inspector>();
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    match read(&body) {
        Ok(value) => {
            if let Some(inspector) = inspector {
                inspector.inspect(&value);
            }
            Ok(ResponseValue::new(value, status, headers))
        }
        Err(why) => Err(Error::InvalidResponsePayload(body, why)),
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

/// Turns the outcome of a raw client's method into a [`Response`] or the [`Failure`] behind it.
pub fn lift<T>(outcome: Result<ResponseValue<T>, Error<()>>) -> Result<Response<T>, Failure> {
    let error = match outcome {
        Ok(response) => {
            let (status, headers) = (response.status(), response.headers().clone());
            return Ok(Response { status, headers, value: response.into_inner() });
        }
        Err(error) => error,
    };
    Err(match error {
        Error::UnexpectedResponse(response) => match take_carried(&response) {
            Some(carried) => Failure::Dispatch(carried),
            None => Failure::UnexpectedStatus(response.status()),
        },
        Error::InvalidResponsePayload(body, source) => Failure::Decode { body, source },
        Error::CommunicationError(source) => Failure::InvalidRequest(innermost(&source)),
        other => Failure::InvalidRequest(other.to_string()),
    })
}

fn take_carried(response: &reqwest::Response) -> Option<DispatchError> {
    let carried = response.extensions().get::<Carried>()?;
    carried.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// reqwest wraps what serialisation says into layers that say "builder error".
fn innermost(error: &dyn StdError) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_a_body_that_may_be_missing_is_none_null() {
        let operation = |success: &'static [u16]| OperationInfo { success, ..crate::operation::tests::READ };
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
}
