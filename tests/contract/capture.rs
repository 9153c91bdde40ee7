//! A transport that writes down what leaves the client, and lets the simulator answer.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use graph_facade::{BoxError, CallContext, Client, ClientBuilder, Middleware};
use graph_sim::{Sim, Transport};
use http::{HeaderMap, Request};
use serde_json::Value;
use tower_service::Service;

use crate::support::builder;

/// What one client sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape(Arc<Mutex<Vec<Sent>>>);

/// One request as it left the client.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The operation that the facade meant.
    pub(crate) operation: &'static str,
    pub(crate) request: Request<Bytes>,
}

/// A client of `user` whose requests are taped on their way to `sim`.
pub(crate) fn taped(sim: &Sim, user: &str) -> (Client, Tape) {
    taped_by(sim, builder(sim, user))
}

/// The client of `builder`, whose requests are taped on their way to `sim`.
pub(crate) fn taped_by(sim: &Sim, builder: ClientBuilder) -> (Client, Tape) {
    let tape = Tape::default();
    (taped_on(&tape, sim, builder), tape)
}

/// The client of `builder`, whose requests go on a tape that there is.
pub(crate) fn taped_on(tape: &Tape, sim: &Sim, builder: ClientBuilder) -> Client {
    let transport = Recorder { tape: tape.clone(), inner: sim.transport() };
    builder.transport(transport).attempt_middleware(tape.clone()).build().unwrap()
}

/// The middleware knows the operation, and the transport sees what comes out of the pipeline's last stage.
#[derive(Clone, Debug)]
struct Recorder {
    tape: Tape,
    inner: Transport,
}

impl Middleware for Tape {
    fn on_request(&self, context: &CallContext<'_>, _: &mut HeaderMap) -> Result<(), BoxError> {
        let request = Request::new(Bytes::new());
        self.0.lock().unwrap().push(Sent { operation: context.operation.id, request });
        Ok(())
    }
}

impl Service<Request<Bytes>> for Recorder {
    type Response = <Transport as Service<Request<Bytes>>>::Response;
    type Error = <Transport as Service<Request<Bytes>>>::Error;
    type Future = <Transport as Service<Request<Bytes>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        self.tape.0.lock().unwrap().last_mut().unwrap().request = request.clone();
        self.inner.call(request)
    }
}

impl Tape {
    /// Looks at every request, in the order they were sent.
    pub(crate) fn each<T>(&self, look: impl FnMut(&Sent) -> T) -> Vec<T> {
        self.0.lock().unwrap().iter().map(look).collect()
    }

    /// Every request as text, with what differs from run to run masked.
    pub(crate) fn print(&self) -> String {
        self.each(Sent::print).join("\n")
    }
}

impl Sent {
    fn print(&self) -> String {
        let mut text = format!("# {}\n{} {}\n", self.operation, self.request.method(), self.request.uri());
        let mut headers: Vec<_> = self
            .request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", mask(name.as_str(), value.to_str().unwrap())))
            .collect();
        headers.sort_unstable();
        for header in headers {
            writeln!(text, "{header}").unwrap();
        }
        let body = self.request.body();
        match serde_json::from_slice::<Value>(body) {
            _ if body.is_empty() => {}
            Ok(json) => writeln!(text, "{}", serde_json::to_string_pretty(&json).unwrap()).unwrap(),
            Err(_) => {
                let lines = body.escape_ascii().to_string().replace("\\r", "").replace("\\n", "\n");
                writeln!(text, "{lines}").unwrap();
            }
        }
        text
    }
}

fn mask(name: &str, value: &str) -> String {
    match name {
        "authorization" => {
            value.split_once(' ').map_or_else(String::new, |(scheme, _)| format!("{scheme} <token>"))
        }
        "client-request-id" if is_uuid(value) => "<uuid>".to_owned(),
        "user-agent" => value.replace(env!("CARGO_PKG_VERSION"), "<version>"),
        _ => value.to_owned(),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
