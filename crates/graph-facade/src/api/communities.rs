//! Viva Engage communities.

use graph_client::support::started;
use graph_client::{Access, Count, Error, Get, Intent, List, Operation, Request};
use graph_models::models::{Community, CommunityPatch, Group, NewCommunity, User};
use graph_models::{BoxFuture, Identify, facts, operations};

use super::calls::{connect, get, list, send};
use super::outcome::Outcome;
use crate::client::Client;
use graph_client::support::Entry;

mod candidates;

/// The longest name of a community, in UTF-16 code units, as the service counts.
const LONGEST_NAME: usize = 255;
/// The longest description of a community, in UTF-16 code units.
const LONGEST_DESCRIPTION: usize = 1024;
/// How many owners a community may be created with.
const MOST_OWNERS: usize = 100;

/// The communities of the network.
///
/// Viva Engage allows 10 requests in 30 seconds to each user of an app; the client's limiter keeps to that.
#[derive(Clone, Debug)]
pub struct Communities {
    client: Client,
}

impl Client {
    /// The communities of the network. Only the global cloud has them.
    pub fn communities(&self) -> Communities {
        Communities { client: self.clone() }
    }
}

impl Communities {
    /// Lists the communities, 20 to a page unless [`top`](List::top) says otherwise.
    ///
    #[doc = facts!(COMMUNITIES_LIST)]
    pub fn list(&self) -> List<Community> {
        list!(&self.client, COMMUNITIES_LIST, communities_list())
    }

    /// Starts the creation of a community, which takes the service a while.
    ///
    /// The [`Operation`] is there as soon as the service has accepted; nothing has been waited for. An app without a user
    /// must name at least one owner. Refused before anything is sent: no owner where the client knows that it calls as an app, a name over 255 or a description over 1,024
    /// characters, more than 100 owners, an owner without an id.
    ///
    /// With a [journal](crate::OperationJournal), what is about to be sent is written first, and what is accepted at once. If
    /// writing fails before sending, the call fails with [`Journal`](crate::ErrorKind::Journal) and nothing is sent.
    ///
    #[doc = facts!(COMMUNITIES_CREATE)]
    pub fn create(&self, community: NewCommunity) -> Request<Operation<Community>> {
        let (client, starting) = (self.client.clone(), self.client.clone());
        let entry = Entry::of_call(&client, &operations::COMMUNITIES_CREATE, &community.display_name);
        Request::new(&self.client, &operations::COMMUNITIES_CREATE, move |writer, _| {
            let raw = connect(writer);
            let mut community = community;
            check_texts(Some(&community.display_name), Some(&community.description))?;
            check_owners(community.owners.len(), starting.access_for(&operations::COMMUNITIES_CREATE)?)?;
            community.resolve(starting.base());
            Ok(raw.communities_create(&community))
        })
        .journaled(entry.clone())
        .then(move |accepted| started(client, accepted?, entry))
    }

    /// Reads one community.
    ///
    #[doc = facts!(COMMUNITIES_GET)]
    pub fn get(&self, community: impl Identify) -> Get<Community> {
        get!(&self.client, COMMUNITIES_GET, communities_get(community))
    }

    /// Changes a community. Refused before anything is sent: a change of nothing, and texts that are too long.
    ///
    #[doc = facts!(COMMUNITIES_UPDATE)]
    pub fn update(&self, community: impl Identify, change: CommunityPatch) -> Request<()> {
        send!(
            &self.client,
            COMMUNITIES_UPDATE,
            {
                if change.is_empty() {
                    return Err(Error::nothing_to_change());
                }
                check_texts(change.display_name.as_deref(), change.description.as_deref())?;
            },
            communities_update(community; &change)
        )
    }

    /// Deletes a community together with its group, notebook and plans. The group can be restored for 30 days.
    ///
    #[doc = facts!(COMMUNITIES_DELETE)]
    pub fn delete(&self, community: impl Identify) -> Request<()> {
        send!(&self.client, COMMUNITIES_DELETE, communities_delete(community))
    }

    /// Lists the admins of a community, who are the owners of its group. They are changed there:
    /// [`Groups::owners`](crate::Groups::owners).
    ///
    #[doc = facts!(COMMUNITIES_OWNERS_LIST)]
    pub fn owners(&self, community: impl Identify) -> List<User> {
        list!(&self.client, COMMUNITIES_OWNERS_LIST, communities_owners_list(community))
    }

    /// Reads one admin of a community; anybody else is not found there.
    ///
    #[doc = facts!(COMMUNITIES_OWNERS_GET)]
    pub fn owner(&self, community: impl Identify, user: impl Identify) -> Get<User> {
        get!(&self.client, COMMUNITIES_OWNERS_GET, communities_owners_get(community, user))
    }

    /// Counts the admins of a community.
    ///
    #[doc = facts!(COMMUNITIES_OWNERS_COUNT)]
    pub fn owners_count(&self, community: impl Identify) -> Count {
        let id = community.identify();
        Count::new(&self.client, &operations::COMMUNITIES_OWNERS_COUNT, |writer, q| {
            let raw = connect(writer);
            Ok(raw.communities_owners_count(&id?, q.filter(), q.search()))
        })
    }

    /// Reads the group that holds the members of a community.
    ///
    #[doc = facts!(COMMUNITIES_GROUP_GET)]
    pub fn group(&self, community: impl Identify) -> Get<Group> {
        get!(&self.client, COMMUNITIES_GROUP_GET, communities_group_get(community))
    }
}

fn check_texts(name: Option<&str>, description: Option<&str>) -> Result<(), Error> {
    for (property, text, longest) in
        [("displayName", name, LONGEST_NAME), ("description", description, LONGEST_DESCRIPTION)]
    {
        let length = text.map_or(0, |text| text.encode_utf16().count());
        if length > longest {
            return Err(Error::refused(format!(
                "`{property}` has {length} characters, and at most {longest} are allowed"
            )));
        }
    }
    Ok(())
}

fn check_owners(owners: usize, access: Option<Access>) -> Result<(), Error> {
    if owners == 0 && access == Some(Access::Application) {
        return Err(Error::refused(
            "an app by itself can't create a community without owners: name at least one with `owner`",
        ));
    }
    if owners > MOST_OWNERS {
        return Err(Error::refused(format!(
            "there are {owners} owners, and at most {MOST_OWNERS} are allowed"
        )));
    }
    Ok(())
}

impl Outcome for Community {
    fn candidates(
        client: graph_client::Client,
        intents: Vec<Intent>,
        known: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<Vec<Self>>, Error>> {
        Box::pin(async move { candidates::candidates(&client.into(), &intents, &known).await })
    }
}
