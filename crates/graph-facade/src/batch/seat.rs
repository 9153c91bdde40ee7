//! The place of one call in an explicit batch, and what it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::sync::watch;

use super::envelope;
use super::gathering::Gatherer;
use crate::transport::{Transport, TransportError};

/// How far a call of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// On its way to an envelope: waiting for quota, a token or the next attempt; or out.
    Pending,
    /// In an envelope that is not sent yet.
    Boarded,
    Done {
        succeeded: bool,
    },
}

/// Whether a call may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clearance {
    Go,
    Wait,
    Never,
}

/// What the calls of one batch share.
#[derive(Debug)]
pub(crate) struct Plan {
    gatherer: Gatherer,
    stages: watch::Sender<Vec<Stage>>,
}

impl Plan {
    /// A plan for `calls` calls.
    pub(crate) fn new(calls: usize, window: Duration) -> Self {
        Self { gatherer: Gatherer::new(window), stages: watch::Sender::new(vec![Stage::Pending; calls]) }
    }
}

/// One call's place. It travels with the call's terms.
#[derive(Clone, Debug)]
pub(crate) struct Seat(Arc<Place>);

#[derive(Debug)]
struct Place {
    plan: Arc<Plan>,
    index: usize,
    after: Vec<usize>,
    /// The last request went along with one that it depends on, whose fate it shares.
    was_tied: AtomicBool,
}

impl Seat {
    pub(crate) fn new(plan: &Arc<Plan>, index: usize, after: Vec<usize>) -> Self {
        Self(Arc::new(Place { plan: Arc::clone(plan), index, after, was_tied: AtomicBool::new(false) }))
    }

    /// Waits until everything that the call depends on has succeeded or is about to be sent; false if some failed.
    pub(crate) async fn cleared(&self) -> bool {
        if self.0.after.is_empty() {
            return true;
        }
        let mut stages = self.0.plan.stages.subscribe();
        let decided = stages.wait_for(|stages| self.clearance(stages) != Clearance::Wait).await;
        // The sender lives as long as this seat.
        decided.is_ok_and(|stages| self.clearance(&stages) == Clearance::Go)
    }

    fn clearance(&self, stages: &[Stage]) -> Clearance {
        let stage_of =
            |index: &usize| stages.get(*index).copied().unwrap_or(Stage::Done { succeeded: false });
        let mut clearance = Clearance::Go;
        for stage in self.0.after.iter().map(stage_of) {
            match stage {
                Stage::Done { succeeded: false } => return Clearance::Never,
                Stage::Pending => clearance = Clearance::Wait,
                Stage::Boarded | Stage::Done { succeeded: true } => {}
            }
        }
        clearance
    }

    /// Sends one request of the call, in company if it can travel in an envelope.
    pub(crate) async fn send(
        &self,
        transport: &Arc<dyn Transport>,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        if envelope::carries(&request) {
            self.0.plan.gatherer.send(transport, request, Some(self.clone())).await
        } else if self.may_join(&std::iter::empty()) {
            transport.send(request).await
        } else {
            Ok(failed_dependency())
        }
    }

    /// Whether the last 424 was another call's failure, which may not be that call's last word.
    pub(crate) fn shares_a_fate(&self, status: Option<StatusCode>) -> bool {
        status == Some(StatusCode::FAILED_DEPENDENCY) && self.0.was_tied.load(Ordering::Relaxed)
    }

    /// Whether the call may be sent along with `others`.
    pub(super) fn may_join<'a>(&self, others: &(impl Iterator<Item = &'a Self> + Clone)) -> bool {
        if self.0.after.is_empty() {
            return true;
        }
        let stages = self.0.plan.stages.borrow();
        let is_done = |index: usize| stages.get(index) == Some(&Stage::Done { succeeded: true });
        let mut open = self.0.after.iter().filter(|index| !is_done(**index)).peekable();
        self.0.was_tied.store(open.peek().is_some(), Ordering::Relaxed);
        open.all(|index| others.clone().any(|other| other.0.index == *index))
    }

    pub(super) fn needs(&self, other: &Self) -> bool {
        self.0.after.contains(&other.0.index)
    }

    pub(super) fn boarded(&self) {
        self.enter(Stage::Boarded);
    }

    pub(super) fn departed(&self) {
        self.enter(Stage::Pending);
    }

    /// The call is over.
    pub(super) fn done(&self, succeeded: bool) {
        self.enter(Stage::Done { succeeded });
    }

    fn enter(&self, stage: Stage) {
        self.0.plan.stages.send_modify(|stages| {
            if let Some(own) = stages.get_mut(self.0.index) {
                *own = stage;
            }
        });
    }
}

/// The answer to a call that depends on one that failed, in the service's form.
pub(crate) fn failed_dependency() -> Response<Bytes> {
    const BODY: &str = r#"{"error":{"code":"FailedDependency","message":"a call that this one depends on did not succeed"}}"#;
    let mut response = Response::new(Bytes::from_static(BODY.as_bytes()));
    *response.status_mut() = StatusCode::FAILED_DEPENDENCY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
