//! The posts of threads.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::conversations;
use super::resource::{OPTIONS, Resource};
use super::threads::{self, Spot};
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;
use crate::ids::Kind;
use crate::records::Record;
use crate::reply::Reply;

const POSTS: Resource = Resource {
    context: "posts",
    kind: Kind::Post,
    page: 10,
    options: OPTIONS,
    etags: true,
    missing: Refusal::not_in_store,
};

/// How much of a post a preview shows, in characters.
const PREVIEW: usize = 100;
/// The id of the post that one answers; the wire shows the post itself, and only where it is asked for.
const ANSWERED: &str = "#inReplyTo";

/// `GET …/threads/{conversationThread-id}/posts`
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    POSTS.page(call, call.store.records.all(&place).map(view).collect())
}

/// `GET …/threads/{conversationThread-id}/posts/{post-id}`
pub(super) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let place = place(call)?;
    let id = call.parameters.get("post-id");
    let post = call.store.records.find(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    POSTS.one(call, view(post))
}

/// `POST …/threads/{conversationThread-id}/reply`
pub(super) fn reply_to_thread(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    reply(call, None)
}

/// `POST …/threads/{conversationThread-id}/posts/{post-id}/reply`
pub(super) fn reply_to_post(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("post-id").to_owned());
    call.store.records.find(&place, &id).ok_or_else(|| Refusal::not_in_store(&id))?;
    reply(call, Some(&id))
}

/// `POST …/threads/{conversationThread-id}/posts/{post-id}/forward`: the mail is nobody's to see here.
pub(super) fn forward(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (place, id) = (place(call)?, call.parameters.get("post-id"));
    call.store.records.find(&place, id).ok_or_else(|| Refusal::not_in_store(id))?;
    let people = call.body["ToRecipients"].as_array().map_or(0, Vec::len);
    if people == 0 {
        return Err(Refusal::invalid_argument("At least one recipient isn't valid."));
    }
    Ok(Reply::empty(StatusCode::OK))
}

fn reply(call: &mut Call<'_>, answered: Option<&str>) -> Result<Reply, Refusal> {
    let (spot, thread) = (threads::find(call)?, call.parameters.get("conversationThread-id").to_owned());
    let record = call.store.records.find(&spot.place(), &thread);
    if record.is_some_and(|record| record.properties["isLocked"] == true) {
        let message = "The thread is locked: it takes no replies.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", message));
    }
    let post = call.body["post"].clone();
    check(&post)?;
    add(call, &spot, &thread, &post, answered)?;
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

/// The first posts of a new thread.
pub(super) fn checked(thread: &Value) -> Result<Vec<Value>, Refusal> {
    let posts = thread["posts"].as_array().cloned().unwrap_or_default();
    if posts.is_empty() {
        return Err(Refusal::invalid_argument("A new thread has one post at least."));
    }
    posts.iter().try_for_each(check)?;
    Ok(posts)
}

fn check(post: &Value) -> Result<(), Refusal> {
    match post["body"]["content"].as_str() {
        Some(content) if !content.is_empty() => Ok(()),
        _ => Err(Refusal::invalid_argument("The property 'body' of a post needs a 'content'.")),
    }
}

/// Adds a post to one of these threads.
pub(super) fn add(
    call: &mut Call<'_>,
    threads: &Spot,
    thread: &str,
    post: &Value,
    answered: Option<&str>,
) -> Result<(), Refusal> {
    let (sender, now) = (sender(call)?, clock::utc(call.at));
    let properties = json!({
        "body": post["body"],
        "categories": [],
        "conversationId": threads.conversation,
        "conversationThreadId": thread,
        "createdDateTime": now,
        "from": sender,
        "hasAttachments": false,
        "lastModifiedDateTime": now,
        "newParticipants": post["newParticipants"].as_array().cloned().unwrap_or_default(),
        "receivedDateTime": now,
        "sender": sender,
        ANSWERED: answered,
    });
    let properties: Map<String, Value> = properties.as_object().cloned().unwrap_or_default();
    call.store.records.add(&format!("{}/{thread}/posts", threads.place()), Kind::Post, properties);
    Ok(())
}

/// Whoever sends a post: the caller, or the group where an app answers by itself.
fn sender(call: &Call<'_>) -> Result<Value, Refusal> {
    let (name, address) = match &call.caller.user {
        Some(id) => {
            let user = call.store.user(id).ok_or_else(|| Refusal::no_such_object(id))?;
            (user.display_name.clone(), user.upn.clone())
        }
        None => {
            let id = call.parameters.get("group-id");
            let group = call.store.group(id).ok_or_else(|| Refusal::no_such_object(id))?;
            (group.profile.display_name.clone(), format!("{}@contoso.example", group.mail_nickname))
        }
    };
    Ok(json!({ "emailAddress": { "name": name, "address": address } }))
}

/// Where the posts of the addressed thread are.
fn place(call: &Call<'_>) -> Result<String, Refusal> {
    Ok(format!("{}/{}/posts", threads::find(call)?.place(), call.parameters.get("conversationThread-id")))
}

/// A post as the wire shows it.
pub(super) fn view(post: &Record) -> Value {
    let mut view = POSTS.view(post);
    view["changeKey"] = view["@odata.etag"].clone();
    if let Some(properties) = view.as_object_mut() {
        properties.remove(ANSWERED);
    }
    view
}

/// The post that one answers.
pub(super) fn answered_by(call: &Call<'_>, post: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| post[name].as_str().unwrap_or_default();
    let conversation = format!("{}/{}", conversations::place(call)?, text("conversationId"));
    let place = format!("{conversation}/threads/{}/posts", text("conversationThreadId"));
    let post = call.store.records.find(&place, text("id"));
    let answered = post.and_then(|post| post.properties.get(ANSWERED)?.as_str());
    Ok(answered.and_then(|id| call.store.records.find(&place, id)).map_or(Value::Null, view))
}

/// Writes into the view of a thread or conversation what follows from its posts.
pub(super) fn summarise<'p>(view: &mut Value, posts: impl Iterator<Item = &'p Record>) {
    let posts: Vec<_> = posts.collect();
    let newest = posts.iter().max_by_key(|post| post.properties["receivedDateTime"].as_str());
    let mut senders: Vec<&Value> = Vec::new();
    for post in &posts {
        let sender = &post.properties["sender"]["emailAddress"]["name"];
        if !senders.contains(&sender) {
            senders.push(sender);
        }
    }
    view["uniqueSenders"] = senders.into_iter().cloned().collect();
    view["hasAttachments"] = posts.iter().any(|post| post.properties["hasAttachments"] == true).into();
    view["lastDeliveredDateTime"] =
        newest.map_or(Value::Null, |post| post.properties["receivedDateTime"].clone());
    let content = newest.and_then(|post| post.properties["body"]["content"].as_str()).unwrap_or_default();
    view["preview"] = preview(content).into();
}

fn preview(content: &str) -> String {
    plain(content).chars().take(PREVIEW).collect()
}

/// HTML without its tags.
pub(super) fn plain(content: &str) -> String {
    let mut inside = false;
    let visible = content.chars().filter(|character| {
        let shown = !inside && *character != '<';
        inside = if inside { *character != '>' } else { *character == '<' };
        shown
    });
    visible.collect()
}

#[cfg(test)]
mod tests {
    use super::preview;

    #[test]
    fn a_preview_is_short_and_plain() {
        assert_eq!(preview("<p>At <b>nine</b>.</p>"), "At nine.");
        assert_eq!(preview(&"x".repeat(101)).len(), 100);
        assert_eq!(preview("a < b"), "a ");
    }
}
