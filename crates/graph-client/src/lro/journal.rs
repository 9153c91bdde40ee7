//! The journal of long-running operations: what a process leaves behind, however it ends.
//!
//! A record is written before the request that starts an operation is sent, changed as soon as the answer's headers are in,
//! before and after each poll and at the end, and removed once somebody has said that the outcome is in good hands.
//!
//! | stage | what is true | after a restart |
//! |---|---|---|
//! | intended | nothing has reached the service | [`Resumption::Unsent`] |
//! | sent | a request may have reached it; its answer is not known | [`Resumption::Ambiguous`] |
//! | accepted | the service goes on with it, at this address | [`Resumption::Resumed`] |
//! | ended | it is over, with this outcome | [`Resumption::Ended`] |
//!
//! Each record says what is known for sure: a request that the service surely did not act on takes its record back to
//! intended, and a call that ends that way removes it.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::client::ClientBuilder;
use crate::request::Request;

mod entry;
#[cfg(feature = "journal")]
mod file;
mod memory;
mod record;
mod recovery;
mod store;

pub use entry::Entry;
pub use record::{Intent, JournalOutcome, RecordOwner};
pub use recovery::{
    Ambiguous, EndedOperation, Resumption, Search, UnsentIntent, forget_ended_before, resume_all,
};
pub use store::{JournalError, JournalStore};

/// Keeps the long-running operations of one process, so that none is lost and none started twice when it dies.
///
/// Given to a client with [`ClientBuilder::journal`](crate::ClientBuilder::journal), it accompanies every creation;
/// [`resume_all`](crate::support::resume_all) goes on after a restart. Clones share their state, and so may
/// several clients.
///
/// Each record belongs to a root, a cloud, and whom the client acted for: the tenant, the app and the user of its
/// [`QuotaKey`](crate::QuotaKey). A client goes on with what belongs to exactly these; of all else it is told only how much there is
/// ([`Resumption::OtherOwner`]).
///
/// A record holds the operation's id, what is being created is called, its owner, times, the address of the operation and
/// its outcome: no token, and nothing else of the request.
///
/// ```
/// use graph_client::{Client, OperationJournal, StaticToken};
///
/// let client = Client::builder()
///     .credential(StaticToken::new("eyJ0eXAi…"))
///     // With the feature `journal`: `OperationJournal::open("operations.journal")?`
///     .journal(OperationJournal::in_memory())
///     .build()?;
/// # Ok::<(), graph_client::Error>(())
/// ```
#[derive(Clone)]
pub struct OperationJournal(Arc<Shared>);

struct Shared {
    store: Box<dyn JournalStore>,
    /// The records that a call or a handle of this process goes on with: nobody else may.
    held: Mutex<HashSet<String>>,
}

impl OperationJournal {
    /// A journal over a store of your own.
    pub fn new(store: impl JournalStore + 'static) -> Self {
        Self(Arc::new(Shared { store: Box::new(store), held: Mutex::default() }))
    }

    /// A journal that ends with the process; for tests.
    pub fn in_memory() -> Self {
        Self::new(memory::MemoryStore::default())
    }

    /// The journal in the file at `path`, which is created if there is none. The directory must exist.
    ///
    /// Of several processes, one at a time can have it open. Opening blocks for some milliseconds. Each record is on the disk
    /// when a call goes on: whoever writes one waits for the disk in place, for some milliseconds, and what other tasks write at the same
    /// time goes along. So at most one thread of a runtime waits for the disk, and no task or thread is spawned.
    ///
    /// The file is created for its owner alone (mode 600 on Unix); one that is there keeps its permissions. A symbolic link in
    /// its place is refused, not followed.
    ///
    /// Fails if another process has it, if the file is damaged or of a newer release, or if it can't be read or written;
    /// the file is left as it is. All of it is read and checked, checksums included;
    /// where a kill left the newest commit unfinished, the one before it counts. In a program that is built with `panic = "abort"`, some
    /// kinds of damage may still end it, as redb's assertions do.
    #[cfg(feature = "journal")]
    pub fn open(path: impl Into<std::path::PathBuf>) -> Result<Self, JournalError> {
        Ok(Self::new(file::FileStore::open(path.into())?))
    }

    fn store(&self) -> &dyn JournalStore {
        &*self.0.store
    }

    /// Takes hold of a record, unless this process has hold of it already.
    fn hold(&self, id: &str) -> bool {
        self.held().insert(id.to_owned())
    }

    fn is_held(&self, id: &str) -> bool {
        self.held().contains(id)
    }

    fn release(&self, id: &str) {
        self.held().remove(id);
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> ClientBuilder<C> {
    /// What keeps the long-running operations that the client starts; otherwise nothing does, and each handle is to be saved.
    pub fn journal(self, journal: OperationJournal) -> Self {
        self.keep(journal)
    }
}

impl<T: 'static> Request<T> {
    /// The same call, with its course written to a journal, if there is one.
    pub fn journaled(self, entry: Option<Entry>) -> Self {
        match entry {
            Some(entry) => self.hooked(Arc::new(entry)),
            None => self,
        }
    }
}

impl fmt::Debug for OperationJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OperationJournal").field(&self.0.store).finish()
    }
}

#[cfg(test)]
mod tests;
