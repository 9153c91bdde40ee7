//! What it takes to make 9,000 members the 10,000 of a list: requests, memory, and whether a restart matters.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it fails")]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use graph_facade::{BoxFuture, Client, ReconcileUpdate, StaticToken};
use graph_sim::{ConnectionLost, Sim, Transport};
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use tower_service::Service;

const PRESENT: usize = 9_000;
const GONE: usize = 1_000;
const NEW: usize = 2_000;
const WANTED: usize = PRESENT - GONE + NEW;
/// The largest page.
const PAGE: usize = 999;
/// How many requests an envelope takes, and how many members one of them adds.
const ENVELOPE: usize = 20;
const AT_ONCE: usize = 20;
/// What is measured in a process of its own.
const MEMORY: &str = "memory";
const PAGES: usize = 1_000;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(MEMORY) {
        return println!("{}", runtime().block_on(growth()));
    }
    let least = PRESENT.div_ceil(PAGE) + NEW.div_ceil(AT_ONCE * ENVELOPE) + GONE.div_ceil(ENVELOPE);
    let whole = runtime().block_on(run(None));
    let killed: Vec<_> = [1, 4, 30].into_iter().map(|steps| runtime().block_on(run(Some(steps)))).collect();
    let grown = in_new_process(MEMORY);

    println!("{PRESENT} members, {GONE} of them gone and {NEW} new: {WANTED} in the end");
    println!("  requests: {} ({least} at least), {:.1} virtual seconds", whole.requests, whole.seconds);
    for run in &killed {
        println!("  killed on the way and started again: {} requests", run.requests);
    }
    println!("memory that {PAGES} pages took beyond the first ten: {grown:.2} MB");

    #[allow(clippy::cast_precision_loss, reason = "some thousands at most")]
    let over = (whole.requests as f64 / least as f64 - 1.0) * 100.0;
    #[allow(clippy::cast_precision_loss, reason = "some thousands at most")]
    let wrong = killed.iter().chain([&whole]).map(|run| run.wrong).sum::<usize>() as f64;
    target("reconcile-requests-above-minimum", over, "%", 2.0);
    target("reconcile-wrong-members-after-restarts", wrong, "", 0.0);
    target("reconcile-memory-growth", grown, "MB", 2.0);
}

fn target(name: &str, value: f64, unit: &str, bound: f64) {
    let verdict = if value <= bound { "ok" } else { "missed" };
    println!("target {name}: {value:.2} {unit} (bound {bound}) {verdict}");
}

/// How a reconciliation went.
struct Run {
    requests: usize,
    seconds: f64,
    /// How many are there who should not be, or the other way round.
    wrong: usize,
}

/// Reconciles; after some steps, the process dies in the middle of the next, and another goes on.
async fn run(killed_after: Option<usize>) -> Run {
    let names: Vec<String> = (0..PRESENT + NEW).map(|number| format!("user{number}")).collect();
    let sim = Sim::builder().group("Crowd", &names[..PRESENT]);
    let sim = names[PRESENT..].iter().fold(sim, |sim, name| sim.user(name)).build();
    let wanted: Vec<String> = names[GONE..].iter().map(|name| sim.user_id(name)).collect();
    let group = sim.group_id("Crowd").unwrap();
    let network = Network { sim: sim.transport(), requests: Arc::default() };
    let client = || {
        let token = StaticToken::new(sim.token("user0"));
        Client::builder().credential(token).transport(network.clone()).build().unwrap()
    };

    let mut task = client().groups().members(&group).reconcile(&wanted);
    if let Some(steps) = killed_after {
        let mut running = task.start();
        for _ in 0..steps {
            running.advance().await.unwrap();
        }
        assert!(timeout(Network::LATENCY, running.advance()).await.is_err(), "it was to die within a step");
        let saved = running.checkpoint().unwrap().to_string();
        drop(running);
        task = client().groups().resume_reconcile(&saved.parse().unwrap());
    }
    let mut running = task.start();
    while let Some(update) = running.advance().await.unwrap() {
        if let ReconcileUpdate::Done(outcomes) = update {
            assert!(outcomes.iter().all(graph_facade::LinkOutcome::is_success));
        }
    }
    let requests = network.requests.load(Ordering::Relaxed);
    let seconds = sim.elapsed().as_secs_f64();

    let present = client().groups().members(&group).list().select(["id"]).top(999).items();
    let present: Vec<_> = present.try_collect().await.unwrap();
    let present: BTreeSet<_> = present.iter().filter_map(|user| user.id()).collect();
    let wanted: BTreeSet<_> = wanted.iter().map(String::as_str).collect();
    assert_eq!(sim.violations(), [""; 0]);
    Run { requests, seconds, wrong: present.symmetric_difference(&wanted).count() }
}

