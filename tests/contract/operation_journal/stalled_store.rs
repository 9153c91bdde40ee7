//! A store that hangs.

use graph_facade::models::Community;
use graph_facade::{BoxFuture, ErrorKind, JournalError, JournalStore, OperationJournal};
use graph_sim::Sim;
use tokio::time::Instant;

use crate::support::journal::Shelf;
use crate::support::{builder, pilots, seconds};

/// A store that never answers after so many writes.
#[derive(Debug)]
struct Hanging(Shelf, tokio::sync::Semaphore);

impl JournalStore for Hanging {
    fn put<'a>(&'a self, id: &'a str, record: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            self.1.acquire().await.unwrap().forget();
            self.0.put(id, record).await
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), JournalError>> {
        Box::pin(async move {
            self.1.acquire().await.unwrap().forget();
            self.0.remove(id).await
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, String)>, JournalError>> {
        Box::pin(async move {
            self.1.acquire().await.unwrap().forget();
            self.0.all().await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_where_a_record_can_not_be_written_in_time() {
    // The intent is written, or not even that.
    for writes in [1, 0] {
        let sim = Sim::builder().user("ada").build();
        let store = Hanging(Shelf::default(), tokio::sync::Semaphore::new(writes));
        let client = builder(&sim, "ada").journal(OperationJournal::new(store)).build().unwrap();
        let begun = Instant::now();
        let error = client.communities().create(pilots()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
        assert!(error.to_string().contains("did not answer within 20s"), "{error}");
        assert!(!error.maybe_processed());
        assert!(sim.journal().entries().is_empty(), "after {writes} writes");
        // Its removal takes as long again.
        assert!(begun.elapsed() <= seconds(41), "{:?}", begun.elapsed());
        assert_eq!(
            client.operations().resume_all::<Community>().await.unwrap_err().kind(),
            ErrorKind::Journal
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_handed_out_though_the_store_hangs() {
    let sim = Sim::builder().user("ada").build();
    let store = Hanging(Shelf::default(), tokio::sync::Semaphore::new(2));
    let client = builder(&sim, "ada").journal(OperationJournal::new(store)).build().unwrap();
    let begun = Instant::now();
    let _operation = client.communities().create(pilots()).await.unwrap();
    assert!(begun.elapsed() <= seconds(21), "{:?}", begun.elapsed());
}
