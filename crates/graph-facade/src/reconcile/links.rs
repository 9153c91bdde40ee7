//! Adding and removing many users, each with an outcome of its own.

use graph_client::{Error, ErrorKind};
use graph_models::Id;
use http::StatusCode;

use super::outcome::LinkOutcome;
use crate::api::{Added, Members, Removed};

/// How many members one request adds.
pub(super) const ADDED_AT_ONCE: usize = 20;
/// How many requests an envelope takes.
pub(super) const IN_ENVELOPE: usize = 20;

/// What came of one step.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) outcomes: Vec<LinkOutcome>,
    /// Who can't be found yet, and what the service says of them.
    pub(super) invisible: Vec<(Id, Error)>,
    /// That the group can't be found yet: nothing was done.
    pub(super) unheard: Option<Error>,
    /// Why it is of no use to go on.
    pub(super) stopped: Option<Error>,
}

/// How many are added in one step.
pub(super) const fn added_in_step(singly: bool) -> usize {
    if singly { IN_ENVELOPE } else { ADDED_AT_ONCE * IN_ENVELOPE }
}

/// Adds as many as [`added_in_step`]: one by one; or as members in bulk, and only those whose company was refused one by one.
pub(super) async fn add(people: &Members, ids: &[Id], singly: bool) -> Result<Step, Error> {
    if !singly {
        return add_in_bulk(people, ids).await;
    }
    let mut step = Step::default();
    add_singly(people, ids, &mut step).await?;
    let is_unheard = |(id, error): &(Id, Error)| !names(error, id);
    if ids.len() > 1 && step.invisible.len() == ids.len() && step.invisible.iter().all(is_unheard) {
        step.unheard = step.invisible.pop().map(|(_, error)| error);
        step.invisible.clear();
    }
    Ok(step)
}

async fn add_in_bulk(people: &Members, ids: &[Id]) -> Result<Step, Error> {
    let mut batch = people.client.batch();
    let bulks: Vec<_> =
        ids.chunks(ADDED_AT_ONCE).map(|bulk| (bulk, batch.add(people.add_in_bulk(bulk)))).collect();
    let outcome = batch.send().await?;
    let (mut step, mut spoiled, mut unheard) = (Step::default(), Vec::new(), Vec::new());
    for (bulk, call) in bulks {
        match outcome.take(call) {
            Ok(()) => step.outcomes.extend(bulk.iter().map(|id| added(id, Added::Now))),
            Err(error) if is_about_the_group(&error, bulk) => unheard.push((bulk, error)),
            Err(error) if is_a_refusal(&error) => spoiled.push(bulk),
            Err(error) => step.stopped = Some(error),
        }
    }
    if step.stopped.is_none() && step.outcomes.is_empty() && spoiled.is_empty() {
        step.unheard = unheard.pop().map(|(_, error)| error);
        return Ok(step);
    }
    // Where one was heard, it is not the group that can't be found.
    for bulk in spoiled.into_iter().chain(unheard.into_iter().map(|(bulk, _)| bulk)) {
        if step.stopped.is_none() {
            add_singly(people, bulk, &mut step).await?;
        }
    }
    Ok(step)
}

/// Adds one by one, in envelopes. If all are denied, it is the caller who lacks the permission.
async fn add_singly(people: &Members, ids: &[Id], step: &mut Step) -> Result<(), Error> {
    let mut batch = people.client.batch();
    let calls: Vec<_> = ids.iter().map(|id| (id, batch.add(people.add(id)))).collect();
    let outcome = batch.send().await?;
    let mut denied = Vec::new();
    for (id, call) in calls {
        match outcome.take(call) {
            Ok(how) => step.outcomes.push(added(id, how)),
            Err(error) if error.is_not_yet_visible() => step.invisible.push((id.clone(), error)),
            Err(error) if error.is_permission_denied() => denied.push((id, error)),
            Err(error) if is_a_refusal(&error) => {
                step.outcomes.push(LinkOutcome::NotAdded { id: id.clone(), error });
            }
            Err(error) => step.stopped = Some(error),
        }
    }
    if denied.len() == ids.len() && ids.len() > 1 {
        step.stopped = denied.pop().map(|(_, error)| error);
        return Ok(());
    }
    let not_added = |(id, error): (&Id, Error)| LinkOutcome::NotAdded { id: id.clone(), error };
    step.outcomes.extend(denied.into_iter().map(not_added));
    Ok(())
}

/// Removes one envelope full.
pub(super) async fn remove(people: &Members, ids: &[Id]) -> Result<Step, Error> {
    let mut batch = people.client.batch();
    let calls: Vec<_> = ids.iter().map(|id| (id, batch.add(people.remove(id)))).collect();
    let outcome = batch.send().await?;
    let mut step = Step::default();
    for (id, call) in calls {
        let id = id.clone();
        match outcome.take(call) {
            Ok(how) => step.outcomes.push(LinkOutcome::Removed { id, how }),
            Err(error) if names(&error, &id) && error.is_not_found() => {
                step.outcomes.push(LinkOutcome::Removed { id, how: Removed::Already });
            }
            Err(error) if error.is_last_owner() => step.outcomes.push(LinkOutcome::LastOwner { id }),
            Err(error) if is_a_refusal(&error) => step.outcomes.push(LinkOutcome::NotRemoved { id, error }),
            Err(error) => step.stopped = Some(error),
        }
    }
    let denied = |outcome: &LinkOutcome| outcome.error().is_some_and(Error::is_permission_denied);
    if ids.len() > 1 && step.outcomes.len() == ids.len() && step.outcomes.iter().all(denied) {
        step.stopped = step.outcomes.pop().and_then(|outcome| match outcome {
            LinkOutcome::NotRemoved { error, .. } => Some(error),
            _ => None,
        });
        step.outcomes.clear();
    }
    Ok(step)
}

fn added(id: &Id, how: Added) -> LinkOutcome {
    LinkOutcome::Added { id: id.clone(), how }
}

/// Whether the group is what can't be found, as far as can be told.
fn is_about_the_group(error: &Error, bulk: &[Id]) -> bool {
    error.is_not_yet_visible() && !bulk.iter().any(|id| names(error, id))
}

/// Whether the service says which object it is about, and it is this one.
fn names(error: &Error, id: &Id) -> bool {
    error.message().to_ascii_lowercase().contains(&id.as_str().to_ascii_lowercase())
}

/// Whether the service understood, and said no to this one request.
fn is_a_refusal(error: &Error) -> bool {
    const ABOUT_ONE: [StatusCode; 5] = [
        StatusCode::BAD_REQUEST,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
        StatusCode::CONFLICT,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    error.kind() == ErrorKind::Service && error.status().is_some_and(|status| ABOUT_ONE.contains(&status))
}
