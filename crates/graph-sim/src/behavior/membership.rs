//! Members and owners of groups.

use std::collections::{HashMap, HashSet};

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{directory, groups, users};
use crate::address::Address;
use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::{Group, User};

/// The most owners a group may have.
const MOST_OWNERS: usize = 100;

/// What a token needs to be shown the members of a group that hides them.
const HIDDEN: &str = "Member.Read.Hidden";

/// One of the two lists of people that a group keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Members,
    Owners,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Owners => "owners",
        }
    }

    fn of(self, group: &Group) -> &[String] {
        match self {
            Self::Members => &group.members,
            Self::Owners => &group.owners,
        }
    }

    fn of_mut(self, group: &mut Group) -> &mut Vec<String> {
        match self {
            Self::Members => &mut group.members,
            Self::Owners => &mut group.owners,
        }
    }
}

/// `GET /groups/{group-id}/members`
pub(super) fn list_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = direct(call, Role::Members)?;
    page(call, "directoryObjects", &people)
}

/// `GET /groups/{group-id}/owners`
pub(super) fn list_owners(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = direct(call, Role::Owners)?;
    page(call, "directoryObjects", &people)
}

/// `GET /groups/{group-id}/transitiveMembers`
pub(super) fn list_transitive_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = transitive(call)?;
    page(call, "directoryObjects", &people)
}

/// `GET /groups/{group-id}/members/graph.user`
pub(super) fn list_member_users(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = direct(call, Role::Members)?;
    page_of_users(call, people)
}

/// `GET /groups/{group-id}/owners/graph.user`
pub(super) fn list_owner_users(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = direct(call, Role::Owners)?;
    page_of_users(call, people)
}

/// `GET /groups/{group-id}/transitiveMembers/graph.user`
pub(super) fn list_transitive_member_users(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let people = transitive(call)?;
    page_of_users(call, people)
}

/// `GET /groups/{group-id}/members/$ref`
pub(super) fn list_member_refs(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    list_refs(call, Role::Members)
}

/// `GET /groups/{group-id}/owners/$ref`
pub(super) fn list_owner_refs(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    list_refs(call, Role::Owners)
}

/// `GET /groups/{group-id}/members/$count`
pub(super) fn count_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, views(call, &direct(call, Role::Members)?))
}

/// `GET /groups/{group-id}/transitiveMembers/$count`
pub(super) fn count_transitive_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, views(call, &transitive(call)?))
}

/// `POST /groups/{group-id}/members/$ref`
pub(super) fn add_member(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    add(call, Role::Members)
}

/// `POST /groups/{group-id}/owners/$ref`
pub(super) fn add_owner(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    add(call, Role::Owners)
}

/// `DELETE /groups/{group-id}/members/{directoryObject-id}/$ref`
pub(super) fn remove_member(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    remove(call, Role::Members)
}

/// `DELETE /groups/{group-id}/owners/{directoryObject-id}/$ref`
pub(super) fn remove_owner(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    remove(call, Role::Owners)
}

fn page(call: &Call<'_>, context: &str, ids: &[String]) -> Result<Reply, Refusal> {
    directory::page(call, context, 100, views(call, ids))
}

fn page_of_users(call: &Call<'_>, mut ids: Vec<String>) -> Result<Reply, Refusal> {
    ids.retain(|id| call.store.user(id).is_some());
    page(call, "users", &ids)
}

/// The addresses of whoever has the role.
fn list_refs(call: &Call<'_>, role: Role) -> Result<Reply, Refusal> {
    call.query.allow(&["$top", "$skiptoken"])?;
    let root = call.version_root();
    let address = |id: String| json!({ "@odata.id": format!("{root}/directoryObjects/{id}") });
    let refs = direct(call, role)?.into_iter().map(address).collect();
    let page_size = call.settings.page_size.unwrap_or(100);
    Ok(Reply::ok(call.page(Collection::new("Collection($ref)", page_size), refs)?))
}

