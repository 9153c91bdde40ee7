//! Buckets.

use serde_json::Value;

use super::{BUCKETS, TASK_DETAILS, TASKS};
use crate::behavior::resource::body;
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;

/// How many buckets a plan has at most.
const MOST_BUCKETS: usize = 200;

/// `POST /planner/buckets`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let plan = super::plan(call, call.body["planId"].as_str().unwrap_or_default())?.id.clone();
    let there = super::with(call, BUCKETS, "planId", &plan).len();
    super::check_room(there, MOST_BUCKETS, "MaximumBucketsInProject")?;
    super::require_text(&call.body, "name")?;
    check(call)?;
    let mut properties = body(call);
    properties.entry("orderHint").or_insert_with(|| super::between(b"", b"").into());
    BUCKETS.create(call, BUCKETS.context, properties)
}

/// `GET /planner/buckets/{plannerBucket-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    BUCKETS.get(call, BUCKETS.context, &id)
}

/// `PATCH /planner/buckets/{plannerBucket-id}`
pub(in crate::behavior) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    check(call)?;
    BUCKETS.update(call, BUCKETS.context, &id)
}

/// `DELETE /planner/buckets/{plannerBucket-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    let reply = BUCKETS.delete(call, BUCKETS.context, &id)?;
    let records = &mut call.store.records;
    for task in records.remove_where(TASKS.context, |task| task.properties["bucketId"] == id.as_str()) {
        records.remove(TASK_DETAILS.context, &task);
    }
    Ok(reply)
}

/// `GET /planner/buckets/{plannerBucket-id}/tasks`
pub(in crate::behavior) fn list_tasks(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASKS.page(call, super::with(call, TASKS, "bucketId", &id))
}

/// The tasks of a bucket.
pub(in crate::behavior) fn tasks_of(call: &Call<'_>, bucket: &Value) -> Value {
    super::with(call, TASKS, "bucketId", bucket["id"].as_str().unwrap_or_default()).into()
}

/// The id of the bucket that the path names.
fn id(call: &Call<'_>) -> Result<String, Refusal> {
    super::in_plan(call, BUCKETS, call.parameters.get("plannerBucket-id")).map(|bucket| bucket.id.clone())
}

/// Refuses a name that is empty, and puts the place where the hint is.
fn check(call: &mut Call<'_>) -> Result<(), Refusal> {
    super::check_text(&call.body, "name")?;
    if let Some(hint) = call.body["orderHint"].as_str() {
        call.body["orderHint"] = super::place(hint)?.into();
    }
    Ok(())
}
