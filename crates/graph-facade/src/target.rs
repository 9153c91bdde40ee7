//! Where spans and events say that they come from.

/// Stays what it is when code moves, for the sake of filters; the engine's is the same.
pub(crate) const TARGET: &str = "graph_facade::telemetry";
