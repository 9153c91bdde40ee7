//! Planner's tasks.

use graph_client::{Error, Get, Request};
use graph_models::models::{
    NewPlannerTask, PlannerTask, PlannerTaskDetails, PlannerTaskDetailsPatch, PlannerTaskPatch,
};
use graph_models::{Field, GraphDateTime, Id, Identify, Tagged, facts};

use super::calls::{get, send};
use super::order_hint::{check_changed_hint, check_hint};
use super::planner_entries::{complete_details, complete_task};
use super::planner_plans::{named, something};
use super::states::{self, update};
use crate::client::Client;

/// What is done in full, in per cent.
const DONE: i32 = 100;
/// The least urgent priority.
const LAST: i32 = 10;

/// Tasks of Planner's plans. They change as [plans](crate::PlannerPlans) do: only in the state that was read.
///
/// [`PlannerTaskEntries`](crate::PlannerTaskEntries) and
/// [`PlannerTaskDetailsEntries`](crate::PlannerTaskDetailsEntries) have the single entries of a task's maps, and
/// [`OrderHint`](crate::OrderHint) its place among others. Entries get their `@odata.type` when they are sent.
///
/// ```no_run
/// use graph_facade::PlannerTaskEntries as _;
/// use graph_facade::models::PlannerTaskPatch;
/// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
/// let done = client
///     .planner_tasks()
///     .edit("01gzSlKkIUSUl6DF_EilrmQAKDhh", |task| {
///         let change = PlannerTaskPatch::new().percent_complete(100);
///         if task.priority == Some(1) { change.label(1) } else { change }
///     })
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PlannerTasks {
    client: Client,
}

impl Client {
    /// Tasks of Planner's plans.
    pub fn planner_tasks(&self) -> PlannerTasks {
        PlannerTasks { client: self.clone() }
    }
}

impl PlannerTasks {
    /// Makes a task in a plan. Refused before anything is sent: a task without a title, progress beyond 100 per cent, a
    /// priority beyond 10, a start after the due date, a place as it was read in place of a hint, and entries that name nobody
    /// or nothing. Where the plan or the user has too many tasks, the error
    /// [`is_limit_reached`](Error::is_limit_reached).
    ///
    #[doc = facts!(PLANNER_TASKS_CREATE)]
    pub fn create(&self, task: NewPlannerTask) -> Request<PlannerTask> {
        let mut task = task;
        send!(
            &self.client,
            PLANNER_TASKS_CREATE,
            {
                named("title", Some(&task.title))?;
                Id::new(&task.plan_id)?;
                within("percentComplete", task.percent_complete, DONE)?;
                within("priority", task.priority, LAST)?;
                check_hint("orderHint", task.order_hint.as_ref())?;
                check_hint("assigneePriority", task.assignee_priority.as_ref())?;
                in_order(task.start_date_time.as_ref(), task.due_date_time.as_ref())?;
                complete_task(task.assignments.as_mut(), task.applied_categories.as_ref())?;
            },
            planner_tasks_create(; &task)
        )
    }

    /// Reads a task.
    ///
    #[doc = facts!(PLANNER_TASKS_GET)]
    pub fn get(&self, task: impl Identify) -> Get<PlannerTask> {
        get!(&self.client, PLANNER_TASKS_GET, planner_tasks_get(task))
    }

    /// Changes a task in the state that was read, and returns it as it is then, with its new etag. Refused before anything is
    /// sent: a change of nothing, and what [`create`](Self::create) refuses.
    ///
    #[doc = facts!(PLANNER_TASKS_UPDATE)]
    pub fn update(&self, task: impl Tagged, change: PlannerTaskPatch) -> Request<PlannerTask> {
        let (read, mut change) = (self.get(&task), change);
        update!(
            &self.client,
            PLANNER_TASKS_UPDATE,
            {
                something(change.is_empty())?;
                named("title", change.title.as_ref())?;
                within("percentComplete", change.percent_complete.into_set(), DONE)?;
                within("priority", change.priority.into_set(), LAST)?;
                check_changed_hint("orderHint", &change.order_hint)?;
                check_changed_hint("assigneePriority", &change.assignee_priority)?;
                in_order(change.start_date_time.as_ref().into_set(), change.due_date_time.as_ref().into_set())?;
                complete_task(set_in(&mut change.assignments), change.applied_categories.as_ref().into_set())?;
            },
            planner_tasks_update(task; &change),
            read
        )
    }

