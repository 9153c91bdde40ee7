//! The pace of a bucket without a published quota: none until the service complains, then one that feels its way back.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::time::after;

/// What is left of the pace after a refusal.
const AFTER_REFUSAL: f64 = 0.7;
/// What is left of the limit that a warning lets us guess.
const AFTER_WARNING: f64 = 0.9;
/// From this much of a limit on, the service's figure is a warning.
const WARNING: f64 = 0.8;
/// How long it takes from a refusal back to the pace that was refused. From there it takes as long again to get a third
/// above it, and somewhat longer until the limit is taken for gone.
const RECOVERY: Duration = Duration::from_secs(30);
/// After so many recoveries without a complaint there is no limit any more.
const GONE: f64 = 2.5;
/// No pace is slower, in units per second.
const SLOWEST: f64 = 0.1;
/// Over which time the pace is measured.
const MEMORY: Duration = Duration::from_secs(10);
/// So short a time that nothing fades in it that could be measured.
const MOMENT: Duration = Duration::from_millis(1);

/// Paces requests by the units that they cost. It is a pure function of what it is told, the time included.
///
/// The pace follows the cubic curve of TCP's CUBIC: steep far below the pace that was refused, flat around it, steep again
/// beyond.
#[derive(Debug, Default)]
pub(super) struct Adaptive {
    limit: Option<Limit>,
    demand: Demand,
    /// What an operation cost when it was last called; one unit until that is known.
    costs: HashMap<&'static str, f64>,
}

#[derive(Debug)]
struct Limit {
    /// The pace that the service could not bear, in units per second.
    ceiling: f64,
    /// When the pace was cut. What was sent before says nothing about the new pace.
    cut_at: Instant,
    /// Where the curve begins: the service may have asked for silence first.
    starts_at: Instant,
    /// How far along the curve it begins, in recoveries.
    head_start: f64,
    /// When the next request may go.
    next_at: Instant,
}

impl Adaptive {
    /// How long the next request has to wait.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        if self.limit.as_ref().is_some_and(|limit| limit.progress(now) >= GONE) {
            self.limit = None;
        }
        let limit = self.limit.as_ref()?;
        let wait = limit.next_at.saturating_duration_since(now).min(limit.gone_in(now));
        (!wait.is_zero()).then_some(wait)
    }

    /// Whether there is a pace at present.
    pub(super) fn is_limiting(&self, now: Instant) -> bool {
        self.limit.as_ref().is_some_and(|limit| limit.progress(now) < GONE)
    }

    /// How long a request for `operation` has to wait with so many `ahead` of it.
    pub(super) fn forecast(&self, operation: &'static str, ahead: usize, now: Instant) -> Duration {
        let Some(limit) = &self.limit else { return Duration::ZERO };
        #[allow(clippy::cast_precision_loss, reason = "queues are shorter than 2^52")]
        let units = ahead as f64 * self.cost(operation);
        let wait =
            limit.next_at.saturating_duration_since(now).saturating_add(seconds(units / limit.pace(now)));
        wait.min(limit.gone_in(now))
    }

    /// A request for `operation` is let through.
    pub(super) fn sent(&mut self, operation: &'static str, now: Instant) {
        let cost = self.cost(operation);
        self.demand.add(cost, now);
        if let Some(limit) = &mut self.limit {
            let free_at = limit.next_at.max(now);
            limit.next_at = after(free_at, seconds(cost / limit.pace(now)));
        }
    }

    /// The answer to a request says what it cost: what was not foreseen is paid by the next.
    pub(super) fn cost_was(&mut self, operation: &'static str, units: f64, now: Instant) {
        let expected = self.costs.insert(operation, units).unwrap_or(1.0);
        self.demand.add(units - expected, now);
        if let Some(limit) = &mut self.limit
            && units > expected
        {
            limit.next_at = after(limit.next_at, seconds((units - expected) / limit.pace(now)));
        }
    }

    /// The service refused a request that was sent at `sent_at`, and will not listen before `silent_for` is over.
    pub(super) fn refused(&mut self, sent_at: Instant, silent_for: Duration, now: Instant) {
        if let Some(limit) = &mut self.limit
            && sent_at < limit.cut_at
        {
            // Of the same flight as the refusal that made the cut.
            limit.starts_at = limit.starts_at.max(after(now, silent_for));
            return;
        }
        let ceiling = self.limit.as_ref().map_or_else(|| self.demand.pace(now), |limit| limit.pace(now));
        self.cut(ceiling, AFTER_REFUSAL, silent_for, now);
    }

    /// An answer to a request that was sent at `sent_at` says how much of a limit is used up.
    pub(super) fn usage_is(&mut self, usage: f64, sent_at: Instant, now: Instant) {
        let known = self.limit.as_ref().is_some_and(|limit| sent_at < limit.cut_at);
        if usage >= WARNING && !known {
            self.cut(self.demand.pace(now) / usage, AFTER_WARNING, Duration::ZERO, now);
        }
    }

    fn cut(&mut self, ceiling: f64, rest: f64, silent_for: Duration, now: Instant) {
        let starts_at = after(now, silent_for);
        // The point of the curve at which `rest` of the ceiling is allowed.
        let head_start = 1.0 - ((1.0 - rest) / (1.0 - AFTER_REFUSAL)).cbrt();
        let next_at = self.limit.as_ref().map_or(starts_at, |limit| limit.next_at.max(starts_at));
        let ceiling = ceiling.max(SLOWEST);
        self.limit = Some(Limit { ceiling, cut_at: now, starts_at, head_start, next_at });
    }

    fn cost(&self, operation: &'static str) -> f64 {
        self.costs.get(operation).copied().unwrap_or(1.0)
    }
}

impl Limit {
    /// How far along the curve it is, in recoveries.
    fn progress(&self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.starts_at);
        self.head_start + elapsed.as_secs_f64() / RECOVERY.as_secs_f64()
    }

    /// How long it is until the limit is taken for gone, whatever its pace.
    fn gone_in(&self, now: Instant) -> Duration {
        let gone_at = after(self.starts_at, RECOVERY.mul_f64(GONE - self.head_start));
        gone_at.saturating_duration_since(now)
    }

    /// Units per second.
    fn pace(&self, now: Instant) -> f64 {
        let curve = 1.0 + (1.0 - AFTER_REFUSAL) * (self.progress(now) - 1.0).powi(3);
        (self.ceiling * curve).max(SLOWEST)
    }
}

/// Units per second, measured with a memory that fades.
#[derive(Debug, Default)]
struct Demand {
    pace: f64,
    measured_at: Option<Instant>,
}

impl Demand {
    fn add(&mut self, units: f64, now: Instant) {
        let more = units / MEMORY.as_secs_f64();
        if self.measured_at.is_some_and(|at| now.saturating_duration_since(at) < MOMENT) {
            self.pace = (self.pace + more).max(0.0);
            return;
        }
        self.pace = (self.pace(now) + more).max(0.0);
        self.measured_at = Some(now);
    }

    fn pace(&self, now: Instant) -> f64 {
        let age = self.measured_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.pace * (-age.as_secs_f64() / MEMORY.as_secs_f64()).exp()
    }
}

/// `SLOWEST` and the largest cost keep it within hours.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests;
