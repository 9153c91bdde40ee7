//! The headers that every request has.

use http::header::{HeaderName, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use super::CallId;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Asks for enum members that are newer than the API's first release; without it the service hides them. The models keep
/// members they don't know, so it is safe.
const UNKNOWN_MEMBERS: &str = "include-unknown-enum-members";

/// Completes the headers of the call that has this id, which the service repeats in its answer and its logs.
pub(super) fn prepare(headers: &mut HeaderMap, id: &CallId, user_agent: &HeaderValue) {
    // A UUID is always a valid header value.
    if let Some(value) = id.header() {
        headers.insert(CLIENT_REQUEST_ID, value);
    }
    headers.insert(USER_AGENT, user_agent.clone());
    merge_prefer(headers);
}

/// One `Prefer` with the caller's wishes first.
fn merge_prefer(headers: &mut HeaderMap) {
    if !headers.contains_key(PREFER) {
        headers.insert(PREFER, HeaderValue::from_static(UNKNOWN_MEMBERS));
        return;
    }
    let mut wishes: Vec<&str> =
        headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok()).map(str::trim).collect();
    let asked = wishes.iter().flat_map(|wish| wish.split(',')).any(|wish| wish.trim() == UNKNOWN_MEMBERS);
    if !asked {
        wishes.push(UNKNOWN_MEMBERS);
    }
    // Joined from valid values.
    if let Ok(value) = HeaderValue::try_from(wishes.join(", ")) {
        headers.insert(PREFER, value);
    }
}

/// Lays `extra` over `headers`: a name in both keeps only the values in `extra`.
pub(super) fn overlay(headers: &mut HeaderMap, extra: &HeaderMap) {
    for name in extra.keys() {
        headers.remove(name);
    }
    for (name, value) in extra {
        headers.append(name, value.clone());
    }
}
