//! What a call costs through the whole facade, beside bare reqwest with a plain serde struct.
//!
//! `cargo bench -p graph-facade --bench overhead`. A server on loopback answers from another thread; the CPU time of the
//! client's thread is what counts, the two clients in turn, medians of the rounds and of their ratios. Needs Linux, which tells
//! CPU times.
//!
//! `-- bare` or `-- facade` does nothing but the GETs of one of them, 1,000 or as many times 40 as a number behind it says: for a
//! profiler that counts instructions, and compares.
//!
//! `taskset -c 0` before it keeps it on one core: what it costs to wake another one, which depends on how long that has
//! slept, is then no part of it.

#![allow(clippy::cast_precision_loss, reason = "the figures are small")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it can't measure")]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use graph_facade::{Client, Limiter, StaticToken};

#[path = "../../graph-models/benches/groups/mod.rs"]
mod groups;
use groups::{Page, Plain};

/// Many short rounds: the machine does other things for longer than one, and then they hit both clients.
const ROUNDS: usize = 301;
const GETS: usize = 40;
/// Of all pages, which take a thousand times as long.
const PAGE_ROUNDS: usize = 75;
const PAGES: usize = 100;
const TOKEN: &str = "eyJ0eXAi";

fn main() {
    if cpu_nanoseconds().is_none() {
        println!("this system does not tell the CPU time of a thread; nothing was measured");
        return;
    }
    // A client of reqwest's own wants one; the facade's does not.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let root = serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::builder()
        .credential(StaticToken::new(TOKEN))
        .root(&root)
        .limiter(Limiter::new())
        .build()
        .unwrap();

    match std::env::args().nth(1).as_deref() {
        Some("bare") => return (0..profiled()).for_each(|_| runtime.block_on(bare_gets(&bare, &root))),
        Some("facade") => return (0..profiled()).for_each(|_| runtime.block_on(facade_gets(&client))),
        _ => {}
    }
    let gets = times(
        ROUNDS,
        [&|| runtime.block_on(bare_gets(&bare, &root)), &|| runtime.block_on(facade_gets(&client))],
    );
    let pages = times(
        PAGE_ROUNDS,
        [&|| runtime.block_on(bare_pages(&bare, &root)), &|| {
            runtime.block_on(facade_pages(&client, PAGES));
        }],
    );
    let before = resident_kilobytes();
    for _ in 0..5 {
        runtime.block_on(facade_pages(&client, PAGES));
    }
    let growth = resident_kilobytes() / before;

    println!(
        "a GET of one group       bare {:.1} µs, facade {:.1} µs of CPU",
        median(&gets[0]) / GETS as f64 / 1e3,
        median(&gets[1]) / GETS as f64 / 1e3
    );
    println!(
        "{PAGES} pages of 100 groups  bare {:.1} ms, facade {:.1} ms of CPU",
        median(&pages[0]) / 1e6,
        median(&pages[1]) / 1e6
    );
    target("overhead-get/bare", ratio(&gets), 1.15);
    target("overhead-pages/bare", ratio(&pages), 1.0);
    target("overhead-memory-after/before", growth, 1.05);
    target("overhead-crates", crates() as f64, 130.0);
}

/// How many rounds a profiler gets to see.
fn profiled() -> usize {
    std::env::args().nth(2).and_then(|rounds| rounds.parse().ok()).unwrap_or(25)
}

fn target(name: &str, value: f64, bound: f64) {
    let verdict = if value <= bound { "ok" } else { "missed" };
    println!("target {name}: {value:.2} (bound {bound}) {verdict}");
}

async fn bare_gets(client: &reqwest::Client, root: &str) {
    for _ in 0..GETS {
        black_box(read::<Plain>(client, format!("{root}/v1.0/groups/1")).await);
    }
}

async fn facade_gets(client: &Client) {
    for _ in 0..GETS {
        black_box(client.groups().get("1").await.unwrap());
    }
}

async fn bare_pages(client: &reqwest::Client, root: &str) {
    // Without the service's links, which could only make it slower.
    for number in 0..PAGES {
        black_box(read::<Page<Plain>>(client, format!("{root}/v1.0/groups?page={number}")).await);
    }
}

async fn facade_pages(client: &Client, pages: usize) {
    let mut items = client.groups().list().items();
    let mut count = 0;
    while let Some(group) = items.try_next().await.unwrap() {
        black_box(group);
        count += 1;
    }
    assert_eq!(count, 100 * pages);
}

async fn read<T: serde::de::DeserializeOwned>(client: &reqwest::Client, url: String) -> T {
    let body = client.get(url).bearer_auth(TOKEN).send().await.unwrap().bytes().await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// The CPU times of both in nanoseconds, round by round, in turn, so that whatever else the machine does hits them alike.
fn times(rounds: usize, works: [&dyn Fn(); 2]) -> [Vec<f64>; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for work in works {
        work();
    }
    for _ in 0..rounds {
        for (work, times) in works.iter().zip(&mut times) {
            let start = cpu_nanoseconds().unwrap();
            work();
            times.push(cpu_nanoseconds().unwrap() - start);
        }
    }
    times
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What the second costs beside the first: in the same round, as the machine may be twice as fast in the next.
fn ratio([first, second]: &[Vec<f64>; 2]) -> f64 {
    let ratios: Vec<_> = first.iter().zip(second).map(|(first, second)| second / first).collect();
    median(&ratios)
}

/// The CPU time that this thread has used.
fn cpu_nanoseconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn resident_kilobytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The crates that a program with the default features compiles, this one included.
fn crates() -> usize {
    let mut tree = Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--package",
        env!("CARGO_PKG_NAME"),
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
    ]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().map(|line| line.trim_end_matches(" (*)")).collect::<BTreeSet<_>>().len()
}

/// Answers from memory: one group, or page `n` of [`PAGES`] with a link to the next.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let group = serde_json::to_vec(&groups::group(1, true)).unwrap();
    let pages = (0..PAGES).map(|number| {
        let next = format!("{root}/v1.0/groups?page={}", number + 1);
        groups::page(number, true, (number + 1 < PAGES).then_some(next.as_str()))
    });
    let answers = Arc::new((group, pages.collect::<Vec<_>>()));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || drop(answer(stream.unwrap(), &answers)));
        }
    });
    root
}

fn answer(mut stream: TcpStream, (group, pages): &(Vec<u8>, Vec<Vec<u8>>)) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let path = first.split(' ').nth(1).unwrap_or_default();
        let number = path.rsplit_once("page=").and_then(|(_, number)| number.parse::<usize>().ok());
        let body = match number {
            Some(number) => &pages[number],
            None if path.ends_with("/groups") => &pages[0],
            None => group,
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat())?;
    }
}
