//! Decisions about failed attempts: pure functions, no I/O, no clock, no randomness of their own.

use std::fmt;
use std::time::Duration;

use graph_models::OperationInfo;
use http::StatusCode;

mod backoff;
mod retry_after;

pub use backoff::Backoff;
pub(crate) use retry_after::retry_after_of;

/// Decides whether a failed attempt is followed by another.
///
/// *When:* after each attempt that gave no success. *Sees:* the [`FailedAttempt`]. *May change:* nothing; it answers with
/// a [`Verdict`]. It is a pure function: chance comes in as [`FailedAttempt::random`].
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// What follows `attempt`.
    fn decide(&self, attempt: &FailedAttempt) -> Verdict;
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

    /// Whether the service may have acted on the request.
    const fn is_ambiguous(self, retry_after: bool) -> bool {
        match self {
            Self::Throttled | Self::NotSent | Self::Refused => false,
            Self::Unavailable => !retry_after,
            Self::Gateway | Self::Lost | Self::TimedOut => true,
        }
    }
}

/// The standard policy: four attempts within five minutes, never a request twice that may have been acted on.
///
/// | failure | tried again |
/// |---|---|
/// | 429, 509 | always |
/// | no connection | always |
/// | 503 | with a `Retry-After`, or if the operation is idempotent |
/// | 502, 504, connection lost, no answer in time | if the operation is idempotent |
/// | any other | never |
///
/// A `Retry-After` is waited for in full, never shortened. Where that would go past the time limit, the policy gives up at
/// once, so that the caller learns when to come back instead of sleeping.
#[derive(Clone, Debug)]
pub struct StandardRetry {
    attempts: u32,
    time_limit: Duration,
    backoff: Backoff,
}

impl Default for StandardRetry {
    fn default() -> Self {
        Self { attempts: 4, time_limit: Duration::from_secs(5 * 60), backoff: Backoff::default() }
    }
}

impl StandardRetry {
    /// At most `attempts` attempts, the first included; zero means one.
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// No attempt begins later than `limit` after the first was sent.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { time_limit: limit, ..self }
    }

    /// How long to wait where the service does not say.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }
}

impl RetryPolicy for StandardRetry {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        let ambiguous = failed.class.is_ambiguous(failed.retry_after.is_some());
        let repeatable = failed.class != FailureClass::Refused && (!ambiguous || failed.operation.idempotent);
        if !repeatable || failed.attempt >= self.attempts {
            return Verdict::GiveUp;
        }
        let wait = match failed.retry_after {
            Some(asked) if !asked.is_zero() => asked,
            _ => self.backoff.delay(failed.attempt, failed.random),
        };
        match failed.elapsed.checked_add(wait) {
            Some(total) if total <= self.time_limit => Verdict::RetryAfter(wait),
            _ => Verdict::GiveUp,
        }
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
