//! The conversations of groups. A conversation holds threads, a thread posts; what each says of itself follows from the posts.

use serde_json::{Map, Value, json};

use super::posts;
use super::resource::Resource;
use super::threads::{self, Spot};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::{Record, Records};
use crate::reply::Reply;

/// The query options of Outlook's lists.
pub(super) const OPTIONS: &[&str] =
    &["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken"];

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
    let (place, with_threads) = (place(call)?, call.expands("threads")?);
    let records = &call.store.records;
    let views = records.all(&place).map(|record| view(records, &place, record, with_threads)).collect();
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
    let mut view = view(records, &place, record, false);
    view["threads"] = json!([{ "id": thread }]);
    CONVERSATIONS.created(call, view)
}

/// `GET /groups/{group-id}/conversations/{conversation-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, with_threads) = (place(call)?, call.expands("threads")?);
    let id = call.parameters.get("conversation-id");
    let records = &call.store.records;
    let record = records.find(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    CONVERSATIONS.one(call, view(records, &place, record, with_threads))
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

fn view(records: &Records, place: &str, record: &Record, with_threads: bool) -> Value {
    let threads_place = format!("{place}/{}/threads", record.id);
    let all = records.all(&threads_place);
    let posts = all.flat_map(|thread| records.all(&format!("{threads_place}/{}/posts", thread.id)));
    let mut view = record.view();
    posts::summarise(&mut view, posts);
    if with_threads {
        let threads = records.all(&threads_place);
        view["threads"] =
            threads.map(|thread| threads::view(records, &threads_place, thread, false)).collect();
    }
    view
}