/// Whoever has the role in the group.
fn direct(call: &Call<'_>, role: Role) -> Result<Vec<String>, Refusal> {
    Ok(shown(call, groups::find(call)?, role).to_vec())
}

/// Whoever has the role in the group, as far as the caller is shown them: others get an empty list, and no error.
fn shown<'g>(call: &Call<'_>, group: &'g Group, role: Role) -> &'g [String] {
    if role == Role::Members && !shows_members(call, group) { &[] } else { role.of(group) }
}

/// Whether the caller is shown who the members of the group are.
pub(super) fn shows_members(call: &Call<'_>, group: &Group) -> bool {
    !group.hides_members() || call.permissions.contains(HIDDEN)
}

/// The members of the group and of the groups in it, each once.
fn transitive(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let mut inside = direct(call, Role::Members)?;
    let mut seen: HashSet<String> = inside.iter().cloned().collect();
    let mut next = 0;
    while let Some(id) = inside.get(next) {
        let members = call.store.group(id).map(|group| shown(call, group, Role::Members)).unwrap_or_default();
        inside.extend(members.iter().filter(|id| seen.insert((*id).clone())).cloned());
        next += 1;
    }
    Ok(inside)
}

/// The members of a group, be it deleted.
pub(super) fn members_of(call: &Call<'_>, group: &Value) -> Result<Vec<Value>, Refusal> {
    people_of(call, group, Role::Members)
}

/// The owners of a group, be it deleted.
pub(super) fn owners_of(call: &Call<'_>, group: &Value) -> Result<Vec<Value>, Refusal> {
    people_of(call, group, Role::Owners)
}

fn people_of(call: &Call<'_>, group: &Value, role: Role) -> Result<Vec<Value>, Refusal> {
    let id = group["id"].as_str().unwrap_or_default();
    let deleted = || call.store.deleted_group(id).map(|deleted| &deleted.group);
    let group = call.store.group(id).or_else(deleted).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(views(call, shown(call, group, role)))
}

/// Directory objects as the wire shows them among others.
fn views(call: &Call<'_>, ids: &[String]) -> Vec<Value> {
    let view = |id: &String| {
        let (mut view, kind) = match (call.store.user(id), call.store.group(id)) {
            (Some(user), _) => (users::view(user), "user"),
            (None, Some(group)) => (groups::plain(group), "group"),
            (None, None) => return None,
        };
        view["@odata.type"] = json!(format!("#microsoft.graph.{kind}"));
        Some(view)
    };
    ids.iter().filter_map(view).collect()
}

fn add(call: &mut Call<'_>, role: Role) -> Result<Reply, Refusal> {
    let group = changeable_group(call, role)?;
    let address = call.body["@odata.id"].as_str();
    let address = address.ok_or_else(|| Refusal::directory("The property '@odata.id' is required."))?;
    let id = referenced_object(call, address)?;
    link(call, &group, role, vec![id])?;
    Ok(Reply::no_content())
}

/// Gives the role to all of `ids` or, if one of them can't have it, to none.
pub(super) fn link(call: &mut Call<'_>, group_id: &str, role: Role, ids: Vec<String>) -> Result<(), Refusal> {
    let is_group = |id: &String| call.store.group(id).is_some();
    let group = call.store.group(group_id).ok_or_else(|| Refusal::no_such_object(group_id))?;
    if ids.iter().any(is_group) && (role == Role::Owners || group.is_unified()) {
        let message = "Only users may be members or owners of a Microsoft 365 group, or owners of any.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message));
    }
    let group = call.store.group_mut(group_id).ok_or_else(|| Refusal::no_such_object(group_id))?;
    let people = role.of_mut(group);
    let known: HashSet<&String> = people.iter().collect();
    if ids.iter().any(|id| known.contains(id)) {
        return Err(Refusal::directory(format!(
            "One or more added object references already exist for the following modified properties: '{}'.",
            role.name()
        )));
    }
    if role == Role::Owners && people.len() + ids.len() > MOST_OWNERS {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Directory_QuotaExceeded",
            format!(
                "One more would exceed the maximum quota count '{MOST_OWNERS}' for forward-link 'owners'."
            ),
        ));
    }
    people.extend(ids);
    Ok(())
}

