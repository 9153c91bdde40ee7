//! What it costs to keep 100,000 contents in step: requests, CPU time and memory, against a service in this process.
//!
//! CPU time is that of the thread, without what service and input need by themselves: both are run once more, alone. The ledger is a
//! file.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a measurement")]

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use graph_facade::models::NewLearningContent;
use graph_facade::sync::{Ledger, SyncSummary};
use graph_facade::{Client, StaticToken};
use service::Contents;
use tokio::runtime::{Builder, Runtime};

mod service;

const CONTENTS: u64 = 100_000;
const ENVELOPE: u64 = 20;
/// Of so many contents, one changes from one night to the next.
const ONE_IN: u64 = 100;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("memory") => println!("{}", memory()),
        _ => measure(),
    }
}

fn measure() {
    let directory = std::env::temp_dir().join(format!("graph-sync-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).unwrap();
    let path = directory.join("courses.ledger");
    let (runtime, service) = (runtime(), Contents::default());
    service.state().tape = Some(Vec::new());

    let cpu = cpu_seconds();
    let first = runtime.block_on(night(&service, &path, 0));
    let whole_cpu = cpu_seconds() - cpu;
    let others_cpu = others(&service.state().tape.take().unwrap());
    let first_cpu = whole_cpu - others_cpu;
    let requests = service.state().requests;
    println!(
        "first push: {first}; {requests} requests, {whole_cpu:.2} s of CPU time, {others_cpu:.2} of them for service and input"
    );

    let cpu = cpu_seconds();
    let second = runtime.block_on(night(&service, &path, 1));
    let second_cpu = cpu_seconds() - cpu;
    let changed = service.state().writes.values().filter(|writes| **writes == 2).count();
    let nightly = service.state().requests - requests;
    println!("nightly: {second}; {nightly} requests, {second_cpu:.2} s of CPU time");
    std::fs::remove_dir_all(directory).unwrap();

    let due = usize::try_from(CONTENTS / ONE_IN).unwrap();
    let wrong = due.abs_diff(changed) + usize::from(second.counts.changed != CONTENTS / ONE_IN);
    target("requests/least", ratio(requests, CONTENTS / ENVELOPE), 1.01);
    target("client CPU us per item", first_cpu * 1e6 / ratio(CONTENTS, 1), 30.0);
    target("memory MB", in_new_process("memory"), 64.0);
    target("nightly contents written wrongly or not at all", ratio(wrong as u64, 1), 0.0);
    target("nightly requests/least", ratio(nightly, CONTENTS / ONE_IN / ENVELOPE), 1.01);
}

/// The CPU time that the service needs for these requests, and the input for its rows.
fn others(tape: &[http::Request<Bytes>]) -> f64 {
    let (cpu, service) = (cpu_seconds(), Contents::default());
    for request in tape {
        black_box(service.answer(request));
    }
    for content in contents(0) {
        black_box(content);
    }
    cpu_seconds() - cpu
}

/// The run of one night: a hundredth of the titles are others than before.
async fn night(service: &Contents, ledger: &Path, night: u64) -> SyncSummary {
    let client =
        Client::builder().credential(StaticToken::new("token")).transport(service.clone()).build().unwrap();
    let mut ledger = Ledger::open(ledger).unwrap();
    let contents = stream::iter(contents(night));
    client.sync_learning_contents("provider").run(contents, &mut ledger).await.unwrap()
}

fn contents(night: u64) -> impl Iterator<Item = NewLearningContent> {
    (0..CONTENTS).map(move |number| content(number, if number % ONE_IN == 0 { night } else { 0 }))
}

fn content(number: u64, edition: u64) -> NewLearningContent {
    NewLearningContent::new(
        format!("urn:example:course:{number:08}"),
        format!("Course {number}, edition {edition}"),
        format!("https://learning.example.com/courses/{number}"),
        "en-us",
    )
    .description("What a pilot has to know about weather before leaving the ground, in twelve short lessons with exercises.")
    .duration("PT1H20M")
    .format("Course")
    .skill_tags(vec!["weather".into(), "navigation".into()])
}

/// By how much a first push and the opening of its ledger raise the process' memory, in megabytes; the service remembers nothing.
fn memory() -> f64 {
    let path = std::env::temp_dir().join(format!("graph-sync-{}.ledger", uuid::Uuid::new_v4()));
    let (runtime, service) = (runtime(), Contents::default());
    service.state().forgets = true;
    let before = peak();
    runtime.block_on(night(&service, &path, 0)).counts.total();
    runtime.block_on(night(&service, &path, 1)).counts.total();
    std::fs::remove_file(&path).unwrap();
    let _ = std::fs::remove_file(path.with_extension("ledger.lock"));
    peak() - before
}

/// A runtime whose clock leaps to the next moment at which anything happens.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn target(name: &str, value: f64, bound: f64) {
    let verdict = if value <= bound { "ok" } else { "missed" };
    println!("target {name}: {value:.3} (bound {bound}) {verdict}");
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn ratio(value: u64, of: u64) -> f64 {
    value as f64 / of as f64
}

/// What the measurement prints in a process of its own, in which no memory has been used before.
fn in_new_process(measurement: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap()).arg(measurement).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The most memory that the process has had, in megabytes, as the kernel tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// The CPU time of this thread in seconds, as the kernel tells.
fn cpu_seconds() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split_whitespace().next().unwrap().parse().unwrap()).as_secs_f64()
}
