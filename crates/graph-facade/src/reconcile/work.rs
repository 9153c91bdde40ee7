//! What is left to do, step by step.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use crate::target::TARGET;
use graph_client::{Error, FailedAttempt, FailureClass, RetryPolicy, Verdict};
use graph_models::{Id, OperationInfo};
use tokio::time::{Instant, sleep};

use super::MOST_OWNERS;
use super::links::{self, IN_ENVELOPE, Step, added_in_step};
use super::outcome::LinkOutcome;
use crate::api::{Added, Members, Relation, Removed};

/// Users to be added to a group and removed from it.
///
/// A step that is dropped has taken nothing off the list: its users are tried again, which comes to the same.
#[derive(Debug)]
pub(crate) struct Work {
    people: Members,
    add: VecDeque<Id>,
    remove: VecDeque<Id>,
    /// How many are there now.
    present: usize,
    invisible: Vec<(Id, Error)>,
    /// The group can't be found yet.
    unheard: Option<Error>,
    /// Owners can't be added in bulk; nor members if that was of no use.
    singly: bool,
    waiting: Waiting,
    stopped: Option<Error>,
}

/// How long something has not been found.
#[derive(Debug)]
pub(crate) struct Waiting {
    policy: Arc<dyn RetryPolicy>,
    since: Option<Instant>,
    attempts: u32,
}

impl Waiting {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>) -> Self {
        Self { policy, since: None, attempts: 0 }
    }

    /// Waits before something that can't be found is tried again; false if it is of no use.
    pub(super) async fn wait(&mut self, operation: &'static OperationInfo, error: &Error) -> bool {
        let elapsed = self.since.get_or_insert_with(Instant::now).elapsed();
        let (class, number) = (FailureClass::Refused, self.attempts + 1);
        let attempt = FailedAttempt::new(operation, class, number, elapsed, error.retry_after());
        let Verdict::RetryAfter(wait) = self.policy.decide(&attempt) else { return false };
        tracing::debug!(target: TARGET, { wait = ?wait, "error.type" = error.kind().as_str() }, "waiting until it can be found");
        sleep(wait.max(Duration::from_millis(1))).await;
        self.attempts += 1;
        true
    }
}

impl Work {
    /// Work on `people`, of whom so many are there.
    pub(crate) fn new(
        people: &Members,
        add: impl IntoIterator<Item = Id>,
        remove: impl IntoIterator<Item = Id>,
        present: usize,
        waiting: Waiting,
    ) -> Self {
        Self {
            people: people.clone(),
            add: add.into_iter().collect(),
            remove: remove.into_iter().collect(),
            present,
            invisible: Vec::new(),
            unheard: None,
            singly: people.relation == Relation::Owners,
            waiting,
            stopped: None,
        }
    }

    /// Does the next step; none if nothing is left to do.
    ///
    /// # Errors
    ///
    /// What makes it useless to go on. What was done before it has been told.
    pub(crate) async fn step(&mut self) -> Result<Option<Vec<LinkOutcome>>, Error> {
        loop {
            if let Some(error) = self.stopped.take() {
                return Err(error);
            }
            if let Some(error) = &self.unheard {
                let goes_on = self.waiting.wait(self.people.operation(), error).await;
                match self.unheard.take() {
                    Some(error) if !goes_on && self.singly => return Err(error),
                    _ => self.singly |= !goes_on,
                }
            }
            let (adding, removing) = (self.adding(), self.removing());
            let outcomes = if adding > 0 {
                let ids: Vec<Id> = self.add.iter().take(adding).cloned().collect();
                let step = links::add(&self.people, &ids, self.singly).await?;
                if step.unheard.is_none() {
                    self.add.drain(..adding);
                }
                self.settle(step)
            } else if removing > 0 {
                let ids: Vec<Id> = self.remove.iter().take(removing).cloned().collect();
                let step = links::remove(&self.people, &ids).await?;
                self.remove.drain(..removing);
                self.settle(step)
            } else if let Some((_, error)) = self.invisible.first() {
                if self.waiting.wait(self.people.operation(), error).await {
                    self.add.extend(take(&mut self.invisible).into_iter().map(|(id, _)| id));
                    continue;
                }
                self.give_up()
            } else if let Some(id) = self.remove.pop_front() {
                // Nobody else is left to own the group.
                vec![LinkOutcome::LastOwner { id }]
            } else {
                return Ok(None);
            };
            if !outcomes.is_empty() {
                return Ok(Some(outcomes));
            }
        }
    }

    /// How many can be added now.
    fn adding(&self) -> usize {
        let room = match self.people.relation {
            Relation::Members => usize::MAX,
            Relation::Owners => MOST_OWNERS.saturating_sub(self.present),
        };
        self.add.len().min(room).min(added_in_step(self.singly))
    }

    /// How many can be removed now: an owner stays, whatever happens.
    fn removing(&self) -> usize {
        let spare = match self.people.relation {
            Relation::Members => usize::MAX,
            Relation::Owners => self.present.saturating_sub(1),
        };
        self.remove.len().min(spare).min(IN_ENVELOPE)
    }

    fn settle(&mut self, step: Step) -> Vec<LinkOutcome> {
        for outcome in &step.outcomes {
            match outcome {
                LinkOutcome::Added { how: Added::Now, .. } => self.present += 1,
                LinkOutcome::Removed { how: Removed::Now, .. } => {
                    self.present = self.present.saturating_sub(1);
                }
                _ => {}
            }
        }
        self.invisible.extend(step.invisible);
        self.unheard = step.unheard;
        self.stopped = step.stopped;
        step.outcomes
    }

    fn give_up(&mut self) -> Vec<LinkOutcome> {
        let not_added = |(id, error)| LinkOutcome::NotAdded { id, error };
        take(&mut self.invisible).into_iter().map(not_added).collect()
    }
}
