//! What was written to the service, as far as this side knows.

use graph_client::BoxError;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::synced::Fingerprint;

mod file;

use file::FileStore;

/// What the service holds, by the caller's own account: a durable map from keys to fingerprints of contents.
///
/// A run notes what it is about to send before it sends it, and what came of it afterwards. So after a crash at any point the
/// next run writes again only what may not have arrived. It holds no content: about 100 bytes an item.
pub struct Ledger {
    store: Box<dyn LedgerStore>,
    of: Option<Box<str>>,
    held: HashMap<Box<str>, Held>,
    unwritten: Vec<LedgerEntry>,
}

/// What is known of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Held {
    /// The service holds this content.
    Written(Fingerprint),
    /// A change was about to be sent, so many seconds after 1970; whether it arrived is not known.
    Pending(u64),
    /// The item was taken off the offer, so many seconds after 1970.
    Deactivated(u64),
}

/// One entry of a ledger. The last one about a key is what holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerEntry {
    /// What the ledger is of: [`SyncTarget::name`](super::SyncTarget::name).
    Of(Box<str>),
    /// What is known of an item; nothing if it is gone.
    Item {
        /// Its key.
        key: Box<str>,
        /// What is known.
        held: Option<Held>,
    },
}

/// Keeps the entries of a [`Ledger`]: a durable list.
///
/// *Must keep:* what [`append`](Self::append) took once it has returned, whatever happens then, in order. Of an append that was cut
/// short, any number of entries from its beginning may be kept. One [`Ledger`] at a time may use the entries; the store sees to
/// that. It may block for some milliseconds.
pub trait LedgerStore: fmt::Debug + Send {
    /// Gives out all entries, oldest first.
    fn load(&mut self, each: &mut dyn FnMut(LedgerEntry)) -> Result<(), LedgerError>;

    /// Adds entries.
    fn append(&mut self, entries: &[LedgerEntry]) -> Result<(), LedgerError>;

    /// Puts these entries in place of all others, at once.
    fn replace(&mut self, entries: &mut dyn Iterator<Item = LedgerEntry>) -> Result<(), LedgerError>;

    /// What [`load`](Self::load) found of an append that was cut short, and dropped.
    fn torn_tail(&self) -> Option<TornTail> {
        None
    }
}

/// What a crash or a power failure left of the last append, which had not returned. It was cut off, and nothing is lost that a run
/// had counted on: what it was about to send was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TornTail {
    /// The first line that was cut off or, where lines can't be told, from which on none is whole.
    pub line: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
}

impl TornTail {
    /// What was cut off from this line on.
    pub const fn new(line: u64, bytes: u64) -> Self {
        Self { line, bytes }
    }
}

/// Why a ledger can't be used. Printed, it names the ledger and the remedy.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Another run has it open.
    #[error("the ledger {} is in use by another run: wait until that has ended", path.display())]
    InUse {
        /// Where it is.
        path: Box<Path>,
    },
    /// It is of another target.
    #[error("the ledger is of `{found}`, not of `{wanted}`: give each target a ledger of its own")]
    OfAnother {
        /// What it is of.
        found: Box<str>,
        /// What it should be of.
        wanted: Box<str>,
    },
    /// A newer release wrote it.
    #[error("the ledger {} has version {version}, and this release reads versions 1 and 2: update graph-facade", path.display())]
    NewerVersion {
        /// Where it is.
        path: Box<Path>,
        /// Its version.
        version: u32,
    },
    /// It does not begin as a ledger does. It was left as it is.
    #[error(
        "the file {} is no ledger, or its first line is damaged: give the path of a ledger or one where there is no file, \
         or restore it",
        path.display()
    )]
    NotALedger {
        /// Where it is.
        path: Box<Path>,
    },
    /// Parts of it can't be read. It was left as it is.
    #[error(
        "the ledger {} is damaged at line {line}: restore it, or move it away and take stock of what the service holds",
        path.display()
    )]
    Damaged {
        /// Where it is.
        path: Box<Path>,
        /// The first line that can't be read or, where a sum is wrong, that it is of.
        line: u64,
    },
    /// It can't be read or written.
    #[error("the ledger {} can't be used: check its directory, its permissions and the space left ({source})", path.display())]
    Io {
        /// Where it is.
        path: Box<Path>,
        /// What the operating system says.
        source: Arc<std::io::Error>,
    },
    /// A store of the caller's own failed.
    #[error("the store of the ledger failed: {0}")]
    Store(Arc<dyn std::error::Error + Send + Sync>),
}

graph_client::debug_by_display!(LedgerError);

impl LedgerError {
    /// The error of a store of your own.
    pub fn store(error: impl Into<BoxError>) -> Self {
        Self::Store(error.into().into())
    }
}

