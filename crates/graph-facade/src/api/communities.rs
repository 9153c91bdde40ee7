//! Viva Engage communities.

use graph_models::models::{Community, CommunityPatch, EngagementAsyncOperation, Group, NewCommunity, User};
use graph_models::{BoxFuture, Identify, OperationInfo, lift, operations};

use crate::client::Client;
use crate::count::Count;
use crate::error::{Error, ErrorKind};
use crate::lro::{Operation, Outcome, PollInterval, Sealed, StatusReport, Visible, started};
use crate::paging::List;
use crate::request::{Get, Request};
use crate::scopes::Access;

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
    pub fn list(&self) -> List<Community> {
        List::new(&self.client, &operations::COMMUNITIES_LIST, |raw, q| {
            Box::pin(async move {
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top) = (q.search(), q.select(), q.top());
                Ok(lift(
                    raw.communities_list(count, expand, filter, order_by, search, select, None, top).await,
                )?)
            })
        })
    }

    /// Starts the creation of a community, which takes the service a while.
    ///
    /// The [`Operation`] is there as soon as the service has accepted; nothing has been waited for. An app without a user
    /// must name at least one owner. Refused before anything is sent: no owner where the client knows that it calls as an app, a name over 255 or a description over 1,024
    /// characters, more than 100 owners, an owner without an id.
    pub fn create(&self, community: NewCommunity) -> Request<Operation<Community>> {
        let (client, starting) = (self.client.clone(), self.client.clone());
        Request::new(&self.client, &operations::COMMUNITIES_CREATE, move |raw, _| {
            Box::pin(async move {
                let mut community = community;
                check_texts(Some(&community.display_name), Some(&community.description))?;
                check_owners(
                    community.owners.len(),
                    starting.pipeline.access_for(&operations::COMMUNITIES_CREATE)?,
                )?;
                community.resolve(starting.pipeline.root.base());
                Ok(lift(raw.communities_create(&community).await)?)
            })
        })
        .then(move |accepted| started(client, accepted?))
    }

    /// Reads one community.
    pub fn get(&self, community: impl Identify) -> Get<Community> {
        let id = community.identify();
        Get::new(&self.client, &operations::COMMUNITIES_GET, |raw, q| {
            Box::pin(async move { Ok(lift(raw.communities_get(&id?, q.expand(), q.select()).await)?) })
        })
    }

    /// Changes a community. Refused before anything is sent: a change of nothing, and texts that are too long.
    pub fn update(&self, community: impl Identify, change: CommunityPatch) -> Request<()> {
        let id = community.identify();
        Request::new(&self.client, &operations::COMMUNITIES_UPDATE, |raw, _| {
            Box::pin(async move {
                if change.is_empty() {
                    return Err(
                        Error::refused("the change changes nothing: set at least one property").into()
                    );
                }
                check_texts(change.display_name.as_deref(), change.description.as_deref())?;
                Ok(lift(raw.communities_update(&id?, &change).await)?)
            })
        })
    }

    /// Deletes a community together with its group, notebook and plans. The group can be restored for 30 days.
    pub fn delete(&self, community: impl Identify) -> Request<()> {
        let id = community.identify();
        Request::new(&self.client, &operations::COMMUNITIES_DELETE, |raw, _| {
            Box::pin(async move { Ok(lift(raw.communities_delete(&id?).await)?) })
        })
    }

    /// Lists the admins of a community, who are the owners of its group. They are changed there:
    /// [`Groups::owners`](crate::Groups::owners).
    pub fn owners(&self, community: impl Identify) -> List<User> {
        let id = community.identify();
        List::new(&self.client, &operations::COMMUNITIES_OWNERS_LIST, |raw, q| {
            Box::pin(async move {
                let (count, expand, filter, order_by) = (q.count(), q.expand(), q.filter(), q.order_by());
                let (search, select, top, id) = (q.search(), q.select(), q.top(), id?);
                let list = raw
                    .communities_owners_list(&id, count, expand, filter, order_by, search, select, None, top);
                Ok(lift(list.await)?)
            })
        })
    }

    /// Counts the admins of a community.
    pub fn owners_count(&self, community: impl Identify) -> Count {
        let id = community.identify();
        Count::new(&self.client, &operations::COMMUNITIES_OWNERS_COUNT, |raw, q| {
            Box::pin(
                async move { Ok(lift(raw.communities_owners_count(&id?, q.filter(), q.search()).await)?) },
            )
        })
    }

    /// Reads the group that holds the members of a community.
    pub fn group(&self, community: impl Identify) -> Get<Group> {
        let id = community.identify();
        Get::new(&self.client, &operations::COMMUNITIES_GROUP_GET, |raw, q| {
            Box::pin(async move { Ok(lift(raw.communities_group_get(&id?, q.expand(), q.select()).await)?) })
        })
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

impl Sealed for Community {}

impl Outcome for Community {
    type Interval = PollInterval;

    fn started_by() -> &'static OperationInfo {
        &operations::COMMUNITIES_CREATE
    }

    fn polled_by() -> &'static OperationInfo {
        &operations::ENGAGEMENT_ASYNC_OPERATIONS_GET
    }

    fn read_status(body: &str) -> serde_json::Result<StatusReport> {
        let operation: EngagementAsyncOperation = serde_json::from_str(body)?;
        Ok(StatusReport {
            status: operation.status,
            detail: operation.status_detail,
            resource_id: operation.resource_id,
            resource_location: operation.resource_location,
            ..StatusReport::default()
        })
    }

    fn fetch(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>> {
        Box::pin(async move {
            let pipeline = &client.pipeline;
            let address = report.resource_location.and_then(|address| pipeline.root.resolve(&address).ok());
            match (address, report.resource_id) {
                (Some(address), _) => client.read(&operations::COMMUNITIES_GET, &address).await,
                (None, Some(id)) => client.communities().get(id).send().await,
                (None, None) => Err(Error::new(
                    ErrorKind::Decode,
                    "the operation succeeded, but the service names no community: find it by its name",
                )
                .with_operation(Self::started_by())),
            }
        })
    }
}

impl Visible for Community {
    fn see(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>> {
        Box::pin(async move {
            let community = Self::fetch(client.clone(), report).await?;
            client.communities().group(&community).select(["id"]).await?;
            Ok(community)
        })
    }
}
