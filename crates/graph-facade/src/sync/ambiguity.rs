//! What may have been processed although no answer says so.

use graph_client::{Error, ErrorKind};
use http::StatusCode;

use super::judge::Note;
use super::ledger::Held;
use super::target::Step;

/// Whether the ledger must say that a step is about to be sent, so that a crash leaves no wrong belief. The time of a creation
/// counts, so each that is sent is noted.
///
/// What was deactivated is written anew if it comes back, deleted or not.
pub(super) fn needs_intent<I>(step: &Step<I>, note: &Note, is_idempotent: bool, now: u64) -> bool {
    match (step, note.before) {
        // A clock that was ahead is put right, lest the item stay open until its time comes.
        (Step::Confirm(_), Some(Held::Pending(since))) => since > now,
        (Step::Confirm(_), _) | (Step::Delete(_), Some(Held::Deactivated(_))) => false,
        (_, Some(Held::Pending(_))) => !is_idempotent,
        _ => true,
    }
}

/// What is said of a creation of which nobody knows whether it was processed.
pub(super) const NOT_THERE: &str = "a creation may have been processed, and the item is not there yet: run again later, when it is looked \
                                    up and, if it still isn't there, created";

/// An error of what may have been processed.
pub(super) fn unknown(message: &str) -> Error {
    Error::new(ErrorKind::Service, message).with_maybe_processed(true)
}

/// Whether all other items would fail in the same way.
pub(super) fn is_for_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Auth | ErrorKind::Connect | ErrorKind::Timeout)
}

/// Whether the service refused for now, and the same may be sent later.
pub(super) fn is_for_now(error: &Error) -> bool {
    error.is_throttled() || error.status() == Some(StatusCode::SERVICE_UNAVAILABLE)
}

#[cfg(test)]
mod tests;
