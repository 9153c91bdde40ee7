//! The place of one call in an explicit batch, and what it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use tokio::sync::watch;

/// How far a call of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
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

/// How far the calls of one batch are.
#[derive(Debug)]
pub(super) struct Plan(watch::Sender<Vec<Stage>>);

impl Plan {
    /// A plan for `calls` calls.
    pub(super) fn new(calls: usize) -> Self {
        Self(watch::Sender::new(vec![Stage::Pending; calls]))
    }
}

/// One call's place in a batch.
#[derive(Clone, Debug)]
pub(super) struct Seat(Arc<Place>);

#[derive(Debug)]
struct Place {
    plan: Arc<Plan>,
    index: usize,
    after: Vec<usize>,
    /// The last request went along with one that it depends on, whose fate it shares.
    was_tied: AtomicBool,
}

impl Seat {
    pub(super) fn new(plan: &Arc<Plan>, index: usize, after: Vec<usize>) -> Self {
        Self(Arc::new(Place { plan: Arc::clone(plan), index, after, was_tied: AtomicBool::new(false) }))
    }

    /// Waits until everything that the call depends on has succeeded or is about to be sent; false if some failed.
    pub(super) async fn cleared(&self) -> bool {
        if self.0.after.is_empty() {
            return true;
        }
        let mut stages = self.0.plan.0.subscribe();
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

    /// Whether the last 424 was another call's failure, which may not be that call's last word.
    pub(super) fn shares_a_fate(&self, status: Option<StatusCode>) -> bool {
        status == Some(StatusCode::FAILED_DEPENDENCY) && self.0.was_tied.load(Ordering::Relaxed)
    }

    /// Whether the call may be sent along with `others`.
    pub(super) fn may_join<'a>(&self, others: &(impl Iterator<Item = &'a Self> + Clone)) -> bool {
        if self.0.after.is_empty() {
            return true;
        }
        let stages = self.0.plan.0.borrow();
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
        self.0.plan.0.send_modify(|stages| {
            if let Some(own) = stages.get_mut(self.0.index) {
                *own = stage;
            }
        });
    }
}
