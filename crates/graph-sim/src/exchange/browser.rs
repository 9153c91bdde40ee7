//! What pages in a browser need, whatever they ask for: leave to ask, and to read the answer's headers.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};

use crate::reply::Reply;

const METHODS: &str = "GET,HEAD,POST,PATCH,PUT,DELETE";
const EXPOSED: &str = "ETag, Location, Operation-Location, Preference-Applied, Content-Range, request-id, client-request-id, \
                       ReadWriteConsistencyToken, Retry-After, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, x-ms-resource-unit";

/// The answer to a browser's question whether it may send what it has in mind; none to anything else.
pub(super) fn preflight<B>(request: &Request<B>) -> Option<Reply> {
    let headers = request.headers();
    let is_preflight = request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
    is_preflight.then(|| {
        Reply::empty(StatusCode::OK)
            .header(ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .header(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or("*"))
            .header(ACCESS_CONTROL_MAX_AGE, "86400")
    })
}

/// Lets the page that asked read `response`.
pub(super) fn expose<B>(asked: &HeaderMap, response: &mut Response<B>) {
    if asked.contains_key(ORIGIN) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
