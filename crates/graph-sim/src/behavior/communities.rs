//! Viva Engage communities that exist.

use serde_json::{Value, json};

use super::{community_creation, directory, groups, resource, users};
use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::order;
use crate::reply::Reply;
use crate::store::{Community, Group};

/// `GET /employeeExperience/communities`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let communities = call.store.communities().map(|(it, group)| view(it, group)).collect();
    if let Some(order) = call.query.get("$orderby") {
        order::sort_by_display_name(&mut [], order).map_err(Refusal::unsupported_query)?;
    }
    let communities = resource::asked(call, resource::OPTIONS, communities)?;
    let page_size = call.settings.page_size.unwrap_or(20);
    Ok(Reply::ok(call.page(Collection::new("employeeExperience/communities", page_size), communities)?))
}

/// `GET /employeeExperience/communities/{community-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let (community, group) = find(call)?;
    Ok(Reply::ok(call.entity("employeeExperience/communities", view(community, group))?))
}

/// `PATCH /employeeExperience/communities/{community-id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    find(call)?;
    community_creation::check_properties(&call.body, &["displayName", "description", "privacy"])?;
    community_creation::check_name(&call.body)?;
    let id = call.parameters.get("community-id");
    let group = call.store.community_group_mut(id).ok_or_else(|| Refusal::not_found("community", id))?;
    let text = |name: &str| call.body[name].as_str().map(str::to_owned);
    if let Some(name) = text("displayName") {
        group.profile.display_name = name;
    }
    if let Some(description) = text("description") {
        group.profile.description = Some(description);
    }
    if let Some(privacy) = text("privacy") {
        group.profile.privacy = privacy;
    }
    Ok(Reply::no_content())
}

/// `DELETE /employeeExperience/communities/{community-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("community-id");
    if call.store.remove_community(id, call.at) {
        Ok(Reply::no_content())
    } else {
        Err(Refusal::not_found("community", id))
    }
}

/// `GET /employeeExperience/communities/{community-id}/owners`
pub(super) fn list_owners(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::page(call, "users", 20, owners(call)?)
}

/// `GET /employeeExperience/communities/{community-id}/owners/$count`
pub(super) fn count_owners(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, owners(call)?)
}

/// `GET /employeeExperience/communities/{community-id}/owners/{user-id}`
pub(super) fn get_owner(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let key = call.parameters.get("user-id");
    let (_, group) = find(call)?;
    let owner = call.store.user(key).filter(|user| group.owners.contains(&user.id));
    let owner = owner.ok_or_else(|| Refusal::not_found("owner", key))?;
    Ok(Reply::ok(call.entity("users", users::view(owner))?))
}

fn owners(call: &Call<'_>) -> Result<Vec<Value>, Refusal> {
    let (_, group) = find(call)?;
    Ok(people(call, group))
}

fn people(call: &Call<'_>, group: &Group) -> Vec<Value> {
    group.owners.iter().filter_map(|id| call.store.user(id)).map(users::view).collect()
}

/// The group of a community.
pub(super) fn group_of(call: &Call<'_>, community: &Value) -> Result<Value, Refusal> {
    Ok(groups::plain(behind(call, community)?))
}

/// The owners of a community.
pub(super) fn owners_of(call: &Call<'_>, community: &Value) -> Result<Value, Refusal> {
    Ok(people(call, behind(call, community)?).into())
}

fn behind<'c>(call: &'c Call<'_>, community: &Value) -> Result<&'c Group, Refusal> {
    let id = community["id"].as_str().unwrap_or_default();
    Ok(call.store.community(id).ok_or_else(|| Refusal::not_found("community", id))?.1)
}

/// `GET /employeeExperience/communities/{community-id}/group`
pub(super) fn get_group(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let (_, group) = find(call)?;
    Ok(Reply::ok(call.entity("groups", groups::plain(group))?))
}

fn find<'a>(call: &'a Call<'_>) -> Result<(&'a Community, &'a Group), Refusal> {
    let id = call.parameters.get("community-id");
    call.store.community(id).ok_or_else(|| Refusal::not_found("community", id))
}

fn view(community: &Community, group: &Group) -> Value {
    json!({
        "id": community.id,
        "displayName": group.profile.display_name,
        "description": group.profile.description,
        "privacy": group.profile.privacy,
        "groupId": group.id,
    })
}
