//! Conversations, threads and posts, through the group and through the conversation.

use graph_facade::models::{ConversationThreadPatch, Post};
use graph_facade::{NewPost, Threads, desc, field};

use super::Stage;
use crate::support::{client, pass, seconds};

pub(super) async fn all(stage: Stage) {
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let conversations = groups.conversations(&pilots);
    let flight =
        conversations.create("Flight", NewPost::html("<p>Take-off at <b>nine</b>.</p>")).await.unwrap();
    assert_eq!(flight.preview.as_deref(), Some("Take-off at nine."));
    assert_eq!(flight.unique_senders, Some(vec!["Ada".to_owned()]));
    let lunch = groups.threads(&pilots).create("Lunch", "At noon?").await.unwrap();

    routes(&conversations.threads(&flight), "Landing").await;
    routes(&groups.threads(&pilots), "Weather").await;

    // Somebody else answers later: the conversation follows its newest post.
    pass(seconds(60)).await;
    let grace = client(&stage.sim, "grace").groups();
    grace
        .threads(&pilots)
        .reply(&lunch, NewPost::text("Yes.").participant("ada@contoso.example"))
        .await
        .unwrap();
    let both = conversations
        .list()
        .order_by([desc("lastDeliveredDateTime")])
        .expand(["threads"])
        .await
        .unwrap()
        .items;
    assert_eq!(both.len(), 2, "the one about the weather went with its last thread");
    assert_eq!((both[0].topic.as_deref(), both[0].preview.as_deref()), (Some("Lunch"), Some("Yes.")));
    assert_eq!(both[0].unique_senders, Some(vec!["Ada".to_owned(), "Grace".to_owned()]));
    assert_eq!(both[0].threads.as_ref().unwrap()[0].id, lunch.id);

    let read = conversations.get(&flight).await.unwrap();
    assert_eq!(read.id, flight.id);
    conversations.delete(&flight).await.unwrap();
    assert!(conversations.get(&flight).await.unwrap_err().is_not_found());
    assert!(conversations.threads(&flight).list().await.unwrap_err().is_not_found());
}

/// Every call of a thread, whichever way it is reached.
async fn routes(threads: &Threads, topic: &str) {
    let thread = threads.create(topic, "First.").await.unwrap();
    threads.reply(&thread, "Second.").await.unwrap();
    let posts = threads.posts(&thread);
    let first = posts.list().top(1).await.unwrap().items.remove(0);
    assert_eq!(first.conversation_thread_id, thread.id);
    posts.reply(&first, "Third.").await.unwrap();

    let all: Vec<Post> = posts.list().expand(["inReplyTo"]).await.unwrap().items;
    let says = |post: &Post| post.body.as_ref().and_then(|body| body.content.clone()).unwrap();
    assert_eq!(all.iter().map(says).collect::<Vec<_>>(), ["First.", "Second.", "Third."]);
    assert_eq!(all[2].in_reply_to.as_ref().unwrap().id, first.id);
    assert_eq!(posts.get(&first).await.unwrap().id, first.id);

    posts.forward(&first, "For your eyes.", ["tower@contoso.example"]).await.unwrap();
    let nobody = posts.forward(&first, "For nobody's eyes.", [""; 0]).await.unwrap_err();
    assert!(nobody.to_string().contains("nobody to send it to"), "{nobody}");
    assert!(posts.forward("none", "", ["tower@contoso.example"]).await.unwrap_err().is_not_found());

    threads.update(&thread, ConversationThreadPatch::new().is_locked(true)).await.unwrap();
    let refused = threads.reply(&thread, "Fourth.").await.unwrap_err();
    assert!(refused.to_string().contains("locked"), "{refused}");
    let locked = threads.get(&thread).expand(["posts"]).await.unwrap();
    assert_eq!((locked.is_locked, locked.posts.unwrap().len()), (Some(true), 3));

    let named = threads.list().filter(field("topic").eq(topic)).count().await.unwrap();
    assert_eq!((named.count, &named.items[0].id), (Some(1), &thread.id));
    threads.delete(&thread).await.unwrap();
    assert!(threads.get(&thread).await.unwrap_err().is_not_found());
    assert!(threads.posts(&thread).list().await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let groups = stage.client.groups();
    let (conversations, threads) = (groups.conversations("g"), groups.threads("g"));
    for (refused, named) in [
        (conversations.create(" ", "Hello").await.map(drop), "`topic` is empty"),
        (conversations.create("Hello", "").await.map(drop), "says nothing"),
        (threads.create("", "Hello").await.map(drop), "`topic` is empty"),
        (threads.reply("t", Post::default()).await, "says nothing"),
        (threads.posts("t").reply("p", "\n").await, "says nothing"),
        (threads.posts("").reply("p", "Hello").await, "id is empty"),
        (threads.update("t", ConversationThreadPatch::new()).await, "changes nothing"),
        (conversations.threads("..").delete("t").await, "step in a path"),
    ] {
        let refused = refused.unwrap_err();
        assert!(refused.to_string().contains(named), "{refused}");
    }
    assert_eq!(stage.sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_thread_belongs_to_its_conversation() {
    let stage = Stage::new();
    let (groups, pilots) = (stage.client.groups(), stage.pilots());
    let conversations = groups.conversations(&pilots);
    let flight = conversations.create("Flight", "At nine.").await.unwrap();
    let lunch = groups.threads(&pilots).create("Lunch", "At noon?").await.unwrap();
    assert!(conversations.threads(&flight).get(&lunch).await.unwrap_err().is_not_found());
    assert!(conversations.threads(&flight).reply(&lunch, "Yes.").await.unwrap_err().is_not_found());
    let unnamed = conversations.threads(&flight).create("", "Later.").await.unwrap();
    assert_eq!(unnamed.topic.as_deref(), Some("Flight"), "that of the conversation");
}
