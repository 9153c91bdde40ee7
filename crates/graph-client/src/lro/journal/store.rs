//! Where the records of a journal are kept.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use graph_runtime::BoxFuture;
use tokio::time::timeout;

use crate::error::{BoxError, Error, ErrorKind};

/// Keeps the records of an [`OperationJournal`](crate::OperationJournal): a durable map from texts to texts.
///
/// *When:* a few times in the life of an operation, never twice at once for one record. *Sees:* the client's id of the call,
/// and a text to be given back as it is. *Must keep:* what a future that returned `Ok` has written, whatever happens then.
/// A future that is dropped may have written or not. *On error:* nothing is sent where a record would have to be there first, and the
/// call fails with the error; other changes are made up for by the next.
///
/// *How long:* a future that is not ready after 20 s is dropped and has failed, so that a store that hangs holds up no call for ever.
///
/// One process at a time may use the records of a store; the store sees to that.
pub trait JournalStore: fmt::Debug + Send + Sync {
    /// Writes a record, in place of one of that id if there is one.
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>>;

    /// Removes the record of that id, if there is one.
    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>>;

    /// Every id with its record, in any order.
    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>>;
}

/// Why a journal can't be used. Printed, it names the journal and the remedy; nothing that it held is lost.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process, or another client of this one, has it open.
    #[error(
        "the journal {} is in use: give each process a journal of its own, or end the other process",
        path.display()
    )]
    InUse {
        /// Where it is.
        path: Box<Path>,
    },
    /// A newer release wrote it.
    #[error(
        "the journal {} has version {version}, and this release reads version {known}: update to a newer release",
        path.display()
    )]
    NewerVersion {
        /// Where it is.
        path: Box<Path>,
        /// Its version.
        version: u32,
        /// The version that this release reads.
        known: u32,
    },
    /// There is something else than a plain file, such as a symbolic link, which is not followed.
    #[error("the journal {} is a link or no plain file: give the path of the file itself", path.display())]
    NotAFile {
        /// Where it is.
        path: Box<Path>,
    },
    /// It is no journal, or parts of it are missing. It was left as it is.
    #[error(
        "the journal {} is damaged ({reason}): restore it, or move it away and look for what was being created before \
         you create it again",
        path.display()
    )]
    Damaged {
        /// Where it is.
        path: Box<Path>,
        /// What is wrong with it.
        reason: Box<str>,
    },
    /// There is no room left for it. It works again once there is.
    #[error("there is no room for the journal {}: free some space, and go on ({source})", path.display())]
    Full {
        /// Where it is.
        path: Box<Path>,
        /// What the operating system says.
        source: Arc<io::Error>,
    },
    /// It can't be read or written for another reason.
    #[error("the journal {} can't be used: check its directory and its permissions ({source})", path.display())]
    Io {
        /// Where it is.
        path: Box<Path>,
        /// What the operating system says.
        source: Arc<io::Error>,
    },
    /// A store of the caller's own failed.
    #[error("the store of the journal failed: {0}")]
    Store(Arc<dyn StdError + Send + Sync>),
}

crate::debug_by_display!(JournalError);

impl JournalError {
    /// The error of a store of your own.
    pub fn store(error: impl Into<BoxError>) -> Self {
        Self::Store(error.into().into())
    }
}

/// How long a store may take. Less than the limiter lets a request prepare while it holds its slot.
const LIMIT: Duration = Duration::from_secs(20);

/// The outcome of something that was asked of a store, which has as much time as it may take.
pub(super) async fn in_time<T>(
    asked: impl Future<Output = Result<T, JournalError>>,
) -> Result<T, JournalError> {
    let too_late = |_| JournalError::store(format!("it did not answer within {LIMIT:?}"));
    timeout(LIMIT, asked).await.unwrap_or_else(|late| Err(too_late(late)))
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        Self::from_source(ErrorKind::Journal, error)
    }
}
