//! Microsoft 365 groups.

use serde_json::{Value, json};

use super::directory;
use crate::call::{Call, Collection};
use crate::clock;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::Group;

/// `GET /groups`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&directory::OPTIONS)?;
    let groups = directory::query(call, all(call))?;
    let collection = Collection { context: "groups", page_size: call.settings.page_size.unwrap_or(100) };
    Ok(Reply::ok(call.page(collection, groups)?))
}

/// `GET /groups/$count`
pub(super) fn count(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    directory::count(call, all(call))
}

fn all(call: &Call<'_>) -> Vec<Value> {
    call.store.groups().iter().map(view).collect()
}

/// `GET /groups/{group-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select"])?;
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(Reply::ok(call.entity("groups", view(group))?))
}

/// A group as the wire shows it.
pub(super) fn view(group: &Group) -> Value {
    let visibility = if group.profile.privacy == "public" { "Public" } else { "Private" };
    json!({
        "id": group.id,
        "createdDateTime": clock::utc(group.created),
        "deletedDateTime": null,
        "description": group.profile.description,
        "displayName": group.profile.display_name,
        "groupTypes": ["Unified"],
        "mail": format!("{}@contoso.example", group.mail_nickname),
        "mailEnabled": true,
        "mailNickname": group.mail_nickname,
        "securityEnabled": false,
        "visibility": visibility,
    })
}
