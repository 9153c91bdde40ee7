//! OneNote in groups: notebooks, their sections and section groups, and pages made of HTML.

pub(super) mod changes;
pub(crate) mod copies;
mod form;
pub(super) mod notebooks;
pub(super) mod pages;
pub(super) mod sections;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::resource::Resource;
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::ids::{self, Kind};
use crate::records::Record;
use crate::reply::Reply;

const OPTIONS: &[&str] =
    &["$select", "$expand", "$filter", "$orderby", "$search", "$top", "$skip", "$count", "$skiptoken"];

const NOTEBOOKS: Resource = resource("notebooks", Kind::Notebook, 100);
const SECTION_GROUPS: Resource = resource("sectionGroups", Kind::SectionGroup, 100);
const SECTIONS: Resource = resource("sections", Kind::Section, 100);
const PAGES: Resource = resource("pages", Kind::Page, 20);

const fn resource(context: &'static str, kind: Kind, page: usize) -> Resource {
    Resource { context, kind, page, options: OPTIONS, etags: false, missing: no_such_item }
}

/// 404 as OneNote writes it, with a number for a code.
fn no_such_item(_: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "20102", "The specified resource ID does not exist.")
}

/// Where the objects of a kind are that the group of the path has.
fn place(call: &Call<'_>, of: Resource) -> Result<String, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(format!("groups/{}/onenote/{}", group.id, of.context))
}

/// An object of the group, by the path's parameter for its id.
fn find<'c>(call: &'c Call<'_>, of: Resource, parameter: &str) -> Result<&'c Record, Refusal> {
    let id = call.parameters.get(parameter);
    call.store.records.find(&place(call, of)?, id).ok_or_else(|| no_such_item(id))
}

/// An object of a kind as it is shown: with the addresses of itself and of what is in it.
fn view(call: &Call<'_>, of: Resource, record: &Record) -> Value {
    let mut view = of.view(record);
    let group = call.store.group(call.parameters.get("group-id")).map_or("", |group| &group.id);
    let own = format!("{}/groups/{group}/onenote/{}/{}", call.version_root(), of.context, record.id);
    let inside = |what: &str| json!(format!("{own}/{what}"));
    let more = match of.context {
        "notebooks" => json!({ "isDefault": false, "isShared": true, "userRole": "Owner",
            "sectionsUrl": inside("sections"), "sectionGroupsUrl": inside("sectionGroups"), "links": links(&record.id) }),
        "sectionGroups" => {
            json!({ "sectionsUrl": inside("sections"), "sectionGroupsUrl": inside("sectionGroups") })
        }
        "sections" => json!({ "isDefault": false, "pagesUrl": inside("pages"), "links": links(&record.id) }),
        _ => json!({ "contentUrl": inside("content"), "links": links(&record.id) }),
    };
    if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
        view.insert("self".to_owned(), own.into());
        view.extend(more);
    }
    view
}

/// Where people open an object, in the app and on the web.
fn links(id: &str) -> Value {
    let web = format!("https://contoso.sharepoint.example/notebooks?id={}", ids::opaque(id));
    json!({ "oneNoteClientUrl": { "href": format!("onenote:{web}") }, "oneNoteWebUrl": { "href": web } })
}

/// All objects of a kind.
fn list(call: &Call<'_>, of: Resource) -> Result<Reply, Refusal> {
    list_at(call, of, &place(call, of)?)
}

/// All objects at a place.
fn list_at(call: &Call<'_>, of: Resource, place: &str) -> Result<Reply, Refusal> {
    of.page(call, call.store.records.all(place).map(|record| view(call, of, record)).collect())
}

/// The object of a kind that the path names.
fn get(call: &Call<'_>, of: Resource, parameter: &str) -> Result<Reply, Refusal> {
    of.one(call, view(call, of, find(call, of, parameter)?))
}

/// The objects of a kind whose `parent` is the one with this id.
fn list_below(call: &Call<'_>, of: Resource, parent: &str, id: &str) -> Result<Reply, Refusal> {
    of.page(call, below(call, of, parent, id)?)
}

/// The notebook that a section or a page belongs to.
pub(super) fn notebook_above(call: &Call<'_>, object: &Value) -> Result<Value, Refusal> {
    above(call, NOTEBOOKS, &object["parentNotebook"])
}

/// The section that a page belongs to.
pub(super) fn section_above(call: &Call<'_>, page: &Value) -> Result<Value, Refusal> {
    above(call, SECTIONS, &page["parentSection"])
}

fn above(call: &Call<'_>, of: Resource, parent: &Value) -> Result<Value, Refusal> {
    let record = call.store.records.find(&place(call, of)?, parent["id"].as_str().unwrap_or_default());
    Ok(record.map_or(Value::Null, |record| view(call, of, record)))
}

/// The objects of a kind that are below another one.
fn below(call: &Call<'_>, of: Resource, parent: &str, id: &str) -> Result<Vec<Value>, Refusal> {
    let place = place(call, of)?;
    let below = call.store.records.all(&place).filter(|record| record.properties[parent]["id"] == id);
    Ok(below.map(|record| view(call, of, record)).collect())
}

/// Makes something that has a name. What is at the same place, below the same parent, has another.
fn create(
    call: &mut Call<'_>,
    of: Resource,
    place: &str,
    forbidden: &str,
    parent: Option<(&str, Value)>,
) -> Result<Reply, Refusal> {
    let name = call.body["displayName"].as_str().unwrap_or_default().to_owned();
    if name.trim().is_empty() || name.contains(|c| forbidden.contains(c)) {
        return Err(Refusal::bad_request(format!(
            "The name '{name}' is empty, or has one of {forbidden} in it."
        )));
    }
    let beside = |record: &&Record| {
        parent.as_ref().is_none_or(|(what, is)| record.properties[*what]["id"] == is["id"])
    };
    let same = |record: &Record| {
        record.properties["displayName"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&name))
    };
    if call.store.records.all(place).filter(beside).any(same) {
        let message = "An item with this name already exists in this location.";
        return Err(Refusal::new(StatusCode::CONFLICT, "20117", message));
    }
    let mut properties = Map::from_iter([
        ("displayName".to_owned(), json!(name)),
        ("createdBy".to_owned(), identity(call)),
        ("createdDateTime".to_owned(), clock::utc(call.at).into()),
        ("lastModifiedBy".to_owned(), identity(call)),
        ("lastModifiedDateTime".to_owned(), clock::utc(call.at).into()),
    ]);
    properties.extend(parent.map(|(what, is)| (what.to_owned(), is)));
    let record = call.store.records.add(place, of.kind, properties).clone();
    of.created(call, view(call, of, &record))
}

/// What an object says of the one above it.
fn as_parent(record: &Record) -> Value {
    json!({ "id": record.id, "displayName": record.properties.get("displayName") })
}

/// Whoever calls, as an `identitySet`.
fn identity(call: &Call<'_>) -> Value {
    match call.caller.user.as_deref().and_then(|id| call.store.user(id)) {
        Some(user) => json!({ "user": { "id": user.id, "displayName": user.display_name } }),
        None => json!({ "application": { "id": call.caller.app } }),
    }
}
