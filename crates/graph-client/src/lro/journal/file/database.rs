//! The file itself: a redb database with one table of records and one that says what the file is.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Arc;

use redb::{Builder, TableDefinition};

use super::Change;
use super::check::{LONGEST, all, check};
use super::group::Commit;
use crate::lro::journal::store::JournalError;

pub(super) const RECORDS: TableDefinition<'_, &str, &str> = TableDefinition::new("records");
pub(super) const ABOUT: TableDefinition<'_, &str, u32> = TableDefinition::new("about");
pub(super) const VERSION_KEY: &str = "version";
/// The version of the form that this release writes.
const VERSION: u32 = 1;
/// A journal is small: this much of it is kept in memory.
const CACHE: usize = 1 << 20;

/// The file, which is opened again by the next change after one that failed.
pub(super) struct Database {
    path: Box<Path>,
    open: Option<redb::Database>,
}

impl Database {
    /// Opens the file, which is created if there is none.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(io_error(path, error)),
            Ok(_) => {}
        }
        let open = Some(open(path)?);
        // Also if another process has created it, which may have come to its end before this.
        sync_directory(path).map_err(|error| io_error(path, error))?;
        Ok(Self { path: path.into(), open })
    }

    /// Every id with its record.
    pub(super) fn all(&mut self) -> Result<Vec<(String, String)>, JournalError> {
        self.with(all)
    }

    /// redb does nothing more after a failure, so that the file has to be opened again: what was on the disk is there.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&redb::Database) -> Result<T, redb::Error>,
    ) -> Result<T, JournalError> {
        let database = match self.open.take() {
            Some(database) => database,
            None => open(&self.path)?,
        };
        match work(&database) {
            Ok(outcome) => {
                self.open = Some(database);
                Ok(outcome)
            }
            Err(error) => Err(failure(&self.path, error)),
        }
    }
}

impl Commit for Database {
    fn commit(&mut self, changes: &[&Change]) -> Result<(), JournalError> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            {
                let mut records = transaction.open_table(RECORDS)?;
                for change in changes {
                    match change {
                        Change::Put(id, record) => records.insert(id.as_str(), record.as_str())?,
                        Change::Remove(id) => records.remove(id.as_str())?,
                    };
                }
            }
            Ok(transaction.commit()?)
        })
    }
}

/// Creates the file under another name first: a process that dies here leaves no half of a journal, and an empty file is
/// never taken for a new one.
fn create(path: &Path) -> Result<(), JournalError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", uuid::Uuid::new_v4()));
    let draft = Path::new(&draft);
    let created = write_empty(draft).map_err(|error| failure(path, error)).and_then(|()| {
        match fs::hard_link(draft, path) {
            // Another process was first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome.map_err(|error| io_error(path, error)),
        }
    });
    // What is left of the draft harms nobody.
    let _ = fs::remove_file(draft);
    created
}

/// The file holds names of what people create, so that only its owner may read it.
fn write_empty(path: &Path) -> Result<(), redb::Error> {
    let mut options = File::options();
    // What is there already, were it a link to somewhere else, is not opened.
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let database = builder().create_file(options.open(path)?)?;
    let transaction = database.begin_write()?;
    transaction.open_table(ABOUT)?.insert(VERSION_KEY, VERSION)?;
    transaction.open_table(RECORDS)?;
    Ok(transaction.commit()?)
}

/// Elsewhere than on Unix, directories can't be synced, and need not be.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

/// redb repairs a file as it opens it, and asserts what it expects of one. So it is shown copies first: what it would change
/// or stumble over is refused, and left as it is.
fn open(path: &Path) -> Result<redb::Database, JournalError> {
    let mut file = open_plain(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { path: path.into() }),
        // As redb has it: where files can't be locked, whoever uses them sees to that.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(io_error(path, error)),
    }
    if file.metadata().map_err(|error| io_error(path, error))?.len() > LONGEST {
        return Err(damaged(path, "it is longer than a journal can be"));
    }
    let mut copy = Vec::new();
    file.read_to_end(&mut copy).map_err(|error| io_error(path, error))?;
    let checked = catch_unwind(|| check(&copy)).map_err(|_| damaged(path, "parts of it are missing"))?;
    match checked.map_err(|reason| damaged(path, &reason))? {
        VERSION => {}
        version => return Err(JournalError::NewerVersion { path: path.into(), version, known: VERSION }),
    }
    builder().create_file(file).map_err(|error| failure(path, error.into()))
}

/// Opens the file itself. A link in its place is not followed: whoever can put one there would choose which file is written.
fn open_plain(path: &Path) -> Result<File, JournalError> {
    let not_a_file = || JournalError::NotAFile { path: path.into() };
    let found = fs::symlink_metadata(path).map_err(|error| io_error(path, error))?;
    if !found.is_file() {
        return Err(not_a_file());
    }
    let file = File::options().read(true).write(true).open(path).map_err(|error| io_error(path, error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let opened = file.metadata().map_err(|error| io_error(path, error))?;
        if (opened.dev(), opened.ino()) != (found.dev(), found.ino()) {
            return Err(not_a_file());
        }
    }
    Ok(file)
}

fn failure(path: &Path, error: redb::Error) -> JournalError {
    match error {
        redb::Error::DatabaseAlreadyOpen => JournalError::InUse { path: path.into() },
        redb::Error::Io(error) => io_error(path, error),
        other => damaged(path, &other.to_string()),
    }
}

fn damaged(path: &Path, reason: &str) -> JournalError {
    JournalError::Damaged { path: path.into(), reason: reason.into() }
}

fn io_error(path: &Path, error: io::Error) -> JournalError {
    use io::ErrorKind::{FileTooLarge, InvalidData, QuotaExceeded, StorageFull, UnexpectedEof};
    let path = path.into();
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => JournalError::Full { path, source: Arc::new(error) },
        UnexpectedEof | InvalidData => JournalError::Damaged { path, reason: error.to_string().into() },
        _ => JournalError::Io { path, source: Arc::new(error) },
    }
}
