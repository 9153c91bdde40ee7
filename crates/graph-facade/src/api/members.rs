//! Who belongs to a group, and who owns it.

use graph_models::models::{DirectoryObject, ReferenceCreate};
use graph_models::{Id, Identify, InvalidId, facts, lift, operations};
use url::Url;

use crate::client::Client;
use crate::count::Count;
use crate::error::{BoxError, Error, ErrorKind};
use crate::paging::List;
use crate::request::Request;
use crate::response::Response;

/// The members or the owners of one group.
#[derive(Clone, Debug)]
pub struct Members {
    client: Client,
    group: Result<Id, InvalidId>,
    relation: Relation,
}

#[derive(Clone, Copy, Debug)]
enum Relation {
    Members,
    Owners,
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
    pub(super) fn of(client: &Client, group: impl Identify) -> Self {
        Self { client: client.clone(), group: group.identify(), relation: Relation::Members }
    }

    pub(super) fn owners_of(client: &Client, group: impl Identify) -> Self {
        Self { client: client.clone(), group: group.identify(), relation: Relation::Owners }
    }

    /// Lists them, 100 to a page unless [`top`](List::top) says otherwise.
    ///
    #[doc = facts!(GROUPS_MEMBERS_LIST)]
    ///
    #[doc = facts!(GROUPS_OWNERS_LIST)]
    pub fn list(&self) -> List<DirectoryObject> {
        let (group, relation) = (self.group.clone(), self.relation);
        let operation = match relation {
            Relation::Members => &operations::GROUPS_MEMBERS_LIST,
            Relation::Owners => &operations::GROUPS_OWNERS_LIST,
        };
        List::new(&self.client, operation, move |raw, q| {
            Box::pin(async move {
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top, id) = (q.search(), q.select(), q.top(), group?);
                Ok(lift(match relation {
                    Relation::Members => {
                        raw.groups_members_list(
                            &id, count, expand, filter, order_by, search, select, None, top,
                        )
                        .await
                    }
                    Relation::Owners => {
                        raw.groups_owners_list(
                            &id, count, expand, filter, order_by, search, select, None, top,
                        )
                        .await
                    }
                })?)
            })
        })
    }

    /// Counts them.
    ///
    #[doc = facts!(GROUPS_MEMBERS_COUNT)]
    pub fn count(&self) -> Count {
        let group = self.group.clone();
        match self.relation {
            Relation::Members => Count::new(&self.client, &operations::GROUPS_MEMBERS_COUNT, |raw, q| {
                Box::pin(
                    async move { Ok(lift(raw.groups_members_count(&group?, q.filter(), q.search()).await)?) },
                )
            }),
            Relation::Owners => Count::of_list(&self.client, &operations::GROUPS_OWNERS_LIST, |raw, q| {
                Box::pin(async move {
                    let (id, count, filter, search, top) =
                        (group?, q.count(), q.filter(), q.search(), q.top());
                    let list =
                        raw.groups_owners_list(&id, count, None, filter, None, search, None, None, top);
                    Ok(lift(list.await)?)
                })
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
        let operation = match relation {
            Relation::Members => &operations::GROUPS_MEMBERS_ADD,
            Relation::Owners => &operations::GROUPS_OWNERS_ADD,
        };
        let reference = self.reference(user);
        Request::new(&self.client, operation, move |raw, _| {
            Box::pin(async move {
                let (id, reference) = (group?, reference?);
                Ok(lift(match relation {
                    Relation::Members => raw.groups_members_add(&id, &reference).await,
                    Relation::Owners => raw.groups_owners_add(&id, &reference).await,
                })?)
            })
        })
        .then(|outcome| match outcome {
            Err(error) if error.is_already_member() => {
                Response::of_refusal(&error, Added::Already).ok_or(error)
            }
            outcome => outcome.map(|response| response.map(|()| Added::Now)),
        })
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
        Request::new(&self.client, operation, move |raw, _| {
            Box::pin(async move {
                let (id, user) = (group?, user?);
                Ok(lift(match relation {
                    Relation::Members => raw.groups_members_remove(&id, &user).await,
                    Relation::Owners => raw.groups_owners_remove(&id, &user).await,
                })?)
            })
        })
        .then(|outcome| match outcome {
            Err(error) if error.is_absent_reference() => {
                Response::of_refusal(&error, Removed::Already).ok_or(error)
            }
            outcome => outcome.map(|response| response.map(|()| Removed::Now)),
        })
    }

    /// The body that names `user` by its address below the client's root.
    fn reference(&self, user: impl Identify) -> Result<ReferenceCreate, Error> {
        let mut reference = ReferenceCreate::default();
        reference.odata_id = Some(address_below(&self.client, "directoryObjects", user)?);
        Ok(reference)
    }
}

/// The address of an object of a collection, below the client's root.
pub(super) fn address_below(
    client: &Client,
    collection: &str,
    object: impl Identify,
) -> Result<String, Error> {
    let invalid = |error: BoxError| Error::from_source(ErrorKind::InvalidRequest, error);
    let id = object.identify().map_err(|error| invalid(error.into()))?;
    let mut address = Url::parse(client.pipeline.root.base()).map_err(|error| invalid(error.into()))?;
    // An https or http address always has segments.
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.extend([collection, id.as_str()]);
    }
    Ok(address.into())
}
