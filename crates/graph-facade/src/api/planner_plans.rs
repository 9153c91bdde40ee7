//! Planner's plans.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{
    NewPlannerPlan, PlannerBucket, PlannerPlan, PlannerPlanContainer, PlannerPlanDetails,
    PlannerPlanDetailsPatch, PlannerPlanPatch, PlannerTask,
};
use graph_models::{Identify, Tagged, facts};

use super::calls::{get, list, send};
use super::planner_entries::check_users;
use super::states::{self, update};
use crate::client::Client;

/// Plans in Planner, and what belongs to a plan as a whole.
///
/// A change names the state that it is meant for: it takes the object as it was read, or its id together with an
/// [`Etag`](crate::Etag). What has none is refused before anything is sent. `edit` reads, changes, and begins again if
/// somebody came in between.
#[derive(Clone, Debug)]
pub struct PlannerPlans {
    client: Client,
}

impl Client {
    /// Plans in Planner.
    pub fn planner_plans(&self) -> PlannerPlans {
        PlannerPlans { client: self.clone() }
    }
}

impl PlannerPlans {
    /// Lists the plans of a group.
    ///
    #[doc = facts!(PLANNER_PLANS_LIST_OF_GROUP)]
    pub fn list_of_group(&self, group: impl Identify) -> List<PlannerPlan> {
        list!(&self.client, PLANNER_PLANS_LIST_OF_GROUP, planner_plans_list_of_group(group))
    }

    /// Makes a plan in a container. The service refuses with 403 whom the container doesn't have as a member; to own the
    /// group is not enough. A plan without a title is refused before anything is sent.
    ///
    #[doc = facts!(PLANNER_PLANS_CREATE)]
    pub fn create(&self, plan: NewPlannerPlan) -> Request<PlannerPlan> {
        send!(
            &self.client,
            PLANNER_PLANS_CREATE,
            { named("title", Some(&plan.title))? },
            planner_plans_create(; &plan)
        )
    }

    /// Makes a plan in a group: [`create`](Self::create) with the address of the group as the container.
    ///
    #[doc = facts!(PLANNER_PLANS_CREATE)]
    pub fn create_in_group(&self, group: impl Identify, title: impl Into<String>) -> Request<PlannerPlan> {
        let address = self.client.address_of("groups", group);
        let mut plan = NewPlannerPlan::new(PlannerPlanContainer::default(), title);
        send!(
            &self.client,
            PLANNER_PLANS_CREATE,
            {
                named("title", Some(&plan.title))?;
                plan.container.url = Some(address?);
            },
            planner_plans_create(; &plan)
        )
    }

    /// Reads a plan.
    ///
    #[doc = facts!(PLANNER_PLANS_GET)]
    pub fn get(&self, plan: impl Identify) -> Get<PlannerPlan> {
        get!(&self.client, PLANNER_PLANS_GET, planner_plans_get(plan))
    }

    /// Changes a plan in the state that was read, and returns it as it is then, with its new etag. Refused before anything is
    /// sent: a change of nothing, and an empty title.
    ///
    #[doc = facts!(PLANNER_PLANS_UPDATE)]
    pub fn update(&self, plan: impl Tagged, change: PlannerPlanPatch) -> Request<PlannerPlan> {
        let read = self.get(&plan);
        update!(
            &self.client,
            PLANNER_PLANS_UPDATE,
            {
                something(change.is_empty())?;
                named("title", change.title.as_ref())?;
            },
            planner_plans_update(plan; &change),
            read
        )
    }

    /// Reads a plan and changes it as `change` says; if somebody changed it in between, once more from the beginning. If that
    /// happens again, or an answer was lost and the change may have been made already, the error
    /// [`is_changed_meanwhile`](Error::is_changed_meanwhile). Where nothing is left to change, it
    /// returns the plan as it was read.
    ///
    #[doc = facts!(PLANNER_PLANS_UPDATE)]
    pub async fn edit(
        &self,
        plan: impl Identify,
        change: impl FnMut(&PlannerPlan) -> PlannerPlanPatch,
    ) -> Result<PlannerPlan, Error> {
        let read = || self.get(&plan);
        states::edit(read, change, |plan, change| (!change.is_empty()).then(|| self.update(plan, change)))
            .await
    }

