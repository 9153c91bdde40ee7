//! Records in a file.

use std::fmt;
use std::path::{Path, PathBuf};

use graph_runtime::BoxFuture;

use super::store::{JournalError, JournalStore};

mod check;
mod database;
mod group;

use database::Database;
use group::Group;

/// What is to be done to one record.
#[derive(Clone, Debug)]
enum Change {
    Put(String, String),
    Remove(String),
}

/// The records in one file, open for this process alone.
pub(super) struct FileStore {
    path: Box<Path>,
    group: Group,
}

impl FileStore {
    /// Opens the file, which is created if there is none.
    pub(super) fn open(path: PathBuf) -> Result<Self, JournalError> {
        let path = path.into_boxed_path();
        Ok(Self { group: Group::new(Database::open(&path)?), path })
    }
}

impl JournalStore for FileStore {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(self.group.carry_out(Change::Put(id.to_owned(), record.to_owned())))
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(self.group.carry_out(Change::Remove(id.to_owned())))
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        Box::pin(async { self.group.all() })
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.path).finish()
    }
}

#[cfg(test)]
mod tests;
