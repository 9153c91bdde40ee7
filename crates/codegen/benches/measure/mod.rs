//! What the benchmarks have in common.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// The checkout that the benchmarks are part of.
#[allow(dead_code, reason = "no benchmark uses all of it")]
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// How long `work` takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed(), value)
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The last word on a figure: whether it is within its bound.
pub(crate) fn target<T: PartialOrd + Display + Copy>(name: &str, value: T, bound: T) {
    let verdict = if value <= bound { "ok" } else { "missed" };
    println!("target {name}: {value:.2} (bound {bound}) {verdict}");
}
