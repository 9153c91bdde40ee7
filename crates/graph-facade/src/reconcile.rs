//! Making the members or owners of a group those of a list.

use std::collections::HashSet;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use graph_client::{Error, ErrorKind, RetryPolicy};
use graph_models::{BoxFuture, Id, Identify};
use uuid::Uuid;

use crate::api::{Groups, Members, Relation};

mod checkpoint;
mod links;
mod outcome;
mod plan;
mod run;
mod visibility;
mod work;

pub use checkpoint::{InvalidCheckpoint, ReconcileCheckpoint};
pub use outcome::{LinkOutcome, ReconcileUpdate, Reconciled};
pub use plan::ReconcilePlan;
pub use run::Reconciling;
pub use visibility::UntilVisible;
pub(crate) use work::{Waiting, Work};

/// How many owners a group may have.
const MOST_OWNERS: usize = 100;

/// A list that the members or owners of a group shall become. Await it to have it done, or ask for the [`plan`](Self::plan)
/// alone.
///
/// - Who is there is read in pages, of which none is kept. Users that are not on the list are removed; whatever isn't a user,
///   such as a group in a group, stays unless it is listed.
/// - Members are added 20 to a request and 400 to an envelope, everybody else 20 to an envelope. If one spoils the 20, they
///   are added one by one, so that each has an outcome of its own.
/// - A group never loses its last owner: owners are added before others are removed, and one stays if nobody could be added.
/// - Members of a group with hidden membership are only shown with `Member.Read.Hidden`. Without it nobody seems to be there: then
///   nobody is removed, and who is a member already counts as added.
/// - Service principals are members that lists don't show. One that is wanted is tried at every run and counts as there already; one that isn't stays.
/// - An owner who is taken out of the members stays an owner; for Planner, owners must be members too.
/// - It can be repeated, and stopped anywhere: what is done is not done again, since a new run reads anew. For a restart in
///   another process there is the [`checkpoint`](Self::checkpoint).
///
/// ```no_run
/// # async fn example(client: graph_facade::Client, ids: Vec<String>) -> Result<(), graph_facade::Error> {
/// let members = client.groups().members("0000000b-0000-4000-8000-000000000001");
/// println!("{:#}", members.reconcile(&ids).plan().await?);
///
/// let mut running = members.reconcile(&ids).removal_limit(100).start();
/// while let Some(update) = running.advance().await? {
///     println!("{update}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is reconciled until it is awaited or started"]
pub struct Reconcile {
    people: Members,
    desired: Result<Arc<[Id]>, Refusal>,
    additions_only: bool,
    removal_limit: Option<usize>,
    visibility: Arc<dyn RetryPolicy>,
    /// How many an earlier run has added and removed.
    before: Totals,
}

/// How many were added and removed.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    added: usize,
    removed: usize,
}

/// What is wrong with the list.
#[derive(Clone, Debug)]
struct Refusal(Box<str>);

impl Members {
    /// Makes them those of a list, by their ids: see [`Reconcile`]. It takes the permissions of [`list`](Self::list),
    /// [`add`](Self::add) and [`remove`](Self::remove).
    ///
    /// Refused before anything is sent: principal names, since they can't be compared with ids; for owners, an empty list, and
    /// more than 100.
    pub fn reconcile(&self, desired: impl IntoIterator<Item: Identify>) -> Reconcile {
        let desired = ids(desired).and_then(|ids| check_number(self.relation, ids));
        Reconcile {
            people: self.clone(),
            desired: desired.map(Arc::from),
            additions_only: false,
            removal_limit: None,
            visibility: Arc::new(UntilVisible::standard()),
            before: Totals::default(),
        }
    }
}

impl Groups {
    /// Goes on with what a process left unfinished, from its checkpoint: who is there is read anew.
    pub fn resume_reconcile(&self, checkpoint: &ReconcileCheckpoint) -> Reconcile {
        let people = match checkpoint.relation {
            Relation::Members => self.members(&checkpoint.group),
            Relation::Owners => self.owners(&checkpoint.group),
        };
        let mut reconcile = people.reconcile(&checkpoint.desired);
        reconcile.additions_only = checkpoint.additions_only;
        reconcile.removal_limit = checkpoint.removal_limit;
        reconcile.before = Totals { added: checkpoint.added, removed: checkpoint.removed };
        reconcile
    }
}

