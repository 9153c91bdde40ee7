//! Who belongs to a group, and who owns it.

use std::fmt;

use graph_client::{Count, Error, ErrorKind, List, Request, Response};
use graph_models::models::{DirectoryObject, GroupPatch, ObjectReference, ReferenceCreate, User};
use graph_models::{Id, Identify, InvalidId, OperationInfo, Reference, facts, operations};
use serde::{Deserialize, Serialize};

use super::calls::{connect, list, send};
use crate::client::Client;

/// The members or the owners of one group.
#[derive(Clone, Debug)]
pub struct Members {
    pub(crate) client: Client,
    pub(crate) group: Result<Id, InvalidId>,
    pub(crate) relation: Relation,
}

/// One of the two ways in which somebody belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Relation {
    /// Who takes part in it.
    Members,
    /// Who manages it.
    Owners,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Members => "members",
            Self::Owners => "owners",
        })
    }
}

/// What adding came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Added {
    /// Added by this call.
    Now,
    /// There before.
    Already,
}

/// What removing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Removed {
    /// Removed by this call.
    Now,
    /// Not there before.
    Already,
}

impl Members {
    pub(crate) fn of(client: &Client, group: impl Identify) -> Self {
        Self { client: client.clone(), group: group.identify(), relation: Relation::Members }
    }

    pub(crate) fn owners_of(client: &Client, group: impl Identify) -> Self {
        Self { client: client.clone(), group: group.identify(), relation: Relation::Owners }
    }

    /// Lists them, 100 to a page unless [`top`](List::top) says otherwise.
    ///
    #[doc = facts!(GROUPS_MEMBERS_LIST)]
    ///
    #[doc = facts!(GROUPS_OWNERS_LIST)]
    pub fn list(&self) -> List<DirectoryObject> {
        let group = &self.group;
        match self.relation {
            Relation::Members => list!(&self.client, GROUPS_MEMBERS_LIST, groups_members_list(group)),
            Relation::Owners => list!(&self.client, GROUPS_OWNERS_LIST, groups_owners_list(group)),
        }
    }

    /// Lists the users among them.
    ///
    #[doc = facts!(GROUPS_MEMBERS_USERS_LIST)]
    ///
    #[doc = facts!(GROUPS_OWNERS_USERS_LIST)]
    pub fn users(&self) -> List<User> {
        let group = &self.group;
        match self.relation {
            Relation::Members => {
                list!(&self.client, GROUPS_MEMBERS_USERS_LIST, groups_members_users_list(group))
            }
            Relation::Owners => {
                list!(&self.client, GROUPS_OWNERS_USERS_LIST, groups_owners_users_list(group))
            }
        }
    }

    /// Lists their addresses.
    ///
    #[doc = facts!(GROUPS_MEMBERS_REFS_LIST)]
    ///
    #[doc = facts!(GROUPS_OWNERS_REFS_LIST)]
    pub fn addresses(&self) -> List<ObjectReference> {
        let (group, relation) = (self.group.clone(), self.relation);
        let operation = match relation {
            Relation::Members => &operations::GROUPS_MEMBERS_REFS_LIST,
            Relation::Owners => &operations::GROUPS_OWNERS_REFS_LIST,
        };
        List::new(&self.client, operation, move |writer, q| {
            let raw = connect(writer);
            let (count, filter, order_by) = (q.count(), q.filter(), q.order_by());
            let (search, top, id) = (q.search(), q.top(), group?);
            Ok(match relation {
                Relation::Members => {
                    raw.groups_members_refs_list(&id, count, filter, order_by, search, None, top)
                }
                Relation::Owners => {
                    raw.groups_owners_refs_list(&id, count, filter, order_by, search, None, top)
                }
            })
        })
    }

    /// Counts them.
    ///
    #[doc = facts!(GROUPS_MEMBERS_COUNT)]
    pub fn count(&self) -> Count {
        let group = self.group.clone();
        match self.relation {
            Relation::Members => Count::new(&self.client, &operations::GROUPS_MEMBERS_COUNT, |writer, q| {
                let raw = connect(writer);
                Ok(raw.groups_members_count(&group?, q.filter(), q.search()))
            }),
            Relation::Owners => Count::of_list(&self.client, &operations::GROUPS_OWNERS_LIST, |writer, q| {
                let raw = connect(writer);
                let (id, count, filter, search, top) = (group?, q.count(), q.filter(), q.search(), q.top());
                Ok(raw.groups_owners_list(&id, count, None, filter, None, search, None, None, top))
            }),
        }
    }

