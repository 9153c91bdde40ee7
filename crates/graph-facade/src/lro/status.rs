//! What the service says about an operation, and what that means.

use graph_models::models::LongRunningOperationStatus;

/// What the service said about a long-running operation when it was last asked; nothing before that.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StatusReport {
    /// The status, as the service wrote it.
    pub status: Option<LongRunningOperationStatus>,
    /// What the service adds to the status, mostly on failure.
    pub detail: Option<String>,
    /// The id of the result, once there is one.
    pub resource_id: Option<String>,
    /// The address of the result, once there is one.
    pub resource_location: Option<String>,
    /// How much of the work is done, in percent, where the service says so.
    pub percent_complete: Option<String>,
}

/// What a status means for the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Under way, or not understood.
    Running,
    /// Done; the result can be read.
    Succeeded,
    /// Over without success.
    Failed,
}

/// What the words of Viva Engage mean.
pub(super) fn phase_of(status: &str) -> Phase {
    let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(status));
    if is(&["succeeded"]) {
        Phase::Succeeded
    } else if is(&["failed", "skipped", "invalid"]) {
        Phase::Failed
    } else {
        Phase::Running
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, phase_of};

    #[test]
    fn what_each_status_means() {
        for (status, phase) in [
            ("notStarted", Phase::Running),
            ("running", Phase::Running),
            ("Running", Phase::Running),
            ("inProgress", Phase::Running),
            ("unknownFutureValue", Phase::Running),
            ("brandNew", Phase::Running),
            ("", Phase::Running),
            ("succeeded", Phase::Succeeded),
            ("Succeeded", Phase::Succeeded),
            ("failed", Phase::Failed),
            ("FAILED", Phase::Failed),
            ("skipped", Phase::Failed),
            ("invalid", Phase::Failed),
        ] {
            assert_eq!(phase_of(status), phase, "{status}");
        }
    }
}
