//! What is counted and measured, through the facade of the crate `metrics`: whoever has set up a recorder gets it.

use std::time::Duration;

use graph_runtime::{Bucket, OperationInfo, UnknownKind};
use metrics::{Label, Unit, counter, describe_counter, describe_histogram, histogram};

use crate::pipeline::{AttemptReport, Observer};

/// OpenTelemetry's name, for what all HTTP clients of a program have in common.
const DURATION: &str = "http.client.request.duration";
const CALLS: &str = "graph.client.calls";
const RETRIES: &str = "graph.client.retries";
const RETRY_WAIT: &str = "graph.client.retry.wait";
const LIMITER_WAIT: &str = "graph.client.limiter.wait";
const TOKENS: &str = "graph.client.tokens.renewed";
const POLLS: &str = "graph.client.operation.polls";
const DRIFT: &str = "graph.client.drift";

const OPERATION: &str = "graph.operation";
const ERROR_TYPE: &str = "error.type";

/// Tells the recorder of `metrics` the units of a client's metrics, and what they mean. Call it once, after the recorder was
/// set up; without it, the metrics are the same.
///
/// | name | kind | labels |
/// |---|---|---|
/// | `http.client.request.duration` | histogram, seconds, for every attempt that was sent | `http.request.method`, `server.address`, `server.port`, `http.response.status_code` or none, `error.type` on failure, `graph.operation` |
/// | `graph.client.calls` | counter, when a call ends | `graph.operation`, `error.type` on failure |
/// | `graph.client.retries` | counter | `graph.operation`, `graph.retry.reason` |
/// | `graph.client.retry.wait` | histogram, seconds, before a further attempt | `graph.operation`, `graph.retry.reason`: of `throttled`, what the service asked to wait |
/// | `graph.client.limiter.wait` | histogram, seconds, before every attempt with a rate limit, zeros included | `graph.bucket` |
/// | `graph.client.tokens.renewed` | counter, of tokens that the service refused | `graph.operation` |
/// | `graph.client.operation.polls` | counter, of questions about long-running operations | `graph.operation` |
/// | `graph.client.drift` | counter, once per answer and name | `graph.drift.what`, `graph.drift.type` |
///
/// `error.type` is the status of the answer, or the kind of the error where none came.
pub fn describe_metrics() {
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "How long an attempt took, from sending to the end of the answer"
    );
    describe_counter!(CALLS, "Calls that ended");
    describe_counter!(RETRIES, "Attempts that followed a failed one");
    describe_histogram!(RETRY_WAIT, Unit::Seconds, "How long a call waited before a further attempt");
    describe_histogram!(LIMITER_WAIT, Unit::Seconds, "How long an attempt waited for the rate limiter");
    describe_counter!(TOKENS, "Tokens that were renewed because the service refused them");
    describe_counter!(POLLS, "Questions about long-running operations");
    describe_counter!(DRIFT, "Names in answers that the models do not know");
}

/// Counts and measures calls.
#[derive(Debug)]
pub(crate) struct Metrics;

impl Observer for Metrics {
    fn call_began(&self, operation: &'static OperationInfo, follows: bool) {
        if follows {
            counter!(POLLS, OPERATION => operation.id).increment(1);
        }
    }

    fn call_ended(&self, operation: &'static OperationInfo, error_type: Option<&str>) {
        let mut labels = vec![Label::from_static_parts(OPERATION, operation.id)];
        labels.extend(error_type.map(|kind| Label::new(ERROR_TYPE, kind.to_owned())));
        counter!(CALLS, labels).increment(1);
    }

    fn attempt_ended(&self, report: &AttemptReport<'_>) {
        let (address, port) = report.server;
        let mut labels = vec![
            Label::from_static_parts(OPERATION, report.operation.id),
            Label::new("http.request.method", report.method.as_str().to_owned()),
            Label::new("server.address", address.to_owned()),
            Label::new("server.port", port.to_string()),
        ];
        let status = report.status.map(|status| status.as_str().to_owned());
        labels.extend(status.map(|status| Label::new("http.response.status_code", status)));
        labels.extend(report.error_type.map(|kind| Label::new(ERROR_TYPE, kind.to_owned())));
        histogram!(DURATION, labels).record(report.duration);
    }

    fn retrying(&self, operation: &'static OperationInfo, reason: &'static str, wait: Duration) {
        counter!(RETRIES, OPERATION => operation.id, "graph.retry.reason" => reason).increment(1);
        histogram!(RETRY_WAIT, OPERATION => operation.id, "graph.retry.reason" => reason).record(wait);
    }

    fn token_renewed(&self, operation: &'static OperationInfo) {
        counter!(TOKENS, OPERATION => operation.id).increment(1);
    }

    fn limiter_waited(&self, bucket: &'static Bucket, wait: Duration) {
        histogram!(LIMITER_WAIT, "graph.bucket" => bucket.id).record(wait);
    }
}

/// A name was seen that the models do not know.
pub(super) fn drifted(kind: UnknownKind, type_name: &'static str) {
    counter!(DRIFT, "graph.drift.what" => kind.as_str(), "graph.drift.type" => type_name).increment(1);
}
