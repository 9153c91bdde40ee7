//! Planner: plans of groups, their buckets and tasks. Everything is named by its id alone, changes only in the state that was
//! read, and goes with its plan, and a plan with its group.

pub(super) mod buckets;
mod entries;
pub(super) mod plans;
pub(super) mod tasks;

use http::StatusCode;
use serde_json::{Value, json};

use super::resource::{OPTIONS, Resource};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::Record;

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

/// What an order hint comes to: a text that sorts between the neighbours that the hint names. What is no hint is one already.
fn place(hint: &str) -> Result<String, Refusal> {
    let Some(neighbours) = hint.strip_suffix('!') else { return Ok(hint.to_owned()) };
    let wrong = || bad(format!("The order hint '{hint}' is invalid: it should look like 'previous next!'."));
    let (previous, next) = neighbours.split_once(' ').ok_or_else(wrong)?;
    if next.contains(' ') || (!next.is_empty() && previous >= next) {
        return Err(wrong());
    }
    Ok(between(previous.as_bytes(), next.as_bytes()))
}

/// A text after `previous` and before `next`; empty stands for the beginning and the end.
fn between(previous: &[u8], next: &[u8]) -> String {
    const LOWEST: u8 = b'!';
    const HIGHEST: u8 = b'~';
    let mut text = String::new();
    let mut next = Some(next).filter(|next| !next.is_empty());
    for index in 0.. {
        let low = previous.get(index).copied().unwrap_or(LOWEST);
        let high = next.map_or(HIGHEST, |next| next.get(index).copied().unwrap_or(HIGHEST));
        if high > low + 1 {
            text.push(char::from(low + (high - low) / 2));
            break;
        }
        text.push(char::from(low));
        if high > low {
            // Already before `next`, whatever follows.
            next = None;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn hints_come_to_places_in_their_order() {
        let first = place(" !").unwrap();
        let last = place(&format!("{first} !")).unwrap();
        let top = place(&format!(" {first}!")).unwrap();
        let mut places = vec![top.clone(), first.clone(), last];
        for _ in 0..30 {
            let middle = place(&format!("{} {}!", places[0], places[1])).unwrap();
            places.insert(1, middle);
        }
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(place(&first).unwrap(), first, "a place is left as it is");
        for wrong in ["!", "a b c!", &format!("{first} {top}!")] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
