//! One budget: the queue before its slots, and its pace.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use graph_models::Bucket;
use tokio::sync::{MutexGuard as Turn, Notify};
use tokio::time::{Instant, timeout_at};

use super::adaptive::Adaptive;
use super::key::BucketKey;
use super::signals::Signals;
use super::store::{Forecast, QuotaStore, SlotId, Take};
use super::{NoSlot, Patience};
use crate::policy::Backoff;

/// How long everybody holds back after a refusal that does not say for how long.
const HOLD: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

#[derive(Debug)]
pub(super) struct Gate {
    /// Its holder is the first in the queue, and the only one that asks for slots. Tokio's mutex is first come, first
    /// served.
    turn: tokio::sync::Mutex<()>,
    /// How many are in the queue, the first included.
    queue: AtomicUsize,
    /// Something happened that may free a slot earlier than the holder of the turn expects.
    changed: Notify,
    /// The service refused something: whoever can't wait that long should leave the queue.
    parked: Notify,
    load: Mutex<Load>,
}

/// What is known of the service's load.
#[derive(Debug)]
struct Load {
    /// None where a quota is published.
    adaptive: Option<Adaptive>,
    /// How many refusals there were since the last success, those of one flight counted once.
    refusals: u32,
    refused_at: Option<Instant>,
}

/// A request that asks for a slot.
pub(super) struct Asking<'a> {
    pub(super) store: &'a dyn QuotaStore,
    pub(super) key: &'a BucketKey,
    pub(super) operation: &'static str,
    pub(super) since: Instant,
}

/// A slot that was got.
pub(super) struct Entered {
    pub(super) slot: SlotId,
    /// Nobody was in the queue, and it was free.
    pub(super) at_once: bool,
}

impl Gate {
    pub(super) fn new(bucket: &Bucket) -> Self {
        let adaptive = bucket.quotas.is_empty().then(Adaptive::default);
        Self {
            turn: tokio::sync::Mutex::default(),
            queue: AtomicUsize::new(0),
            changed: Notify::new(),
            parked: Notify::new(),
            load: Mutex::new(Load { adaptive, refusals: 0, refused_at: None }),
        }
    }

    /// Waits for a slot, in the order of asking.
    pub(super) async fn enter(
        &self,
        asking: &Asking<'_>,
        patience: &Patience<'_>,
    ) -> Result<Entered, NoSlot> {
        let pass = pin!(self.pass(asking, patience));
        let Some(deadline) = patience.deadline else { return pass.await };
        // Timers are boxed, so that the many who wait without one stay small.
        match Box::pin(timeout_at(deadline, pass)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(NoSlot::busy(self.forecast(asking, self.queue.load(Ordering::Relaxed)).busy)),
        }
    }

    async fn pass(&self, asking: &Asking<'_>, patience: &Patience<'_>) -> Result<Entered, NoSlot> {
        let place = Place::behind(&self.queue);
        let (turn, now) = match self.turn.try_lock() {
            Ok(turn) => (turn, Some(asking.since)),
            // Boxed, as most find no queue.
            Err(_) => (Box::pin(self.queue_up(asking, place.ahead, patience)).await?, None),
        };
        let slot = self.first(asking, patience, now).await;
        drop(turn);
        slot
    }