impl Ledger {
    /// The ledger over a store of your own.
    pub fn new(mut store: impl LedgerStore + 'static) -> Result<Self, LedgerError> {
        let (mut of, mut held, mut entries) = (None, HashMap::new(), 0_usize);
        store.load(&mut |entry| {
            entries += 1;
            match entry {
                LedgerEntry::Of(name) => of = Some(name),
                LedgerEntry::Item { key, held: Some(state) } => {
                    held.insert(key, state);
                }
                LedgerEntry::Item { key, held: None } => {
                    held.remove(&key);
                }
            }
        })?;
        let mut ledger = Self { store: Box::new(store), of, held, unwritten: Vec::new() };
        if entries > 2 * ledger.held.len() + SLACK {
            ledger.compact()?;
        }
        Ok(ledger)
    }

    /// A ledger that ends with the process: for a comparison with what the service holds, and for tests.
    pub fn in_memory() -> Self {
        Self { store: Box::new(Nowhere), of: None, held: HashMap::new(), unwritten: Vec::new() }
    }

    /// The ledger in the file at `path`, which is created if there is none. The directory must exist.
    ///
    /// The file is a log in JSON Lines with checksums. What a crash left of its last lines is cut off, which
    /// [`torn_tail`](Self::torn_tail) tells; damage to what was on the disk is refused. A new file is its owner's alone. Beside it, a file with `.lock` after its name keeps a second run away, in this process or
    /// another. Each envelope of a run waits for the disk once or twice, for some milliseconds and in place.
    pub fn open(path: impl Into<std::path::PathBuf>) -> Result<Self, LedgerError> {
        Self::new(FileStore::open(path.into())?)
    }

    /// What a crash left of the last entries, and was cut off when the ledger was opened.
    pub fn torn_tail(&self) -> Option<TornTail> {
        self.store.torn_tail()
    }

    /// How many items there are, those taken off the offer included.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What is known of an item.
    pub fn held(&self, key: &str) -> Option<Held> {
        self.held.get(key).copied()
    }

    /// Every key and what is known of it, in any order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Held)> {
        self.held.iter().map(|(key, held)| (&**key, *held))
    }

    /// Makes it the ledger of `target`, if it isn't that of another.
    pub(super) fn bind(&mut self, target: &str) -> Result<(), LedgerError> {
        self.check(target)?;
        if self.of.is_none() {
            self.of = Some(target.into());
            self.unwritten.push(LedgerEntry::Of(target.into()));
        }
        Ok(())
    }

    pub(super) fn check(&self, target: &str) -> Result<(), LedgerError> {
        match &self.of {
            Some(found) if &**found != target => {
                Err(LedgerError::OfAnother { found: found.clone(), wanted: target.into() })
            }
            _ => Ok(()),
        }
    }

    /// Notes what is known of an item. It is durable after the next [`flush`](Self::flush).
    pub(super) fn note(&mut self, key: &str, held: Option<Held>) {
        match held {
            Some(state) => match self.held.get_mut(key) {
                Some(known) => *known = state,
                None => {
                    self.held.insert(key.into(), state);
                }
            },
            None => {
                self.held.remove(key);
            }
        }
        self.unwritten.push(LedgerEntry::Item { key: key.into(), held });
    }

    /// Makes all notes durable.
    pub(super) fn flush(&mut self) -> Result<(), LedgerError> {
        if !self.unwritten.is_empty() {
            self.store.append(&self.unwritten)?;
            self.unwritten.clear();
        }
        Ok(())
    }

    /// Forgets what it knows in favour of `held`.
    pub(super) fn replace(&mut self, held: HashMap<Box<str>, Held>) -> Result<(), LedgerError> {
        let before = std::mem::replace(&mut self.held, held);
        self.compact().inspect_err(|_| self.held = before)
    }

    fn compact(&mut self) -> Result<(), LedgerError> {
        let of = self.of.iter().cloned().map(LedgerEntry::Of);
        let items = self.held.iter();
        let items = items.map(|(key, held)| LedgerEntry::Item { key: key.clone(), held: Some(*held) });
        self.store.replace(&mut of.chain(items))?;
        self.unwritten.clear();
        Ok(())
    }
}

/// So many entries more than twice the items are not worth a new file.
const SLACK: usize = 1_000;

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("store", &self.store)
            .field("of", &self.of)
            .field("items", &self.held.len())
            .finish_non_exhaustive()
    }
}

/// The store of a ledger that ends with the process.
#[derive(Debug)]
struct Nowhere;

impl LedgerStore for Nowhere {
    fn load(&mut self, _: &mut dyn FnMut(LedgerEntry)) -> Result<(), LedgerError> {
        Ok(())
    }

    fn append(&mut self, _: &[LedgerEntry]) -> Result<(), LedgerError> {
        Ok(())
    }

    fn replace(&mut self, _: &mut dyn Iterator<Item = LedgerEntry>) -> Result<(), LedgerError> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests;
