//! The threads of a group, or of one of its conversations.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{ConversationThread, ConversationThreadPatch};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list, send};
use super::groups::Groups;
use super::posts::{NewPost, Posts, reply_body};
use crate::client::Client;

/// The threads of one group, or of one conversation in it.
///
/// A thread that is reached through its group is the same as the one that is reached through its conversation.
#[derive(Clone, Debug)]
pub struct Threads {
    client: Client,
    group: Result<Id, InvalidId>,
    /// Of this one alone.
    conversation: Option<Result<Id, InvalidId>>,
}

impl Groups {
    /// The threads of all conversations of a group. [`Conversations::threads`](crate::Conversations::threads) has those of one.
    pub fn threads(&self, group: impl Identify) -> Threads {
        Threads { client: self.client.clone(), group: group.identify(), conversation: None }
    }
}

impl Threads {
    pub(super) fn of_conversation(
        client: &Client,
        group: &Result<Id, InvalidId>,
        conversation: impl Identify,
    ) -> Self {
        let conversation = Some(conversation.identify());
        Self { client: client.clone(), group: group.clone(), conversation }
    }

    /// Lists the threads.
    ///
    #[doc = facts!(GROUPS_THREADS_LIST)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_LIST)]
    pub fn list(&self) -> List<ConversationThread> {
        let (client, group) = (&self.client, &self.group);
        match &self.conversation {
            None => list!(client, GROUPS_THREADS_LIST, groups_threads_list(group)),
            Some(conversation) => list!(
                client,
                GROUPS_CONVERSATIONS_THREADS_LIST,
                groups_conversations_threads_list(group, conversation)
            ),
        }
    }

    /// Starts a thread with one post: in a new conversation of the group, or in the conversation whose threads these are.
    /// There, an empty topic is that of the conversation. Refused before anything is sent: an empty topic of a new
    /// conversation, and a post that says nothing.
    ///
    #[doc = facts!(GROUPS_THREADS_CREATE)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_CREATE)]
    pub fn create(&self, topic: impl Into<String>, post: impl Into<NewPost>) -> Request<ConversationThread> {
        let (client, group) = (&self.client, &self.group);
        let (topic, post) = (topic.into(), post.into());
        match &self.conversation {
            None => {
                let thread = checked_topic(topic).and_then(|topic| new_thread(topic, post));
                send!(client, GROUPS_THREADS_CREATE, groups_threads_create(group; &thread?))
            }
            Some(conversation) => {
                let thread = new_thread(topic, post);
                send!(
                    client,
                    GROUPS_CONVERSATIONS_THREADS_CREATE,
                    groups_conversations_threads_create(group, conversation; &thread?)
                )
            }
        }
    }

    /// Reads a thread. `expand(["posts"])` reads its posts along with it.
    ///
    #[doc = facts!(GROUPS_THREADS_GET)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_GET)]
    pub fn get(&self, thread: impl Identify) -> Get<ConversationThread> {
        let (client, group) = (&self.client, &self.group);
        match &self.conversation {
            None => get!(client, GROUPS_THREADS_GET, groups_threads_get(group, thread)),
            Some(conversation) => get!(
                client,
                GROUPS_CONVERSATIONS_THREADS_GET,
                groups_conversations_threads_get(group, conversation, thread)
            ),
        }
    }

    /// Changes a thread: whether it is closed to replies. Refused before anything is sent: a change of nothing.
    ///
    #[doc = facts!(GROUPS_THREADS_UPDATE)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_UPDATE)]
    pub fn update(&self, thread: impl Identify, change: ConversationThreadPatch) -> Request<()> {
        let (client, group) = (&self.client, &self.group);
        match &self.conversation {
            None => send!(
                client,
                GROUPS_THREADS_UPDATE,
                { check_change(&change)? },
                groups_threads_update(group, thread; &change)
            ),
            Some(conversation) => send!(
                client,
                GROUPS_CONVERSATIONS_THREADS_UPDATE,
                { check_change(&change)? },
                groups_conversations_threads_update(group, conversation, thread; &change)
            ),
        }
    }

    /// Deletes a thread with all its posts.
    ///
    #[doc = facts!(GROUPS_THREADS_DELETE)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_DELETE)]
    pub fn delete(&self, thread: impl Identify) -> Request<()> {
        let (client, group) = (&self.client, &self.group);
        match &self.conversation {
            None => send!(client, GROUPS_THREADS_DELETE, groups_threads_delete(group, thread)),
            Some(conversation) => send!(
                client,
                GROUPS_CONVERSATIONS_THREADS_DELETE,
                groups_conversations_threads_delete(group, conversation, thread)
            ),
        }
    }

    /// Adds a post to a thread. The service accepts it and sends it later, so that it may not be among the posts at once.
    /// It refuses a thread that is closed to replies. Refused before anything is sent: a post that says nothing.
    ///
    #[doc = facts!(GROUPS_THREADS_REPLY)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_REPLY)]
    pub fn reply(&self, thread: impl Identify, post: impl Into<NewPost>) -> Request<()> {
        let (client, group, post) = (&self.client, &self.group, post.into());
        match &self.conversation {
            None => {
                let body = reply_body!(GroupsThreadsReplyBody, post);
                send!(client, GROUPS_THREADS_REPLY, groups_threads_reply(group, thread; &body?))
            }
            Some(conversation) => {
                let body = reply_body!(GroupsConversationsThreadsReplyBody, post);
                send!(
                    client,
                    GROUPS_CONVERSATIONS_THREADS_REPLY,
                    groups_conversations_threads_reply(group, conversation, thread; &body?)
                )
            }
        }
    }

    /// The posts of one thread.
    pub fn posts(&self, thread: impl Identify) -> Posts {
        let (group, conversation) = (self.group.clone(), self.conversation.clone());
        Posts { client: self.client.clone(), group, conversation, thread: thread.identify() }
    }
}

fn check_change(change: &ConversationThreadPatch) -> Result<(), Error> {
    if change.is_empty() { Err(Error::nothing_to_change()) } else { Ok(()) }
}

/// A thread with its first post. Without a topic it takes that of its conversation.
pub(super) fn new_thread(topic: String, post: NewPost) -> Result<ConversationThread, Error> {
    let mut thread = ConversationThread::default();
    thread.topic = Some(topic).filter(|topic| !topic.is_empty());
    thread.posts = Some(vec![post.checked()?]);
    Ok(thread)
}

pub(super) fn checked_topic(topic: String) -> Result<String, Error> {
    if topic.trim().is_empty() {
        return Err(Error::refused("`topic` is empty: say what it is about"));
    }
    Ok(topic)
}
