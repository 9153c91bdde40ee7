//! What people write to a group: conversations, each with its threads.

use graph_client::{Error, Get, List, Request};
use graph_models::models::Conversation;
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list, send};
use super::groups::Groups;
use super::posts::NewPost;
use super::threads::{Threads, checked_topic, new_thread};
use crate::client::Client;

/// The conversations of one group.
///
/// A conversation is about one topic and holds threads; a thread holds posts, the first one and its replies. What a group
/// writes in Viva Engage is not among them.
#[derive(Clone, Debug)]
pub struct Conversations {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl Groups {
    /// The conversations of a group.
    pub fn conversations(&self, group: impl Identify) -> Conversations {
        Conversations { client: self.client.clone(), group: group.identify() }
    }
}

impl Conversations {
    /// Lists the conversations.
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_LIST)]
    pub fn list(&self) -> List<Conversation> {
        let group = &self.group;
        list!(&self.client, GROUPS_CONVERSATIONS_LIST, groups_conversations_list(group))
    }

    /// Starts a conversation with a thread of one post. Refused before anything is sent: an empty topic, and a post that
    /// says nothing.
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_CREATE)]
    pub fn create(&self, topic: impl Into<String>, post: impl Into<NewPost>) -> Request<Conversation> {
        let (group, conversation) = (&self.group, new_conversation(topic.into(), post.into()));
        send!(
            &self.client,
            GROUPS_CONVERSATIONS_CREATE,
            groups_conversations_create(group; &conversation?)
        )
    }

    /// Reads a conversation. `expand(["threads"])` reads its threads along with it.
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_GET)]
    pub fn get(&self, conversation: impl Identify) -> Get<Conversation> {
        let group = &self.group;
        get!(&self.client, GROUPS_CONVERSATIONS_GET, groups_conversations_get(group, conversation))
    }

    /// Deletes a conversation with all its threads and posts.
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_DELETE)]
    pub fn delete(&self, conversation: impl Identify) -> Request<()> {
        let group = &self.group;
        send!(&self.client, GROUPS_CONVERSATIONS_DELETE, groups_conversations_delete(group, conversation))
    }

    /// The threads of one conversation. [`Groups::threads`] has those of all.
    pub fn threads(&self, conversation: impl Identify) -> Threads {
        Threads::of_conversation(&self.client, &self.group, conversation)
    }
}

fn new_conversation(topic: String, post: NewPost) -> Result<Conversation, Error> {
    let thread = new_thread(String::new(), post)?;
    let mut conversation = Conversation::default();
    conversation.topic = Some(checked_topic(topic)?);
    conversation.threads = Some(vec![thread]);
    Ok(conversation)
}
