//! Tasks and their details.

use serde_json::{Map, Value, json};

use super::entries::{self, Entries};
use super::{BUCKETS, TASK_DETAILS, TASKS};
use crate::behavior::resource;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::moment;
use crate::properties::Properties;
use crate::reply::Reply;

/// How many tasks a plan has at most.
const MOST_TASKS: usize = 9_000;
/// What Planner tells of a task though nothing calls it read-only.
const TOLD: [&str; 5] =
    ["activeChecklistItemCount", "checklistItemCount", "completedBy", "createdBy", "referenceCount"];

/// `POST /planner/tasks`
pub(in crate::behavior) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let plan = super::plan(call, call.body["planId"].as_str().unwrap_or_default())?.id.clone();
    super::require_text(&call.body, "title")?;
    let there = super::with(call, TASKS, "planId", &plan).len();
    super::check_room(there, MOST_TASKS, "MaximumTasksInProject")?;
    let mut task: Properties = defaults(call).collect();
    let said = change(call, &task, &plan)?;
    task.extend(said);
    let reply = TASKS.create(call, TASKS.context, task)?;
    let made = call.store.records.all(TASKS.context).next_back().map(|task| task.id.clone());
    let details = [
        ("description", json!("")),
        ("previewType", json!("automatic")),
        ("checklist", json!({})),
        ("references", json!({})),
    ];
    let details: Properties = details.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    call.store.records.put(TASK_DETAILS.context, made.unwrap_or_default(), details);
    Ok(reply)
}

/// `GET /planner/tasks/{plannerTask-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASKS.get(call, TASKS.context, &id)
}

/// The details of a task.
pub(in crate::behavior) fn details_of(call: &Call<'_>, task: &Value) -> Value {
    let details = call.store.records.find(TASK_DETAILS.context, task["id"].as_str().unwrap_or_default());
    details.map_or(Value::Null, |details| TASK_DETAILS.view(details))
}

/// `PATCH /planner/tasks/{plannerTask-id}`
pub(in crate::behavior) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASKS.check_state(call, TASKS.context, &id)?;
    let there = properties(call, TASKS.context, &id);
    let plan = there["planId"].as_str().unwrap_or_default().to_owned();
    call.body = change(call, &there, &plan)?.into();
    TASKS.update(call, TASKS.context, &id)
}

/// `DELETE /planner/tasks/{plannerTask-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    let reply = TASKS.delete(call, TASKS.context, &id)?;
    call.store.records.remove(TASK_DETAILS.context, &id);
    Ok(reply)
}

/// `GET /planner/tasks/{plannerTask-id}/details`
pub(in crate::behavior) fn get_details(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASK_DETAILS.get(call, TASK_DETAILS.context, &id)
}

/// `PATCH /planner/tasks/{plannerTask-id}/details`
pub(in crate::behavior) fn update_details(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = id(call)?;
    TASK_DETAILS.check_state(call, TASK_DETAILS.context, &id)?;
    let there = properties(call, TASK_DETAILS.context, &id);
    for (name, kind) in [("checklist", Entries::Checklist), ("references", Entries::References)] {
        if let Some(entries) = call.body.get(name) {
            call.body[name] = kind.changed(call, &there[name], entries)?;
        }
    }
    let reply = TASK_DETAILS.update(call, TASK_DETAILS.context, &id)?;
    count(call, &id);
    Ok(reply)
}

/// Tells the task what its details have come to. It is another state of the task only if that shows.
fn count(call: &mut Call<'_>, id: &str) {
    let details = properties(call, TASK_DETAILS.context, id);
    let items: Vec<_> = details["checklist"].as_object().into_iter().flat_map(Map::values).collect();
    let figures = [
        ("checklistItemCount", json!(items.len())),
        ("activeChecklistItemCount", json!(items.iter().filter(|item| item["isChecked"] != true).count())),
        ("referenceCount", json!(details["references"].as_object().map_or(0, Map::len))),
        ("hasDescription", json!(details["description"].as_str().is_some_and(|text| !text.is_empty()))),
        ("previewType", details["previewType"].clone()),
    ];
    if let Some(task) = call.store.records.find_mut(TASKS.context, id)
        && figures.iter().any(|(name, figure)| task.properties[*name] != *figure)
    {
        task.merge(figures.map(|(name, figure)| (name.to_owned(), figure)).into_iter().collect());
    }
}