    /// Deletes a plan in the state that was read, with its buckets and tasks.
    ///
    #[doc = facts!(PLANNER_PLANS_DELETE)]
    pub fn delete(&self, plan: impl Tagged) -> Request<()> {
        let etag = plan.etag();
        send!(&self.client, PLANNER_PLANS_DELETE, planner_plans_delete(plan)).for_state(etag)
    }

    /// Lists the buckets of a plan.
    ///
    #[doc = facts!(PLANNER_PLANS_BUCKETS_LIST)]
    pub fn buckets(&self, plan: impl Identify) -> List<PlannerBucket> {
        list!(&self.client, PLANNER_PLANS_BUCKETS_LIST, planner_plans_buckets_list(plan))
    }

    /// Lists the tasks of a plan.
    ///
    #[doc = facts!(PLANNER_PLANS_TASKS_LIST)]
    pub fn tasks(&self, plan: impl Identify) -> List<PlannerTask> {
        list!(&self.client, PLANNER_PLANS_TASKS_LIST, planner_plans_tasks_list(plan))
    }

    /// Reads the details of a plan, which have an etag of their own.
    ///
    #[doc = facts!(PLANNER_PLANS_DETAILS_GET)]
    pub fn details(&self, plan: impl Identify) -> Get<PlannerPlanDetails> {
        get!(&self.client, PLANNER_PLANS_DETAILS_GET, planner_plans_details_get(plan))
    }

    /// Changes the details of a plan in the state that was read, and returns them as they are then. They are named by
    /// themselves, or by the plan's id and the etag of the details.
    /// [`PlannerPlanDetailsEntries`](crate::PlannerPlanDetailsEntries) has the single entries.
    ///
    #[doc = facts!(PLANNER_PLANS_DETAILS_UPDATE)]
    pub fn update_details(
        &self,
        details: impl Tagged,
        change: PlannerPlanDetailsPatch,
    ) -> Request<PlannerPlanDetails> {
        let read = self.details(&details);
        update!(
            &self.client,
            PLANNER_PLANS_DETAILS_UPDATE,
            {
                something(change.is_empty())?;
                change.shared_with.as_ref().into_set().map_or(Ok(()), |users| check_users(users, "entry of `sharedWith`"))?;
            },
            planner_plans_details_update(details; &change),
            read
        )
    }

    /// Reads the details of a plan and changes them as `change` says, as [`edit`](Self::edit) does with the plan.
    ///
    #[doc = facts!(PLANNER_PLANS_DETAILS_UPDATE)]
    pub async fn edit_details(
        &self,
        plan: impl Identify,
        change: impl FnMut(&PlannerPlanDetails) -> PlannerPlanDetailsPatch,
    ) -> Result<PlannerPlanDetails, Error> {
        let read = || self.details(&plan);
        let update = |details: &PlannerPlanDetails, change: PlannerPlanDetailsPatch| {
            (!change.is_empty()).then(|| self.update_details(details, change))
        };
        states::edit(read, change, update).await
    }
}

/// Refuses a change of nothing.
pub(super) fn something(is_empty: bool) -> Result<(), Error> {
    if is_empty { Err(Error::nothing_to_change()) } else { Ok(()) }
}

/// Refuses a name that is empty, where there is one.
pub(super) fn named(property: &str, name: Option<&String>) -> Result<(), Error> {
    match name {
        Some(name) if name.trim().is_empty() => {
            Err(Error::refused(format!("`{property}` is empty: give it a name that people can read")))
        }
        _ => Ok(()),
    }
}
