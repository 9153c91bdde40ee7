//! The catalogues of providers. An item is found by its id and by the provider's own, each at once.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{bad, check_texts, missing, provider};
use crate::behavior::resource::{OPTIONS, Resource, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::properties::Properties;
use crate::reply::Reply;

const CONTENTS: Resource = Resource {
    context: "learningContents",
    kind: Kind::LearningContent,
    page: 100,
    options: OPTIONS,
    etags: false,
    missing,
};

const REQUIRED: [&str; 4] = ["externalId", "title", "contentWebUrl", "languageTag"];

/// `GET …/learningContents`
pub(in crate::behavior) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(&provider(call)?);
    CONTENTS.list(call, &place)
}

/// `GET …/learningContents/{learningContent-id}`
pub(in crate::behavior) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(&provider(call)?);
    CONTENTS.get(call, &place, call.parameters.get("learningContent-id"))
}

/// `GET …/learningContents(externalId='{externalId}')`
pub(in crate::behavior) fn get_by_external_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = provider(call)?;
    let id = named(call, &provider)?;
    CONTENTS.get(call, &place(&provider), &id)
}

/// `PATCH …/learningContents/{learningContent-id}`
pub(in crate::behavior) fn upsert(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = provider(call)?;
    let id = call.parameters.get("learningContent-id").to_owned();
    let known = call
        .store
        .records
        .find(&place(&provider), &id)
        .and_then(|it| it.properties.get("externalId").cloned());
    name(call, known);
    check_texts(call, &REQUIRED)?;
    let external_id = text(&call.body["externalId"]);
    if find(call, &provider, &external_id).is_some_and(|other| other != id) {
        // What the service does then is nowhere said.
        return Err(bad(format!("Another item has the external id '{external_id}'.")));
    }
    put(call, &provider, id)
}

/// `PATCH …/learningContents(externalId='{externalId}')`
pub(in crate::behavior) fn upsert_by_external_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = provider(call)?;
    let external_id = call.parameters.get("externalId").to_owned();
    name(call, Some(external_id.clone().into()));
    check_texts(call, &REQUIRED)?;
    if call.body["externalId"] != external_id {
        return Err(bad(format!("The 'externalId' of the body is not '{external_id}', as in the address.")));
    }
    let known = find(call, &provider, &external_id);
    let id = known
        .unwrap_or_else(|| call.store.records.add(&place(&provider), CONTENTS.kind, Map::new()).id.clone());
    put(call, &provider, id)
}

/// `DELETE …/learningContents/{learningContent-id}`
pub(in crate::behavior) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = provider(call)?;
    let id = call.parameters.get("learningContent-id").to_owned();
    remove(call, &provider, &id)
}

/// `DELETE …/learningContents(externalId='{externalId}')`
pub(in crate::behavior) fn delete_by_external_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let provider = provider(call)?;
    let id = named(call, &provider)?;
    remove(call, &provider, &id)
}

/// Completes a body that leaves its external id to the address, as documented bodies do.
fn name(call: &mut Call<'_>, external_id: Option<Value>) {
    if let (Value::Object(body), Some(external_id)) = (&mut call.body, external_id) {
        body.entry("externalId").or_insert(external_id);
    }
}

/// What a provider offers.
pub(in crate::behavior) fn of_provider(call: &Call<'_>, provider: &Value) -> Value {
    let all = call.store.records.all(&place(provider["id"].as_str().unwrap_or_default()));
    all.map(|content| CONTENTS.view(content)).collect()
}

pub(super) fn place(provider: &str) -> String {
    format!("learningProviders/{provider}/learningContents")
}

/// Where the ids are by external ids.
fn index(provider: &str) -> String {
    format!("learningProviders/{provider}/learningContentsByExternalId")
}

/// The id of the item with this external id.
fn find(call: &Call<'_>, provider: &str, external_id: &str) -> Option<String> {
    call.store.records.find(&index(provider), external_id).map(|entry| text(&entry.properties["id"]))
}

/// The id of the item that the path names by its external id.
fn named(call: &Call<'_>, provider: &str) -> Result<String, Refusal> {
    let external_id = call.parameters.get("externalId");
    find(call, provider, external_id).ok_or_else(|| missing(external_id))
}

/// Replaces the item with the body as a whole; nothing stays of what it was.
fn put(call: &mut Call<'_>, provider: &str, id: String) -> Result<Reply, Refusal> {
    unlist(call, provider, &id);
    let mut properties = Properties::from_iter([
        ("isActive".to_owned(), json!(true)),
        ("isPremium".to_owned(), json!(false)),
        ("isSearchable".to_owned(), json!(true)),
    ]);
    properties.extend(body(call));
    let entry = Map::from_iter([("id".to_owned(), Value::String(id.clone()))]);
    call.store.records.put(&index(provider), text(&properties["externalId"]), entry);
    let found_from = call.at.saturating_add(call.settings.found_after);
    call.store.search.change(provider, &id, found_from, Some(&properties));
    let view = CONTENTS.view(call.store.records.put(&place(provider), id, properties));
    Ok(Reply { status: StatusCode::ACCEPTED, ..Reply::ok(call.entity(CONTENTS.context, view)?) })
}

fn remove(call: &mut Call<'_>, provider: &str, id: &str) -> Result<Reply, Refusal> {
    unlist(call, provider, id);
    let found_until = call.at.saturating_add(call.settings.found_after);
    call.store.search.change(provider, id, found_until, None);
    CONTENTS.delete(call, &place(provider), id)
}

/// Forgets the external id of an item, if there is such an item.
fn unlist(call: &mut Call<'_>, provider: &str, id: &str) {
    let item = call.store.records.find(&place(provider), id);
    if let Some(external_id) = item.and_then(|item| item.properties.get("externalId")).map(text) {
        call.store.records.remove(&index(provider), &external_id);
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
