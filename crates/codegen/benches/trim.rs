//! What the generator costs, and what it writes: a trim of the upstream document, in time beside a full parse of it by
//! serde-saphyr and in memory beside the file; the way from the slice to all outputs; a check of what came out.
//!
//! `GRAPH_UPSTREAM=<the document> cargo bench -p codegen --bench trim`. One run takes seconds, so that a few rounds in turn
//! say more than a statistical harness's warm-up; each time is a median. Memory and CPU are Linux's to tell.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it can't measure")]

use std::ffi::OsStr;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;
use codegen::workspace::Workspace;

const ROUNDS: usize = 5;
/// With this argument, the benchmark is its own child: it trims once and prints its peak of memory.
const TRIM_ONCE: &str = "--trim-once";

fn main() {
    let upstream = std::env::var_os("GRAPH_UPSTREAM");
    if std::env::args().any(|argument| argument == TRIM_ONCE) {
        trim_once(Path::new(&upstream.expect("the parent names the document")));
        return;
    }
    match &upstream {
        Some(file) => {
            trim_beside_parse(Path::new(file));
            memory_of_trim(file);
        }
        None => {
            println!("trim: not measured; set GRAPH_UPSTREAM to the document that spec/upstream.toml names");
        }
    }
    generate();
    check();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn workspace() -> Workspace {
    Workspace::around(&root()).unwrap()
}

fn trim_beside_parse(file: &Path) {
    let text = std::fs::read_to_string(file).expect("the document can be read");
    let surface = std::fs::read_to_string(root().join("spec/surface.toml")).unwrap();
    let (mut parses, mut trims) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parses.push(time(|| full_parse(&text)));
        let text = text.clone();
        trims.push(time(|| {
            let source = Source::read("upstream.yaml", text).unwrap();
            let surface = Surface::read("surface.toml", &surface, &source).unwrap();
            drop(black_box(trim::trim(&source, &surface).unwrap()));
        }));
    }
    let (parse, trim) = (median(parses), median(trims));
    println!("full parse by serde-saphyr  {} ms", parse.as_millis());
    println!("trim                        {} ms", trim.as_millis());
    target("trim/full-parse", trim.as_secs_f64() / parse.as_secs_f64(), 0.6, "");
}

fn full_parse(text: &str) {
    let mut options = serde_saphyr::Options::default();
    // The default budget stops at documents a hundredth this size.
    options.budget = None;
    let value: serde_json::Value = serde_saphyr::from_str_with_options(text, options).unwrap();
    drop(black_box(value));
}

/// A child does it, so that nothing else adds to the peak.
fn memory_of_trim(file: &OsStr) {
    let child = Command::new(std::env::current_exe().unwrap()).arg(TRIM_ONCE).output().unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let Ok(peak) = String::from_utf8_lossy(&child.stdout).trim().parse::<f64>() else {
        println!("memory of a trim: not measured; there is no /proc/self/status");
        return;
    };
    let size = f64::from(u32::try_from(std::fs::metadata(file).unwrap().len() / 1024).unwrap());
    println!("peak memory of a trim       {peak} KiB, for a document of {size} KiB");
    target("trim-memory/document", peak / size, 2.5, "");
}

/// From the file to all that a trim writes.
fn trim_once(file: &Path) {
    drop(black_box(workspace().trim(file).map_err(|problems| problems.to_string()).unwrap()));
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        println!("{}", peak.trim().trim_end_matches(" kB"));
    }
}

fn generate() {
    let workspace = workspace();
    let times = (0..ROUNDS).map(|_| time(|| drop(black_box(workspace.generate().unwrap())))).collect();
    target("generate", median(times).as_secs_f64(), 1.0, " s");
    let outputs = workspace.generate().unwrap();
    let rust = outputs.iter().filter(|(path, _)| Path::new(path).extension() == Some(OsStr::new("rs")));
    let lines: usize = rust.map(|(_, text)| text.lines().count()).sum();
    println!("target generated-lines: {lines} (bound 30000) {}", verdict(lines <= 30_000));
}

/// A cold `cargo check` of `graph-models` alone: what it stands on is checked before.
fn check() {
    let folder = root().join("target/check-of-generated-code");
    cargo("check", &folder);
    let cpu = (0..3).map(|_| {
        cargo("clean", &folder);
        let before = cpu_of_children()?;
        cargo("check", &folder);
        Some(cpu_of_children()? - before)
    });
    match cpu.collect::<Option<Vec<_>>>() {
        Some(cpu) => target("check-generated-cpu", cpu.into_iter().fold(f64::MAX, f64::min), 6.0, " s"),
        None => println!("CPU of a check: not measured; there is no /proc/self/stat"),
    }
}

fn cargo(command: &str, target: &Path) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args([command, "--quiet", "--locked", "--package", "graph-models"]);
    let status = cargo.arg("--target-dir").arg(target).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "cargo {command} fails");
}

/// User and system time, in seconds, of the children that ended, with theirs.
fn cpu_of_children() -> Option<f64> {
    // What /proc counts in, on every architecture.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let ticks: f64 = behind_name.split_whitespace().skip(13).take(2).map(|n| n.parse::<f64>().unwrap()).sum();
    Some(ticks / TICKS_PER_SECOND)
}

fn target(name: &str, value: f64, bound: f64, unit: &str) {
    println!("target {name}: {value:.2}{unit} (bound {bound}{unit}) {}", verdict(value <= bound));
}

fn verdict(reached: bool) -> &'static str {
    if reached { "ok" } else { "missed" }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
