//! The slots of one process.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_models::{BoxFuture, Quota};
use tokio::time::Instant;

use super::key::BucketKey;
use super::signals::ThrottleScope;
use super::store::{Forecast, QuotaStore, SlotEnd, SlotId, Take};

/// Budgets in memory, each made when it is first asked for and forgotten when all its slots are free.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    budgets: HashMap<BucketKey, Vec<Slots>>,
    parks: Vec<Park>,
    /// How many budgets there may be before those without use are forgotten.
    tidy_at: usize,
}

/// Budgets fewer than this are not worth tidying up.
const FEW: usize = 256;

/// The slots of one quota.
#[derive(Debug)]
struct Slots {
    window: Duration,
    total: usize,
    free: usize,
    /// When the slots whose requests are over become free again, soonest first.
    cooling: BinaryHeap<Reverse<Instant>>,
}

/// The service will not listen to some.
#[derive(Debug)]
struct Park {
    refused: BucketKey,
    scope: Option<ThrottleScope>,
    until: Instant,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        // The counters are consistent between any two statements that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QuotaStore for MemoryStore {
    fn take<'a>(&'a self, key: &'a BucketKey) -> BoxFuture<'a, Take> {
        Box::pin(ready(self.state().take(key)))
    }

    fn settle(&self, key: &BucketKey, _: SlotId, end: SlotEnd) {
        if let Some(slots) = self.state().budgets.get_mut(key) {
            for slots in slots {
                slots.settle(end, Instant::now());
            }
        }
    }

    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        if let Some(until) = Instant::now().checked_add(wait) {
            self.state().parks.push(Park { refused: key.clone(), scope, until });
        }
    }

    fn forecast(&self, key: &BucketKey, ahead: usize) -> Forecast {
        let (state, now) = (self.state(), Instant::now());
        let parked =
            state.parked_until(key).map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let slots = state.budgets.get(key).into_iter().flatten();
        let busy = slots.map(|slots| slots.forecast(ahead, now)).max().unwrap_or_default();
        Forecast::new(parked, busy)
    }
}

impl State {
    fn take(&mut self, key: &BucketKey) -> Take {
        if self.parks.is_empty() && key.bucket().quotas.is_empty() {
            return Take::Taken(SlotId(0));
        }
        let now = Instant::now();
        self.parks.retain(|park| park.until > now);
        if let Some(until) = self.parked_until(key) {
            return Take::Parked(until - now);
        }
        if key.bucket().quotas.is_empty() {
            return Take::Taken(SlotId(0));
        }
        let budget = match self.budgets.get_mut(key) {
            Some(budget) => budget,
            None => {
                self.tidy(now);
                let full = key.bucket().quotas.iter().map(Slots::new).collect();
                self.budgets.entry(key.clone()).or_insert(full)
            }
        };
        for slots in &mut *budget {
            slots.thaw(now);
        }
        if budget.iter().any(|slots| slots.free == 0) {
            let exhausted = budget.iter().filter(|slots| slots.free == 0);
            return Take::Busy(exhausted.filter_map(Slots::next_free_at).max().map(|free_at| free_at - now));
        }
        for slots in budget {
            slots.free -= 1;
        }
        Take::Taken(SlotId(0))
    }

    fn parked_until(&self, key: &BucketKey) -> Option<Instant> {
        self.parks.iter().filter(|park| park.concerns(key)).map(|park| park.until).max()
    }

    /// Forgets budgets of which nobody uses a slot, so that a service with many users does not grow for ever.
    fn tidy(&mut self, now: Instant) {
        if self.budgets.len() < self.tidy_at.max(FEW) {
            return;
        }
        self.budgets.retain(|_, budget| {
            budget.iter_mut().any(|slots| {
                slots.thaw(now);
                slots.free < slots.total
            })
        });
        self.tidy_at = self.budgets.len() * 2;
    }
}

impl Slots {
    fn new(quota: &Quota) -> Self {
        // A quota of nothing would wait for ever.
        let total = usize::try_from(quota.requests).unwrap_or(usize::MAX).max(1);
        Self { window: quota.window, total, free: total, cooling: BinaryHeap::new() }
    }

    fn thaw(&mut self, now: Instant) {
        while self.next_free_at().is_some_and(|free_at| free_at <= now) {
            self.cooling.pop();
            self.free += 1;
        }
    }

    fn next_free_at(&self) -> Option<Instant> {
        self.cooling.peek().map(|Reverse(free_at)| *free_at)
    }

    fn settle(&mut self, end: SlotEnd, now: Instant) {
        match end {
            SlotEnd::Unused => self.free += 1,
            SlotEnd::Counted(within) if (within + self.window).is_zero() => self.free += 1,
            SlotEnd::Counted(within) => self.cooling.push(Reverse(now + within + self.window)),
        }
    }

    /// The least wait of one with so many `ahead`: slots that are under way are free one window from now at the earliest, and
    /// so is each slot after whoever takes it next.
    fn forecast(&self, ahead: usize, now: Instant) -> Duration {
        let mut waits: Vec<_> =
            self.cooling.iter().map(|Reverse(at)| at.saturating_duration_since(now)).collect();
        waits.sort_unstable();
        let (rounds, place) = (ahead / self.total, ahead % self.total);
        let first = match place.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(later) => waits.get(later).copied().unwrap_or(self.window),
        };
        first.saturating_add(self.window.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX)))
    }
}

impl Park {
    /// Whether it concerns whoever would count against `key`.
    fn concerns(&self, key: &BucketKey) -> bool {
        let Some(scope) = self.scope else { return self.refused == *key };
        let (refused, other) = (self.refused.quota_key(), key.quota_key());
        // An app's limit that is kept per user is one user's.
        let one_user = !scope.tenant && key.counts_by("user");
        let one_access = scope.writes.filter(|_| key.counts_by("access"));
        self.refused.bucket().id == key.bucket().id
            && (!scope.tenant || refused.tenant == other.tenant)
            && (!scope.app || refused.app == other.app)
            && (!one_user || (self.refused.user(), refused.is_app) == (key.user(), other.is_app))
            && one_access.is_none_or(|writes| writes == key.writes())
    }
}
