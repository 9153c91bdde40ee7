//! Client-side rate limits: the published quotas, kept so that the service never has to refuse; where none is published,
//! a pace that adapts to what it refuses.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use graph_models::OperationInfo;
use http::Response;
use tokio::time::Instant;

use crate::policy::retry_after_of;

mod adaptive;
mod gate;
mod key;
mod memory;
mod signals;
mod store;

use gate::{Asking, Gate};
pub use key::{BucketKey, QuotaKey};
use memory::MemoryStore;
use signals::Signals;
pub use signals::ThrottleScope;
pub use store::{Forecast, QuotaStore, SlotEnd, SlotId, Take};

/// How long a request whose answer nobody waited for may still be on its way to the service.
const FLIGHT: Duration = Duration::from_secs(2);
/// Gates fewer than this are not worth tidying up.
const FEW: usize = 256;

/// Holds requests back so that the service need not refuse them.
///
/// **Published quotas** are never exceeded. Each has that many slots. A request takes one before it is sent, retries included,
/// and the slot is free again one window *after the answer came*: whatever the way of counting at the service and however
/// long the network takes, no window of the service sees more than the quota.
///
/// **Buckets without a published quota** let everything pass until the service complains: with a 429, or by saying that most of
/// a limit is used up. From then on requests are paced by what they cost; the pace is cut by each complaint and grows
/// back in between, until there is none any more.
///
/// **A refusal** holds back everybody whom it concerns for as long as the service says.
///
/// Requests are let through in the order in which they asked; whoever leaves the queue disturbs nobody.
///
/// Each bucket has a budget for every [`QuotaKey`]. Clients that share budgets share the limiter: clone it into their
/// builders. Processes that share them share a [`QuotaStore`].
#[derive(Clone, Debug)]
pub struct Limiter(Option<Arc<Shared>>);

struct Shared {
    store: Box<dyn QuotaStore>,
    gates: Mutex<Gates>,
}

#[derive(Default)]
struct Gates {
    by_key: HashMap<BucketKey, Arc<Gate>>,
    /// How many gates there may be before those without use are forgotten.
    tidy_at: usize,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// A limiter of this process.
    pub fn new() -> Self {
        Self::with_store(MemoryStore::default())
    }

    /// A limiter whose slots are kept in `store`. Queues, deadlines and the pace of buckets without a quota stay in this
    /// process.
    pub fn with_store(store: impl QuotaStore + 'static) -> Self {
        Self(Some(Arc::new(Shared { store: Box::new(store), gates: Mutex::default() })))
    }

    /// A limiter that lets everything pass at once; the service will then refuse what exceeds its limits.
    pub fn disabled() -> Self {
        Self(None)
    }

    /// Waits for a slot, as the client does before each attempt: for requests that are sent past it, such as by another
    /// library, but count against the same limits. Dropping the future gives up the place in the queue and nothing else.
    ///
    /// Fails at once where it can be foreseen that there is no slot before `deadline`, and then says when to come back.
    pub async fn acquire(
        &self,
        operation: &'static OperationInfo,
        key: &QuotaKey,
        deadline: Option<Instant>,
    ) -> Result<Slot, NoSlot> {
        self.acquire_if(operation, key, false, &Patience { parked: &|_| true, deadline }).await.0
    }

    /// As [`acquire`](Self::acquire), for whoever can wait as long as `patience` says; `as_app` if the app acts by itself. Says how
    /// long it took, unless there was a slot at once.
    pub(crate) async fn acquire_if(
        &self,
        operation: &'static OperationInfo,
        key: &QuotaKey,
        as_app: bool,
        patience: &Patience<'_>,
    ) -> (Result<Slot, NoSlot>, Duration) {
        let Some((shared, key)) = self.0.as_ref().zip(BucketKey::of(operation, key, as_app)) else {
            return (Ok(Slot(None)), Duration::ZERO);
        };
        let gate = shared.gate(&key);
        let asking =
            Asking { store: &*shared.store, key: &key, operation: operation.id, since: Instant::now() };
        let entered = gate.enter(&asking, patience).await;
        let waited = match &entered {
            Ok(entered) if entered.at_once => Duration::ZERO,
            _ => asking.since.elapsed(),
        };
        let slot = entered.map(|entered| {
            Slot(Some(Permit {
                shared: Arc::clone(shared),
                gate,
                key,
                slot: entered.slot,
                operation: operation.id,
                sent_at: None,
                over: false,
            }))
        });
        (slot, waited)
    }
}

impl Shared {
    fn gates(&self) -> MutexGuard<'_, Gates> {
        // A map is whole between any two statements that could panic.
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gate(&self, key: &BucketKey) -> Arc<Gate> {
        let mut gates = self.gates();
        if let Some(gate) = gates.by_key.get(key) {
            return Arc::clone(gate);
        }
        gates.tidy();
        let gate = Arc::new(Gate::new(key.bucket()));
        gates.by_key.insert(key.clone(), Arc::clone(&gate));
        gate
    }

