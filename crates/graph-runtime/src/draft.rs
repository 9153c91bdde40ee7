//! The requests of a raw client: written by its methods, sent through the seam, read by type.

use std::fmt::{self, Display, Write as _};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Uri};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sending::{ReadAnswer, read};
use crate::{Inspect, OperationInfo, Seam, Sending};

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

    /// The call whose answer is read as JSON.
    pub fn read<T: DeserializeOwned + Inspect>(self) -> Sending<T> {
        self.send(Some("application/json"), |answer, show| {
            let value = read(answer.body())?;
            show(&value);
            Ok(value)
        })
    }

    /// The call to which the answer has no body.
    pub fn done(self) -> Sending<()> {
        self.send(None, |_, _| Ok(()))
    }

    /// The call whose answer is bytes.
    pub fn bytes(self) -> Sending<Bytes> {
        self.send(None, |answer, _| Ok(answer.body().clone()))
    }

    fn send<T>(self, accept: Option<&'static str>, read: ReadAnswer<T>) -> Sending<T> {
        let (seam, operation) = (self.seam, self.operation);
        Sending::new(seam, operation, self.finish(accept), read)
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

#[cfg(test)]
mod tests;
