//! The order in which operations are asked about.

use std::cmp::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::lro::machine::after;
use crate::lro::{LongRunningResult, Operation};

/// As far as a timer can be set.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// An operation that waits for its turn; the least is the next.
pub(super) struct Pending<K, T> {
    pub(super) due: Instant,
    pub(super) number: u64,
    pub(super) key: K,
    pub(super) operation: Operation<T>,
    /// It was never asked about in this set.
    pub(super) fresh: bool,
}

/// How old it was when it was last asked about.
pub(super) fn age_at_last_poll<T: LongRunningResult>(operation: &Operation<T>) -> Option<Duration> {
    operation.last_poll_at()?.duration_since(operation.accepted_at()).ok()
}

/// When to ask about `operation`: not before it may be asked about, nor before it is of this age.
pub(super) fn due<T: LongRunningResult>(operation: &Operation<T>, age: Duration) -> Instant {
    let clock = operation.client().clock();
    let at = operation.next_poll_at().max(after(operation.accepted_at(), age));
    Instant::now() + clock.until(at).min(FAR)
}

impl<K, T> Pending<K, T> {
    fn order(&self) -> (Instant, u64) {
        (self.due, self.number)
    }
}

impl<K, T> Ord for Pending<K, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl<K, T> PartialOrd for Pending<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K, T> PartialEq for Pending<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<K, T> Eq for Pending<K, T> {}
