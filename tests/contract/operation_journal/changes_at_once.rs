//! Two changes of one record at once.

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use graph_facade::{BoxFuture, JournalError, JournalStore, OperationJournal, Resumption};
use graph_sim::{Fault, Sim};

use super::{process, resume_all};
use crate::support::journal::Shelf;
use crate::support::{builder, pilots, seconds};

/// A store whose first write takes longest.
#[derive(Debug)]
struct Slowing(Shelf, AtomicU64);

impl Slowing {
    async fn wait(&self) {
        let length = self.1.fetch_update(Relaxed, Relaxed, |left| Some(left / 2)).unwrap();
        tokio::time::sleep(seconds(length)).await;
    }
}

impl JournalStore for Slowing {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            self.wait().await;
            self.0.put(id, record).await
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            self.wait().await;
            self.0.remove(id).await
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        self.0.all()
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_changes_at_once_the_later_stays() {
    let sim = Sim::builder().user("ada").fault(Fault::lose_connection("communities.create")).build();
    let shelf = Shelf::default();
    process(&sim, &shelf).communities().create(pilots()).await.unwrap_err();
    let slowing = || OperationJournal::new(Slowing(shelf.clone(), 16.into()));

    let client = builder(&sim, "ada").journal(slowing()).build().unwrap();
    let ambiguous = only!(resume_all(&client).await, Ambiguous);
    let (one, other) = tokio::join!(ambiguous.adopt("first"), ambiguous.adopt("second"));
    assert_eq!((one.unwrap().resource_id(), other.unwrap().resource_id()), (Some("first"), Some("second")));
    assert!(shelf.records()[0].contains("second"), "{:?}", shelf.records());
    drop(ambiguous);

    let client = builder(&sim, "ada").journal(slowing()).build().unwrap();
    let ended = only!(resume_all(&client).await, Ended);
    let (one, other) = tokio::join!(ended.acknowledge(), ended.acknowledge());
    one.and(other).unwrap();
    assert!(shelf.records().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_abandoned_while_it_is_adopted_is_forgotten() {
    let sim = Sim::builder().user("ada").fault(Fault::lose_connection("communities.create")).build();
    let shelf = Shelf::default();
    process(&sim, &shelf).communities().create(pilots()).await.unwrap_err();
    let journal = OperationJournal::new(Slowing(shelf.clone(), 16.into()));
    let client = builder(&sim, "ada").journal(journal).build().unwrap();
    let ambiguous = only!(resume_all(&client).await, Ambiguous);
    let (adopted, abandoned) = tokio::join!(ambiguous.adopt("first"), ambiguous.abandon());
    adopted.unwrap();
    abandoned.unwrap();
    assert_eq!(shelf.records(), [""; 0]);
}

/// A store that shows what it held before, once.
#[derive(Debug)]
struct Behind(Shelf, Mutex<Option<Vec<(String, String)>>>);

impl JournalStore for Behind {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        self.0.put(id, record)
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        self.0.remove(id)
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        match self.1.lock().unwrap().take() {
            Some(before) => Box::pin(std::future::ready(Ok(before))),
            None => self.0.all(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_while_records_are_read_is_not_given_out() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    let mut operation = process(&sim, &shelf).communities().create(pilots()).await.unwrap();
    let before = shelf.all().await.unwrap();
    assert_eq!(before.len(), 1);
    operation.wait().await.unwrap();
    operation.acknowledge().await.unwrap();

    let journal = OperationJournal::new(Behind(shelf.clone(), Mutex::new(Some(before))));
    let client = builder(&sim, "ada").journal(journal).build().unwrap();
    assert!(resume_all(&client).await.is_empty());
    assert!(resume_all(&client).await.is_empty() && shelf.records().is_empty());
}