impl Reconcile {
    /// Removes nobody.
    pub fn additions_only(mut self) -> Self {
        self.additions_only = true;
        self
    }

    /// Changes nothing at all, and fails, if more than `users` would be removed: against a list that is incomplete by mistake.
    pub fn removal_limit(mut self, users: usize) -> Self {
        self.removal_limit = Some(users);
        self
    }

    /// How long to wait for a group or users that can't be found yet: by default, three minutes after the first attempt in all.
    /// The policy is asked as after a refused request; [`NoRetry`](crate::NoRetry) waits for nothing.
    pub fn visibility(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.visibility = Arc::new(policy);
        self
    }

    /// Reads who is there and says what would be done. Changes nothing.
    pub async fn plan(self) -> Result<ReconcilePlan, Error> {
        run::plan(&self).await
    }

    /// What another process needs to go on with this, should this one stop: taken before the start, it holds for all of the
    /// run.
    ///
    /// # Errors
    ///
    /// What is wrong with the list or with the group's id.
    pub fn checkpoint(&self) -> Result<ReconcileCheckpoint, Error> {
        Ok(ReconcileCheckpoint {
            group: self.group()?.to_string(),
            relation: self.people.relation,
            desired: self.list()?.iter().map(ToString::to_string).collect(),
            additions_only: self.additions_only,
            removal_limit: self.removal_limit,
            added: self.before.added,
            removed: self.before.removed,
        })
    }

    /// Begins, step by step: nothing is sent before [`advance`](Reconciling::advance).
    pub fn start(self) -> Reconciling {
        Reconciling::new(self)
    }

    /// Does all of it. Users that could not be added or removed are [`failures`](Reconciled::failures) of the result.
    ///
    /// # Errors
    ///
    /// What keeps the whole from going on: a group that does not exist, a lack of permission, a service that can't be reached. What
    /// was done until then stays done.
    pub async fn send(self) -> Result<Reconciled, Error> {
        let (mut running, mut failures) = (self.start(), Vec::new());
        while let Some(update) = running.advance().await? {
            if let ReconcileUpdate::Done(outcomes) = update {
                failures.extend(outcomes.into_iter().filter(|outcome| !outcome.is_success()));
            }
        }
        Ok(Reconciled { added: running.added(), removed: running.removed(), failures })
    }

    fn group(&self) -> Result<&Id, Error> {
        let invalid =
            |error: &graph_models::InvalidId| Error::from_source(ErrorKind::InvalidRequest, error.clone());
        self.people.group.as_ref().map_err(invalid)
    }

    fn list(&self) -> Result<&[Id], Error> {
        match &self.desired {
            Ok(ids) => Ok(ids),
            Err(Refusal(reason)) => Err(Error::refused(reason.clone())),
        }
    }
}

impl IntoFuture for Reconcile {
    type Output = Result<Reconciled, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Reconcile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconcile")
            .field("group", &self.people.group)
            .field("relation", &self.people.relation)
            .field("desired", &self.desired.as_ref().map(|ids| ids.len()))
            .finish_non_exhaustive()
    }
}

/// The ids of the list, each once, in the directory's spelling.
fn ids(desired: impl IntoIterator<Item: Identify>) -> Result<Vec<Id>, Refusal> {
    let (mut ids, mut known) = (Vec::new(), HashSet::new());
    for one in desired {
        let id = one.identify().map_err(|invalid| Refusal(invalid.to_string().into()))?;
        let id = directory_id(&id).ok_or_else(|| {
            Refusal(format!("`{id}` is no id of the directory: read the user, and list its `id`").into())
        })?;
        if known.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The one spelling of an id that is compared.
fn directory_id(id: &Id) -> Option<Id> {
    let uuid = Uuid::try_parse(id.as_str()).ok()?;
    Id::new(&uuid.hyphenated().to_string()).ok()
}

fn check_number(relation: Relation, ids: Vec<Id>) -> Result<Vec<Id>, Refusal> {
    match (relation, ids.len()) {
        (Relation::Owners, 0) => Err(Refusal("a group needs an owner: list one at least".into())),
        (Relation::Owners, MOST_OWNERS..) if ids.len() > MOST_OWNERS => Err(Refusal(
            format!("the list has {} owners, and a group has {MOST_OWNERS} at most", ids.len()).into(),
        )),
        _ => Ok(ids),
    }
}

#[cfg(test)]
mod tests;
