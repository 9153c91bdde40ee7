//! Microsoft 365 groups and security groups.

use graph_client::support::{CallOptions, Query};
use graph_client::{Count, Delta, Get, List, Request, field};
use graph_models::models::{DirectoryObject, Group, GroupPatch, NewGroup, User};
use graph_models::{Identify, facts, operations};

use super::calls::{connect, get, list, send};
use super::group_checks::{check_change, check_links, check_new, split};
use super::members::Members;
use crate::client::Client;

/// The groups of the tenant.
#[derive(Clone, Debug)]
pub struct Groups {
    pub(super) client: Client,
}

impl Client {
    /// The groups of the tenant. Those that belong to a community hold its members and admins.
    pub fn groups(&self) -> Groups {
        Groups { client: self.clone() }
    }
}

impl Groups {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Lists the groups, 100 to a page unless [`top`](List::top) says otherwise.
    ///
    #[doc = facts!(GROUPS_LIST)]
    pub fn list(&self) -> List<Group> {
        list!(&self.client, GROUPS_LIST, groups_list())
    }

    /// What has changed among the groups: first everything, later what is different from before.
    ///
    /// With `members` in [`select`](Delta::select), also who joined and left.
    ///
    #[doc = facts!(GROUPS_DELTA)]
    pub fn delta(&self) -> Delta<Group> {
        Delta::new(&self.client, &operations::GROUPS_DELTA, |writer, q| {
            let raw = connect(writer);
            Ok(raw.groups_delta(None, None, q.filter(), None, None, q.select(), None, None))
        })
    }

    /// Counts the groups.
    ///
    #[doc = facts!(GROUPS_COUNT)]
    pub fn count(&self) -> Count {
        Count::new(&self.client, &operations::GROUPS_COUNT, |writer, q| {
            let raw = connect(writer);
            Ok(raw.groups_count(q.filter(), q.search()))
        })
    }

    /// Reads one group.
    ///
    #[doc = facts!(GROUPS_GET)]
    pub fn get(&self, group: impl Identify) -> Get<Group> {
        get!(&self.client, GROUPS_GET, groups_get(group))
    }

    /// Finds the group that has this unique name, which an app gave it; there is one, or none.
    ///
    #[doc = facts!(GROUPS_LIST)]
    pub fn by_unique_name(&self, name: &str) -> Request<Option<Group>> {
        let condition = field("uniqueName").eq(name);
        Request::new(&self.client, &operations::GROUPS_LIST, |writer, q| {
            let raw = connect(writer);
            Ok(raw.groups_list(None, None, q.filter(), None, None, None, None, None))
        })
        .with_query(|query| query.set_filter(condition))
        .map(|page| page.value.into_iter().next())
    }

    /// Creates a group. [`unified_group`](crate::unified_group) and [`security_group`](crate::security_group) say what the
    /// service wants for either kind.
    ///
    /// A user who names no owners becomes one; an app that names none makes a group without, whose site may never be set up.
    /// The new group can't be found everywhere for some minutes: see [`Error::is_not_yet_visible`](crate::Error::is_not_yet_visible).
    /// Refused before anything is sent: a name that is empty or over 256 characters; a nickname that is empty, over 64
    /// characters or with others than the service allows; a visibility that isn't one; a mailbox without `Unified`; a dynamic
    /// group without a rule or with members; more than 20 owners and members together, which
    /// [`create_with_people`](Self::create_with_people) takes. The service refuses a nickname that is taken:
    /// [`Error::is_name_taken`](crate::Error::is_name_taken).
    ///
    #[doc = facts!(GROUPS_CREATE)]
    pub fn create(&self, group: NewGroup) -> Request<Group> {
        let root = self.client.clone();
        send!(
            &self.client,
            GROUPS_CREATE,
            {
                check_new(&group)?;
                check_links(&group)?;
            },
            groups_create(; &resolved(group, &root))
        )
    }

    /// Changes a group. What Exchange keeps (`allowExternalSenders`, `autoSubscribeNewMembers`, `hideFromAddressLists`,
    /// `hideFromOutlookClients`, `isSubscribedByMail`, `unseenCount`) can't be changed along with the rest, so that a change of
    /// both is two requests: the rest first. An error of the second says that the first was done.
    ///
    /// Refused before anything is sent: a change of nothing, clearing a name or the visibility, `HiddenMembership`, which only
    /// a new group can have, and what [`create`](Self::create) refuses of names.
    ///
    #[doc = facts!(GROUPS_UPDATE)]
    pub fn update(&self, group: impl Identify, change: GroupPatch) -> Request<()> {
        let (client, id, operation) = (self.client.clone(), group.identify(), &operations::GROUPS_UPDATE);
        Request::of(operation, CallOptions::default(), Query::default(), move |options, _| {
            let send = move |options, part: &GroupPatch| {
                graph_client::Client::clone(&client)
                    .call(operation, options, |writer| Ok(connect(writer).groups_update(&id.clone()?, part)))
            };
            Box::pin(async move {
                check_change(&change).map_err(|error| error.with_operation(operation))?;
                let (rest, of_exchange) = split(change);
                if of_exchange.is_empty() {
                    return send(options, &rest).await;
                }
                if rest.is_empty() {
                    return send(options, &of_exchange).await;
                }
                send(options.clone(), &rest).await?;
                let outcome = send(options, &of_exchange).await;
                outcome.map_err(|error| error.with_note("what Exchange does not keep was changed"))
            })
        })
    }

    /// Deletes a group. A Microsoft 365 group can be [restored](crate::DeletedItems::restore) for 30 days.
    ///
    #[doc = facts!(GROUPS_DELETE)]
    pub fn delete(&self, group: impl Identify) -> Request<()> {
        send!(&self.client, GROUPS_DELETE, groups_delete(group))
    }

    /// Lists the members of a group, and of the groups in it, each once, 100 to a page unless [`top`](List::top) says otherwise.
    ///
    #[doc = facts!(GROUPS_TRANSITIVE_MEMBERS_LIST)]
    pub fn transitive_members(&self, group: impl Identify) -> List<DirectoryObject> {
        list!(&self.client, GROUPS_TRANSITIVE_MEMBERS_LIST, groups_transitive_members_list(group))
    }

    /// Lists the users among the members of a group and of the groups in it.
    ///
    #[doc = facts!(GROUPS_TRANSITIVE_MEMBERS_USERS_LIST)]
    pub fn transitive_member_users(&self, group: impl Identify) -> List<User> {
        list!(&self.client, GROUPS_TRANSITIVE_MEMBERS_USERS_LIST, groups_transitive_members_users_list(group))
    }

    /// Counts the members of a group, and of the groups in it, each once.
    ///
    #[doc = facts!(GROUPS_TRANSITIVE_MEMBERS_COUNT)]
    pub fn transitive_members_count(&self, group: impl Identify) -> Count {
        let id = group.identify();
        Count::new(&self.client, &operations::GROUPS_TRANSITIVE_MEMBERS_COUNT, |writer, q| {
            let raw = connect(writer);
            Ok(raw.groups_transitive_members_count(&id?, q.filter(), q.search()))
        })
    }

    /// The members of a group; for a community, those who take part in it.
    pub fn members(&self, group: impl Identify) -> Members {
        Members::of(&self.client, group)
    }

    /// The owners of a group; for a community, its admins.
    pub fn owners(&self, group: impl Identify) -> Members {
        Members::owners_of(&self.client, group)
    }
}

/// The group with the addresses of its people below the client's root.
pub(super) fn resolved(mut group: NewGroup, client: &Client) -> NewGroup {
    group.resolve(client.base());
    group
}
