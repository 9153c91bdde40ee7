//! What a client tells of its calls: spans, metrics, and what the models do not know.
//!
//! No token, no query and no id of an object ever gets into it: paths are told by their templates, addresses not at all, and
//! failures by their status or kind, since the service's words may name people.

mod drift;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "telemetry/no_metrics.rs"]
mod metrics;
mod spans;

pub(crate) use drift::DriftLog;
pub use drift::{Drift, DriftReport};
#[cfg(feature = "metrics")]
pub use metrics::describe_metrics;
pub(crate) use spans::{AttemptSpan, CallSpan, limiter_waited, retrying, token_renewed, within};
