//! The threads of groups, reached through the group or through a conversation.

use serde_json::{Map, Value, json};

use super::conversations;
use super::posts;
use super::resource::{OPTIONS, Resource, body};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::{Record, Records};
use crate::reply::Reply;

const THREADS: Resource = Resource {
    context: "threads",
    kind: Kind::Thread,
    page: 10,
    options: OPTIONS,
    etags: false,
    missing: Refusal::not_in_store,
};

/// The threads of one conversation: where they are kept.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// The conversations of the group.
    pub(super) conversations: String,
    pub(super) conversation: String,
}

impl Spot {
    /// The collection of the threads.
    pub(super) fn place(&self) -> String {
        format!("{}/{}/threads", self.conversations, self.conversation)
    }
}

/// `GET /groups/{group-id}/threads`, and of one conversation
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (spots, records) = (spots(call)?, &call.store.records);
    let mut views = Vec::new();
    for place in spots.iter().map(Spot::place) {
        views.extend(records.all(&place).map(|record| view(records, &place, record)));
    }
    THREADS.page(call, views)
}

/// `POST /groups/{group-id}/threads`, and of one conversation
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body.clone();
    let (spot, thread) = match call.parameters.get("conversation-id") {
        "" => conversations::begin(call, conversations::topic(&body)?, &body)?,
        id => {
            let conversations = conversations::place(call)?;
            let conversation = call.store.records.find(&conversations, id);
            let conversation = conversation.ok_or_else(|| Refusal::not_in_store(id))?;
            let theirs = &conversation.properties["topic"];
            let topic = body["topic"].as_str().or(theirs.as_str()).unwrap_or_default().to_owned();
            let spot = Spot { conversation: conversation.id.clone(), conversations };
            let thread = add(call, &spot, topic, &posts::checked(&body)?)?;
            (spot, thread)
        }
    };
    let place = spot.place();
    let records = &call.store.records;
    let record = records.find(&place, &thread).ok_or_else(|| Refusal::not_in_store(&thread))?;
    THREADS.created(call, view(records, &place, record))
}

/// `GET /groups/{group-id}/threads/{conversationThread-id}`, and of one conversation
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = find(call)?.place();
    let id = call.parameters.get("conversationThread-id");
    let records = &call.store.records;
    let record = records.find(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    THREADS.one(call, view(records, &place, record))
}

/// `PATCH /groups/{group-id}/threads/{conversationThread-id}`, and of one conversation
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, change) = (find(call)?.place(), body(call));
    if let Some(other) = change.keys().find(|name| !matches!(name.as_str(), "isLocked" | "@odata.type")) {
        return Err(Refusal::invalid_argument(format!(
            "The simulator doesn't change '{other}' of a thread."
        )));
    }
    let id = call.parameters.get("conversationThread-id");
    let record = call.store.records.find_mut(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    record.merge(change);
    Ok(Reply::no_content())
}

/// `DELETE /groups/{group-id}/threads/{conversationThread-id}`, and of one conversation
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (spot, id) = (find(call)?, call.parameters.get("conversationThread-id").to_owned());
    let reply = THREADS.delete(call, &spot.place(), &id)?;
    // A conversation ends with its last thread.
    if call.store.records.all(&spot.place()).next().is_none() {
        call.store.records.remove(&spot.conversations, &spot.conversation);
    }
    Ok(reply)
}

/// Adds a thread with its first posts to a conversation; its id.
pub(super) fn add(
    call: &mut Call<'_>,
    spot: &Spot,
    topic: String,
    posts: &[Value],
) -> Result<String, Refusal> {
    let properties = [
        ("topic".to_owned(), Value::String(topic)),
        ("isLocked".to_owned(), Value::Bool(false)),
        ("toRecipients".to_owned(), json!([])),
        ("ccRecipients".to_owned(), json!([])),
    ];
    let id = call.store.records.add(&spot.place(), Kind::Thread, Map::from_iter(properties)).id.clone();
    for post in posts {
        posts::add(call, spot, &id, post, None)?;
    }
    Ok(id)
}

/// Where the addressed thread is.
pub(super) fn find(call: &Call<'_>) -> Result<Spot, Refusal> {
    holding(call, call.parameters.get("conversationThread-id"))
}

/// Where the thread with this id is, among those that the path leads to.
fn holding(call: &Call<'_>, id: &str) -> Result<Spot, Refusal> {
    let holds = |spot: &Spot| call.store.records.find(&spot.place(), id).is_some();
    spots(call)?.into_iter().find(holds).ok_or_else(|| Refusal::not_in_store(id))
}

/// The threads that the path leads to: those of one conversation, or of all.
fn spots(call: &Call<'_>) -> Result<Vec<Spot>, Refusal> {
    let (place, records) = (conversations::place(call)?, &call.store.records);
    let below =
        |conversation: &Record| Spot { conversations: place.clone(), conversation: conversation.id.clone() };
    match call.parameters.get("conversation-id") {
        "" => Ok(records.all(&place).map(below).collect()),
        id => Ok(vec![records.find(&place, id).map(below).ok_or_else(|| Refusal::not_in_store(id))?]),
    }
}

/// A thread of the collection at `place`, as the wire shows it.
pub(super) fn view(records: &Records, place: &str, record: &Record) -> Value {
    let mut view = record.view();
    posts::summarise(&mut view, records.all(&format!("{place}/{}/posts", record.id)));
    view
}

/// The posts of a thread.
pub(super) fn posts_of(call: &Call<'_>, thread: &Value) -> Result<Value, Refusal> {
    let id = thread["id"].as_str().unwrap_or_default();
    let place = format!("{}/{id}/posts", holding(call, id)?.place());
    Ok(call.store.records.all(&place).map(posts::view).collect())
}
