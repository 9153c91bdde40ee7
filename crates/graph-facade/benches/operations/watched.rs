//! 10,000 operations that take for ever, watched by one task.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use graph_facade::{Client, Operation, SavedOperation, StaticToken};
use graph_sim::{Sim, Timeline};
use http::{Method, Request, Response};
use tokio::time::timeout;
use tower_service::Service;

use crate::measure::{Set, Target, client, cpu_seconds, in_new_process, resident, runtime, set_of};

/// The argument with which this program measures memory only.
pub(crate) const MEMORY: &str = "memory-of-watched-operations";
const OPERATIONS: usize = 10_000;
const ADDRESS: &str =
    "https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations('operation')";
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
        // The simulator would leave memory behind in which all of it finds room.
        let client =
            Client::builder().credential(StaticToken::new("eyJ0eXAi")).transport(Running).build().unwrap();
        let mut set = set_of(&client, 1);
        watch(&mut set, Duration::from_secs(40)).await;
        let text = set.saved().next().unwrap().1.to_string();
        let before = resident();
        let mut set = Set::new();
        for number in 0..OPERATIONS {
            // An id as long as the service's.
            let text = text.replace("('", &format!("('{number:0150}"));
            set.insert(number, resumed(&client, &text));
        }
        watch(&mut set, Duration::from_secs(300)).await;
        assert_eq!(set.progress().pending, OPERATIONS);
        resident() - before
    })
}

/// A service that accepts everything and is never done.
#[derive(Clone, Debug)]
struct Running;

impl Service<Request<Bytes>> for Running {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let answer = match *request.method() {
            Method::POST => {
                Response::builder().status(202).header("Operation-Location", ADDRESS).body(Bytes::new())
            }
            _ => Response::builder().body(Bytes::from_static(br#"{"status":"running"}"#)),
        };
        ready(Ok(answer.unwrap()))
    }
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
