//! What the measurements have in common.

use std::process::Command;

use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
use graph_facade::{Client, OperationSet, StaticToken};
use graph_sim::Sim;
use tokio::runtime::{Builder, Runtime};

pub(crate) type Set = OperationSet<usize, Community>;

/// A figure that must not exceed its bound.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) bound: f64,
}

impl Target {
    pub(crate) fn print(&self) {
        let Self { name, value, unit, bound } = self;
        let verdict = if value <= bound { "ok" } else { "missed" };
        println!("target {name}: {value:.3}{unit} (bound {bound}{unit}) {verdict}");
    }
}

/// A runtime whose clock leaps to the next moment at which anything happens.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

pub(crate) fn client(sim: &Sim) -> Client {
    Client::builder()
        .credential(StaticToken::new(sim.token("ada")))
        .transport(sim.transport())
        .build()
        .unwrap()
}

pub(crate) fn set_of(client: &Client, communities: usize) -> Set {
    let mut set = OperationSet::new();
    for number in 0..communities {
        let new = NewCommunity::new(format!("Crew {number}"), "Flight deck", CommunityPrivacy::Private);
        set.start(number, client.communities().create(new));
    }
    set
}

/// What the measurement prints in a process of its own, in which no memory has been used and freed before.
pub(crate) fn in_new_process(measurement: &str) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap()).arg(measurement).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The memory that the process really has, in megabytes, as the kernel tells.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// The CPU time of this thread in seconds, as the kernel tells.
pub(crate) fn cpu_seconds() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    statistics.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}