    /// Reads a task and changes it as `change` says; if somebody changed it in between, once more from the beginning. If that
    /// happens again, or an answer was lost and the change may have been made already, the error
    /// [`is_changed_meanwhile`](Error::is_changed_meanwhile). Where nothing is left to change, it
    /// returns the task as it was read.
    ///
    #[doc = facts!(PLANNER_TASKS_UPDATE)]
    pub async fn edit(
        &self,
        task: impl Identify,
        change: impl FnMut(&PlannerTask) -> PlannerTaskPatch,
    ) -> Result<PlannerTask, Error> {
        let read = || self.get(&task);
        states::edit(read, change, |task, change| (!change.is_empty()).then(|| self.update(task, change)))
            .await
    }

    /// Deletes a task in the state that was read.
    ///
    #[doc = facts!(PLANNER_TASKS_DELETE)]
    pub fn delete(&self, task: impl Tagged) -> Request<()> {
        let etag = task.etag();
        send!(&self.client, PLANNER_TASKS_DELETE, planner_tasks_delete(task)).for_state(etag)
    }

    /// Reads the details of a task, which have an etag of their own.
    ///
    #[doc = facts!(PLANNER_TASKS_DETAILS_GET)]
    pub fn details(&self, task: impl Identify) -> Get<PlannerTaskDetails> {
        get!(&self.client, PLANNER_TASKS_DETAILS_GET, planner_tasks_details_get(task))
    }

    /// Changes the details of a task in the state that was read, and returns them as they are then. They are named by
    /// themselves, or by the task's id and the etag of the details. Refused before anything is sent: a change of nothing, a
    /// checklist item without an id, and a link whose key is no encoded address.
    ///
    #[doc = facts!(PLANNER_TASKS_DETAILS_UPDATE)]
    pub fn update_details(
        &self,
        details: impl Tagged,
        change: PlannerTaskDetailsPatch,
    ) -> Request<PlannerTaskDetails> {
        let (read, mut change) = (self.details(&details), change);
        update!(
            &self.client,
            PLANNER_TASKS_DETAILS_UPDATE,
            {
                something(change.is_empty())?;
                complete_details(set_in(&mut change.checklist), set_in(&mut change.references))?;
            },
            planner_tasks_details_update(details; &change),
            read
        )
    }

    /// Reads the details of a task and changes them as `change` says, as [`edit`](Self::edit) does with the task.
    ///
    #[doc = facts!(PLANNER_TASKS_DETAILS_UPDATE)]
    pub async fn edit_details(
        &self,
        task: impl Identify,
        change: impl FnMut(&PlannerTaskDetails) -> PlannerTaskDetailsPatch,
    ) -> Result<PlannerTaskDetails, Error> {
        let read = || self.details(&task);
        let update = |details: &PlannerTaskDetails, change: PlannerTaskDetailsPatch| {
            (!change.is_empty()).then(|| self.update_details(details, change))
        };
        states::edit(read, change, update).await
    }
}

fn set_in<T>(field: &mut Field<T>) -> Option<&mut T> {
    if let Field::Set(value) = field { Some(value) } else { None }
}

/// Refuses a number that is not from 0 to `most`, where there is one.
fn within(property: &str, number: Option<i32>, most: i32) -> Result<(), Error> {
    match number {
        Some(number) if !(0..=most).contains(&number) => {
            Err(Error::refused(format!("`{property}` is {number}, and may be from 0 to {most}")))
        }
        _ => Ok(()),
    }
}

/// Refuses a start after the due date, where both are given and can be read.
fn in_order(start: Option<&GraphDateTime>, due: Option<&GraphDateTime>) -> Result<(), Error> {
    let instant = |date: Option<&GraphDateTime>| date.and_then(|date| date.to_utc().ok());
    match (instant(start), instant(due)) {
        (Some(start), Some(due)) if start > due => {
            Err(Error::refused("`startDateTime` is later than `dueDateTime`: a task starts before it is due"))
        }
        _ => Ok(()),
    }
}
