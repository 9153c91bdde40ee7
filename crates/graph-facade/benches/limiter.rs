//! What the rate limiter costs, and how near it comes to the optimum without earning a refusal.
//!
//! The makespans are virtual time: whole calls of a client, through a network with jitter, against the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it fails")]

use std::future::poll_fn;
use std::hint::black_box;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use graph_facade::graph_models::operations;
use graph_facade::{AcquireOptions, BoxFuture, Client, Limiter, QuotaKey, StaticToken};
use graph_sim::{ConnectionLost, Counting, Sim, Transport};
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep};
use tower_service::Service;

const ROUNDS: usize = 5;
const WAITERS: usize = 10_000;
/// What is measured in a process of its own.
const SLOTS: &str = "waiting-for-slots";
const CALLS: &str = "waiting-calls";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(SLOTS) => return println!("{}", waiting_for_slots()),
        Some(CALLS) => return println!("{}", waiting_calls()),
        _ => {}
    }
    let makespans: Vec<_> =
        servers().into_iter().map(|(name, counting)| (name, makespans(counting))).collect();
    let decision = decision();
    let (per_slot, per_call) = (in_new_process(SLOTS), in_new_process(CALLS));

    println!("10 requests in 30 s: makespan in virtual seconds, longest of {ROUNDS} networks");
    for (name, [hundred, thousand]) in &makespans {
        println!(
            "  {name:<13} 100 calls {:7.1}, 1,000 calls {:7.1}, refusals {}",
            hundred.seconds,
            thousand.seconds,
            hundred.refusals + thousand.refusals
        );
    }
    println!(
        "memory of {WAITERS} waiters: {per_slot:.1} MB for a slot alone, {per_call:.1} MB as calls of a client"
    );

    let worst = |index: usize| makespans.iter().map(|(_, runs)| runs[index].seconds).fold(0.0, f64::max);
    let refusals = makespans.iter().flat_map(|(_, runs)| runs).map(|run| run.refusals).sum::<usize>();
    target("limiter-100-calls", worst(0), "s", 278.0);
    target("limiter-1000-calls", worst(1), "s", 3030.0);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand at most")]
    target("limiter-refusals", refusals as f64, "", 0.0);
    target("limiter-decision", decision, "µs", 1.0);
    target("limiter-10000-waiters", per_slot, "MB", 10.0);
}

fn target(name: &str, value: f64, unit: &str, bound: f64) {
    let verdict = if value <= bound { "ok" } else { "missed" };
    println!("target {name}: {value:.2} {unit} (bound {bound}) {verdict}");
}

fn servers() -> Vec<(&'static str, Counting)> {
    vec![
        ("sliding log", Counting::SlidingLog),
        ("fixed window", Counting::FixedWindow { phase: Duration::from_millis(17_300) }),
        ("leaky bucket", Counting::LeakyBucket),
    ]
}

/// How a number of calls went.
#[derive(Clone, Copy, Default)]
struct Run {
    seconds: f64,
    refusals: usize,
}

/// The worst of several networks, for 100 and for 1,000 calls.
fn makespans(counting: Counting) -> [Run; 2] {
    [100, 1000].map(|calls| {
        (0..ROUNDS as u64).map(|seed| runtime(true).block_on(calls_through(counting, calls, seed))).fold(
            Run::default(),
            |worst, run| Run {
                seconds: worst.seconds.max(run.seconds),
                refusals: worst.refusals + run.refusals,
            },
        )
    })
}

async fn calls_through(counting: Counting, calls: usize, seed: u64) -> Run {
    let sim = Sim::builder().user("ada").counting(counting).build();
    let network =
        Network { sim: sim.transport(), random: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))) };
    let client =
        Client::builder().credential(StaticToken::new(sim.token("ada"))).transport(network).build().unwrap();
    let start = Instant::now();
    join_all((0..calls).map(|_| async { client.communities().list().await.unwrap() })).await;
    let journal = sim.journal();
    let refusals = journal.entries().iter().filter(|entry| entry.status == Some(429)).count();
    assert_eq!(journal.entries().len() - refusals, calls);
    Run { seconds: start.elapsed().as_secs_f64(), refusals }
}

