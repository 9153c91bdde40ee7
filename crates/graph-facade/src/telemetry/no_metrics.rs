//! What the telemetry calls where the feature `metrics` is off.

use std::time::Duration;

use graph_models::{Bucket, OperationInfo, UnknownKind};
use http::{Method, StatusCode};

/// Measures nothing.
#[derive(Clone, Copy)]
pub(super) struct Stopwatch;

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self
    }
}

pub(super) fn attempted(
    _: &'static OperationInfo,
    _: &Method,
    _: (&str, u16),
    _: Option<StatusCode>,
    _: Option<String>,
    _: Stopwatch,
) {
}

pub(super) fn called(_: &'static OperationInfo, _: Option<String>) {}

pub(super) fn polled(_: &'static OperationInfo) {}

pub(super) fn retrying(_: &'static OperationInfo, _: &'static str, _: Duration) {}

pub(super) fn token_renewed(_: &'static OperationInfo) {}

pub(super) fn limiter_waited(_: &'static Bucket, _: Duration) {}

pub(super) fn drifted(_: UnknownKind, _: &'static str) {}