    /// The service will not listen: the store is told, and everyone in a queue of the bucket looks whether it can wait.
    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        self.store.park(key, scope, wait);
        let gates = self.gates();
        let concerned = gates.by_key.iter().filter(|(other, _)| other.bucket().id == key.bucket().id);
        concerned.for_each(|(_, gate)| gate.wake_all());
    }
}

impl Gates {
    /// Forgets gates that nobody uses and that have nothing to remember.
    fn tidy(&mut self) {
        if self.by_key.len() < self.tidy_at.max(FEW) {
            return;
        }
        self.by_key.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.remembers());
        self.tidy_at = self.by_key.len() * 2;
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("store", &self.store).finish_non_exhaustive()
    }
}

/// How long a request can wait.
pub(crate) struct Patience<'a> {
    /// Whether it can wait so long for a service that will not listen.
    pub(crate) parked: &'a (dyn Fn(Duration) -> bool + Send + Sync),
    pub(crate) deadline: Option<Instant>,
}

impl Patience<'_> {
    fn bears(&self, forecast: Forecast) -> Result<(), NoSlot> {
        let Forecast { parked, busy } = forecast;
        let bears_parked = parked.is_zero() || ((self.parked)(parked) && self.in_time(parked));
        if !bears_parked {
            return Err(NoSlot { wait: parked.max(busy), parked: true });
        }
        if self.in_time(busy) { Ok(()) } else { Err(NoSlot::busy(busy)) }
    }

    fn in_time(&self, wait: Duration) -> bool {
        self.deadline.is_none_or(|deadline| wait <= deadline.saturating_duration_since(Instant::now()))
    }
}

/// There is no slot before the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", if *parked { PARKED } else { BUSY })]
pub struct NoSlot {
    wait: Duration,
    parked: bool,
}

const PARKED: &str = "the service refused an earlier request of this quota";
const BUSY: &str = "the service's limit leaves no room for another request in time";

impl NoSlot {
    fn busy(wait: Duration) -> Self {
        Self { wait, parked: false }
    }

    /// How long to wait before asking again, as far as can be foreseen.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// Whether the service has said that it will not listen; otherwise the limiter expects that it would refuse.
    pub fn is_parked(&self) -> bool {
        self.parked
    }
}

/// The right to send one request.
///
/// Dropped before [`sending`](Self::sending), it was never used. Dropped after it, the request counts, with allowance for
/// its still being on the way.
#[derive(Debug)]
#[must_use = "dropping a slot gives it back"]
pub struct Slot(Option<Permit>);

#[derive(Debug)]
struct Permit {
    shared: Arc<Shared>,
    gate: Arc<Gate>,
    key: BucketKey,
    slot: SlotId,
    operation: &'static str,
    sent_at: Option<Instant>,
    over: bool,
}

impl Slot {
    /// From here on the request counts.
    pub fn sending(&mut self) {
        self.sending_at(Instant::now());
    }

    /// From `now` on the request counts.
    pub(crate) fn sending_at(&mut self, now: Instant) {
        if let Some(permit) = &mut self.0 {
            permit.sent_at = Some(now);
        }
    }

    /// The answer came, `now` by the clock of the machine. If it is a refusal, it holds back everybody whom it concerns.
    pub fn answered<B>(self, response: &Response<B>, now: SystemTime) {
        self.answered_with(response, retry_after_of(response.headers(), || now));
    }

    /// The answer came, and asks to wait so long.
    pub(crate) fn answered_with<B>(self, response: &Response<B>, retry_after: Option<Duration>) {
        if let Some(permit) = self.0 {
            permit.answered(&Signals::of(response, retry_after));
        }
    }
}

impl Permit {
    fn answered(mut self, signals: &Signals) {
        let sent_at = self.sent_at.unwrap_or_else(Instant::now);
        if let Some(silent_for) = self.gate.learn(self.operation, sent_at, signals) {
            self.shared.park(&self.key, signals.scope, silent_for);
        }
        // The answer is here, so the service counted the request no later than now.
        self.settle(SlotEnd::Counted(Duration::ZERO));
    }

    fn settle(&mut self, end: SlotEnd) {
        self.over = true;
        self.shared.store.settle(&self.key, self.slot, end);
        self.gate.wake();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match (self.over, self.sent_at) {
            (true, _) => {}
            (false, None) => self.settle(SlotEnd::Unused),
            (false, Some(sent_at)) => {
                let arrives_by = (sent_at + FLIGHT).saturating_duration_since(Instant::now());
                self.settle(SlotEnd::Counted(arrives_by));
            }
        }
    }
}

#[cfg(test)]
mod tests;
