//! Who is told of what happens to calls, and takes no part in them.

use std::fmt;
use std::time::Duration;

use graph_runtime::{Bucket, Inspect, OperationInfo};
use http::{Method, StatusCode};

/// Is told of calls as they go on: what collects figures, and what compares answers with the models.
pub(crate) trait Observer: fmt::Debug + Send + Sync {
    /// A call begins. It `follows` another if it asks what became of that one.
    fn call_began(&self, _operation: &'static OperationInfo, _follows: bool) {}

    /// A call ended, with a failure if there is a type of error.
    fn call_ended(&self, _operation: &'static OperationInfo, _error_type: Option<&str>) {}

    /// A request was answered, or it got lost.
    fn attempt_ended(&self, _report: &AttemptReport<'_>) {}

    /// An attempt failed for this reason, and the next comes after `wait`.
    fn retrying(&self, _operation: &'static OperationInfo, _reason: &'static str, _wait: Duration) {}

    /// A token that the service had refused was replaced.
    fn token_renewed(&self, _operation: &'static OperationInfo) {}

    /// An attempt has waited so long for the rate limiter.
    fn limiter_waited(&self, _bucket: &'static Bucket, _wait: Duration) {}

    /// An answer was read.
    fn answer_read(&self, _operation: &'static OperationInfo, _answer: &dyn Inspect) {}
}

/// What became of one request.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "metrics"), expect(dead_code, reason = "nobody else measures"))]
pub(crate) struct AttemptReport<'a> {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) method: &'a Method,
    /// The host and port that it was sent to.
    pub(crate) server: (&'a str, u16),
    /// None if there was no answer.
    pub(crate) status: Option<StatusCode>,
    pub(crate) error_type: Option<&'a str>,
    /// From the middleware that saw it to the end of the answer.
    pub(crate) duration: Duration,
}
