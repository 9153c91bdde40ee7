//! One quota: its slots, and the queue before them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_models::Bucket;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a request whose answer nobody waited for may still be on its way to the service.
const FLIGHT: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Gate {
    window: Duration,
    slots: Mutex<Slots>,
    /// Its holder is the first in the queue, and the only one that waits for slots. Tokio's mutex is first come, first
    /// served.
    turn: tokio::sync::Mutex<()>,
    /// Something happened that may free a slot earlier than the holder of the turn expects.
    changed: Notify,
}

#[derive(Debug)]
struct Slots {
    free: usize,
    /// When the slots whose requests are over become free again, soonest first.
    cooling: BinaryHeap<Reverse<Instant>>,
    parked_until: Option<Instant>,
}

/// The service will not listen for this long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parked(pub(crate) Duration);

/// Why there is no slot now.
enum Busy {
    /// The service will not listen before this time.
    Parked(Instant),
    /// There may be one at this time.
    Until(Instant),
    /// All are in use; there will be one when a request ends.
    UntilChange,
}

impl Slots {
    fn take(&mut self, now: Instant) -> Result<(), Busy> {
        if let Some(parked) = self.parked_until.filter(|until| *until > now) {
            return Err(Busy::Parked(parked));
        }
        while self.cooling.peek().is_some_and(|Reverse(free_at)| *free_at <= now) {
            self.cooling.pop();
            self.free += 1;
        }
        if self.free > 0 {
            self.free -= 1;
            return Ok(());
        }
        Err(self.cooling.peek().map_or(Busy::UntilChange, |Reverse(free_at)| Busy::Until(*free_at)))
    }
}

impl Gate {
    pub(super) fn new(bucket: &Bucket) -> Self {
        // A quota of nothing would wait for ever.
        let quota = usize::try_from(bucket.quota).unwrap_or(usize::MAX).max(1);
        let slots = Slots { free: quota, cooling: BinaryHeap::new(), parked_until: None };
        Self {
            window: bucket.window,
            slots: Mutex::new(slots),
            turn: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
        }
    }

    pub(super) async fn enter(
        self: Arc<Self>,
        patient: impl Fn(Duration) -> bool + Send,
    ) -> Result<Permit, Parked> {
        let turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            let taken = self.slots().take(now);
            match taken {
                Ok(()) => break,
                Err(Busy::Parked(until)) if !patient(until - now) => return Err(Parked(until - now)),
                // Either the time is up or something changed; in both cases look again.
                Err(Busy::Parked(time) | Busy::Until(time)) => {
                    drop(tokio::time::timeout_at(time, self.changed.notified()).await);
                }
                Err(Busy::UntilChange) => self.changed.notified().await,
            }
        }
        drop(turn);
        Ok(Permit { gate: self, sent_at: None, over: false })
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // The counters are consistent between any two statements that could panic.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut Slots)) {
        change(&mut self.slots());
        self.changed.notify_one();
    }
}

/// One slot, taken.
#[derive(Debug)]
pub(super) struct Permit {
    gate: Arc<Gate>,
    sent_at: Option<Instant>,
    over: bool,
}

impl Permit {
    pub(super) fn sending(&mut self) {
        self.sent_at = Some(Instant::now());
    }

    /// The answer is here, so the service counted the request no later than now.
    pub(super) fn answered(mut self) {
        self.over = true;
        let free_at = Instant::now() + self.gate.window;
        self.gate.update(|slots| slots.cooling.push(Reverse(free_at)));
    }

    /// The service will not listen before `wait` is over.
    pub(super) fn refused(self, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        self.gate.update(|slots| slots.parked_until = slots.parked_until.max(until));
        self.answered();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let window = self.gate.window;
        match (self.over, self.sent_at) {
            (true, _) => {}
            (false, None) => self.gate.update(|slots| slots.free += 1),
            (false, Some(sent_at)) => {
                let counted_by = Instant::now().max(sent_at + FLIGHT);
                self.gate.update(|slots| slots.cooling.push(Reverse(counted_by + window)));
            }
        }
    }
}
