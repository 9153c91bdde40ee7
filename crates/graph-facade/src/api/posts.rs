//! The posts of a thread, and what a new one says.

use graph_client::{Error, Get, List, Request};
use graph_models::models::{
    BodyType, EmailAddress, GroupsConversationsThreadsPostsForwardBody, GroupsThreadsPostsForwardBody,
    ItemBody, Post, Recipient,
};
use graph_models::{Id, Identify, InvalidId, facts};

use super::calls::{get, list, send};
use crate::client::Client;

/// The posts of one thread: the one that started it, and the replies.
#[derive(Clone, Debug)]
pub struct Posts {
    pub(super) client: Client,
    pub(super) group: Result<Id, InvalidId>,
    pub(super) conversation: Option<Result<Id, InvalidId>>,
    pub(super) thread: Result<Id, InvalidId>,
}

/// What a new post says. A text is one of plain text; a [`Post`] is sent as it is.
///
/// ```
/// use graph_facade::NewPost;
///
/// let plain = NewPost::from("Take-off at nine.");
/// assert_eq!(plain, NewPost::text("Take-off at nine."));
/// let rich = NewPost::html("<p>Take-off at <b>nine</b>.</p>").participant("tower@example.com");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NewPost(Post);

impl NewPost {
    /// A post of plain text.
    pub fn text(content: impl Into<String>) -> Self {
        Self::of(BodyType::Text, content.into())
    }

    /// A post of HTML. The service leaves out what it takes for unsafe.
    pub fn html(content: impl Into<String>) -> Self {
        Self::of(BodyType::Html, content.into())
    }

    /// Brings somebody into the thread, by mail address.
    pub fn participant(mut self, address: impl Into<String>) -> Self {
        self.0.new_participants.get_or_insert_default().push(recipient(address));
        self
    }

    fn of(kind: BodyType, content: String) -> Self {
        let mut body = ItemBody::default();
        body.content_type = Some(kind);
        body.content = Some(content);
        let mut post = Post::default();
        post.body = Some(body);
        Self(post)
    }

    /// The post, unless it says nothing.
    pub(super) fn checked(self) -> Result<Post, Error> {
        let content = self.0.body.as_ref().and_then(|body| body.content.as_deref()).unwrap_or_default();
        if content.trim().is_empty() {
            return Err(Error::refused("the post says nothing: give its `body` a content"));
        }
        Ok(self.0)
    }
}

impl From<&str> for NewPost {
    fn from(content: &str) -> Self {
        Self::text(content)
    }
}

impl From<String> for NewPost {
    fn from(content: String) -> Self {
        Self::text(content)
    }
}

impl From<Post> for NewPost {
    fn from(post: Post) -> Self {
        Self(post)
    }
}

/// `reply_body!(GroupsThreadsReplyBody, post)`: the body that holds a [`NewPost`], or why it can't be sent.
macro_rules! reply_body {
    ($body:ident, $post:expr) => {
        $post.checked().map(|post| {
            let mut body = graph_models::models::$body::default();
            body.post = Some(post);
            body
        })
    };
}
pub(super) use reply_body;

/// Somebody by a mail address.
fn recipient(address: impl Into<String>) -> Recipient {
    let mut email = EmailAddress::default();
    email.address = Some(address.into());
    let mut recipient = Recipient::default();
    recipient.email_address = Some(email);
    recipient
}

fn somebody(recipients: Option<&[Recipient]>) -> Result<(), Error> {
    if recipients.is_none_or(<[_]>::is_empty) {
        return Err(Error::refused("there is nobody to send it to: give at least one address"));
    }
    Ok(())
}

impl Posts {
    /// Lists the posts.
    ///
    #[doc = facts!(GROUPS_THREADS_POSTS_LIST)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_POSTS_LIST)]
    pub fn list(&self) -> List<Post> {
        let (client, group, thread) = (&self.client, &self.group, &self.thread);
        match &self.conversation {
            None => list!(client, GROUPS_THREADS_POSTS_LIST, groups_threads_posts_list(group, thread)),
            Some(conversation) => list!(
                client,
                GROUPS_CONVERSATIONS_THREADS_POSTS_LIST,
                groups_conversations_threads_posts_list(group, conversation, thread)
            ),
        }
    }

    /// Reads a post. `expand(["inReplyTo"])` reads the one that it answers along with it.
    ///
    #[doc = facts!(GROUPS_THREADS_POSTS_GET)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_POSTS_GET)]
    pub fn get(&self, post: impl Identify) -> Get<Post> {
        let (client, group, thread) = (&self.client, &self.group, &self.thread);
        match &self.conversation {
            None => get!(client, GROUPS_THREADS_POSTS_GET, groups_threads_posts_get(group, thread, post)),
            Some(conversation) => get!(
                client,
                GROUPS_CONVERSATIONS_THREADS_POSTS_GET,
                groups_conversations_threads_posts_get(group, conversation, thread, post)
            ),
        }
    }

    /// Sends one post on to other people by mail, with a few words. Refused before anything is sent: nobody to send it to.
    ///
    #[doc = facts!(GROUPS_THREADS_POSTS_FORWARD)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_POSTS_FORWARD)]
    pub fn forward<A: Into<String>>(
        &self,
        post: impl Identify,
        comment: impl Into<String>,
        addresses: impl IntoIterator<Item = A>,
    ) -> Request<()> {
        let (client, group, thread) = (&self.client, &self.group, &self.thread);
        let (comment, people) = (comment.into(), addresses.into_iter().map(recipient).collect::<Vec<_>>());
        match &self.conversation {
            None => {
                let mut body = GroupsThreadsPostsForwardBody::default();
                (body.comment, body.to_recipients) = (Some(comment), Some(people));
                send!(
                    client,
                    GROUPS_THREADS_POSTS_FORWARD,
                    { somebody(body.to_recipients.as_deref())? },
                    groups_threads_posts_forward(group, thread, post; &body)
                )
            }
            Some(conversation) => {
                let mut body = GroupsConversationsThreadsPostsForwardBody::default();
                (body.comment, body.to_recipients) = (Some(comment), Some(people));
                send!(
                    client,
                    GROUPS_CONVERSATIONS_THREADS_POSTS_FORWARD,
                    { somebody(body.to_recipients.as_deref())? },
                    groups_conversations_threads_posts_forward(group, conversation, thread, post; &body)
                )
            }
        }
    }

    /// Answers one post of the thread, as [`Threads::reply`](crate::Threads::reply) answers the thread.
    ///
    #[doc = facts!(GROUPS_THREADS_POSTS_REPLY)]
    ///
    #[doc = facts!(GROUPS_CONVERSATIONS_THREADS_POSTS_REPLY)]
    pub fn reply(&self, post: impl Identify, answer: impl Into<NewPost>) -> Request<()> {
        let (client, group, thread, answer) = (&self.client, &self.group, &self.thread, answer.into());
        match &self.conversation {
            None => {
                let body = reply_body!(GroupsThreadsPostsReplyBody, answer);
                send!(
                    client,
                    GROUPS_THREADS_POSTS_REPLY,
                    groups_threads_posts_reply(group, thread, post; &body?)
                )
            }
            Some(conversation) => {
                let body = reply_body!(GroupsConversationsThreadsPostsReplyBody, answer);
                send!(
                    client,
                    GROUPS_CONVERSATIONS_THREADS_POSTS_REPLY,
                    groups_conversations_threads_posts_reply(group, conversation, thread, post; &body?)
                )
            }
        }
    }
}
