//! Puts users, groups and communities into the store.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::document::{Community, Document, Group, GroupKind, User};
use super::error::ScenarioError;
use super::place::At;
use crate::behavior::{UNLICENSED, copies};
use crate::builder::SimBuilder;
use crate::store::{Draft, NewGroup, Profile, Store};

/// Fills the store of `builder`, whose clock is set.
pub(super) fn fill(document: &Document, builder: &mut SimBuilder) -> Result<(), ScenarioError> {
    let (store, at) = (&mut builder.store, builder.ahead);
    for user in &document.users {
        add_user(store, user)?;
    }
    for group in &document.groups {
        add_group(store, group, at)?;
    }
    for community in &document.communities {
        add_community(store, community, at)?;
    }
    Ok(())
}

fn add_user(store: &mut Store, user: &User) -> Result<(), ScenarioError> {
    let name = filled(&user.name)?;
    if store.user_named(name).is_some() {
        return Err(ScenarioError::new(user.name.place(), format!("there is a user '{name}' already")));
    }
    let id = store.add_user(name);
    if let Some(principal) = &user.principal_name {
        let text = filled(principal)?;
        if store.user(text).is_some_and(|other| other.id != id) {
            let text = format!("another user has the principal name '{text}'");
            return Err(ScenarioError::new(principal.place(), text));
        }
        store.set_principal_name(&id, text);
    }
    if let Some(name) = &user.display_name {
        store.set_display_name(&id, name);
    }
    if user.unlicensed {
        store.records.put(UNLICENSED, id, Map::new());
    }
    Ok(())
}

fn add_group(store: &mut Store, group: &Group, at: Duration) -> Result<(), ScenarioError> {
    let name = filled(&group.name)?;
    let owners = users(store, &group.owners)?;
    let mut members = group.members.iter().map(|it| member(store, it)).collect::<Result<Vec<_>, _>>()?;
    let is_unified = group.kind == GroupKind::Unified;
    if is_unified {
        members.splice(0..0, owners.iter().cloned());
    }
    keep_first(&mut members);
    let types = if is_unified { json!(["Unified"]) } else { json!([]) };
    let properties = Map::from_iter([
        ("groupTypes".to_owned(), types),
        ("mailEnabled".to_owned(), Value::Bool(is_unified)),
        ("securityEnabled".to_owned(), Value::Bool(!is_unified)),
    ]);
    let profile = Profile {
        display_name: name.to_owned(),
        description: group.description.clone(),
        privacy: group.visibility.word().to_owned(),
    };
    let new = NewGroup { mail_nickname: store.new_nickname(name), profile, properties, owners, members };
    let id = store.make_group(new, at, at);
    for notebook in &group.notebooks {
        copies::add_notebook(&mut store.records, &id, filled(notebook)?);
    }
    if group.deleted {
        if !is_unified {
            let text = "only a unified group can be restored, so that no other can be deleted already";
            return Err(ScenarioError::new(group.name.place(), text));
        }
        store.remove_group(&id, at);
    }
    Ok(())
}

fn add_community(store: &mut Store, community: &Community, at: Duration) -> Result<(), ScenarioError> {
    let profile = Profile {
        display_name: filled(&community.name)?.to_owned(),
        description: Some(community.description.clone()),
        privacy: community.privacy.word().to_owned(),
    };
    let owners = users(store, &community.owners)?;
    let members = users(store, &community.members)?;
    let id = store.add_community(Draft { profile, owners }, at);
    if let Some(group) = store.community_group_mut(&id) {
        group.members.extend(members);
        keep_first(&mut group.members);
    }
    Ok(())
}

/// A name that isn't empty.
fn filled(text: &At<String>) -> Result<&str, ScenarioError> {
    match text.value().trim() {
        "" => Err(ScenarioError::new(text.place(), "a name must not be empty")),
        name => Ok(name),
    }
}

/// The ids of users by their names.
fn users(store: &Store, names: &[At<String>]) -> Result<Vec<String>, ScenarioError> {
    let id = |name: &At<String>| {
        let user = store.user_named(name.value());
        user.map(|user| user.id.clone())
            .ok_or_else(|| ScenarioError::unknown(name.place(), "user", name.value(), store.user_names()))
    };
    let mut ids = names.iter().map(id).collect::<Result<_, _>>()?;
    keep_first(&mut ids);
    Ok(ids)
}

/// The id of a user or else of a group.
fn member(store: &Store, name: &At<String>) -> Result<String, ScenarioError> {
    let group = || store.groups().iter().find(|group| group.profile.display_name == *name.value());
    let user = store.user_named(name.value()).map(|user| user.id.clone());
    user.or_else(|| group().map(|group| group.id.clone())).ok_or_else(|| {
        let groups = store.groups().iter().map(|group| group.profile.display_name.as_str());
        ScenarioError::unknown(name.place(), "user or group", name.value(), store.user_names().chain(groups))
    })
}

fn keep_first(ids: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}
