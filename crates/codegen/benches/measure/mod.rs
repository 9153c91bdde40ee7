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

/// How long `work` keeps the processor, where the system tells it (Linux does); otherwise how long it takes. What else is running
/// counts less so.
#[allow(dead_code, reason = "no benchmark uses all of it")]
pub(crate) fn cpu_time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = on_cpu();
    let (took, value) = time(work);
    let spent = before.zip(on_cpu()).map_or(took, |(before, after)| after.saturating_sub(before));
    (spent, value)
}

/// What this thread has had of the processor so far.
fn on_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
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
