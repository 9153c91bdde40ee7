//! Limits that can be put around any retry policy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{FailedAttempt, FailureClass, RetryEvent, RetryPolicy, Verdict};

/// Limits for any [`RetryPolicy`], each of which can only lessen what the policy would do.
///
/// ```
/// use std::time::Duration;
/// use graph_client::{RetryBudget, RetryPolicyExt, SafeRetry};
///
/// let budget = RetryBudget::default();
/// let policy = SafeRetry::default().attempts(6).time_limit(Duration::from_secs(60)).jitter(0.1).budget(&budget);
/// # fn check(_: impl graph_client::RetryPolicy) {}
/// # check(policy);
/// ```
pub trait RetryPolicyExt: RetryPolicy + Sized {
    /// At most `attempts` attempts, the first included; zero means one.
    fn attempts(self, attempts: u32) -> AttemptLimit<Self> {
        AttemptLimit { inner: self, attempts }
    }

    /// No attempt begins later than `limit` after the first was sent. Where a wait would go past that, the call ends at once.
    fn time_limit(self, limit: Duration) -> TimeLimit<Self> {
        TimeLimit { inner: self, limit }
    }

    /// Lengthens each wait by chance, by up to `fraction` of it, so that those who were refused together do not come back
    /// together. A wait is never shortened. What is not a number from 0 to 1 is taken for the nearest that is.
    fn jitter(self, fraction: f64) -> Jitter<Self> {
        Jitter { inner: self, fraction: if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) } }
    }

    /// No more retries than `budget` allows to all who share it.
    fn budget(self, budget: &RetryBudget) -> Budgeted<Self> {
        Budgeted { inner: self, budget: budget.clone() }
    }
}

impl<P: RetryPolicy> RetryPolicyExt for P {}

/// A policy with a limited number of attempts; see [`RetryPolicyExt::attempts`].
#[derive(Clone, Debug)]
pub struct AttemptLimit<P> {
    pub(super) inner: P,
    pub(super) attempts: u32,
}

impl<P: RetryPolicy> RetryPolicy for AttemptLimit<P> {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        if failed.attempt >= self.attempts { Verdict::GiveUp } else { self.inner.decide(failed) }
    }

    fn observe(&self, event: RetryEvent) {
        self.inner.observe(event);
    }
}

/// A policy with a limited time; see [`RetryPolicyExt::time_limit`].
#[derive(Clone, Debug)]
pub struct TimeLimit<P> {
    pub(super) inner: P,
    pub(super) limit: Duration,
}

impl<P: RetryPolicy> RetryPolicy for TimeLimit<P> {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        let verdict = self.inner.decide(failed);
        match verdict {
            Verdict::RetryAfter(wait) if failed.elapsed.saturating_add(wait) > self.limit => Verdict::GiveUp,
            _ => verdict,
        }
    }

    fn observe(&self, event: RetryEvent) {
        self.inner.observe(event);
    }
}

/// A policy with longer waits; see [`RetryPolicyExt::jitter`].
#[derive(Clone, Debug)]
pub struct Jitter<P> {
    inner: P,
    fraction: f64,
}

impl<P: RetryPolicy> RetryPolicy for Jitter<P> {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        match self.inner.decide(failed) {
            Verdict::RetryAfter(wait) => {
                let more = self.fraction * failed.random.clamp(0.0, 1.0);
                let extra = Duration::try_from_secs_f64(wait.as_secs_f64() * more).unwrap_or_default();
                Verdict::RetryAfter(wait.saturating_add(extra))
            }
            verdict => verdict,
        }
    }

    fn observe(&self, event: RetryEvent) {
        self.inner.observe(event);
    }
}

/// A policy that shares a budget; see [`RetryPolicyExt::budget`].
#[derive(Clone, Debug)]
pub struct Budgeted<P> {
    pub(super) inner: P,
    pub(super) budget: RetryBudget,
}

impl<P: RetryPolicy> RetryPolicy for Budgeted<P> {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        let affordable = failed.class == FailureClass::Throttled || self.budget.retries_left() > 0;
        if affordable { self.inner.decide(failed) } else { Verdict::GiveUp }
    }

    fn observe(&self, event: RetryEvent) {
        match event {
            RetryEvent::Retrying(FailureClass::Throttled) => {}
            RetryEvent::Retrying(_) => self.budget.spend(),
            RetryEvent::Succeeded => self.budget.earn(),
        }
        self.inner.observe(event);
    }
}

/// How many retries all calls together may spend, so that a service in trouble does not get a multiple of the usual load.
///
/// It starts full. Each retry takes one out; ten successes put one back. After a throttle a retry is free: the service itself
/// says when to come back, and the [`Limiter`](crate::Limiter) keeps to it. Clones share one budget.
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<Purse>);

#[derive(Debug)]
struct Purse {
    /// In tenths of a retry.
    left: AtomicU32,
    full: u32,
}

/// What a retry takes out, in tenths.
const PRICE: u32 = 10;

impl Default for RetryBudget {
    /// 100 retries.
    fn default() -> Self {
        Self::new(100)
    }
}

impl RetryBudget {
    /// A budget of at most so many retries.
    pub fn new(retries: u32) -> Self {
        let full = retries.saturating_mul(PRICE);
        Self(Arc::new(Purse { left: AtomicU32::new(full), full }))
    }

    /// How many retries it allows at present.
    pub fn retries_left(&self) -> u32 {
        self.0.left.load(Ordering::Relaxed) / PRICE
    }

    fn spend(&self) {
        self.change(|left| left.saturating_sub(PRICE));
    }

    fn earn(&self) {
        self.change(|left| left.saturating_add(1).min(self.0.full));
    }

    fn change(&self, change: impl Fn(u32) -> u32) {
        // It counts and orders nothing else. The closure always gives a value, so the update can't fail.
        let _ = self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(change(left)));
    }
}
