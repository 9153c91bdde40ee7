//! The tenant's policy for the expiry of groups.

use serde_json::{Value, json};

use super::resource::{OPTIONS, Resource, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::reply::Reply;

const POLICIES: Resource = Resource {
    context: "groupLifecyclePolicies",
    kind: Kind::Policy,
    page: 100,
    options: OPTIONS,
    etags: false,
    missing: Refusal::no_such_object,
};

const PLACE: &str = "groupLifecyclePolicies";
/// How many groups a policy for selected ones takes.
const MOST_GROUPS: usize = 500;
const SHORTEST_LIFE: i64 = 30;

/// `GET /groupLifecyclePolicies`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    POLICIES.list(call, PLACE)
}

/// `POST /groupLifecyclePolicies`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    if call.store.records.all(PLACE).next().is_some() {
        return Err(Refusal::directory("There is a lifecycle policy already; a tenant has one at most."));
    }
    check(&call.body)?;
    if call.body["managedGroupTypes"].is_null() {
        let message = "The simulator does not know what a policy without 'managedGroupTypes' is for.";
        return Err(Refusal::not_simulated(message));
    }
    let properties = body(call);
    POLICIES.create(call, PLACE, properties)
}

/// `GET /groupLifecyclePolicies/{groupLifecyclePolicy-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    POLICIES.get(call, PLACE, policy(call))
}

/// `PATCH /groupLifecyclePolicies/{groupLifecyclePolicy-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check(&call.body)?;
    let id = policy(call).to_owned();
    POLICIES.update(call, PLACE, &id)
}

/// `DELETE /groupLifecyclePolicies/{groupLifecyclePolicy-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = policy(call).to_owned();
    POLICIES.delete(call, PLACE, &id)
}

/// `POST /groupLifecyclePolicies/{groupLifecyclePolicy-id}/addGroup`
pub(super) fn add_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (policy, group) = (selective(call)?, group(call)?);
    let groups = format!("{PLACE}/{policy}/groups");
    let known = call.store.records.find(&groups, &group).is_some();
    if !known && call.store.records.all(&groups).count() >= MOST_GROUPS {
        return Err(Refusal::directory(format!("A policy takes {MOST_GROUPS} groups at most.")));
    }
    call.store.records.put(&groups, group, serde_json::Map::new());
    Ok(Reply::ok(done(call, true)))
}

/// `POST /groupLifecyclePolicies/{groupLifecyclePolicy-id}/removeGroup`
pub(super) fn remove_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (policy, group) = (selective(call)?, group(call)?);
    let gone = call.store.records.remove(&format!("{PLACE}/{policy}/groups"), &group);
    Ok(Reply::ok(done(call, gone.is_some())))
}

/// `GET /groups/{group-id}/groupLifecyclePolicies`
pub(super) fn list_of_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?.id.clone();
    let records = &call.store.records;
    let applying =
        records.all(PLACE).filter(|policy| match policy.properties["managedGroupTypes"].as_str() {
            Some("All") => true,
            Some("Selected") => records.find(&format!("{PLACE}/{}/groups", policy.id), &group).is_some(),
            _ => false,
        });
    let objects = applying.map(|policy| POLICIES.view(policy)).collect();
    POLICIES.page(call, objects)
}

fn policy<'c>(call: &'c Call<'_>) -> &'c str {
    call.parameters.get("groupLifecyclePolicy-id")
}

/// The id of the policy, which must be one for selected groups.
fn selective(call: &Call<'_>) -> Result<String, Refusal> {
    let id = policy(call);
    let record = call.store.records.find(PLACE, id).ok_or_else(|| Refusal::no_such_object(id))?;
    if record.properties["managedGroupTypes"] != "Selected" {
        return Err(Refusal::directory("Only a policy for selected groups takes groups."));
    }
    Ok(record.id.clone())
}

/// The id of the group that the body names.
fn group(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.body["groupId"].as_str().unwrap_or_default();
    Ok(call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?.id.clone())
}

fn done(call: &Call<'_>, value: bool) -> Value {
    json!({ "@odata.context": format!("{}/$metadata#Edm.Boolean", call.version_root()), "value": value })
}

fn check(body: &Value) -> Result<(), Refusal> {
    if body["groupLifetimeInDays"].as_i64().is_some_and(|days| days < SHORTEST_LIFE) {
        return Err(Refusal::directory(format!(
            "Invalid value specified for property 'groupLifetimeInDays': at least {SHORTEST_LIFE}."
        )));
    }
    match body["managedGroupTypes"].as_str() {
        Some("All" | "Selected" | "None") | None => Ok(()),
        Some(other) => Err(Refusal::directory(format!(
            "Invalid value specified for property 'managedGroupTypes': '{other}'."
        ))),
    }
}
