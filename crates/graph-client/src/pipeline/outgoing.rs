//! What is to be sent, before any attempt.

use bytes::Bytes;
use graph_runtime::OperationInfo;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use url::Url;

use super::authorization::Tokens;
use super::{CallContext, CallId, headers};
use crate::error::{Error, ErrorKind};

/// What all attempts of a call have in common. Its parts can be borrowed one by one, which those of a [`Request`] can't.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl From<Request<Bytes>> for Outgoing {
    fn from(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        Self { method: parts.method, uri: parts.uri, headers: parts.headers, body }
    }
}

impl Outgoing {
    /// The reading of what is at `url`.
    pub(crate) fn reading(url: &Url, headers: HeaderMap) -> Result<Self, Error> {
        let uri = Uri::try_from(url.as_str())
            .map_err(|error| Error::from_source(ErrorKind::InvalidRequest, error))?;
        let mut reading = Self { method: Method::GET, uri, headers, body: Bytes::new() };
        reading.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(reading)
    }

    /// What is known of the attempt of this number.
    pub(super) fn context<'a>(
        &'a self,
        operation: &'static OperationInfo,
        id: &'a CallId,
        attempt: u32,
    ) -> CallContext<'a> {
        let Self { method, uri, .. } = self;
        CallContext { operation, method, uri, client_request_id: id.as_str(), attempt }
    }

    /// What middleware sees of the call, and what it may change.
    pub(super) fn split<'a>(
        &'a mut self,
        operation: &'static OperationInfo,
        id: &'a CallId,
    ) -> (CallContext<'a>, &'a mut HeaderMap) {
        let Self { method, uri, headers, .. } = self;
        (CallContext { operation, method, uri, client_request_id: id.as_str(), attempt: 0 }, headers)
    }

    /// Lays `extra` over the headers: a name in both keeps only the values in `extra`.
    pub(crate) fn lay_over(&mut self, extra: &HeaderMap) {
        headers::overlay(&mut self.headers, extra);
    }

    /// Makes room for the token, which a copy of the headers would have to grow for.
    pub(super) fn leave_room(&mut self) {
        self.headers.insert(AUTHORIZATION, HeaderValue::from_static(""));
    }

    /// The request of one attempt.
    pub(super) fn attempt(&self, tokens: &Tokens<'_>) -> Result<Request<Bytes>, Error> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(AUTHORIZATION, tokens.header()?);
        Ok(request)
    }
}
