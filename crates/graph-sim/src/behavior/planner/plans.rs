//! Plans and their details.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{BUCKETS, PLAN_DETAILS, PLANS, TASK_DETAILS, TASKS};
use crate::address::Address;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::reply::Reply;

/// How many plans a group has at most.
const MOST_PLANS: usize = 200;
/// How many users a plan is shared with at most.
const MOST_USERS: usize = 100;

/// `GET /groups/{group-id}/planner/plans`
pub(in crate::behavior) fn list_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?.id.clone();
    PLANS.page(call, super::with(call, PLANS, "owner", &group))
}

/// `POST /planner/plans`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    super::require_text(&call.body, "title")?;
    let group = container(call)?;
    let there = super::with(call, PLANS, "owner", &group).len();
    super::check_room(there, MOST_PLANS, "MaximumProjectsOwnedByUser")?;
    let plan = json!({
        "title": call.body["title"],
        "owner": group,
        "container": {
            "containerId": group,
            "type": "group",
            "url": format!("{}/groups/{group}", call.version_root()),
        },
        "createdBy": super::identity(call),
        "createdDateTime": clock::utc(call.at),
    });
    let reply = PLANS.create(call, PLANS.context, object(plan))?;
    let made = call.store.records.all(PLANS.context).next_back().map(|plan| plan.id.clone());
    let details = object(json!({ "sharedWith": {}, "categoryDescriptions": {} }));
    call.store.records.put(PLAN_DETAILS.context, made.unwrap_or_default(), details);
    Ok(reply)
}

/// `GET /planner/plans/{plannerPlan-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    PLANS.get(call, PLANS.context, &id)
}

/// `PATCH /planner/plans/{plannerPlan-id}`
pub(in crate::behavior) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    super::check_text(&call.body, "title")?;
    PLANS.update(call, PLANS.context, &id)
}

/// `DELETE /planner/plans/{plannerPlan-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    let reply = PLANS.delete(call, PLANS.context, &id)?;
    let records = &mut call.store.records;
    records.remove(PLAN_DETAILS.context, &id);
    records.remove_where(BUCKETS.context, |bucket| bucket.properties["planId"] == id.as_str());
    for task in records.remove_where(TASKS.context, |task| task.properties["planId"] == id.as_str()) {
        records.remove(TASK_DETAILS.context, &task);
    }
    Ok(reply)
}

/// `GET /planner/plans/{plannerPlan-id}/buckets`
pub(in crate::behavior) fn list_buckets(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    BUCKETS.page(call, super::with(call, BUCKETS, "planId", &id))
}

/// `GET /planner/plans/{plannerPlan-id}/tasks`
pub(in crate::behavior) fn list_tasks(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASKS.page(call, super::with(call, TASKS, "planId", &id))
}

/// `GET /planner/plans/{plannerPlan-id}/details`
pub(in crate::behavior) fn get_details(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    PLAN_DETAILS.get(call, PLAN_DETAILS.context, &id)
}

/// `PATCH /planner/plans/{plannerPlan-id}/details`
pub(in crate::behavior) fn update_details(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    PLAN_DETAILS.check_state(call, PLAN_DETAILS.context, &id)?;
    let there = call.store.records.find(PLAN_DETAILS.context, &id).map(|details| details.properties.clone());
    let there = there.unwrap_or_default();
    if let Some(changed) = call.body["sharedWith"].as_object() {
        let users = super::entries::flags(&there["sharedWith"], changed);
        super::check_room(users.len(), MOST_USERS + 1, "MaximumUsersSharedWithProject")?;
        call.body["sharedWith"] = users.into();
    }
    if let Some(changed) = call.body["categoryDescriptions"].as_object() {
        let mut names = there["categoryDescriptions"].as_object().cloned().unwrap_or_default();
        names.extend(changed.clone());
        call.body["categoryDescriptions"] = names.into();
    }
    PLAN_DETAILS.update(call, PLAN_DETAILS.context, &id)
}

/// The buckets of a plan.
pub(in crate::behavior) fn buckets_of(call: &Call<'_>, plan: &Value) -> Value {
    super::with(call, BUCKETS, "planId", plan["id"].as_str().unwrap_or_default()).into()
}

/// The tasks of a plan.
pub(in crate::behavior) fn tasks_of(call: &Call<'_>, plan: &Value) -> Value {
    super::with(call, TASKS, "planId", plan["id"].as_str().unwrap_or_default()).into()
}

/// The details of a plan.
pub(in crate::behavior) fn details_of(call: &Call<'_>, plan: &Value) -> Value {
    let details = call.store.records.find(PLAN_DETAILS.context, plan["id"].as_str().unwrap_or_default());
    details.map_or(Value::Null, |details| PLAN_DETAILS.view(details))
}

/// The id of the plan that the path names.
fn id(call: &Call<'_>) -> Result<String, Refusal> {
    super::plan(call, call.parameters.get("plannerPlan-id")).map(|plan| plan.id.clone())
}

/// The id of the group that the body names as the container. Who calls has to be one of its members.
fn container(call: &Call<'_>) -> Result<String, Refusal> {
    let container = &call.body["container"];
    let id = match container["url"].as_str() {
        Some(url) => {
            Address::parse(call.root, url).filter(|it| it.collection == "groups").map(|group| group.key)
        }
        None if container["type"] == "group" => container["containerId"].as_str().map(str::to_owned),
        // As before there were containers, and many programs still.
        None if container.is_null() => call.body["owner"].as_str().map(str::to_owned),
        None => None,
    };
    let id = id.ok_or_else(|| super::bad("The container is invalid: only groups are containers here."))?;
    let group = call.store.group(&id).ok_or_else(|| super::no_such_item(&id))?;
    let is_member = call.caller.user.as_ref().is_none_or(|user| group.members.contains(user));
    if is_member {
        return Ok(group.id.clone());
    }
    let message = "You do not have the required permissions to access this item, or the item may not exist.";
    Err(Refusal::new(StatusCode::FORBIDDEN, "", message))
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}
