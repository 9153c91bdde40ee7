//! `POST /employeeExperience/communities`: accepted at once, done when the timeline says so.

use http::StatusCode;
use serde_json::Value;

use super::membership::referenced_user;
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::{Draft, Profile};

const OWNERS: &str = "owners@odata.bind";

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_properties(&call.body, &["displayName", "description", "privacy", OWNERS])?;
    check_name(&call.body)?;
    let profile = Profile {
        display_name: required(&call.body, "displayName")?.to_owned(),
        description: Some(required(&call.body, "description")?.to_owned()),
        privacy: required(&call.body, "privacy")?.to_owned(),
    };
    let draft = Draft { profile, owners: owners(call)? };
    let operation = call.store.start_operation(draft, call.at);
    let collection = format!("{}/employeeExperience/engagementAsyncOperations", call.base_path);
    let headers = call.settings.location.headers(call.root, &collection, &operation);
    let accepted = Reply::empty(StatusCode::ACCEPTED);
    Ok(headers.into_iter().fold(accepted, |reply, (name, address)| reply.header(name, &address)))
}

/// Refuses properties that this operation doesn't write; annotations such as `@odata.type` may stay.
///
/// The contract sees to types, lengths and read-only properties; what it can't tell is one operation's body from
/// another's.
pub(super) fn check_properties(body: &Value, writable: &[&str]) -> Result<(), Refusal> {
    let mut names = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    match names.find(|name| !writable.contains(name) && !name.starts_with("@odata.")) {
        None => Ok(()),
        Some(name) => Err(Refusal::bad_request(format!("The property '{name}' can't be written here."))),
    }
}

/// A name may be left out of a change, but not be empty.
pub(super) fn check_name(body: &Value) -> Result<(), Refusal> {
    let is_blank = body["displayName"].as_str().is_some_and(|name| name.trim().is_empty());
    if is_blank { Err(Refusal::bad_request("The property 'displayName' must not be empty.")) } else { Ok(()) }
}

fn required<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    body[name].as_str().ok_or_else(|| Refusal::bad_request(format!("The property '{name}' is required.")))
}

/// The owners' ids: those in the body, or whoever calls.
fn owners(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let addresses = call.body[OWNERS].as_array().map(Vec::as_slice).unwrap_or_default();
    if addresses.is_empty() {
        let nobody = "A community needs an owner: without a signed-in user, 'owners@odata.bind' is required.";
        return call.caller.user.clone().map(|user| vec![user]).ok_or_else(|| Refusal::bad_request(nobody));
    }
    let mut owners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let owner = owner(call, address.as_str().unwrap_or_default())?;
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    Ok(owners)
}

fn owner(call: &Call<'_>, address: &str) -> Result<String, Refusal> {
    referenced_user(call, address).map(|user| user.id.clone()).map_err(|_| {
        let root = call.version_root();
        Refusal::bad_request(format!(
            "'{address}' in '{OWNERS}' is not a user's address, '{root}/users/{{id}}'."
        ))
    })
}
