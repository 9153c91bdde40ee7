//! Creating a group with more people than one request can name.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use graph_client::{Error, ErrorKind, RetryPolicy};
use graph_models::models::{Group, NewGroup};
use graph_models::{BoxFuture, Id, Reference, facts, operations};

use super::group_checks::{MOST_LINKS, check_new};
use super::groups::Groups;
use super::members::{Added, Members};
use crate::client::Client;
use crate::reconcile::{LinkOutcome, UntilVisible, Waiting, Work};

/// How many owners a group may have.
const MOST_OWNERS: usize = 100;

/// The creation of a group with any number of people: see [`Groups::create_with_people`].
#[must_use = "nothing is created until it is awaited"]
pub struct CreateWithPeople {
    client: Client,
    group: NewGroup,
    visibility: Arc<dyn RetryPolicy>,
}

/// A group that was created, and who is in it.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreatedGroup {
    /// The group.
    pub group: Group,
    /// The owners, each with what became of it, those that it was created with included.
    pub owners: Vec<LinkOutcome>,
    /// The members likewise.
    pub members: Vec<LinkOutcome>,
    /// What kept the rest from being added, of whom nothing is said above. The group exists all the same:
    /// [`reconcile`](Members::reconcile) adds them later.
    pub stopped: Option<Error>,
}

impl CreatedGroup {
    /// Whether everybody is in it.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.owners.iter().chain(&self.members).all(LinkOutcome::is_success)
    }
}

impl Groups {
    /// Creates a group with any number of members and up to 100 owners: the first 20, owners before members, with the group
    /// itself, the others afterwards, when the new group can be found.
    ///
    /// The result says what became of each. Once the group exists, nothing is an error any more.
    ///
    #[doc = facts!(GROUPS_CREATE)]
    pub fn create_with_people(&self, group: NewGroup) -> CreateWithPeople {
        let visibility = Arc::new(UntilVisible::standard());
        CreateWithPeople { client: self.client.clone(), group, visibility }
    }
}

impl CreateWithPeople {
    /// How long to wait for the new group, as for [`Reconcile::visibility`](crate::Reconcile::visibility).
    pub fn visibility(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.visibility = Arc::new(policy);
        self
    }

    /// Creates the group, and adds everybody.
    ///
    /// # Errors
    ///
    /// As of [`Groups::create`], and more than 100 owners. There is no group then, or it can't be told.
    pub async fn send(self) -> Result<CreatedGroup, Error> {
        let Self { client, mut group, visibility } = self;
        let about = |error: Error| error.with_operation(&operations::GROUPS_CREATE);
        check_new(&group).and_then(|()| check_owners(&group)).map_err(about)?;
        let (owners, members) = (ids(&group.owners).map_err(about)?, ids(&group.members).map_err(about)?);
        let first_owners = owners.len().min(MOST_LINKS);
        let first_members = members.len().min(MOST_LINKS - first_owners);
        group.owners = owners[..first_owners].iter().map(|id| Reference::new("users", id)).collect();
        group.members =
            members[..first_members].iter().map(|id| Reference::new("directoryObjects", id)).collect();

        let group = client.groups().create(group).send().await?;
        let mut created = CreatedGroup {
            owners: owners.iter().take(first_owners).map(with_group).collect(),
            members: members.iter().take(first_members).map(with_group).collect(),
            group,
            stopped: None,
        };
        let people = Members::owners_of(&client, &created.group);
        let rest = owners.into_iter().skip(first_owners);
        let waiting = || Waiting::new(Arc::clone(&visibility));
        let work = Work::new(&people, rest, [], first_owners, waiting());
        created.stopped = add(work, &mut created.owners).await.err();
        if created.stopped.is_none() {
            let people = Members::of(&client, &created.group);
            let rest = members.into_iter().skip(first_members);
            let work = Work::new(&people, rest, [], first_members, waiting());
            created.stopped = add(work, &mut created.members).await.err();
        }
        Ok(created)
    }
}

impl IntoFuture for CreateWithPeople {
    type Output = Result<CreatedGroup, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for CreateWithPeople {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateWithPeople").field("group", &self.group).finish_non_exhaustive()
    }
}

async fn add(mut work: Work, outcomes: &mut Vec<LinkOutcome>) -> Result<(), Error> {
    while let Some(step) = work.step().await? {
        outcomes.extend(step);
    }
    Ok(())
}

fn with_group(id: &Id) -> LinkOutcome {
    LinkOutcome::Added { id: id.clone(), how: Added::Now }
}

fn check_owners(group: &NewGroup) -> Result<(), Error> {
    if group.owners.len() > MOST_OWNERS {
        return Err(Error::refused(format!(
            "there are {} owners, and at most {MOST_OWNERS} are allowed",
            group.owners.len()
        )));
    }
    Ok(())
}

/// The ids of references that are not addresses yet, each once.
fn ids(references: &[Reference]) -> Result<Vec<Id>, Error> {
    let mut ids: Vec<Id> = Vec::with_capacity(references.len());
    for reference in references {
        let invalid = |error| Error::from_source(ErrorKind::InvalidRequest, error);
        let id = reference.id().map_err(invalid)?;
        let id = id.ok_or_else(|| Error::refused("this group was resolved before: make a new one"))?;
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    Ok(ids)
}
