//! The requests of a raw client: written by its methods, sent through the seam, read by type.

use std::fmt::{Display, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};

use crate::{DispatchError, Failure, Inspect, Inspector, OperationInfo, Response, Seam};

/// What a query keeps as it is. A space is `%20`, never the `+` of forms, which OData takes for a plus sign.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// A request that is being written. No URL is parsed on the way: whoever sends it has to do that anyway.
#[doc(hidden)]
#[must_use = "a draft does nothing until its answer is asked for"]
#[derive(Debug)]
pub struct Draft<'a> {
    seam: &'a Seam,
    operation: &'static OperationInfo,
    address: String,
    content_type: Option<&'static str>,
    body: Result<Bytes, serde_json::Error>,
}

/// Makes of an argument a part of a path that stays one. Some parsers take a backslash for a slash.
#[doc(hidden)]
pub fn encode_path(argument: &str) -> String {
    let encoded = progenitor_client::encode_path(argument);
    if encoded.contains('\\') { encoded.replace('\\', "%5C") } else { encoded }
}

impl Seam {
    /// A request for `operation` at `address`.
    #[doc(hidden)]
    pub fn request(&self, operation: &'static OperationInfo, address: String) -> Draft<'_> {
        Draft { seam: self, operation, address, content_type: None, body: Ok(Bytes::new()) }
    }
}

impl Draft<'_> {
    /// Adds a parameter to the query, unless there is no value.
    pub fn query(mut self, name: &str, value: Option<impl Display>) -> Self {
        if let Some(value) = value {
            let separator = if self.address.contains('?') { '&' } else { '?' };
            let (name, value) = (utf8_percent_encode(name, QUERY), value.to_string());
            // Writing to a text can't fail.
            let _ = write!(self.address, "{separator}{name}={}", utf8_percent_encode(&value, QUERY));
        }
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.content_type = Some("application/json");
        self.body = serde_json::to_vec(body).map(Bytes::from);
        self
    }

    /// Sends `body` as it is.
    pub fn body(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        // progenitor knows bytes; what they are is the operation's to say.
        self.content_type = Some(self.operation.media_type.unwrap_or(media_type));
        self.body = Ok(body.into());
        self
    }

    /// Sends the request and reads the answer as JSON.
    pub async fn read<T: DeserializeOwned + Inspect>(self) -> Result<ResponseValue<T>, Error<()>> {
        let (mut parts, body) = self.answer(Some("application/json")).await?.into_parts();
        match read(&body) {
            Ok(value) => {
                if let Some(inspector) = parts.extensions.remove::<Inspector>() {
                    inspector.inspect(&value);
                }
                Ok(ResponseValue::new(value, parts.status, parts.headers))
            }
            Err(why) => Err(Error::InvalidResponsePayload(body, why)),
        }
    }

    /// Sends the request, to which the answer has no body.
    pub async fn done(self) -> Result<ResponseValue<()>, Error<()>> {
        let (parts, _) = self.answer(None).await?.into_parts();
        Ok(ResponseValue::new((), parts.status, parts.headers))
    }

    /// Sends the request and gives the answer as bytes.
    pub async fn stream(self) -> Result<ResponseValue<ByteStream>, Error<()>> {
        Ok(ResponseValue::stream(self.answer(None).await?.into()))
    }

    async fn answer(self, accept: Option<&'static str>) -> Result<http::Response<Bytes>, Error<()>> {
        let (seam, operation) = (self.seam, self.operation);
        let request = self.finish(accept).map_err(Error::InvalidRequest)?;
        match seam.0.dispatch(operation, request).await {
            Ok(answer) if answer.status().is_success() => Ok(nothing_as_null(operation, answer)),
            Ok(answer) => Err(Error::UnexpectedResponse(answer.into())),
            Err(failure) => Err(Error::UnexpectedResponse(carry(failure))),
        }
    }

    fn finish(self, accept: Option<&'static str>) -> Result<http::Request<Bytes>, String> {
        let body = self.body.map_err(|error| error.to_string())?;
        let mut request = http::Request::new(body);
        *request.method_mut() =
            Method::from_bytes(self.operation.method.as_bytes()).map_err(|error| error.to_string())?;
        *request.uri_mut() = Uri::try_from(self.address).map_err(|error| error.to_string())?;
        for (name, value) in [(ACCEPT, accept), (CONTENT_TYPE, self.content_type)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        Ok(request)
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
        Error::InvalidRequest(why) => Failure::InvalidRequest(why),
        other => Failure::InvalidRequest(other.to_string()),
    })
}

#[cfg(test)]
mod tests;
