//! A reconciliation under way.

use futures_core::stream::BoxStream;
use futures_util::{TryStreamExt as _, stream};
use graph_client::{Error, ErrorKind};
use graph_models::Id;

use super::outcome::{LinkOutcome, ReconcileUpdate};
use super::plan::{Comparison, ReconcilePlan};
use super::work::{Waiting, Work};
use super::{Reconcile, ReconcileCheckpoint, Totals};
use crate::api::{Added, Removed};

/// The largest page that the directory gives.
const PAGE: u32 = 999;

/// A reconciliation under way, of which each [`advance`](Self::advance) does one step.
///
/// It may be dropped at any point, also within a step; the [`checkpoint`](Self::checkpoint) goes on from there.
#[derive(Debug)]
#[must_use = "nothing is done unless it is advanced"]
pub struct Reconciling {
    task: Reconcile,
    work: Option<Work>,
    totals: Totals,
}

impl Reconciling {
    pub(super) fn new(task: Reconcile) -> Self {
        Self { totals: task.before, task, work: None }
    }

    /// Does the next step: the first reads who is there and tells the plan, each later one sends an envelope. None if all is
    /// done.
    ///
    /// # Errors
    ///
    /// What keeps the whole from going on. It can be tried again.
    pub async fn advance(&mut self) -> Result<Option<ReconcileUpdate>, Error> {
        let Some(work) = &mut self.work else {
            let plan = plan(&self.task).await?;
            self.check(&plan)?;
            self.work = Some(self.work_of(&plan)?);
            return Ok(Some(ReconcileUpdate::Planned(plan)));
        };
        let Some(outcomes) = work.step().await? else { return Ok(None) };
        for outcome in &outcomes {
            match outcome {
                LinkOutcome::Added { how: Added::Now, .. } => self.totals.added += 1,
                LinkOutcome::Removed { how: Removed::Now, .. } => self.totals.removed += 1,
                _ => {}
            }
        }
        Ok(Some(ReconcileUpdate::Done(outcomes)))
    }

    /// Every step until all is done. The stream ends after the first error, and can be dropped.
    pub fn updates(&mut self) -> BoxStream<'_, Result<ReconcileUpdate, Error>> {
        Box::pin(stream::try_unfold(self, |running| async move {
            Ok(running.advance().await?.map(|update| (update, running)))
        }))
    }

    /// How many were added so far, earlier runs included.
    pub fn added(&self) -> usize {
        self.totals.added
    }

    /// How many were removed so far, earlier runs included.
    pub fn removed(&self) -> usize {
        self.totals.removed
    }

    /// What another process needs to go on, should this one stop, with the numbers so far.
    ///
    /// # Errors
    ///
    /// What is wrong with the list or with the group's id.
    pub fn checkpoint(&self) -> Result<ReconcileCheckpoint, Error> {
        let (added, removed) = (self.totals.added, self.totals.removed);
        Ok(ReconcileCheckpoint { added, removed, ..self.task.checkpoint()? })
    }

    fn check(&self, plan: &ReconcilePlan) -> Result<(), Error> {
        match self.task.removal_limit {
            Some(limit) if plan.remove.len() > limit => Err(Error::refused(format!(
                "{} of the {} would be removed, and the limit is {limit}: check the list, or raise the limit",
                plan.remove.len(),
                plan.relation
            ))),
            _ => Ok(()),
        }
    }

    fn work_of(&self, plan: &ReconcilePlan) -> Result<Work, Error> {
        let present = plan.unchanged + plan.others + plan.remove.len();
        let waiting = Waiting::new(self.task.visibility.clone());
        Ok(Work::new(&self.task.people, read(&plan.add)?, read(&plan.remove)?, present, waiting))
    }
}

fn read(ids: &[String]) -> Result<Vec<Id>, Error> {
    let invalid = |error| Error::from_source(ErrorKind::InvalidRequest, error);
    ids.iter().map(|id| Id::new(id).map_err(invalid)).collect()
}

/// Reads who is there, page by page, and compares.
pub(super) async fn plan(task: &Reconcile) -> Result<ReconcilePlan, Error> {
    let mut waiting = Waiting::new(task.visibility.clone());
    loop {
        match compare(task).await {
            Err(error) if error.is_not_yet_visible() => {
                if !waiting.wait(task.people.operation(), &error).await {
                    return Err(error);
                }
            }
            outcome => return outcome,
        }
    }
}

async fn compare(task: &Reconcile) -> Result<ReconcilePlan, Error> {
    let about = |error: Error| error.with_operation(task.people.listing());
    let (group, desired) = (task.group().map_err(about)?, task.list().map_err(about)?);
    let mut comparison = Comparison::new(desired, task.additions_only);
    let mut pages = task.people.list().select(["id"]).top(PAGE).pages();
    while let Some(page) = pages.try_next().await? {
        if !page.items.iter().all(|object| comparison.see(object)) {
            let message = "somebody in the group has no id that can be compared";
            return Err(about(Error::new(ErrorKind::Decode, message)));
        }
    }
    Ok(comparison.plan(group, task.people.relation))
}
