//! What generating costs, and what compiling the result costs.
//!
//! `cargo bench -p codegen --bench generate`. The time is the median of five rounds, from the committed slice to all outputs
//! in memory. The check is of graph-models alone: its dependencies are checked before, in a target folder of its own. It is
//! the least of three rounds, since the CPU time of one process grows with what others do.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it can't measure")]

mod measure;

use std::path::Path;
use std::process::Command;

use codegen::workspace::Workspace;
use measure::{ROOT, median, target, time};

const ROUNDS: usize = 5;
const CHECKS: usize = 3;

fn main() {
    let workspace = Workspace::around(Path::new(ROOT)).unwrap();
    let generate = || workspace.generate().unwrap_or_else(|problems| panic!("{problems}"));
    let (times, outputs): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| time(generate)).unzip();
    let generate = median(times);
    let rust = outputs[0].iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|of| of == "rs"));
    let lines: usize = rust.map(|(_, text)| text.lines().count()).sum();
    let check = cpu_of_check();
    println!("generate                      {} ms", generate.as_millis());
    println!("generated code                {lines} lines");
    match check {
        Some(check) => println!("cargo check -p graph-models   {check:.2} s CPU"),
        None => println!("cargo check -p graph-models   not measured: this system has no /proc"),
    }
    target("generate seconds", generate.as_secs_f64(), 1.0);
    target("generated-lines", lines, 30_000);
    if let Some(check) = check {
        target("check-graph-models CPU seconds", check, 6.0);
    }
}

/// User and system CPU in seconds of a cold `cargo check` of graph-models; none where the system does not tell.
fn cpu_of_check() -> Option<f64> {
    cargo(&["check"]);
    let checks = (0..CHECKS).map(|_| {
        cargo(&["clean"]);
        let before = cpu_of_children()?;
        cargo(&["check"]);
        cpu_of_children().map(|after| after - before)
    });
    checks.collect::<Option<Vec<_>>>()?.into_iter().min_by(f64::total_cmp)
}

fn cargo(arguments: &[&str]) {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--quiet", "--locked", "--package", "graph-models", "--target-dir", "target/bench-check"])
        .current_dir(ROOT)
        .env("CARGO_INCREMENTAL", "0")
        .status();
    assert!(status.unwrap().success(), "cargo {arguments:?} failed");
}

/// The CPU seconds of all processes that this one has waited for, those that they waited for included.
fn cpu_of_children() -> Option<f64> {
    // Linux reports in hundredths of a second, whatever its own clock is.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may hold anything.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let [user, system]: [f64; 2] = [fields[13].parse().ok()?, fields[14].parse().ok()?];
    Some((user + system) / TICKS)
}
