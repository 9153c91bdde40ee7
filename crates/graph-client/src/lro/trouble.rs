//! Why asking about an operation failed, and what that says.

use std::error::Error as _;

use super::machine::Trouble;
use crate::error::{Error, ErrorKind};
use crate::target::TARGET;

pub(super) fn note(trouble: &mut Option<Error>, error: Error) {
    tracing::debug!(target: TARGET, { "error.type" = error.kind().as_str() }, "asking about the operation failed");
    *trouble = Some(error);
}

pub(super) fn trouble_of(error: &Error) -> Trouble {
    let failing = error.status().is_some_and(|status| status.is_server_error());
    match error.kind() {
        ErrorKind::Throttled | ErrorKind::Connect | ErrorKind::Timeout => Trouble::Passing,
        ErrorKind::Service if failing => Trouble::Passing,
        // Unless no other token could be got, the next question goes with one.
        ErrorKind::Auth if error.status().is_some() && error.source().is_none() => Trouble::Token,
        _ if error.is_not_found() => Trouble::Missing,
        _ => Trouble::Lasting,
    }
}
