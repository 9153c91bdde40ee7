//! Groups that were deleted and can still be restored.

use serde_json::{Value, json};

use super::{group_changes, groups};
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::reply::Reply;
use crate::store::DeletedGroup;

/// `GET /directory/deletedItems/graph.group`
pub(super) fn list_groups(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    groups::page(call, call.store.deleted_groups().iter().map(full).collect())
}

/// `GET /directory/deletedItems/{directoryObject-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    let mut object = plain(find(call)?);
    object["@odata.type"] = json!("#microsoft.graph.group");
    Ok(Reply::ok(call.entity("directoryObjects", object)?))
}

/// `POST /directory/deletedItems/{directoryObject-id}/restore`
pub(super) fn restore(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let deleted = find(call)?;
    if group_changes::is_taken(call, &deleted.group.mail_nickname, None) {
        return Err(group_changes::conflict("mailNickname"));
    }
    let id = deleted.group.id.clone();
    let group = call.store.restore_group(&id).ok_or_else(|| Refusal::no_such_object(&id))?;
    let mut object = groups::plain(group);
    object["@odata.type"] = json!("#microsoft.graph.group");
    Ok(Reply::ok(call.entity("directoryObjects", object)?))
}

/// `DELETE /directory/deletedItems/{directoryObject-id}`
pub(super) fn purge(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("directoryObject-id");
    if call.store.purge_group(id) { Ok(Reply::no_content()) } else { Err(Refusal::no_such_object(id)) }
}

fn find<'a>(call: &'a Call<'_>) -> Result<&'a DeletedGroup, Refusal> {
    let id = call.parameters.get("directoryObject-id");
    call.store.deleted_group(id).ok_or_else(|| Refusal::no_such_object(id))
}

fn full(deleted: &DeletedGroup) -> Value {
    marked(groups::full(&deleted.group), deleted)
}

fn plain(deleted: &DeletedGroup) -> Value {
    marked(groups::plain(&deleted.group), deleted)
}

fn marked(mut object: Value, deleted: &DeletedGroup) -> Value {
    object["deletedDateTime"] = clock::utc(deleted.at).into();
    object
}
