//! Copies of notebooks, sections and pages: accepted at once, made when their time has come.

use http::{HeaderName, StatusCode};
use serde_json::{Map, Value, json};

use super::pages::CONTENTS;
use super::{NOTEBOOKS, PAGES, SECTION_GROUPS, SECTIONS};
use crate::behavior::resource::Resource;
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::{Record, Records};
use crate::reply::Reply;
use crate::store::capitalised;
use crate::timeline::SUCCEEDED;

/// Where the copies that were started are kept.
const PLACE: &str = "onenoteOperations";

/// `POST /groups/{group-id}/onenote/notebooks/{notebook-id}/copyNotebook`
pub(in crate::behavior) fn copy_notebook(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, NOTEBOOKS, "notebook-id", None)
}

/// `POST /groups/{group-id}/onenote/sections/{onenoteSection-id}/copyToNotebook`
pub(in crate::behavior) fn copy_section(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, SECTIONS, "onenoteSection-id", Some(("parentNotebook", NOTEBOOKS)))
}

/// `POST /groups/{group-id}/onenote/pages/{onenotePage-id}/copyToSection`
pub(in crate::behavior) fn copy_page(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    copy(call, PAGES, "onenotePage-id", Some(("parentSection", SECTIONS)))
}

/// `GET /groups/{group-id}/onenote/operations/{onenoteOperation-id}`
pub(in crate::behavior) fn get_operation(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.get("onenoteOperation-id").to_owned();
    let copying = call.store.records.find(PLACE, &id).ok_or_else(|| super::no_such_item(&id))?;
    let started =
        std::time::Duration::from_millis(copying.properties["started"].as_u64().unwrap_or_default());
    let stage = call.settings.timeline.at(call.at.saturating_sub(started));
    let over = stage.is_last && stage.status == SUCCEEDED;
    let (place, made) = if over { make(&mut call.store.records, &id) } else { Default::default() };
    let address = made.as_ref().map(|made| format!("{}/{place}/{made}", call.version_root()));
    let view = json!({
        "id": id,
        "status": in_words_of_onenote(stage.status),
        "percentComplete": if stage.is_last { "100" } else { "50" },
        "resourceId": made,
        "resourceLocation": address,
        "error": stage.detail.map(|detail| json!({"code": "copyFailed", "message": detail})),
    });
    let reply = Reply::ok(call.entity("onenoteOperations", view)?);
    Ok(Reply { deliberate: vec!["/status"], ..reply })
}

/// Adds a notebook to a group, with a section and in it a page that are called after it.
pub(crate) fn add_notebook(records: &mut Records, group: &str, name: &str) {
    let mut add = |of: Resource, property: &str, name: String, parent: Option<(&str, Value)>| {
        let mut properties = Map::from_iter([(property.to_owned(), json!(name))]);
        properties.extend(parent.map(|(what, is)| (what.to_owned(), is)));
        let place = format!("groups/{group}/onenote/{}", of.context);
        super::as_parent(records.add(&place, of.kind, properties))
    };
    let notebook = add(NOTEBOOKS, "displayName", name.to_owned(), None);
    let section =
        add(SECTIONS, "displayName", format!("Section of {name}"), Some(("parentNotebook", notebook)));
    let title = format!("Page of {name}");
    let page = add(PAGES, "title", title.clone(), Some(("parentSection", section)));
    let html = format!("<html><head><title>{title}</title></head><body></body></html>");
    let id = page["id"].as_str().unwrap_or_default().to_owned();
    let contents = format!("groups/{group}/onenote/{}/{CONTENTS}", PAGES.context);
    records.put(&contents, id, Map::from_iter([("html".to_owned(), json!(html))]));
}

/// The id of the first notebook, section or page of this name.
pub(crate) fn named(records: &Records, name: &str) -> Option<String> {
    let mut all = records.collections().filter(|(place, _)| place.contains("/onenote/"));
    let found = all.find_map(|(_, mut records)| {
        records.find(|record| {
            record.properties.get("displayName").or(record.properties.get("title")) == Some(&json!(name))
        })
    });
    found.map(|record| record.id.clone())
}

