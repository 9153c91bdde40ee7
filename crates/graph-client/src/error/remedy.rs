//! The likely fix of an error.

use std::borrow::Cow;

use graph_runtime::OperationInfo;

use super::{Error, ErrorCode, ErrorKind};

/// What the person who reads the error should do, where there is something to say.
pub(super) fn remedy(error: &Error) -> Option<Cow<'static, str>> {
    let fixed = by_kind(error).or_else(|| by_refusal(error)).or_else(|| by_code(error));
    let scopes = error.row().filter(|_| error.is_permission_denied()).map(permissions_of);
    match (fixed, scopes) {
        (Some(fixed), Some(scopes)) => Some(format!("{fixed}{scopes}").into()),
        (fixed, _) => fixed.map(Cow::Borrowed),
    }
}

/// The least privileged permissions of an operation, where they are known.
fn permissions_of(operation: &OperationInfo) -> String {
    let least = [("delegated", operation.delegated_scopes), ("application", operation.application_scopes)];
    let least = least.iter().filter_map(|(access, scopes)| Some(format!("{access} {}", scopes.first()?)));
    let least = least.collect::<Vec<_>>().join(", ");
    if least.is_empty() { least } else { format!(" (at least {least})") }
}

fn by_kind(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::Auth if error.claims().is_some() => {
            "sign in again with the claims that the service wants: `claims` of this error"
        }
        ErrorKind::Auth if error.status().is_some() => "get a new token, for this cloud and tenant",
        ErrorKind::Auth => "check the credential",
        ErrorKind::Throttled => "wait, then send less often",
        ErrorKind::QuotaStore => "see to the store of the rate limiter, then send it again",
        _ if error.is_kept() => {
            "the journal keeps it: look with `operations().resume_all()` whether the service acted on it, and settle it there"
        }
        ErrorKind::ResponseTooLarge => {
            "ask for less (a list: `select`, `top`), or raise `max_response_bytes` of the call or of the client's builder"
        }
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Service if is_ambiguous(error) => {
            "look whether the service acted on it before you send it again"
        }
        ErrorKind::Connect => "check the network, the proxy and the root address",
        ErrorKind::WaitExceeded => {
            "the operation goes on: wait again, or save the handle and resume it later"
        }
        _ => return None,
    })
}

/// Whether the service may have acted on it, and would act again.
fn is_ambiguous(error: &Error) -> bool {
    let idempotent = error.row().is_some_and(|operation| operation.idempotent);
    error.maybe_processed() && !idempotent
}

fn by_refusal(error: &Error) -> Option<&'static str> {
    Some(match () {
        () if error.is_ownerless() => "add an owner to the group, then make the team",
        () if error.is_last_owner() => "add another owner first",
        () if error.is_already_member() => "nothing is left to do",
        () if error.is_changed_meanwhile() => "read the object again and apply the change to what comes",
        () if error.is_foreign_etag() => {
            "send the etag of the object that is changed: details of a task or a plan have one of their own"
        }
        () if error.is_limit_reached() => "remove something first: a limit of the service is reached",
        () if error.has_settings_already() => "update the settings that there are: a template has them once",
        () if error.is_name_taken() => "choose another name: this one is taken",
        () if error.is_failed_dependency() => "see to the call that it depends on",
        () if error.is_resync_required() => "start again without the delta token",
        () if error.is_permission_denied() && error.code() == Some(&ErrorCode::ErrorAccessDenied) => {
            "grant the app one of the permissions of this operation, with consent; if it has one, call on behalf of a user: Exchange refuses some calls to apps by themselves"
        }
        () if error.is_permission_denied() => {
            "grant the app one of the permissions of this operation, with consent"
        }
        () if error.is_not_yet_visible() => "check the ids; if the object is new, try again in some seconds",
        () => return None,
    })
}

fn by_code(error: &Error) -> Option<&'static str> {
    Some(match error.code()? {
        ErrorCode::RequestUnsupportedQuery => {
            "simplify the query, and leave it to the client to ask for eventual consistency"
        }
        _ => return None,
    })
}
