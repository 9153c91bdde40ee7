//! Copies in the notebooks of groups, and what they are copies of.

use http::StatusCode;
use serde_json::{Value, json};

use crate::call::Call;
use crate::error::Refusal;
use crate::onenote::{Item, Kind};
use crate::reply::Reply;
use crate::timeline::SUCCEEDED;

/// `GET /groups/{group-id}/onenote/notebooks/{notebook-id}`
pub(super) fn get_notebook(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    get(call, Kind::Notebook, "notebook-id")
}

/// `GET /groups/{group-id}/onenote/sections/{onenoteSection-id}`
pub(super) fn get_section(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    get(call, Kind::Section, "onenoteSection-id")
}

/// `GET /groups/{group-id}/onenote/pages/{onenotePage-id}`
pub(super) fn get_page(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    get(call, Kind::Page, "onenotePage-id")
}

/// `POST /groups/{group-id}/onenote/notebooks/{notebook-id}/copyNotebook`
pub(super) fn copy_notebook(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, Kind::Notebook, "notebook-id")
}

/// `POST /groups/{group-id}/onenote/sections/{onenoteSection-id}/copyToNotebook`
pub(super) fn copy_section(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, Kind::Section, "onenoteSection-id")
}

/// `POST /groups/{group-id}/onenote/pages/{onenotePage-id}/copyToSection`
pub(super) fn copy_page(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, Kind::Page, "onenotePage-id")
}

/// `GET /groups/{group-id}/onenote/operations/{onenoteOperation-id}`
pub(super) fn get_operation(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("onenoteOperation-id");
    let absent = || Refusal::not_found("operation", id);
    let created = call.store.onenote.copying(id).ok_or_else(absent)?.created;
    let stage = call.settings.timeline.at(call.at.saturating_sub(created));
    let over = stage.is_last && stage.status == SUCCEEDED;
    let made = if over { call.store.onenote.make(id).and_then(|copying| copying.made) } else { None };
    let error = stage.detail.map(|detail| json!({"code": "copyFailed", "message": detail}));
    let view = json!({
        "id": id,
        "status": in_words_of_onenote(stage.status),
        "percentComplete": if stage.is_last { "100" } else { "50" },
        "resourceId": made.as_ref().map(|item| &item.id),
        "resourceLocation": made.as_ref().map(|item| address(call, item)),
        "error": error,
    });
    let reply = Reply::ok(call.entity("onenoteOperations", view)?);
    Ok(Reply { deliberate: vec!["/status"], ..reply })
}

fn get(call: &mut Call<'_>, kind: Kind, parameter: &str) -> Result<Reply, Refusal> {
    let item = find(call, kind, parameter)?;
    let name = if kind == Kind::Page { "title" } else { "displayName" };
    Ok(Reply::ok(call.entity(kind.collection(), json!({"id": item.id, name: item.name}))?))
}

fn copy(call: &mut Call<'_>, kind: Kind, parameter: &str) -> Result<Reply, Refusal> {
    let original = find(call, kind, parameter)?;
    let body = |name: &str| call.body[name].as_str();
    let group = body("groupId").unwrap_or(&original.group_id).to_owned();
    if call.store.group(&group).is_none() {
        return Err(Refusal::not_found("group", &group));
    }
    if let Some(within) = kind.within() {
        let id = body("id").unwrap_or_default();
        call.store.onenote.item(within, &group, id).ok_or_else(|| Refusal::not_found("target", id))?;
    }
    let name = body("renameAs").unwrap_or(&original.name).to_owned();
    let operation = call.store.onenote.start(kind, &group, &name, call.at);
    let group_of_call = call.parameters.get("group-id");
    let address = format!("{}/groups/{group_of_call}/onenote/operations/{operation}", call.version_root());
    let header = http::HeaderName::from_static("operation-location");
    Ok(Reply::empty(StatusCode::ACCEPTED).header(header, &address))
}

fn find(call: &Call<'_>, kind: Kind, parameter: &str) -> Result<Item, Refusal> {
    let (group, id) = (call.parameters.get("group-id"), call.parameters.get(parameter));
    call.store.onenote.item(kind, group, id).cloned().ok_or_else(|| Refusal::not_found("object", id))
}

fn address(call: &Call<'_>, item: &Item) -> Value {
    let Item { id, kind, group_id, .. } = item;
    json!(format!("{}/groups/{group_id}/onenote/{}/{id}", call.version_root(), kind.collection()))
}

/// A timeline has the words of Viva Engage.
fn in_words_of_onenote(status: &str) -> String {
    match status {
        SUCCEEDED => "Completed".to_owned(),
        other => other[..1].to_uppercase() + &other[1..],
    }
}