/// A network that takes 20 to 250 ms each way, and up to 2 s for one in twenty.
#[derive(Clone, Debug)]
struct Network {
    sim: Transport,
    random: Arc<Mutex<fastrand::Rng>>,
}

impl Service<Request<Bytes>> for Network {
    type Response = Response<Bytes>;
    type Error = ConnectionLost;
    type Future = BoxFuture<'static, Result<Response<Bytes>, ConnectionLost>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectionLost>> {
        self.sim.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (mut sim, random) = (self.sim.clone(), Arc::clone(&self.random));
        Box::pin(async move {
            sleep(delay(&random)).await;
            let response = sim.call(request).await;
            sleep(delay(&random)).await;
            response
        })
    }
}

fn delay(random: &Mutex<fastrand::Rng>) -> Duration {
    let mut random = random.lock().unwrap();
    let longest = if random.u8(0..20) == 0 { 2_000 } else { 250 };
    Duration::from_millis(random.u64(20..=longest))
}

/// Microseconds that taking a slot and giving it back cost when nobody else wants one.
fn decision() -> f64 {
    const DECISIONS: u32 = 200_000;
    let (runtime, limiter) = (runtime(false), Limiter::new());
    let key = QuotaKey::new().tenant("contoso").app("pilots").user("ada");
    let round = || {
        runtime.block_on(async {
            let start = std_now();
            for _ in 0..DECISIONS {
                drop(black_box(
                    limiter
                        .acquire(&operations::COMMUNITIES_LIST, &key, AcquireOptions::default())
                        .await
                        .unwrap(),
                ));
            }
            start.elapsed()
        })
    };
    // The fastest round is the one that the rest of the machine disturbed least.
    let fastest = (0..ROUNDS).map(|_| round()).min().unwrap();
    fastest.as_secs_f64() / f64::from(DECISIONS) * 1e6
}

#[allow(clippy::disallowed_methods, reason = "it measures what the machine takes, not what a clock is told")]
fn std_now() -> std::time::Instant {
    std::time::Instant::now()
}

/// What the measurement prints in a process of its own, in which no memory has been used and freed before.
fn in_new_process(measurement: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap()).arg(measurement).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().expect("the measurement failed")
}

/// Megabytes that 10,000 futures that wait for a slot take.
fn waiting_for_slots() -> f64 {
    runtime(true).block_on(async {
        let (limiter, key) = (Limiter::new(), QuotaKey::new().user("ada"));
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(
                limiter
                    .acquire(&operations::COMMUNITIES_LIST, &key, AcquireOptions::default())
                    .await
                    .unwrap(),
            );
        }
        growth_with(|| limiter.acquire(&operations::COMMUNITIES_LIST, &key, AcquireOptions::default())).await
    })
}

/// Megabytes that 10,000 calls of a client that wait for a slot take.
fn waiting_calls() -> f64 {
    runtime(true).block_on(async {
        let (sim, limiter) = (Sim::builder().user("ada").build(), Limiter::new());
        let client = Client::builder()
            .credential(StaticToken::new(sim.token("ada")))
            .transport(sim.transport())
            .limiter(limiter.clone())
            .build()
            .unwrap();
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(
                limiter
                    .acquire(&operations::COMMUNITIES_LIST, &QuotaKey::new(), AcquireOptions::default())
                    .await
                    .unwrap(),
            );
        }
        client.groups().list().await.unwrap();
        growth_with(|| client.communities().list().send()).await
    })
}

/// By how many megabytes the process grows with so many futures, each polled until it waits.
async fn growth_with<F: Future>(mut future: impl FnMut() -> F) -> f64 {
    let before = resident_kb();
    let mut waiters: Vec<_> = (0..WAITERS).map(|_| Box::pin(future())).collect();
    for waiter in &mut waiters {
        assert!(poll_fn(|context| Poll::Ready(waiter.as_mut().poll(context).is_pending())).await);
    }
    let grown = resident_kb().saturating_sub(before);
    drop(waiters);
    f64::from(grown) / 1024.0
}

/// What the kernel says of the process: the memory that it really has.
fn resident_kb() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this target is measured on Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn runtime(paused: bool) -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(paused).build().unwrap()
}
