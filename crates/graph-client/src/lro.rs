//! Long-running operations: work that the service has accepted and goes on with by itself.
//!
//! # What an operation's status means
//!
//! The body's `status` decides, in any letter case, never the HTTP status of the answer that carries it.
//!
//! | status | meaning |
//! |---|---|
//! | a word that [`LongRunning`] has for success | done; its result is read next |
//! | a word that it has for the end without success | over |
//! | any other text, `null`, missing | taken as under way, until the wait ends |
//!
//! # What is promised
//!
//! - Two polls of one operation are at least as far apart as its [`LongRunning`] wants, also across [`save`](Operation::save) and
//!   [`resume`](Operation::resume). A `Retry-After` makes the gap longer, never shorter.
//! - After the acceptance nothing is started again: all that is sent are questions.
//! - Trouble with asking (throttling, a failing gateway, no network) does not end an operation, and neither does a 404 in
//!   the first minutes, nor a token that is refused once: the next poll goes with another. Other refusals are reported, as an
//!   error of another kind than a failed operation.
//! - A wait ends: at its deadline there is one last poll if the gap allows it, then
//!   [`WaitExceeded`](crate::ErrorKind::WaitExceeded). The operation goes on, and so can the wait.
//! - Requests go to the client's root and nowhere else, whatever address the service gives.
//! - Dropping any future or stream of a handle loses nothing.
//!
//! These hold for every course of events: a test walks through all of them, to a depth of seven answers and interruptions, and
//! another through random ones to the end.
//!
//! # What success means
//!
//! That the operation succeeded. Others of the service's machines may not know of the result for a while:
//! [`wait().visible(…)`](Wait::visible) goes on until they do.

mod handle;
mod journal;
mod location;
mod machine;
mod result;
mod saved;
mod set;
mod trouble;
mod wait;

pub use graph_runtime::{LongRunning, LongRunningResult, Phase, StatusReport};
pub use handle::{Operation, Update};
pub use journal::{
    Ambiguous, EndedOperation, Entry, Intent, JournalError, JournalOutcome, JournalStore, OperationJournal,
    RecordOwner, Resumption, Search, UnsentIntent, forget_ended_before, resume_all,
};
pub use location::started;
pub use saved::{InvalidSavedOperation, SavedOperation};
pub use set::{OperationSet, Progress, Watched};
pub use wait::{Seen, Visibility, Wait, WaitVisible};

#[cfg(test)]
mod tests;
