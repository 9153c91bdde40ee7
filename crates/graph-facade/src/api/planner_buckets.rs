//! Planner's buckets.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{NewPlannerBucket, PlannerBucket, PlannerBucketPatch, PlannerTask};
use graph_models::{Id, Identify, Tagged, facts};

use super::calls::{get, list, send};
use super::order_hint::{check_changed_hint, check_hint};
use super::planner_plans::{named, something};
use super::states::{self, update};
use crate::client::Client;

/// The columns of Planner's plans. They change as [plans](crate::PlannerPlans) do: only in the state that was read.
#[derive(Clone, Debug)]
pub struct PlannerBuckets {
    client: Client,
}

impl Client {
    /// Buckets of Planner's plans.
    pub fn planner_buckets(&self) -> PlannerBuckets {
        PlannerBuckets { client: self.clone() }
    }
}

impl PlannerBuckets {
    /// Makes a bucket in a plan. One without a name is refused before anything is sent.
    ///
    #[doc = facts!(PLANNER_BUCKETS_CREATE)]
    pub fn create(&self, bucket: NewPlannerBucket) -> Request<PlannerBucket> {
        send!(
            &self.client,
            PLANNER_BUCKETS_CREATE,
            {
                named("name", Some(&bucket.name))?;
                check_hint("orderHint", bucket.order_hint.as_ref())?;
                Id::new(&bucket.plan_id)?;
            },
            planner_buckets_create(; &bucket)
        )
    }

    /// Reads a bucket.
    ///
    #[doc = facts!(PLANNER_BUCKETS_GET)]
    pub fn get(&self, bucket: impl Identify) -> Get<PlannerBucket> {
        get!(&self.client, PLANNER_BUCKETS_GET, planner_buckets_get(bucket))
    }

    /// Changes a bucket in the state that was read, and returns it as it is then, with its new etag. Refused before anything
    /// is sent: a change of nothing, and an empty name.
    ///
    #[doc = facts!(PLANNER_BUCKETS_UPDATE)]
    pub fn update(&self, bucket: impl Tagged, change: PlannerBucketPatch) -> Request<PlannerBucket> {
        let read = self.get(&bucket);
        update!(
            &self.client,
            PLANNER_BUCKETS_UPDATE,
            {
                something(change.is_empty())?;
                named("name", change.name.as_ref())?;
                check_changed_hint("orderHint", &change.order_hint)?;
            },
            planner_buckets_update(bucket; &change),
            read
        )
    }

    /// Reads a bucket and changes it as `change` says; if somebody changed it in between, once more from the beginning. If
    /// that happens again, or an answer was lost and the change may have been made already, the error
    /// [`is_changed_meanwhile`](Error::is_changed_meanwhile).
    ///
    #[doc = facts!(PLANNER_BUCKETS_UPDATE)]
    pub async fn edit(
        &self,
        bucket: impl Identify,
        change: impl FnMut(&PlannerBucket) -> PlannerBucketPatch,
    ) -> Result<PlannerBucket, Error> {
        let read = || self.get(&bucket);
        let update = |bucket: &PlannerBucket, change: PlannerBucketPatch| {
            (!change.is_empty()).then(|| self.update(bucket, change))
        };
        states::edit(read, change, update).await
    }

    /// Deletes a bucket in the state that was read, with its tasks.
    ///
    #[doc = facts!(PLANNER_BUCKETS_DELETE)]
    pub fn delete(&self, bucket: impl Tagged) -> Request<()> {
        let etag = bucket.etag();
        send!(&self.client, PLANNER_BUCKETS_DELETE, planner_buckets_delete(bucket)).for_state(etag)
    }

    /// Lists the tasks in a bucket.
    ///
    #[doc = facts!(PLANNER_BUCKETS_TASKS_LIST)]
    pub fn tasks(&self, bucket: impl Identify) -> List<PlannerTask> {
        list!(&self.client, PLANNER_BUCKETS_TASKS_LIST, planner_buckets_tasks_list(bucket))
    }
}
