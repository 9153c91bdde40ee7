//! Members and owners of groups.

use http::StatusCode;
use serde_json::{Value, json};

use super::{directory, users};
use crate::call::{Call, Collection};
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::Group;

/// The most owners a group may have.
const MOST_OWNERS: usize = 100;

/// One of the two lists of people that a group keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
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
    list(call, Role::Members)
}

/// `GET /groups/{group-id}/owners`
pub(super) fn list_owners(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    list(call, Role::Owners)
}

/// `GET /groups/{group-id}/members/$count`, and `transitiveMembers/$count`: groups have no groups in them here.
pub(super) fn count_members(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, people(call, Role::Members)?)
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

fn list(call: &Call<'_>, role: Role) -> Result<Reply, Refusal> {
    call.query.allow(&directory::OPTIONS)?;
    let people = directory::query(call, people(call, role)?)?;
    let collection =
        Collection { context: "directoryObjects", page_size: call.settings.page_size.unwrap_or(100) };
    Ok(Reply::ok(call.page(collection, people)?))
}

/// Whoever has the role in the group, as the wire shows them.
fn people(call: &Call<'_>, role: Role) -> Result<Vec<Value>, Refusal> {
    let people = role.of(group(call)?).iter().filter_map(|id| call.store.user(id)).map(|user| {
        let mut view = users::view(user);
        view["@odata.type"] = json!("#microsoft.graph.user");
        view
    });
    Ok(people.collect())
}

fn add(call: &mut Call<'_>, role: Role) -> Result<Reply, Refusal> {
    let group_id = group(call)?.id.clone();
    let user_id = referenced_user(call)?;
    let group = call.store.group_mut(&group_id).ok_or_else(|| Refusal::no_such_object(&group_id))?;
    let people = role.of_mut(group);
    if people.contains(&user_id) {
        return Err(Refusal::directory(format!(
            "One or more added object references already exist for the following modified properties: '{}'.",
            role.name()
        )));
    }
    if role == Role::Owners && people.len() >= MOST_OWNERS {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Directory_QuotaExceeded",
            format!(
                "One more would exceed the maximum quota count '{MOST_OWNERS}' for forward-link 'owners'."
            ),
        ));
    }
    people.push(user_id);
    Ok(Reply::no_content())
}

fn remove(call: &mut Call<'_>, role: Role) -> Result<Reply, Refusal> {
    let group_id = group(call)?.id.clone();
    let id = call.parameters.get("directoryObject-id");
    let user_id = call.store.user(id).map(|user| user.id.clone());
    let group = call.store.group_mut(&group_id).ok_or_else(|| Refusal::no_such_object(&group_id))?;
    let people = role.of_mut(group);
    let place = people.iter().position(|person| Some(person) == user_id.as_ref());
    let place = place.ok_or_else(|| Refusal::no_such_object(id))?;
    if role == Role::Owners && people.len() == 1 {
        return Err(Refusal::directory(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    people.remove(place);
    Ok(Reply::no_content())
}

fn group<'a>(call: &'a Call<'_>) -> Result<&'a Group, Refusal> {
    let id = call.parameters.get("group-id");
    call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))
}

/// The id of the user that the body's `@odata.id` is the address of.
fn referenced_user(call: &Call<'_>) -> Result<String, Refusal> {
    let address = call.body["@odata.id"].as_str();
    let address = address.ok_or_else(|| Refusal::directory("The property '@odata.id' is required."))?;
    let id = referenced_id(&call.version_root(), address).ok_or_else(|| {
        Refusal::directory(format!(
            "'{address}' is not the address of a directory object; it should look like '{}/directoryObjects/{{id}}'.",
            call.version_root()
        ))
    })?;
    if let Some(user) = call.store.user(&id) {
        return Ok(user.id.clone());
    }
    if call.store.group(&id).is_some() {
        let message = "Only users may be members or owners of a Microsoft 365 group.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message));
    }
    Err(Refusal::no_such_object(&id))
}

/// The id in `{version_root}/directoryObjects/{id}` or `{version_root}/users/{id}`, also with the key in brackets.
pub(super) fn referenced_id(version_root: &str, address: &str) -> Option<String> {
    let path = address.strip_prefix(version_root)?.strip_prefix('/')?;
    let rest = path.strip_prefix("directoryObjects").or_else(|| path.strip_prefix("users"))?;
    let id = match rest.strip_prefix('/') {
        Some(id) => id,
        None => rest.strip_prefix("('")?.strip_suffix("')")?,
    };
    (!id.is_empty() && !id.contains(['/', '?', '#', '\''])).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::referenced_id;

    #[test]
    fn addresses() {
        for (address, expected) in [
            ("https://host/v1.0/directoryObjects/7", Some("7")),
            ("https://host/v1.0/users/7", Some("7")),
            ("https://host/v1.0/users('7')", Some("7")),
            ("https://host/v1.0/users/ada@contoso.example", Some("ada@contoso.example")),
            ("https://host/beta/users/7", None),
            ("https://host/users/7", None),
            ("https://other/v1.0/users/7", None),
            ("/v1.0/users/7", None),
            ("https://host/v1.0/groups/7", None),
            ("https://host/v1.0/users/", None),
            ("https://host/v1.0/users/7/manager", None),
            ("7", None),
        ] {
            assert_eq!(referenced_id("https://host/v1.0", address).as_deref(), expected, "{address}");
        }
    }
}
