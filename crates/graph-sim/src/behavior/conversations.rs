//! The conversations of groups. A conversation holds threads, a thread posts; what each says of itself follows from the posts.

use serde_json::{Map, Value, json};

use super::posts;
use super::resource::{OPTIONS, Resource};
use super::threads::{self, Spot};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::{Record, Records};
use crate::reply::{Body, Reply};

const CONVERSATIONS: Resource = Resource {
    context: "conversations",
    kind: Kind::Conversation,
    page: 10,
    options: OPTIONS,
    etags: false,
    missing: Refusal::not_in_store,
};

/// `GET /groups/{group-id}/conversations`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, records) = (place(call)?, &call.store.records);
    let views = records.all(&place).map(|record| view(records, &place, record)).collect();
    CONVERSATIONS.page(call, views)
}

/// `POST /groups/{group-id}/conversations`
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body.clone();
    let Some([thread]) = body["threads"].as_array().map(Vec::as_slice) else {
        return Err(Refusal::invalid_argument("A new conversation has one thread."));
    };
    let (Spot { conversations: place, conversation: id }, thread) = begin(call, topic(&body)?, thread)?;
    let records = &call.store.records;
    let record = records.find(&place, &id).ok_or_else(|| Refusal::not_in_store(&id))?;
    let mut reply = CONVERSATIONS.created(call, view(records, &place, record))?;
    if let Body::Json(conversation) = &mut reply.body {
        conversation["threads"] = json!([{ "id": thread }]);
    }
    Ok(reply)
}

/// `GET /groups/{group-id}/conversations/{conversation-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, records) = (place(call)?, &call.store.records);
    let id = call.parameters.get("conversation-id");
    let record = records.find(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    CONVERSATIONS.one(call, view(records, &place, record))
}

/// `DELETE /groups/{group-id}/conversations/{conversation-id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("conversation-id").to_owned());
    CONVERSATIONS.delete(call, &place, &id)
}

/// Adds a conversation that begins with a thread: where that is, and its id.
pub(super) fn begin(call: &mut Call<'_>, topic: String, thread: &Value) -> Result<(Spot, String), Refusal> {
    let (conversations, posts) = (place(call)?, posts::checked(thread)?);
    let properties = Map::from_iter([("topic".to_owned(), Value::String(topic.clone()))]);
    let conversation = call.store.records.add(&conversations, Kind::Conversation, properties).id.clone();
    let spot = Spot { conversations, conversation };
    let thread = threads::add(call, &spot, topic, &posts)?;
    Ok((spot, thread))
}

/// What a body is about.
pub(super) fn topic(body: &Value) -> Result<String, Refusal> {
    let topic = body["topic"].as_str().filter(|topic| !topic.is_empty());
    Ok(topic.ok_or_else(|| Refusal::invalid_argument("The property 'topic' is required."))?.to_owned())
}

/// Where the conversations of the addressed group are.
pub(super) fn place(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.parameters.get("group-id");
    let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
    Ok(format!("groups/{}/conversations", group.id))
}

/// The threads of a conversation.
pub(super) fn threads_of(call: &Call<'_>, conversation: &Value) -> Result<Value, Refusal> {
    let id = conversation["id"].as_str().unwrap_or_default();
    let (place, records) = (format!("{}/{id}/threads", place(call)?), &call.store.records);
    Ok(records.all(&place).map(|thread| threads::view(records, &place, thread)).collect())
}

fn view(records: &Records, place: &str, record: &Record) -> Value {
    let threads_place = format!("{place}/{}/threads", record.id);
    let all = records.all(&threads_place);
    let posts = all.flat_map(|thread| records.all(&format!("{threads_place}/{}/posts", thread.id)));
    let mut view = record.view();
    posts::summarise(&mut view, posts);
    view
}
