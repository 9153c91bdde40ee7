//! Changes that are made at the same time share one wait for the disk.

use std::future::poll_fn;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::Notify;

use super::Change;
use super::database::Database;
use crate::lro::journal::store::JournalError;

/// Makes changes durable, many at once.
///
/// Whoever comes first lets the other ready tasks queue up, and then carries out the whole queue in one transaction, on its
/// own thread; the others wait for it. No task is spawned: of all threads, at most one waits for the disk.
pub(super) struct Group<D = Database> {
    queue: Mutex<Queue>,
    database: Mutex<D>,
}

/// What the changes are written to.
pub(super) trait Commit {
    /// Carries out all changes or, with an error, none; on return, they are on the disk.
    fn commit(&mut self, changes: &[&Change]) -> Result<(), JournalError>;
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Arc<Ticket>>,
    /// Somebody carries out what was in the queue before.
    is_led: bool,
}

/// One change, until it is known what came of it.
struct Ticket {
    change: Change,
    outcome: Mutex<Option<Result<(), JournalError>>>,
    /// Nobody waits for it any more. It changes under the queue's lock alone.
    is_abandoned: AtomicBool,
    settled: Notify,
}

impl<D: Commit> Group<D> {
    pub(super) fn new(database: D) -> Self {
        Self { queue: Mutex::default(), database: Mutex::new(database) }
    }

    /// Carries out a change.
    ///
    /// Once polled, it is carried out even if the future is dropped.
    pub(super) async fn carry_out(&self, change: Change) -> Result<(), JournalError> {
        let place = Place { group: self, ticket: self.enqueue(change) };
        let mut has_yielded = false;
        poll_fn(|context| {
            if mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        loop {
            if let Some(outcome) = place.ticket.outcome() {
                return outcome;
            }
            if !self.lead() {
                place.ticket.settled.notified().await;
            }
        }
    }

    fn enqueue(&self, change: Change) -> Arc<Ticket> {
        let ticket = Arc::new(Ticket {
            change,
            outcome: Mutex::default(),
            is_abandoned: AtomicBool::new(false),
            settled: Notify::new(),
        });
        lock(&self.queue).waiting.push(Arc::clone(&ticket));
        ticket
    }

    /// Carries out what is in the queue, unless somebody is at it: then it is that one's to see to the rest.
    fn lead(&self) -> bool {
        let mut taken = {
            let mut queue = lock(&self.queue);
            if queue.is_led {
                return false;
            }
            queue.is_led = true;
            mem::take(&mut queue.waiting)
        };
        loop {
            let outcome = self.commit(&taken);
            let rest = self.hand_over();
            for ticket in taken {
                ticket.settle(outcome.clone());
            }
            match rest {
                Some(rest) => taken = rest,
                None => return true,
            }
        }
    }

    fn commit(&self, taken: &[Arc<Ticket>]) -> Result<(), JournalError> {
        let changes: Vec<_> = taken.iter().map(|ticket| &ticket.change).collect();
        // Whatever happens there: those who wait must hear of it, and the next must be let in.
        let commit = AssertUnwindSafe(|| lock(&self.database).commit(&changes));
        catch_unwind(commit).unwrap_or_else(|_| {
            Err(JournalError::store("writing to it panicked: what was to be written may be there or not"))
        })
    }

    /// Lets the next lead, who does so when it wakes, or while it is dropped. Where all who came in the meantime are gone, their
    /// changes are what is left to do.
    fn hand_over(&self) -> Option<Vec<Arc<Ticket>>> {
        let mut queue = lock(&self.queue);
        let next = queue.waiting.iter().find(|ticket| !ticket.is_abandoned.load(Relaxed));
        match next {
            Some(next) => next.settled.notify_one(),
            None if !queue.waiting.is_empty() => return Some(mem::take(&mut queue.waiting)),
            None => {}
        }
        queue.is_led = false;
        None
    }
}

impl Group {
    pub(super) fn all(&self) -> Result<Vec<(String, String)>, JournalError> {
        lock(&self.database).all()
    }
}

impl Ticket {
    fn outcome(&self) -> Option<Result<(), JournalError>> {
        lock(&self.outcome).clone()
    }

    fn settle(&self, outcome: Result<(), JournalError>) {
        *lock(&self.outcome) = Some(outcome);
        self.settled.notify_one();
    }
}

/// A place in the queue. A change whose future is dropped is carried out all the same: it tells of something that happened.
struct Place<'a, D: Commit> {
    group: &'a Group<D>,
    ticket: Arc<Ticket>,
}

impl<D: Commit> Drop for Place<'_, D> {
    fn drop(&mut self) {
        if self.ticket.outcome().is_none() {
            let queue = lock(&self.group.queue);
            self.ticket.is_abandoned.store(true, Relaxed);
            drop(queue);
            self.group.lead();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
