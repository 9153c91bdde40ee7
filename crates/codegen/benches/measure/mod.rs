//! What the benchmarks have in common.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The checkout that the benchmarks are part of.
#[allow(dead_code, reason = "no benchmark uses all of it")]
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The document that `GRAPH_UPSTREAM` names; without it, one of its size: the committed slice, with all that it has over and over
/// under other names, and without prose as it is.
#[allow(dead_code, reason = "no benchmark uses all of it")]
pub(crate) fn document() -> (PathBuf, String) {
    if let Some(file) = std::env::var_os("GRAPH_UPSTREAM") {
        let text = std::fs::read_to_string(&file).expect("the document can be read");
        return (file.into(), text);
    }
    println!(
        "without GRAPH_UPSTREAM, which could name the document of spec/upstream.toml, this is a document made of its slice"
    );
    let slice = std::fs::read_to_string(Path::new(ROOT).join("spec/graph-v1.0.upstream.yaml")).unwrap();
    let (before, rest) = slice.split_at(slice.find("    microsoft.graph.assignedLabel:").unwrap());
    let (schemas, rest) = rest.split_at(rest.find("info:").unwrap());
    let (between, rest) = rest.split_at(rest.find("  /").unwrap());
    let (paths, after) = rest.split_at(rest.find("servers:").unwrap());
    let mut text = [before, schemas].concat();
    for copy in 1..=COPIES {
        text += &schemas.replace("microsoft.graph.", &format!("microsoft.graph.copy{copy}."));
    }
    text += &[between, paths].concat();
    for copy in 1..=COPIES {
        text.extend(paths.lines().map(|line| match line.split_once('/') {
            Some((start @ ("  " | "  \""), path)) => format!("{start}/copy{copy}/{path}\n"),
            _ => format!("{line}\n"),
        }));
    }
    text += after;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("document.yaml");
    std::fs::write(&file, &text).unwrap();
    (file, text)
}

/// How often, to come to the size of a whole document.
const COPIES: usize = 80;

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