/// A network that counts what goes over it.
#[derive(Clone, Debug)]
struct Network {
    sim: Transport,
    requests: Arc<AtomicUsize>,
}

impl Network {
    /// Each way.
    const LATENCY: Duration = Duration::from_millis(100);
}

impl Service<Request<Bytes>> for Network {
    type Response = Response<Bytes>;
    type Error = ConnectionLost;
    type Future = BoxFuture<'static, Result<Response<Bytes>, ConnectionLost>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectionLost>> {
        self.sim.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut sim = self.sim.clone();
        Box::pin(async move {
            sleep(Self::LATENCY).await;
            let response = sim.call(request).await;
            sleep(Self::LATENCY).await;
            response
        })
    }
}

/// By how many megabytes the peak of the process grows from the tenth page of a very large group to the last.
async fn growth() -> f64 {
    let pages = Crowd::default();
    let token = StaticToken::new("token");
    let client = Client::builder().credential(token).transport(pages.clone()).build().unwrap();
    let wanted = (0..WANTED).map(Crowd::id);
    let group = "0000000b-0000-4000-8000-000000000001";
    let plan = client.groups().members(group).reconcile(wanted).additions_only().plan().await.unwrap();
    assert_eq!(plan.unchanged, PAGES * PAGE);
    let (begun, ended) = (pages.after_ten.load(Ordering::Relaxed), peak_kb());
    f64::from(u32::try_from(ended.saturating_sub(begun)).unwrap()) / 1024.0
}

/// A group of a million, made up page by page, so that nothing but the client has memory that could grow.
#[derive(Clone, Debug, Default)]
struct Crowd {
    after_ten: Arc<AtomicUsize>,
}

impl Crowd {
    fn id(number: usize) -> String {
        format!("0000000a-0000-4000-8000-{number:012x}")
    }

    fn page(number: usize) -> String {
        let users = (number * PAGE..(number + 1) * PAGE)
            .map(|user| format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{}"}}"##, Self::id(user)));
        let users = users.collect::<Vec<_>>().join(",");
        let next = format!(
            r#""@odata.nextLink":"https://graph.microsoft.com/v1.0/groups/g/members?$skiptoken={}","#,
            number + 1
        );
        format!(r#"{{{}"value":[{users}]}}"#, if number + 1 < PAGES { &next } else { "" })
    }
}

impl Service<Request<Bytes>> for Crowd {
    type Response = Response<Bytes>;
    type Error = ConnectionLost;
    type Future = BoxFuture<'static, Result<Response<Bytes>, ConnectionLost>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectionLost>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let token = request.uri().query().and_then(|query| query.split_once("skiptoken="));
        let number = token.map_or(0, |(_, number)| number.parse().unwrap());
        if number == 10 {
            self.after_ten.store(peak_kb(), Ordering::Relaxed);
        }
        let response = Response::builder().header("content-type", "application/json");
        let response = response.body(Bytes::from(Self::page(number))).unwrap();
        Box::pin(async { Ok(response) })
    }
}

/// What the measurement prints in a process of its own, in which no memory has been used and freed before.
fn in_new_process(measurement: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap()).arg(measurement).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().expect("the measurement failed")
}

/// What the kernel says of the process: the most memory that it ever had.
fn peak_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("this target is measured on Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}
