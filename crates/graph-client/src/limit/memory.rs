//! The slots of one process.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_runtime::{BoxFuture, Bucket, Quota};
use tokio::time::Instant;

use super::key::BucketKey;
use super::lease::{Lease, LeaseId};
use super::signals::ThrottleScope;
use super::store::{Forecast, QuotaStore, QuotaStoreError, SlotEnd, Take};
use crate::time::after;

/// Budgets in memory, each made when it is first asked for and forgotten when all its slots are free.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    budgets: HashMap<BucketKey, Budget>,
    parks: Vec<Park>,
    /// How many budgets there may be before those without use are forgotten.
    tidy_at: usize,
}

/// Budgets fewer than this are not worth tidying up.
const FEW: usize = 256;

#[derive(Debug)]
struct Budget {
    quotas: Vec<Slots>,
    /// Who holds a slot of each quota, and when that ends by itself.
    held: HashMap<LeaseId, Instant>,
}

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
    fn take<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>> {
        Box::pin(ready(Ok(self.state().take(lease))))
    }

    fn settle(&self, lease: &Lease, end: SlotEnd) {
        let mut state = self.state();
        for key in lease.budgets() {
            if let Some(budget) = state.budgets.get_mut(key) {
                budget.settle(lease.id(), end, Instant::now());
            }
        }
    }

    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        let until = after(Instant::now(), wait);
        self.state().parks.push(Park { refused: key.clone(), scope, until });
    }

    fn forecast(&self, key: &BucketKey, ahead: usize) -> Forecast {
        let (state, now) = (self.state(), Instant::now());
        let parked =
            state.parked_until(key).map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let busy = state.budgets.get(key).map_or(Duration::ZERO, |budget| budget.forecast(ahead, now));
        Forecast::new(parked, busy)
    }
}

impl State {
    fn take(&mut self, lease: &Lease) -> Take {
        let limited = || lease.budgets().iter().filter(|key| !key.bucket().quotas.is_empty());
        if self.parks.is_empty() && limited().next().is_none() {
            return Take::Taken;
        }
        let now = Instant::now();
        self.parks.retain(|park| park.until > now);
        if let Some(until) = lease.budgets().iter().filter_map(|key| self.parked_until(key)).max() {
            return Take::Parked(until - now);
        }
        if limited().any(|key| !self.budgets.contains_key(key)) {
            self.tidy(now);
            for key in limited() {
                self.budgets.entry(key.clone()).or_insert_with(|| Budget::new(key.bucket()));
            }
        }
        let mut busy: Option<(Duration, Instant)> = None;
        for key in limited() {
            let Some(budget) = self.budgets.get_mut(key) else { continue };
            if !budget.has_room_for(lease.id(), now) {
                let (at_least, ask_at) = busy.unwrap_or((Duration::ZERO, now));
                busy = Some((at_least.max(budget.forecast(0, now)), ask_at.max(budget.next_change(now))));
            }
        }
        if let Some((at_least, ask_at)) = busy {
            return Take::Busy { at_least, ask_again_after: ask_at.saturating_duration_since(now) };
        }
        for key in limited() {
            if let Some(budget) = self.budgets.get_mut(key) {
                budget.take(lease, now);
            }
        }
        Take::Taken
    }

    fn parked_until(&self, key: &BucketKey) -> Option<Instant> {
        let concerned = self.parks.iter().filter(|park| concerns(&park.refused, park.scope, key));
        concerned.map(|park| park.until).max()
    }

    /// Forgets budgets of which nobody uses a slot, so that a service with many users does not grow for ever.
    fn tidy(&mut self, now: Instant) {
        if self.budgets.len() < self.tidy_at.max(FEW) {
            return;
        }
        self.budgets.retain(|_, budget| budget.is_used(now));
        self.tidy_at = self.budgets.len() * 2;
    }
}

impl Budget {
    fn new(bucket: &Bucket) -> Self {
        Self { quotas: bucket.quotas.iter().map(Slots::new).collect(), held: HashMap::new() }
    }

    /// Whether `lease` has its slots or can take them.
    fn has_room_for(&mut self, lease: LeaseId, now: Instant) -> bool {
        for slots in &mut self.quotas {
            slots.thaw(now);
        }
        if self.is_exhausted() {
            self.end_leases(now);
        }
        !self.is_exhausted() || self.held.contains_key(&lease)
    }

    fn is_exhausted(&self) -> bool {
        self.quotas.iter().any(|slots| slots.free == 0)
    }

    fn take(&mut self, lease: &Lease, now: Instant) {
        if let Entry::Vacant(held) = self.held.entry(lease.id()) {
            held.insert(after(now, lease.hold()));
            for slots in &mut self.quotas {
                slots.free -= 1;
            }
        }
    }

    fn settle(&mut self, lease: LeaseId, end: SlotEnd, now: Instant) {
        let Some(ends_at) = self.held.remove(&lease) else { return };
        let counted_at = match end {
            _ if ends_at <= now => Some(ends_at),
            SlotEnd::Unused => None,
            SlotEnd::Counted(within) => Some(after(now, within)),
        };
        for slots in &mut self.quotas {
            slots.give_back(counted_at, now);
        }
    }

    /// Ends the leases whose time is over: their requests count as of then.
    fn end_leases(&mut self, now: Instant) {
        let quotas = &mut self.quotas;
        self.held.retain(|_, ends_at| {
            let is_over = *ends_at <= now;
            if is_over {
                for slots in &mut *quotas {
                    slots.give_back(Some(*ends_at), now);
                }
            }
            !is_over
        });
    }

    /// When a slot of every quota may be free if nobody settles a lease.
    fn next_change(&self, now: Instant) -> Instant {
        let lease_ends = self.held.values().min();
        let exhausted = self.quotas.iter().filter(|slots| slots.free == 0);
        let free_at = exhausted.filter_map(|slots| {
            slots.next_free_at().into_iter().chain(lease_ends.map(|at| after(*at, slots.window))).min()
        });
        free_at.max().unwrap_or(now)
    }

    fn forecast(&self, ahead: usize, now: Instant) -> Duration {
        self.quotas.iter().map(|slots| slots.forecast(ahead, now)).max().unwrap_or_default()
    }

    /// Whether a slot is taken.
    fn is_used(&mut self, now: Instant) -> bool {
        self.end_leases(now);
        self.quotas.iter_mut().any(|slots| {
            slots.thaw(now);
            slots.free < slots.total
        })
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

    /// A slot is not held any more, whose request was counted then, or never.
    fn give_back(&mut self, counted_at: Option<Instant>, now: Instant) {
        match counted_at.map(|at| after(at, self.window)) {
            Some(free_at) if free_at > now => self.cooling.push(Reverse(free_at)),
            _ => self.free += 1,
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

/// Whether a refusal of `refused` with this scope concerns whoever would count against `key`.
pub(super) fn concerns(refused: &BucketKey, scope: Option<ThrottleScope>, key: &BucketKey) -> bool {
    let Some(scope) = scope else { return refused == key };
    let (refused_key, other) = (refused.quota_key(), key.quota_key());
    // An app's limit that is kept per user is one user's.
    let one_user = !scope.tenant && key.counts_by("user");
    let one_access = scope.writes.filter(|_| key.counts_by("access"));
    refused.bucket().id == key.bucket().id
        && (!scope.tenant || refused_key.tenant == other.tenant)
        && (!scope.app || refused_key.app == other.app)
        && (!one_user || (refused.user(), refused_key.is_app) == (key.user(), other.is_app))
        && one_access.is_none_or(|writes| writes == key.writes())
}
