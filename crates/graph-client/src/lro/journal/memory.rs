//! Records in memory.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use graph_runtime::BoxFuture;

use super::store::{JournalError, JournalStore};

#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<BTreeMap<String, String>>);

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JournalStore for MemoryStore {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        self.records().insert(id.to_owned(), record.to_owned());
        Box::pin(ready(Ok(())))
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        self.records().remove(id);
        Box::pin(ready(Ok(())))
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        let all = self.records().iter().map(|(id, record)| (id.clone(), record.clone())).collect();
        Box::pin(ready(Ok(all)))
    }
}