fn remove(call: &mut Call<'_>, role: Role) -> Result<Reply, Refusal> {
    let group_id = changeable_group(call, role)?;
    let id = call.parameters.get("directoryObject-id").to_owned();
    let known = call.store.user(&id).map_or_else(|| id.clone(), |user| user.id.clone());
    let group = call.store.group_mut(&group_id).ok_or_else(|| Refusal::no_such_object(&group_id))?;
    let people = role.of_mut(group);
    let place = people.iter().position(|person| *person == known);
    let place = place.ok_or_else(|| Refusal::no_such_object(&id))?;
    if role == Role::Owners && people.len() == 1 {
        return Err(Refusal::directory(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    people.remove(place);
    Ok(Reply::no_content())
}

/// The id of the group that the path names, if those who have the role can be changed. The owners of a group whose
/// members follow from a rule are chosen by hand.
pub(super) fn changeable_group(call: &Call<'_>, role: Role) -> Result<String, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    if group.visible_from > call.at {
        return Err(Refusal::directory(
            "The source resource object or one of the objects being referenced don't exist.",
        ));
    }
    if group.is_dynamic() && role == Role::Members {
        let message = "The members of this group follow from a rule.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message));
    }
    Ok(group.id.clone())
}

/// The ids that the body binds under each of `names`, together at most `most`, each once.
pub(super) fn bound<'n>(
    call: &Call<'_>,
    body: &Map<String, Value>,
    names: &[&'n str],
    most: usize,
) -> Result<HashMap<&'n str, Vec<String>>, Refusal> {
    let addresses =
        |name: &str| body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all: usize = names.iter().map(|name| addresses(name).len()).sum();
    if all > most {
        return Err(Refusal::directory(format!(
            "The request names {all} related objects, and {most} are the most that it may."
        )));
    }
    let mut bound = HashMap::new();
    for name in names {
        let ids: &mut Vec<String> = bound.entry(*name).or_default();
        for address in addresses(name) {
            let id = referenced_object(call, address.as_str().unwrap_or_default())?;
            if ids.contains(&id) {
                let message = "One or more added object references are named more than once.";
                return Err(Refusal::directory(message));
            }
            ids.push(id);
        }
    }
    Ok(bound)
}

/// The id of the user or group that has an address.
fn referenced_object(call: &Call<'_>, address: &str) -> Result<String, Refusal> {
    let Address { collection, key } = Address::parse(call.root, address).ok_or_else(|| {
        Refusal::directory(format!(
            "'{address}' is not the address of a directory object; it should look like '{}/directoryObjects/{{id}}'.",
            call.version_root()
        ))
    })?;
    let user = || call.store.user(&key).map(|user| user.id.clone());
    let group = || call.store.group(&key).map(|group| group.id.clone());
    let found = match collection {
        "directoryObjects" => user().or_else(group),
        "users" => user(),
        "groups" => group(),
        _ => None,
    };
    found.ok_or_else(|| Refusal::no_such_object(&key))
}

/// The user that the address of a user, or of a directory object, names.
pub(super) fn referenced_user<'a>(call: &'a Call<'_>, address: &str) -> Result<&'a User, Refusal> {
    let known = Address::parse(call.root, address);
    let known = known.filter(|known| matches!(known.collection, "users" | "directoryObjects"));
    let Address { key, .. } =
        known.ok_or_else(|| Refusal::bad_request(format!("'{address}' is not the address of a user.")))?;
    call.store.user(&key).ok_or_else(|| Refusal::not_found("user", &key))
}
