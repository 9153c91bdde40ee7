//! 10,000 operations that take for ever, watched by one task.

use std::time::Duration;

use futures_util::StreamExt as _;
use graph_facade::{Client, Operation, SavedOperation};
use graph_sim::{Sim, Timeline};
use tokio::time::timeout;

use crate::measure::{Set, Target, client, cpu_seconds, in_new_process, resident, runtime, set_of};

/// The argument with which this program measures memory only.
pub(crate) const MEMORY: &str = "memory-of-watched-operations";
const OPERATIONS: usize = 10_000;
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn targets() -> Vec<Target> {
    let cpu = runtime().block_on(cpu());
    vec![
        Target { name: "operations-10000-memory", value: in_new_process(MEMORY), unit: " MB", bound: 20.0 },
        Target { name: "operations-10000-cpu", value: cpu * 100.0, unit: " %", bound: 1.0 },
    ]
}

/// By how many megabytes the process grows with a set of so many.
pub(crate) fn memory() -> f64 {
    runtime().block_on(async {
        let sim = forever();
        let client = client(&sim);
        let mut set = set_of(&client, 1);
        watch(&mut set, Duration::from_secs(40)).await;
        let (_, saved) = set.saved().next().unwrap();
        let (text, id) = (saved.to_string(), "('");
        let before = resident();
        let mut set = Set::new();
        for number in 0..OPERATIONS {
            // An id as long as the service's.
            let text = text.replace(id, &format!("('{number:09}"));
            set.insert(number, resumed(&client, &text));
        }
        watch(&mut set, Duration::from_secs(300)).await;
        assert_eq!(set.progress().pending, OPERATIONS);
        resident() - before
    })
}

/// The share of a core that it takes to watch so many for an hour, as often as the quota lets it.
async fn cpu() -> f64 {
    let sim = forever();
    let client = client(&sim);
    let mut set = set_of(&client, OPERATIONS);
    while set.progress().to_start > 0 {
        set.next().await;
    }
    let (begin, requests) = (cpu_seconds(), sim.journal().entries().len());
    watch(&mut set, HOUR).await;
    let cpu = cpu_seconds() - begin;
    let requests = sim.journal().entries().len() - requests;
    println!(
        "{OPERATIONS} operations watched for an hour: {requests} polls, {cpu:.3} s of CPU, simulator included"
    );
    cpu / HOUR.as_secs_f64()
}

/// A Graph in which nothing is ever done.
fn forever() -> Sim {
    Sim::builder().user("ada").timeline(Timeline::new().stay("running", Duration::from_secs(1 << 30))).build()
}

async fn watch(set: &mut Set, length: Duration) {
    let all = async { while set.next().await.is_some() {} };
    assert!(timeout(length, all).await.is_err(), "there is nothing left to watch");
}

fn resumed(client: &Client, text: &str) -> Operation<graph_facade::models::Community> {
    client.operations().resume(text.parse::<SavedOperation>().unwrap()).unwrap()
}
