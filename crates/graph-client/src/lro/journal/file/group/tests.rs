use std::future::poll_fn;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

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

/// Says when it is at work, and goes on when it is told.
struct Slow {
    at_work: mpsc::Sender<usize>,
    go_on: mpsc::Receiver<()>,
}

impl Commit for Slow {
    fn commit(&mut self, changes: &[&Change]) -> Result<(), JournalError> {
        self.at_work.send(changes.len()).unwrap();
        self.go_on.recv().unwrap();
        Ok(())
    }
}

/// Whoever leaves while another writes leaves a change behind, and perhaps somebody after it.
#[test]
fn a_change_that_is_dropped_while_another_is_written_is_written_too_and_holds_nobody_up() {
    for is_followed in [false, true] {
        let ((at_work, working), (told, go_on)) = (mpsc::channel(), mpsc::channel());
        let group = Group::new(Slow { at_work, go_on });
        let block_on =
            |future| tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
        thread::scope(|scope| {
            let carry_out = || scope.spawn(|| block_on(group.carry_out(change())).unwrap());
            let first = carry_out();
            assert_eq!(working.recv().unwrap(), 1);
            let place = super::Place { group: &group, ticket: group.enqueue(change()) };
            let follower = is_followed.then(|| {
                let follower = carry_out();
                while lock(&group.queue).waiting.len() < 2 {
                    thread::yield_now();
                }
                follower
            });
            drop(place);
            told.send(()).unwrap();
            assert_eq!(working.recv().unwrap(), if is_followed { 2 } else { 1 });
            told.send(()).unwrap();
            first.join().unwrap();
            if let Some(follower) = follower {
                follower.join().unwrap();
            }
        });
    }
}
