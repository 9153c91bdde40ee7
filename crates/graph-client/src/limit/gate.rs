//! One budget: the queue before its slots, and its pace.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, poll_immediate, select};
use graph_runtime::{Bucket, OperationInfo};
use tokio::sync::{MutexGuard as Turn, Notify};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::adaptive::Adaptive;
use super::lease::Lease;
use super::patience::{NoSlot, Patience};
use super::signals::Signals;
use super::store::{self, Forecast, QuotaStore, QuotaStoreError, SlotEnd, Take};
use crate::policy::Backoff;
use crate::time::after;

/// How long everybody holds back after a refusal that does not say for how long.
const HOLD: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// How soon and how late the store is asked again, whatever it says itself: neither without a pause nor never.
const SHORTEST_REST: Duration = Duration::from_millis(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

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
    /// When the store failed, and how. Whoever was waiting then shares the failure: to ask for each of them would take as
    /// many time limits.
    store_failed: Option<(Instant, QuotaStoreError)>,
}

/// A request that asks for a slot.
pub(super) struct Asking<'a> {
    pub(super) shared: &'a Shared,
    pub(super) lease: Lease,
    pub(super) operation: &'static OperationInfo,
    pub(super) since: Instant,
}

impl Asking<'_> {
    fn store(&self) -> &dyn QuotaStore {
        &*self.shared.store
    }
}

/// The lease holds its slot.
pub(super) struct Entered {
    /// Nobody was in the queue, it was free, and the store said so without a pause.
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
            load: Mutex::new(Load { adaptive, refusals: 0, refused_at: None, store_failed: None }),
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
        // Timers don't reach as far as clocks do.
        let deadline = deadline.min(after(asking.since, Duration::MAX));
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
            let mut at_once = began.is_some();
            let mut now = began.take().unwrap_or_else(Instant::now);
            let pace = self.load().adaptive.as_mut().and_then(|adaptive| adaptive.wait(now));
            let taken = match pace {
                Some(wait) => Take::Busy { at_least: wait, ask_again_after: wait },
                None => {
                    let taking = self.ask(asking)?;
                    let mut answer = asking.store().take(&asking.lease);
                    let outcome = match poll_immediate(&mut answer).await {
                        Some(outcome) => outcome,
                        // Boxed, as few stores let anybody wait.
                        None => {
                            let outcome = Box::pin(store::in_time(answer, asking.shared.store_timeout)).await;
                            (at_once, now) = (false, Instant::now());
                            outcome
                        }
                    };
                    self.told(taking, outcome)?
                }
            };
            let (forecast, ask_again_after) = match taken {
                Take::Taken => {
                    self.sent(asking.operation.id, now);
                    return Ok(Entered { at_once });
                }
                Take::Parked(wait) => (Forecast::new(wait, Duration::ZERO), wait),
                Take::Busy { at_least, ask_again_after } => {
                    let parked = asking.store().forecast(asking.lease.budget(), 0).parked;
                    (Forecast::new(parked, at_least), ask_again_after)
                }
            };
            patience.bears(forecast)?;
            let rest = ask_again_after.clamp(SHORTEST_REST, LONGEST_REST);
            // Either the time is up or something changed; in both cases look again.
            let _ = Box::pin(timeout_at(after(Instant::now(), rest), self.changed.notified())).await;
        }
    }

    /// Begins a question to the store, unless it failed while this request was waiting.
    fn ask<'a>(&self, asking: &'a Asking<'a>) -> Result<Taking<'a>, NoSlot> {
        match self.load().failure_shared_by(asking.since) {
            Some(error) => Err(NoSlot::store(error)),
            None => Ok(Taking(Some(asking))),
        }
    }

    /// Ends a question to the store. If that failed, what it may have taken is given back.
    fn told(&self, taking: Taking<'_>, outcome: Result<Take, QuotaStoreError>) -> Result<Take, NoSlot> {
        match outcome {
            Ok(take) => {
                taking.done();
                Ok(take)
            }
            Err(error) => {
                self.load().store_failed = Some((Instant::now(), error.clone()));
                Err(NoSlot::store(error))
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
        let mut forecast = asking.store().forecast(asking.lease.budget(), ahead);
        if let Some(adaptive) = &self.load().adaptive {
            let paced = adaptive.forecast(asking.operation.id, ahead, Instant::now());
            forecast.busy = forecast.busy.max(paced);
        }
        forecast
    }

    /// Learns from an answer. If it is a refusal: how long to hold back, `longest` at most.
    pub(super) fn learn(
        &self,
        operation: &'static str,
        sent_at: Instant,
        signals: &Signals,
        longest: Duration,
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
            signals.retry_after.unwrap_or_else(|| HOLD.delay(load.refusals, 1.0)).min(longest)
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
        let now = Instant::now();
        self.load().adaptive.as_ref().is_some_and(|adaptive| adaptive.is_limiting(now))
    }

    fn load(&self) -> MutexGuard<'_, Load> {
        // Nothing in it is half done between any two statements that could panic.
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Load {
    /// How the store failed, if it did so while whoever asks `since` then was waiting.
    fn failure_shared_by(&self, since: Instant) -> Option<QuotaStoreError> {
        self.store_failed.as_ref().filter(|(failed_at, _)| since < *failed_at).map(|(_, error)| error.clone())
    }
}

/// A question to the store. Dropped before it is answered, its lease is settled: the store may have carried it out.
struct Taking<'a>(Option<&'a Asking<'a>>);

impl Taking<'_> {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        if let Some(asking) = self.0 {
            asking.store().settle(&asking.lease, SlotEnd::Unused);
        }
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
