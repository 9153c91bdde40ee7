//! Two changes of one record at once.

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
    let slowing = || OperationJournal::new(Slowing(shelf.clone(), 40.into()));

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
    let journal = OperationJournal::new(Slowing(shelf.clone(), 40.into()));
    let client = builder(&sim, "ada").journal(journal).build().unwrap();
    let ambiguous = only!(resume_all(&client).await, Ambiguous);
    let (adopted, abandoned) = tokio::join!(ambiguous.adopt("first"), ambiguous.abandon());
    adopted.unwrap();
    abandoned.unwrap();
    assert_eq!(shelf.records(), [""; 0]);
}
