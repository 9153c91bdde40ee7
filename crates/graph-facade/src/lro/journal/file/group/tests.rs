use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_util::future::join_all;

use super::super::Change;
use super::{Commit, Group, lock};
use crate::lro::journal::store::JournalError;

/// Panics at the first commit, and counts the changes of the others.
#[derive(Default)]
struct Fragile {
    has_panicked: bool,
    changes: usize,
}

impl Commit for Fragile {
    fn commit(&mut self, changes: &[&Change]) -> Result<(), JournalError> {
        assert!(std::mem::replace(&mut self.has_panicked, true), "the first commit");
        self.changes += changes.len();
        Ok(())
    }
}

fn change() -> Change {
    Change::Remove("id".to_owned())
}

#[tokio::test(start_paused = true)]
async fn after_a_panic_all_that_waited_hear_of_it_and_the_next_goes_on() {
    let group = Group::new(Fragile::default());
    let first = join_all((0..3).map(|_| group.carry_out(change())));
    for outcome in tokio::time::timeout(std::time::Duration::from_secs(1), first).await.unwrap() {
        assert!(outcome.unwrap_err().to_string().contains("panicked"));
    }
    let next = tokio::time::timeout(std::time::Duration::from_secs(1), group.carry_out(change()));
    next.await.unwrap().unwrap();
    assert_eq!(lock(&group.database).changes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_change_whose_future_is_dropped_reaches_nobody() {
    let group = Group::new(Fragile::default());
    {
        let mut dropped = pin!(group.carry_out(change()));
        poll_fn(|context| {
            assert!(dropped.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    group.carry_out(change()).await.unwrap();
}
