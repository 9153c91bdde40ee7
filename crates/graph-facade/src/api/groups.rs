//! Microsoft 365 groups.

use graph_models::models::Group;
use graph_models::{Identify, facts, lift, operations};

use super::calls::{get, list};
use super::members::Members;
use crate::client::Client;
use crate::count::Count;
use crate::delta::Delta;
use crate::paging::List;
use crate::request::Get;

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
        Delta::new(&self.client, &operations::GROUPS_DELTA, |raw, q| {
            Box::pin(async move {
                let delta = raw.groups_delta(None, None, q.filter(), None, None, q.select(), None, None);
                Ok(lift(delta.await)?)
            })
        })
    }

    /// Counts the groups.
    ///
    #[doc = facts!(GROUPS_COUNT)]
    pub fn count(&self) -> Count {
        Count::new(&self.client, &operations::GROUPS_COUNT, |raw, q| {
            Box::pin(async move { Ok(lift(raw.groups_count(q.filter(), q.search()).await)?) })
        })
    }

    /// Reads one group.
    ///
    #[doc = facts!(GROUPS_GET)]
    pub fn get(&self, group: impl Identify) -> Get<Group> {
        get!(&self.client, GROUPS_GET, groups_get(group))
    }

    /// Counts the members of a group, and of the groups in it, each once.
    ///
    #[doc = facts!(GROUPS_TRANSITIVE_MEMBERS_COUNT)]
    pub fn transitive_members_count(&self, group: impl Identify) -> Count {
        let id = group.identify();
        Count::new(&self.client, &operations::GROUPS_TRANSITIVE_MEMBERS_COUNT, |raw, q| {
            Box::pin(async move {
                Ok(lift(raw.groups_transitive_members_count(&id?, q.filter(), q.search()).await)?)
            })
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