/// The id of the task that the path names.
fn id(call: &Call<'_>) -> Result<String, Refusal> {
    super::in_plan(call, TASKS, call.parameters.get("plannerTask-id")).map(|task| task.id.clone())
}

fn properties(call: &Call<'_>, collection: &str, id: &str) -> Properties {
    call.store.records.find(collection, id).map(|record| record.properties.clone()).unwrap_or_default()
}

/// A task of which nothing was said yet.
fn defaults(call: &Call<'_>) -> impl Iterator<Item = (String, Value)> + use<> {
    [
        ("planId", Value::Null),
        ("bucketId", Value::Null),
        ("orderHint", super::between(b"", b"").into()),
        ("assigneePriority", json!("")),
        ("percentComplete", json!(0)),
        ("priority", json!(5)),
        ("startDateTime", Value::Null),
        ("dueDateTime", Value::Null),
        ("completedBy", Value::Null),
        ("completedDateTime", Value::Null),
        ("createdBy", super::identity(call)),
        ("createdDateTime", clock::utc(call.at).into()),
        ("hasDescription", json!(false)),
        ("previewType", json!("automatic")),
        ("referenceCount", json!(0)),
        ("checklistItemCount", json!(0)),
        ("activeChecklistItemCount", json!(0)),
        ("conversationThreadId", Value::Null),
        ("appliedCategories", json!({})),
        ("assignments", json!({})),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
}

/// What the body makes of a task in `plan` that has these properties.
fn change(call: &Call<'_>, there: &Properties, plan: &str) -> Result<Map<String, Value>, Refusal> {
    let body = &call.body;
    super::check_text(body, "title")?;
    let mut change = resource::body(call);
    if let Some(told) = TOLD.iter().find(|name| change.contains_key(**name)) {
        let message = format!(
            "What a request with the property '{told}' does to a task is not known to the simulator."
        );
        return Err(Refusal::not_simulated(message));
    }
    for (property, most) in [("percentComplete", 100), ("priority", 10)] {
        if body[property].as_i64().is_some_and(|number| !(0..=most).contains(&number)) {
            return Err(super::bad(format!("The field {property} must be between 0 and {most}.")));
        }
    }
    check_dates(body, there)?;
    if let Some(bucket) = body["bucketId"].as_str() {
        let bucket = call.store.records.find(BUCKETS.context, bucket);
        if bucket.is_none_or(|bucket| bucket.properties["planId"] != plan) {
            return Err(super::bad("The bucket is not one of the plan."));
        }
    }
    for property in ["orderHint", "assigneePriority"] {
        if let Some(hint) = body[property].as_str() {
            change.insert(property.to_owned(), super::place(hint)?.into());
        }
    }
    if let Some(assignments) = body.get("assignments") {
        let assignments = Entries::Assignments.changed(call, &there["assignments"], assignments)?;
        change.insert("assignments".to_owned(), assignments);
    }
    if let Some(labels) = body.get("appliedCategories") {
        let none = Map::new();
        let labels = match labels.as_object() {
            Some(labels) => entries::labels(&there["appliedCategories"], labels)?,
            None => none,
        };
        change.insert("appliedCategories".to_owned(), labels.into());
    }
    if let Some(done) = body["percentComplete"].as_i64() {
        let (by, at) = match done {
            100 => (super::identity(call), clock::utc(call.at).into()),
            _ => (Value::Null, Value::Null),
        };
        change.extend([("completedBy".to_owned(), by), ("completedDateTime".to_owned(), at)]);
    }
    Ok(change)
}

/// Refuses a task that would start after it is due.
fn check_dates(body: &Value, there: &Properties) -> Result<(), Refusal> {
    let said = |name: &str| body.get(name).unwrap_or(&there[name]).as_str().and_then(moment::utc);
    match (said("startDateTime"), said("dueDateTime")) {
        (Some(start), Some(due)) if start > due => {
            Err(super::bad("The request is invalid: the start date of the task is later than its due date."))
        }
        _ => Ok(()),
    }
}
