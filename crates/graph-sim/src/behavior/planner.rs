//! Planner: plans of groups, their buckets and tasks. Everything is named by its id alone, changes only in the state that was
//! read, and goes with its plan, and a plan with its group.

pub(super) mod buckets;
mod entries;
mod order_hint;
pub(super) mod plans;
pub(super) mod tasks;

use http::StatusCode;
use serde_json::{Value, json};

use super::resource::{OPTIONS, Resource};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::Record;

use order_hint::{between, place};

const PLANS: Resource = resource("planner/plans", Kind::Plan);
const BUCKETS: Resource = resource("planner/buckets", Kind::Bucket);
const TASKS: Resource = resource("planner/tasks", Kind::Task);
/// The details of a plan or a task have its id, and an etag of their own.
const PLAN_DETAILS: Resource = resource("planner/planDetails", Kind::Plan);
const TASK_DETAILS: Resource = resource("planner/taskDetails", Kind::Task);

const fn resource(context: &'static str, kind: Kind) -> Resource {
    Resource { context, kind, page: 100, options: OPTIONS, etags: true, missing: no_such_item }
}

/// 404 as Planner writes it, with an empty code as often.
fn no_such_item(_: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "", "The requested item is not found.")
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "", message)
}

/// 403 with the code of one of Planner's limits, if there is no room for one more.
fn check_room(taken: usize, most: usize, code: &'static str) -> Result<(), Refusal> {
    if taken < most {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, code, format!("The limit of {most} is reached.")))
}

/// The plan, if it is still there, and so is its group.
fn plan<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c Record, Refusal> {
    let plan = call.store.records.find(PLANS.context, id);
    let group =
        |plan: &&Record| call.store.group(plan.properties["owner"].as_str().unwrap_or_default()).is_some();
    plan.filter(group).ok_or_else(|| no_such_item(id))
}

/// The object with this id, if it is still there, and so is its plan.
fn in_plan<'c>(call: &'c Call<'_>, of: Resource, id: &str) -> Result<&'c Record, Refusal> {
    let record = call.store.records.find(of.context, id).ok_or_else(|| no_such_item(id))?;
    plan(call, record.properties["planId"].as_str().unwrap_or_default())?;
    Ok(record)
}

/// The objects in which `property` has this value, as the wire shows them.
fn with(call: &Call<'_>, of: Resource, property: &str, value: &str) -> Vec<Value> {
    let all = call.store.records.all(of.context);
    all.filter(|record| record.properties[property] == value).map(|record| of.view(record)).collect()
}

/// Whoever calls, as an `identitySet`.
fn identity(call: &Call<'_>) -> Value {
    match call.caller.user.as_deref().and_then(|id| call.store.user(id)) {
        Some(user) => json!({ "user": { "id": user.id, "displayName": user.display_name } }),
        None => json!({ "application": { "id": call.caller.app } }),
    }
}

/// Refuses a text that people are to read and that has nothing to read.
fn check_text(body: &Value, property: &str) -> Result<(), Refusal> {
    match body[property].as_str() {
        Some(text) if text.trim().is_empty() => {
            Err(bad(format!("The field {property} is invalid: it is empty.")))
        }
        _ => Ok(()),
    }
}

/// The same, and that there is one.
fn require_text(body: &Value, property: &str) -> Result<(), Refusal> {
    if body.get(property).is_none() {
        return Err(bad(format!("The field {property} is missing.")));
    }
    check_text(body, property)
}