    /// Adds a user. If the user is there already, that is [`Added::Already`], not an error; after a lost answer and a
    /// second attempt it may mean that the first one did it.
    ///
    #[doc = facts!(GROUPS_MEMBERS_ADD)]
    ///
    #[doc = facts!(GROUPS_OWNERS_ADD)]
    pub fn add(&self, user: impl Identify) -> Request<Added> {
        let (group, relation) = (self.group.clone(), self.relation);
        let reference = self.reference(user);
        Request::new(&self.client, self.operation(), move |writer, _| {
            let raw = connect(writer);
            let (id, reference) = (group?, reference?);
            Ok(match relation {
                Relation::Members => raw.groups_members_add(&id, &reference),
                Relation::Owners => raw.groups_owners_add(&id, &reference),
            })
        })
        .then(|outcome| match outcome {
            Err(error) if error.is_already_member() => {
                Response::of_refusal(&error, Added::Already).ok_or(error)
            }
            outcome => outcome.map(|response| response.map(|()| Added::Now)),
        })
    }

    /// What adds one.
    pub(crate) fn operation(&self) -> &'static OperationInfo {
        match self.relation {
            Relation::Members => &operations::GROUPS_MEMBERS_ADD,
            Relation::Owners => &operations::GROUPS_OWNERS_ADD,
        }
    }

    /// What lists all.
    pub(crate) fn listing(&self) -> &'static OperationInfo {
        match self.relation {
            Relation::Members => &operations::GROUPS_MEMBERS_LIST,
            Relation::Owners => &operations::GROUPS_OWNERS_LIST,
        }
    }

    /// Adds users as members in one request: all of them or, if one can't be added, none. The service takes 20.
    pub(crate) fn add_in_bulk(&self, users: &[Id]) -> Request<()> {
        let group = &self.group;
        let address = |user| {
            let mut reference = Reference::new("directoryObjects", user);
            reference.resolve(self.client.base());
            reference
        };
        let references: Vec<Reference> = users.iter().map(address).collect();
        let mut change = GroupPatch::new();
        send!(
            &self.client,
            GROUPS_UPDATE,
            {
                change.extra.set("members@odata.bind", &references).map_err(|error| {
                    Error::from_source(ErrorKind::InvalidRequest, error)
                })?;
            },
            groups_update(group; &change)
        )
    }

    /// Removes a user. If the service says for sure that the user was not there, that is [`Removed::Already`], not an error;
    /// the last owner can't be removed, see [`Error::is_last_owner`].
    ///
    #[doc = facts!(GROUPS_MEMBERS_REMOVE)]
    ///
    #[doc = facts!(GROUPS_OWNERS_REMOVE)]
    pub fn remove(&self, user: impl Identify) -> Request<Removed> {
        let (group, relation, user) = (self.group.clone(), self.relation, user.identify());
        let operation = match relation {
            Relation::Members => &operations::GROUPS_MEMBERS_REMOVE,
            Relation::Owners => &operations::GROUPS_OWNERS_REMOVE,
        };
        let removed = user.as_ref().map_or_else(|_| String::new(), |user| user.as_str().to_owned());
        Request::new(&self.client, operation, move |writer, _| {
            let raw = connect(writer);
            let (id, user) = (group?, user?);
            Ok(match relation {
                Relation::Members => raw.groups_members_remove(&id, &user),
                Relation::Owners => raw.groups_owners_remove(&id, &user),
            })
        })
        .then(move |outcome| match outcome {
            Err(error) if error.is_absent_reference(&removed) => {
                Response::of_refusal(&error, Removed::Already).ok_or(error)
            }
            outcome => outcome.map(|response| response.map(|()| Removed::Now)),
        })
    }

    /// The body that names `user` by its address below the client's root.
    fn reference(&self, user: impl Identify) -> Result<ReferenceCreate, Error> {
        let mut reference = ReferenceCreate::default();
        reference.odata_id = Some(self.client.address_of("directoryObjects", user)?);
        Ok(reference)
    }
}