    /// Waits to be the first. Whoever can't wait as long as can be foreseen leaves at once, without disturbing the others.
    async fn queue_up(
        &self,
        asking: &Asking<'_>,
        ahead: usize,
        patience: &Patience<'_>,
    ) -> Result<Turn<'_, ()>, NoSlot> {
        let mut turn = pin!(self.turn.lock());
        let mut ahead = Some(ahead);
        loop {
            let mut parked = pin!(self.parked.notified());
            parked.as_mut().enable();
            // How many have left since is not known.
            patience.bears(self.forecast(asking, ahead.take().unwrap_or(0)))?;
            if let Either::Left((turn, _)) = select(turn.as_mut(), parked).await {
                return Ok(turn);
            }
        }
    }

    /// Waits for a slot as the first in the queue, at once if it is told the time.
    async fn first(
        &self,
        asking: &Asking<'_>,
        patience: &Patience<'_>,
        mut began: Option<Instant>,
    ) -> Result<Entered, NoSlot> {
        loop {
            let at_once = began.is_some();
            let now = began.take().unwrap_or_else(Instant::now);
            let pace = self.load().adaptive.as_mut().and_then(|adaptive| adaptive.wait(now));
            let taken = match pace {
                Some(wait) => Take::Busy(Some(wait)),
                None => asking.store.take(asking.key).await,
            };
            let (parked, wait) = match taken {
                Take::Taken(slot) => {
                    self.sent(asking.operation, now);
                    return Ok(Entered { slot, at_once });
                }
                Take::Parked(wait) => (wait, Some(wait)),
                Take::Busy(wait) => (asking.store.forecast(asking.key, 0).parked, wait),
            };
            patience.bears(Forecast::new(parked, wait.unwrap_or_default()))?;
            match wait.and_then(|wait| now.checked_add(wait)) {
                // Either the time is up or something changed; in both cases look again.
                Some(time) => drop(Box::pin(timeout_at(time, self.changed.notified())).await),
                None => self.changed.notified().await,
            }
        }
    }

    fn sent(&self, operation: &'static str, now: Instant) {
        if let Some(adaptive) = &mut self.load().adaptive {
            adaptive.sent(operation, now);
        }
    }

    /// What can be foreseen with so many ahead.
    pub(super) fn forecast(&self, asking: &Asking<'_>, ahead: usize) -> Forecast {
        let mut forecast = asking.store.forecast(asking.key, ahead);
        if let Some(adaptive) = &self.load().adaptive {
            let paced = adaptive.forecast(asking.operation, ahead, Instant::now());
            forecast.busy = forecast.busy.max(paced);
        }
        forecast
    }

    /// Learns from an answer. If it is a refusal: how long to hold back.
    pub(super) fn learn(
        &self,
        operation: &'static str,
        sent_at: Instant,
        signals: &Signals,
    ) -> Option<Duration> {
        let mut load = self.load();
        if *signals == Signals::default() {
            load.refusals = 0;
            return None;
        }
        let now = Instant::now();
        let silent_for = signals.refused.then(|| {
            if load.refused_at.is_none_or(|refused_at| sent_at >= refused_at) {
                load.refusals = load.refusals.saturating_add(1);
                load.refused_at = Some(now);
            }
            signals.retry_after.unwrap_or_else(|| HOLD.delay(load.refusals, 1.0))
        });
        if silent_for.is_none() {
            load.refusals = 0;
        }
        if let Some(adaptive) = &mut load.adaptive {
            if let Some(units) = signals.units {
                adaptive.cost_was(operation, units, now);
            }
            match (silent_for, signals.usage) {
                (Some(silent_for), _) => adaptive.refused(sent_at, silent_for, now),
                (None, Some(usage)) => adaptive.usage_is(usage, sent_at, now),
                (None, None) => {}
            }
        }
        silent_for
    }

    /// A slot may have become free.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }

    /// The service may have been parked.
    pub(super) fn wake_all(&self) {
        self.parked.notify_waiters();
        self.changed.notify_one();
    }

    /// Whether it knows anything that a new one would not.
    pub(super) fn remembers(&self) -> bool {
        self.load().adaptive.as_ref().is_some_and(Adaptive::is_limiting)
    }

    fn load(&self) -> MutexGuard<'_, Load> {
        // Nothing in it is half done between any two statements that could panic.
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue.
struct Place<'a> {
    queue: &'a AtomicUsize,
    ahead: usize,
}

impl<'a> Place<'a> {
    fn behind(queue: &'a AtomicUsize) -> Self {
        Self { queue, ahead: queue.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.fetch_sub(1, Ordering::Relaxed);
    }
}
