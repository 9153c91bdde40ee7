//! What a client tells of its calls besides spans: metrics, and what the models do not know.
//!
//! No token, no query and no id of an object ever gets into it: paths are told by their templates, addresses not at all, and
//! failures by their status or kind, since the service's words may name people.

mod drift;
#[cfg(feature = "metrics")]
mod metrics;

pub(crate) use drift::DriftLog;
pub use drift::{Drift, DriftReport};
#[cfg(feature = "metrics")]
pub(crate) use metrics::Metrics;
#[cfg(feature = "metrics")]
pub use metrics::describe_metrics;
