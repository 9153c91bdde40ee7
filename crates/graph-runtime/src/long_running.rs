//! How work that the service goes on with by itself is followed.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::{Inspect, OperationInfo};

/// How the long-running operations that one operation of the API starts are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongRunning {
    /// Reads the status, at the address that the acceptance gives.
    pub polled_by: &'static OperationInfo,
    /// Reads the result: at the address that the status gives or, where it gives an id alone, by that.
    pub read_by: &'static OperationInfo,
    /// What else has to be readable, by the result's id, before all of it can be seen.
    pub seen_by: &'static [&'static OperationInfo],
    /// The words of the status that mean success, in any letter case.
    pub succeeded: &'static [&'static str],
    /// The words that mean the end without success. All others mean that it goes on.
    pub failed: &'static [&'static str],
    /// The least time between two polls.
    pub least_interval: Duration,
    /// The time between two polls unless the caller wants another.
    pub usual_interval: Duration,
}

impl LongRunning {
    /// Operations whose status one operation reads and whose result another, polled no more often than each `least_interval`.
    pub const fn new(
        polled_by: &'static OperationInfo,
        read_by: &'static OperationInfo,
        least_interval: Duration,
    ) -> Self {
        Self {
            polled_by,
            read_by,
            seen_by: &[],
            succeeded: &["succeeded"],
            failed: &["failed"],
            least_interval,
            usual_interval: least_interval,
        }
    }

    /// Sets [`seen_by`](Self::seen_by).
    #[must_use]
    pub const fn seen_by(mut self, operations: &'static [&'static OperationInfo]) -> Self {
        self.seen_by = operations;
        self
    }

    /// Sets [`succeeded`](Self::succeeded) and [`failed`](Self::failed).
    #[must_use]
    pub const fn words(
        mut self,
        succeeded: &'static [&'static str],
        failed: &'static [&'static str],
    ) -> Self {
        (self.succeeded, self.failed) = (succeeded, failed);
        self
    }

    /// Sets [`usual_interval`](Self::usual_interval).
    #[must_use]
    pub const fn usual_interval(mut self, interval: Duration) -> Self {
        self.usual_interval = interval;
        self
    }

    /// What a status means.
    pub fn phase(&self, status: &str) -> Phase {
        let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(status));
        if is(self.succeeded) {
            Phase::Succeeded
        } else if is(self.failed) {
            Phase::Failed
        } else {
            Phase::Running
        }
    }
}

/// What a status means for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Under way, or not understood.
    Running,
    /// Done; the result can be read.
    Succeeded,
    /// Over without success.
    Failed,
}

/// What the service said about a long-running operation when it was last asked; nothing before that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusReport {
    /// The status, as the service wrote it.
    pub status: Option<String>,
    /// What the service adds to the status, mostly on failure.
    pub detail: Option<String>,
    /// The code of the failure, where the service gives one.
    pub code: Option<String>,
    /// The id of the result, once there is one.
    pub resource_id: Option<String>,
    /// The address of the result, once there is one.
    pub resource_location: Option<String>,
    /// How much of the work is done, in percent, where the service says so.
    pub percent_complete: Option<String>,
}

/// The result of a long-running operation. Generated code implements it for the types that its surface names.
pub trait LongRunningResult: DeserializeOwned + Inspect + Send + 'static {
    /// What an answer to a poll is read as.
    type Status: DeserializeOwned + Inspect + Into<StatusReport>;

    /// The operation that starts it.
    fn started_by() -> &'static OperationInfo;

    /// How it is followed.
    fn long_running() -> &'static LongRunning;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::READ;

    #[test]
    fn what_each_status_means() {
        static READ_ROW: OperationInfo = READ;
        let following = LongRunning::new(&READ_ROW, &READ_ROW, Duration::ZERO)
            .words(&["succeeded"], &["failed", "skipped", "invalid"]);
        for (status, phase) in [
            ("notStarted", Phase::Running),
            ("Running", Phase::Running),
            ("unknownFutureValue", Phase::Running),
            ("brandNew", Phase::Running),
            ("", Phase::Running),
            ("succeeded", Phase::Succeeded),
            ("Succeeded", Phase::Succeeded),
            ("FAILED", Phase::Failed),
            ("skipped", Phase::Failed),
            ("invalid", Phase::Failed),
        ] {
            assert_eq!(following.phase(status), phase, "{status}");
        }
    }
}
