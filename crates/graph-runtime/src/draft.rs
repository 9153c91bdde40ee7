//! The requests of a raw client: written by its methods, sent through the seam, read by type.

use std::fmt::{self, Display, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};

use crate::{BoxFuture, DispatchError, Failure, Inspect, OperationInfo, Response, Seam};

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

/// What a part of a path is encoded for: what progenitor encodes, and the backslash, which some parsers take for a slash.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'%')
    .add(b'\\');

/// Makes of an argument a part of a path that stays one, as it is written.
#[doc(hidden)]
pub fn encode_path(argument: impl Display) -> impl Display {
    Encoded(argument)
}

struct Encoded<T>(T);

impl<T: Display> Display for Encoded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Encoder(f), "{}", self.0)
    }
}

struct Encoder<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Encoder<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        utf8_percent_encode(text, PATH).try_for_each(|part| self.0.write_str(part))
    }
}

/// An address of usual length is written without moving.
const USUAL: usize = 160;

/// Writes an address, by a format.
#[doc(hidden)]
#[macro_export]
macro_rules! address {
    ($($format:tt)*) => {
        $crate::address(format_args!($($format)*))
    };
}

#[doc(hidden)]
pub fn address(parts: fmt::Arguments<'_>) -> String {
    let mut address = String::with_capacity(USUAL);
    // Writing to a text can't fail.
    let _ = address.write_fmt(parts);
    address
}

impl Seam {
    /// A request for `operation` at `address`.
    #[doc(hidden)]
    pub fn request(&self, operation: &'static OperationInfo, address: String) -> Draft<'_> {
        Draft { seam: self, operation, address, content_type: None, body: Ok(Bytes::new()) }
    }
}

impl<'a> Draft<'a> {
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
    pub fn read<T: DeserializeOwned + Inspect>(
        self,
    ) -> impl Future<Output = Result<ResponseValue<T>, Error<()>>> + Send {
        let (seam, operation) = (self.seam, self.operation);
        let sent = self.send(Some("application/json"));
        async move {
            let (parts, body) = sent.answer().await?.into_parts();
            match read(&body) {
                Ok(value) => {
                    seam.0.inspect(operation, &value);
                    Ok(ResponseValue::new(value, parts.status, parts.headers))
                }
                Err(why) => Err(Error::InvalidResponsePayload(body, why)),
            }
        }
    }

    /// Sends the request, to which the answer has no body.
    pub fn done(self) -> impl Future<Output = Result<ResponseValue<()>, Error<()>>> + Send {
        let sent = self.send(None);
        async move {
            let (parts, _) = sent.answer().await?.into_parts();
            Ok(ResponseValue::new((), parts.status, parts.headers))
        }
    }

    /// Sends the request and gives the answer as bytes.
    pub fn stream(self) -> impl Future<Output = Result<ResponseValue<ByteStream>, Error<()>>> + Send {
        let sent = self.send(None);
        async move { Ok(ResponseValue::stream(sent.answer().await?.into())) }
    }

    /// The request is built at once, so that no future holds a draft.
    fn send(self, accept: Option<&'static str>) -> Sent<'a> {
        let (seam, operation) = (self.seam, self.operation);
        Sent { operation, outcome: self.finish(accept).map(|request| seam.0.dispatch(operation, request)) }
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

/// A request on its way, or why it is not.
struct Sent<'a> {
    operation: &'static OperationInfo,
    outcome: Result<BoxFuture<'a, Result<http::Response<Bytes>, DispatchError>>, String>,
}

impl Sent<'_> {
    async fn answer(self) -> Result<http::Response<Bytes>, Error<()>> {
        match self.outcome.map_err(Error::InvalidRequest)?.await {
            Ok(answer) if answer.status().is_success() => Ok(nothing_as_null(self.operation, answer)),
            Ok(answer) => Err(Error::UnexpectedResponse(answer.into())),
            Err(failure) => Err(Error::UnexpectedResponse(carry(failure))),
        }
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

/// What a raw client's method gives.
pub type RawAnswer<T> = Result<ResponseValue<T>, Error<()>>;

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
mod tests;