/// Accepts the copying of an object into what `within` says, in the group that the body names.
fn copy(
    call: &mut Call<'_>,
    of: Resource,
    parameter: &str,
    within: Option<(&str, Resource)>,
) -> Result<Reply, Refusal> {
    let (from, original) = (super::place(call, of)?, super::find(call, of, parameter)?);
    let id = original.id.clone();
    let mut properties = original.properties.to_map();
    let named = if of.context == PAGES.context { "title" } else { "displayName" };
    if let Some(name) = call.body["renameAs"].as_str() {
        properties.insert(named.to_owned(), json!(name));
    }
    let of_call = call.parameters.get("group-id");
    let group = call.body["groupId"].as_str().unwrap_or(of_call);
    let group = call.store.group(group).ok_or_else(|| Refusal::not_found("group", group))?.id.clone();
    if let Some((parent, container)) = within {
        let id = call.body["id"].as_str().unwrap_or_default();
        let place = format!("groups/{group}/onenote/{}", container.context);
        let container = call.store.records.find(&place, id).ok_or_else(|| super::no_such_item(id))?;
        properties.insert(parent.to_owned(), super::as_parent(container));
        move_to_notebook(&mut properties, &container.properties["parentNotebook"]);
    }
    let started = u64::try_from(call.at.as_millis()).unwrap_or(u64::MAX);
    let place = format!("groups/{group}/onenote/{}", of.context);
    let copying = Map::from_iter([
        ("started".to_owned(), json!(started)),
        ("original".to_owned(), json!({ "place": from, "id": id })),
        ("place".to_owned(), json!(place)),
        ("copy".to_owned(), Value::Object(properties)),
    ]);
    let root = format!("{}/groups/{of_call}/onenote/operations", call.version_root());
    let operation = &call.store.records.add(PLACE, Kind::Copying, copying).id;
    let header = HeaderName::from_static("operation-location");
    Ok(Reply::empty(StatusCode::ACCEPTED).header(header, &format!("{root}/{operation}")))
}

/// Makes the copy, if it was not made before: where it is, and its id.
fn make(records: &mut Records, operation: &str) -> (String, Option<String>) {
    let Some(copying) = records.find(PLACE, operation).map(|copying| copying.properties.clone()) else {
        return Default::default();
    };
    let place = copying["place"].as_str().unwrap_or_default().to_owned();
    if let Some(made) = copying.get("made").and_then(Value::as_str) {
        return (place, Some(made.to_owned()));
    }
    let of = [NOTEBOOKS, SECTIONS, PAGES].into_iter().find(|of| place.ends_with(of.context));
    let properties = copying["copy"].as_object().cloned().unwrap_or_default();
    let text = |name: &str| copying["original"][name].as_str().unwrap_or_default();
    let made = of.map(|of| put_copy(records, of, (text("place"), text("id")), &place, properties));
    if let (Some(copying), Some(made)) = (records.find_mut(PLACE, operation), &made) {
        copying.properties.insert("made".to_owned(), json!(made));
    }
    (place, made)
}

/// What is below an object of a kind, and what it calls that object.
fn children(of: Resource) -> &'static [(Resource, &'static str)] {
    match of.context {
        "notebooks" => &[(SECTIONS, "parentNotebook"), (SECTION_GROUPS, "parentNotebook")],
        "sections" => &[(PAGES, "parentSection")],
        _ => &[],
    }
}

/// Pages say their notebook besides their section.
fn move_to_notebook(properties: &mut Map<String, Value>, notebook: &Value) {
    if !notebook.is_null() && properties.contains_key("parentNotebook") {
        properties.insert("parentNotebook".to_owned(), notebook.clone());
    }
}

/// Adds a copy with these properties of what is at a place under an id, and copies of all that is below it; gives its id.
fn put_copy(
    records: &mut Records,
    of: Resource,
    (from, original): (&str, &str),
    place: &str,
    properties: Map<String, Value>,
) -> String {
    let copy = records.add(place, of.kind, properties);
    let (id, parent) = (copy.id.clone(), super::as_parent(copy));
    let notebook = copy.properties["parentNotebook"].clone();
    // Its addresses are those of the original.
    for text in copy.properties.values_mut() {
        if let Value::String(text) = text {
            *text = text.replace(&format!("{from}/{original}"), &format!("{place}/{id}"));
        }
    }
    let contents = |place: &str| format!("{place}/{CONTENTS}");
    if let Some(content) = records.find(&contents(from), original) {
        let content = content.properties.clone();
        records.put(&contents(place), id.clone(), content);
    }
    for (child, called) in children(of) {
        let beside = |place: &str| place.replace(of.context, child.context);
        let is_below = |record: &&Record| record.properties[*called]["id"] == original;
        let below: Vec<Record> = records.all(&beside(from)).filter(is_below).cloned().collect();
        for record in below {
            let mut properties = record.properties.to_map();
            properties.insert((*called).to_owned(), parent.clone());
            move_to_notebook(&mut properties, &notebook);
            put_copy(records, *child, (&beside(from), &record.id), &beside(place), properties);
        }
    }
    id
}

/// A timeline has the words of Viva Engage.
fn in_words_of_onenote(status: &str) -> String {
    match status {
        SUCCEEDED => "Completed".to_owned(),
        other => capitalised(other),
    }
}
