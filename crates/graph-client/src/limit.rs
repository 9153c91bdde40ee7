//! Client-side rate limits: the published quotas, kept so that the service never has to refuse; where none is published,
//! a pace that adapts to what it refuses.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_runtime::OperationInfo;
use tokio::time::Instant;

mod adaptive;
mod builder;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod gate;
mod key;
mod lease;
mod memory;
mod patience;
mod signals;
mod slot;
mod store;

pub use builder::LimiterBuilder;
use gate::{Asking, Gate};
pub use key::{BucketKey, QuotaKey};
pub use lease::{Lease, LeaseId};
pub(crate) use patience::Patience;
pub use patience::{AcquireOptions, NoSlot};
pub use signals::ThrottleScope;
pub use slot::Slot;
pub use store::{Forecast, QuotaStore, QuotaStoreError, SlotEnd, Take};

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
/// **A refusal** holds back everybody whom it concerns for as long as the service says, an hour at most
/// ([`LimiterBuilder::max_retry_after`]): a date gone wrong must not stop a program for years. The error still says what the
/// service said.
///
/// Requests are let through in the order in which they asked; whoever leaves the queue disturbs nobody.
///
/// Each bucket has a budget for every [`QuotaKey`]. Clients that share budgets share the limiter: clone it into their
/// builders. Processes that share them share a [`QuotaStore`]: a request whose store fails is not sent, and says so.
#[derive(Clone, Debug)]
pub struct Limiter(Option<Arc<Shared>>);

struct Shared {
    store: Box<dyn QuotaStore>,
    /// The longest that one answer can hold back a budget.
    max_retry_after: Duration,
    /// How long the store may take to answer.
    store_timeout: Duration,
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
        Self::builder().build()
    }

    /// A limiter whose slots are kept in `store`. Queues, deadlines and the pace of buckets without a quota stay in this
    /// process.
    pub fn with_store(store: impl QuotaStore + 'static) -> Self {
        Self::builder().store(store).build()
    }

    /// A limiter with other settings.
    pub fn builder() -> LimiterBuilder {
        LimiterBuilder::default()
    }

    /// A limiter that lets everything pass at once; the service will then refuse what exceeds its limits.
    pub fn disabled() -> Self {
        Self(None)
    }

    /// Waits for a slot, as the client does before each attempt: for requests that are sent past it, such as by another
    /// library, but count against the same limits. Dropping the future gives up the place in the queue and nothing else.
    ///
    /// Fails at once where it can be foreseen that there is no slot before the deadline, and then says when to come back.
    ///
    /// ```
    /// use graph_client::graph_runtime::OperationInfo;
    /// use graph_client::{AcquireOptions, Limiter, NoSlot, QuotaKey};
    /// use std::time::Duration;
    ///
    /// # async fn send() -> http::Response<()> { http::Response::new(()) }
    /// # async fn example(limiter: Limiter, operation: &'static OperationInfo) -> Result<(), NoSlot> {
    /// let options = AcquireOptions::default().hold(Duration::from_secs(40));
    /// let mut slot = limiter.acquire(operation, &QuotaKey::new(), options).await?;
    /// slot.sending();
    /// let answer = send().await;
    /// slot.answered(&answer, std::time::SystemTime::now());
    /// # Ok(())
    /// # }
    /// ```
    pub fn acquire(
        &self,
        operation: &'static OperationInfo,
        key: &QuotaKey,
        options: AcquireOptions,
    ) -> impl Future<Output = Result<Slot, NoSlot>> + Send {
        // Apart from the future, which would otherwise hold the options twice while it waits.
        let patience = Patience { parked: &|_| true, deadline: options.deadline, hold: options.hold };
        async move { self.acquire_if(operation, key, false, &patience).await.0 }
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
            return (Ok(Slot::unlimited()), Duration::ZERO);
        };
        let gate = shared.gate(&key);
        let asking =
            Asking { shared, lease: Lease::new(key, patience.hold), operation, since: Instant::now() };
        let entered = gate.enter(&asking, patience).await;
        let waited = match &entered {
            Ok(entered) if entered.at_once => Duration::ZERO,
            _ => asking.since.elapsed(),
        };
        let lease = asking.lease;
        (entered.map(|_| Slot::held(Arc::clone(shared), gate, lease, operation.id)), waited)
    }

    /// Delivers what a store of several processes has yet to be told: before a process ends or rests, so that no other waits
    /// for slots that nobody uses any more.
    pub async fn flush(&self) -> Result<(), QuotaStoreError> {
        match &self.0 {
            None => Ok(()),
            Some(shared) => store::in_time(shared.store.flush(), shared.store_timeout).await,
        }
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

#[cfg(test)]
mod tests;
