//! How long to wait for what can't be found yet.

use graph_client::{Backoff, FailedAttempt, RetryPolicy, RetryPolicyExt as _, TimeLimit, Verdict};
use std::time::Duration;

/// Waits for objects that can't be found yet, without end; put a limit around it with
/// [`RetryPolicyExt`](crate::RetryPolicyExt).
///
/// ```
/// use std::time::Duration;
/// use graph_facade::{Backoff, RetryPolicyExt, UntilVisible};
///
/// let patient = UntilVisible::new(Backoff::new(Duration::from_secs(10), Duration::from_secs(60)));
/// let policy = patient.time_limit(Duration::from_secs(15 * 60));
/// # fn check(_: impl graph_facade::RetryPolicy) {}
/// # check(policy);
/// ```
#[derive(Clone, Debug)]
pub struct UntilVisible {
    backoff: Backoff,
}

impl UntilVisible {
    /// Waits as `backoff` says.
    pub fn new(backoff: Backoff) -> Self {
        Self { backoff }
    }

    /// From 5 seconds to 30, three minutes in all.
    pub(crate) fn standard() -> TimeLimit<Self> {
        Self::new(Backoff::new(Duration::from_secs(5), Duration::from_secs(30)))
            .time_limit(Duration::from_secs(3 * 60))
    }
}

impl RetryPolicy for UntilVisible {
    fn decide(&self, failed: &FailedAttempt) -> Verdict {
        Verdict::RetryAfter(
            failed.retry_after.unwrap_or_else(|| self.backoff.delay(failed.attempt, failed.random)),
        )
    }
}
