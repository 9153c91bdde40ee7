//! What the work of a run has to say, until the stream gives it out.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::report::{ItemReport, SyncEvent, SyncProgress};

/// So many events are kept before the work waits: those of two envelopes.
const MOST_EVENTS: usize = 40;

/// What the work tells the stream.
#[derive(Debug, Default)]
pub(super) struct Desk(Mutex<Told>);

#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) events: VecDeque<SyncEvent>,
    pub(super) progress: SyncProgress,
}

impl Desk {
    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, report: ItemReport) {
        let mut told = self.told();
        told.progress.counts.add(&report);
        told.events.push_back(SyncEvent::Item(report));
    }

    /// Lets the stream give out what there is before more is added. It polls again once the desk is empty.
    pub(super) async fn cleared(&self) {
        let is_full = || self.told().events.len() >= MOST_EVENTS;
        poll_fn(|_| if is_full() { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}
