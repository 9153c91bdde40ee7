//! What the served simulator costs: small requests over loopback, and a large tenant in memory.
//!
//! `cargo bench -p graph-sim --bench serve`. The server has a thread of its own; the client is another, with several
//! connections that stay open. The CPU time of the server's thread is told too, since it doesn't depend on what else the
//! machine does. Needs Linux, which tells CPU times and memory.

#![allow(clippy::cast_precision_loss, reason = "the figures are small")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it can't measure")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Instant;

use graph_sim::Sim;
use tokio::net::TcpListener;

const ROUNDS: usize = 9;
const REQUESTS: usize = 4_000;
const CONNECTIONS: usize = 8;

const GROUPS: usize = 1_000;
const USERS: usize = 10_000;
/// With its owner, who is a member.
const MEMBERS: usize = 100;

fn main() {
    if cpu_nanoseconds(Path::new("/proc/thread-self")).is_none() {
        println!("this system does not tell the CPU time of a thread; nothing was measured");
        return;
    }
    let start = Instant::now();
    let small = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    println!("the first simulator of a process  {:.2} s", start.elapsed().as_secs_f64());
    let (before, start) = (resident_megabytes(), Instant::now());
    let large = tenant();
    let (after, loading) = (resident_megabytes(), start.elapsed());
    println!(
        "a tenant of {GROUPS} groups with {} memberships  {:.2} s",
        GROUPS * MEMBERS,
        loading.as_secs_f64()
    );
    println!("memory  {before:.0} MB before that tenant, {after:.0} MB with it");

    let of_small = measure(&small, "Pilots", 1);
    let of_large = measure(&large, &group(GROUPS - 1), MEMBERS);
    for (name, figures) in [("one group", &of_small), ("the large tenant", &of_large)] {
        println!(
            "GET of a group in {name}  {:.0} requests/s, {:.1} µs of CPU each",
            figures.per_second, figures.cpu_microseconds
        );
    }
    let resident = resident_megabytes();
    at_least("serve-requests-per-second", of_small.per_second, 5_000.0);
    at_least("serve-requests-per-second-large-tenant", of_large.per_second, 5_000.0);
    // What a thread that does nothing else needs for 5,000 a second.
    at_most("serve-cpu-per-request-µs", of_small.cpu_microseconds, 200.0);
    at_most("serve-memory-MB", resident, 300.0);
}

fn at_least(name: &str, value: f64, bound: f64) {
    target(name, value, bound, value >= bound);
}

fn at_most(name: &str, value: f64, bound: f64) {
    target(name, value, bound, value <= bound);
}

fn target(name: &str, value: f64, bound: f64, holds: bool) {
    println!("target {name}: {value:.0} (bound {bound}) {}", if holds { "ok" } else { "missed" });
}

fn user(number: usize) -> String {
    format!("user{number}")
}

fn group(number: usize) -> String {
    format!("Group {number}")
}

/// As a user of the simulator would set it up.
fn tenant() -> Sim {
    let users = (0..USERS).fold(Sim::builder(), |builder, number| builder.user(&user(number)));
    let groups = (0..GROUPS).fold(users, |builder, number| {
        let people = (0..MEMBERS).map(|place| user((number * 7 + place) % USERS));
        builder.group(&group(number), [user(number * 7 % USERS)]).members(&group(number), people)
    });
    groups.user("ada").build()
}

struct Figures {
    per_second: f64,
    cpu_microseconds: f64,
}

/// Serves `sim` from a thread of its own and asks for a group, over and over; the medians of the rounds.
fn measure(sim: &Sim, group: &str, members: usize) -> Figures {
    let (ready, is_ready) = mpsc::channel::<PathBuf>();
    let served = sim.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let serving = served.serve(listener);
            let thread = fs::read_link("/proc/thread-self").unwrap();
            ready.send(Path::new("/proc").join(thread)).unwrap();
            serving.await.unwrap();
        });
    });
    let thread = is_ready.recv().unwrap();
    let path = format!("/v1.0/groups/{}", sim.group_id(group).unwrap());
    let listed = Client::connect(sim, &format!("{path}/members?$top=999")).answer();
    assert_eq!(listed.matches("\"userPrincipalName\"").count(), members);
    let mut client = Client::connect(sim, &path);
    client.ask(REQUESTS / 4);
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let (start, cpu) = (Instant::now(), cpu_nanoseconds(&thread).unwrap());
            client.ask(REQUESTS);
            let cpu = cpu_nanoseconds(&thread).unwrap() - cpu;
            (start.elapsed().as_secs_f64(), cpu / 1e3 / REQUESTS as f64)
        })
        .collect();
    assert_eq!(sim.violations(), [""; 0]);
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let per_second = REQUESTS as f64 / rounds[ROUNDS / 2].0;
    rounds.sort_by(|one, other| one.1.total_cmp(&other.1));
    Figures { per_second, cpu_microseconds: rounds[ROUNDS / 2].1 }
}

/// Some connections, each with one request under way.
struct Client {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    fn connect(sim: &Sim, path: &str) -> Self {
        let address = sim.root().replace("http://", "");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nAccept: application/json\r\n\r\n",
            sim.token("ada"),
        );
        let connections = (0..CONNECTIONS).map(|_| {
            let connection = TcpStream::connect(&address).unwrap();
            connection.set_nodelay(true).unwrap();
            connection
        });
        Self { connections: connections.collect(), request: request.into_bytes(), answer: vec![0; 64 * 1024] }
    }

    fn answer(mut self) -> String {
        self.connections[0].write_all(&self.request).unwrap();
        let length = read_answer(&mut self.connections[0], &mut self.answer);
        String::from_utf8(self.answer[..length].to_vec()).unwrap()
    }

    fn ask(&mut self, requests: usize) {
        for _ in 0..requests / self.connections.len() {
            for connection in &mut self.connections {
                connection.write_all(&self.request).unwrap();
            }
            for connection in &mut self.connections {
                read_answer(connection, &mut self.answer);
            }
        }
    }
}

/// Reads one answer, which must be a success, to its end; how long it is.
fn read_answer(connection: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let mut length = 0;
    loop {
        let read = connection.read(&mut buffer[length..]).unwrap();
        assert!(read > 0, "the connection closed");
        length += read;
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        let Some(end) = text.find("\r\n\r\n") else { continue };
        let head = text[..end].to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200 "), "{text}");
        let size = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if length == end + 4 + size.parse::<usize>().unwrap() {
            return length;
        }
    }
}

/// The CPU time that a thread has used.
fn cpu_nanoseconds(thread: &Path) -> Option<f64> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn resident_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
