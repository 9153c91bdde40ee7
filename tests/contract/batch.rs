//! `$batch`: many calls in one request, and each of them as if it were alone.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use graph_facade::{BatchingTransport, Client};
use graph_sim::{Fault, Sim};
use http::{Request, Response};
use serde_json::Value;
use tower_service::Service;

use crate::support::builder;

mod envelope;
mod explicit;
mod gathered;
mod plans;

fn sim(faults: impl IntoIterator<Item = Fault>) -> Sim {
    let sim = Sim::builder().user("ada").user("grace").group("Pilots", ["ada"]).group("Crew", ["ada"]);
    faults.into_iter().fold(sim, graph_sim::SimBuilder::fault).build()
}

/// A client whose calls travel together.
fn gathering(sim: &Sim) -> Client {
    builder(sim, "ada").transport(BatchingTransport::new(sim.transport())).build().unwrap()
}

/// `POST /v1.0/$batch` is `envelope`; what was in it is `in`; anything else `alone`; with the status.
fn journal(sim: &Sim) -> Vec<String> {
    let line = |entry: &graph_sim::Entry| {
        let operation = entry.operation.clone().unwrap_or_default();
        let place = if entry.notes.iter().any(|note| note == "in a batch") { "in" } else { "alone" };
        format!("{place} {operation} {}", entry.status.unwrap_or_default())
    };
    sim.journal().entries().iter().map(line).collect()
}

fn envelopes(sim: &Sim) -> usize {
    journal(sim).iter().filter(|line| line.starts_with("alone batch")).count()
}

/// A request, and its body.
type Envelope = (Request<Bytes>, Value);

/// Hands requests on, and remembers the envelopes.
#[derive(Clone)]
struct Tap {
    inner: graph_sim::Transport,
    envelopes: Arc<Mutex<Vec<Envelope>>>,
}

impl Tap {
    fn on(sim: &Sim) -> Self {
        Self { inner: sim.transport(), envelopes: Arc::default() }
    }

    fn take(&self) -> Vec<Envelope> {
        std::mem::take(&mut self.envelopes.lock().unwrap())
    }
}

impl Service<Request<Bytes>> for Tap {
    type Response = Response<Bytes>;
    type Error = graph_sim::ConnectionLost;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let json = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        if json.get("requests").is_some() {
            self.envelopes.lock().unwrap().push((request.clone(), json));
        }
        self.inner.call(request)
    }
}
