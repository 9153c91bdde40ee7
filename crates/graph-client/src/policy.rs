//! Decisions about failed attempts: pure functions, no I/O, no clock, no randomness of their own.

use std::fmt;
use std::time::Duration;

use graph_runtime::OperationInfo;
use http::StatusCode;

mod backoff;
mod decorators;
mod retry_after;

pub use backoff::Backoff;
pub use decorators::{AttemptLimit, Budgeted, Jitter, RetryBudget, RetryPolicyExt, TimeLimit};
pub(crate) use retry_after::{retry_after_in_words, retry_after_of};

/// Decides whether a failed attempt is followed by another.
///
/// *When:* after each attempt that gave no success. *Sees:* the [`FailedAttempt`]. *May change:* nothing; it answers with
/// a [`Verdict`]. It is a pure function: chance comes in as [`FailedAttempt::random`], and asking has no effect, since the
/// limiter also asks whether it would be worth while to wait.
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// What follows `attempt`.
    fn decide(&self, attempt: &FailedAttempt) -> Verdict;

    /// What came of a decision, for policies that keep an account. It must not block.
    fn observe(&self, _event: RetryEvent) {}
}

/// What a [`RetryPolicy`] is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryEvent {
    /// Another attempt follows a failure of this class.
    Retrying(FailureClass),
    /// A call succeeded.
    Succeeded,
}

/// What a [`RetryPolicy`] decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Send the request again after this time.
    RetryAfter(Duration),
    /// Report the failure.
    GiveUp,
}

/// An attempt that gave no success.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FailedAttempt {
    /// The operation that was called.
    pub operation: &'static OperationInfo,
    /// What went wrong.
    pub class: FailureClass,
    /// How many attempts there have been, this one included.
    pub attempt: u32,
    /// The time since the first attempt was sent.
    pub elapsed: Duration,
    /// How long the service asks to wait, if it does.
    pub retry_after: Option<Duration>,
    /// A random number, at least 0 and less than 1, from which jitter is made.
    pub random: f64,
}

impl FailedAttempt {
    /// The attempt of this number, after so long, with a random number of its own: for whoever asks a policy about something that the
    /// client does not try again by itself.
    pub fn new(
        operation: &'static OperationInfo,
        class: FailureClass,
        attempt: u32,
        elapsed: Duration,
        retry_after: Option<Duration>,
    ) -> Self {
        Self { operation, class, attempt, elapsed, retry_after, random: fastrand::f64() }
    }
}

/// How an attempt failed, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// 429 or 509: the service refused it unread.
    Throttled,
    /// 503: with a `Retry-After` the service refused it unread.
    Unavailable,
    /// 502 or 504: a gateway gave up; the service behind it may have acted.
    Gateway,
    /// No connection: the request surely did not arrive.
    NotSent,
    /// The connection broke; the service may have acted.
    Lost,
    /// No answer in time; the service may have acted.
    TimedOut,
    /// Any other refusal: sending the same again would be answered the same.
    Refused,
}

impl FailureClass {
    /// The class of an answer with `status`.
    pub const fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            429 | 509 => Self::Throttled,
            503 => Self::Unavailable,
            502 | 504 => Self::Gateway,
            _ => Self::Refused,
        }
    }

    /// The name that telemetry knows it by.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Gateway => "gateway",
            Self::NotSent => "not_sent",
            Self::Lost => "lost",
            Self::TimedOut => "timed_out",
            Self::Refused => "refused",
        }
    }

    /// Whether the service may have acted on the request.
    const fn is_ambiguous(self, retry_after: bool) -> bool {
        match self {
            Self::Throttled | Self::NotSent | Self::Refused => false,
            Self::Unavailable => !retry_after,
            Self::Gateway | Self::Lost | Self::TimedOut => true,
        }
    }
}

/// Tries again whatever can safely be sent again, without end: never a request twice that may have been acted on, unless its
/// operation is idempotent.
///
/// | failure | tried again |
/// |---|---|
/// | 429, 509 | always |
/// | no connection | always |
/// | 503 | with a `Retry-After`, or if the operation is idempotent |
/// | 502, 504, connection lost, no answer in time | if the operation is idempotent |
/// | any other | never |
///
/// A `Retry-After` is waited for in full, never shortened. Put limits around it with [`RetryPolicyExt`].
#[derive(Clone, Debug, Default)]
pub struct SafeRetry {
    backoff: Backoff,
}

impl SafeRetry {
    /// How long to wait where the service does not say.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff }
    }
}

impl RetryPolicy for SafeRetry {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        let ambiguous = failed.class.is_ambiguous(failed.retry_after.is_some());
        if failed.class == FailureClass::Refused || (ambiguous && !failed.operation.idempotent) {
            return Verdict::GiveUp;
        }
        Verdict::RetryAfter(match failed.retry_after {
            Some(asked) if !asked.is_zero() => asked,
            _ => self.backoff.delay(failed.attempt, failed.random),
        })
    }
}

/// The standard policy: [`SafeRetry`] with at most four attempts within five minutes, and a [`RetryBudget`] of 100 retries that
/// all clones of the client share.
///
/// Where a wait would go past the time limit, it gives up at once, so that the caller learns when to come back instead of
/// sleeping.
#[derive(Clone, Debug)]
pub struct StandardRetry(Budgeted<TimeLimit<AttemptLimit<SafeRetry>>>);

impl Default for StandardRetry {
    fn default() -> Self {
        let limited = SafeRetry::default().attempts(4).time_limit(Duration::from_secs(5 * 60));
        Self(limited.budget(&RetryBudget::default()))
    }
}

impl StandardRetry {
    /// At most `attempts` attempts, the first included; zero means one.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.inner.inner.attempts = attempts;
        self
    }

    /// No attempt begins later than `limit` after the first was sent.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.0.inner.limit = limit;
        self
    }

    /// How long to wait where the service does not say.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.0.inner.inner.inner.backoff = backoff;
        self
    }

    /// No more retries than `budget` allows to all who share it.
    pub fn budget(mut self, budget: &RetryBudget) -> Self {
        self.0.budget = budget.clone();
        self
    }
}

impl RetryPolicy for StandardRetry {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        self.0.decide(failed)
    }

    fn observe(&self, event: RetryEvent) {
        self.0.observe(event);
    }
}

/// Never tries again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn decide(&self, _: &FailedAttempt) -> Verdict {
        Verdict::GiveUp
    }
}

#[cfg(test)]
mod tests;
