//! Somebody follows the changes of groups while others make them.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use graph_facade::models::{Group, GroupPatch};
use graph_facade::{Change, Delta, DeltaToken, Error};
use graph_sim::{Sim, SimBuilder};

use super::Traveller;
use crate::support::{client, pass, seconds};

const ROUNDS: usize = 6;

/// Names by ids.
type Names = BTreeMap<String, String>;

pub(super) fn tenant() -> SimBuilder {
    (0..7).fold(Sim::builder().page_size(2), |sim, number| sim.group(&format!("Group {number}"), ["ada"]))
}

pub(super) async fn prepared(_: Sim) {}

#[derive(Debug, Default)]
struct Follower {
    names: Names,
    token: Option<DeltaToken>,
    errors: Vec<Error>,
}

impl Follower {
    fn apply(&mut self, change: Change<Group>) {
        match change {
            Change::Updated(group) => {
                self.names.insert(group.id.unwrap(), group.display_name.unwrap_or_default());
            }
            Change::Removed { id, .. } => drop(self.names.remove(&id)),
            Change::Restarted => self.names.clear(),
            Change::Linked { .. } | Change::Unlinked { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    /// One round, or as much of it as there is; the token says where to go on.
    async fn round(&mut self, delta: Delta<Group>) -> Result<(), Error> {
        let delta = match self.token.clone() {
            Some(token) => delta.resume(token),
            None => delta.select(["displayName"]),
        };
        let mut changes = delta.changes();
        loop {
            let next = changes.try_next().await;
            if let Some(token) = changes.token() {
                self.token = Some(token.clone());
            }
            match next? {
                Some(change) => self.apply(change),
                None => return Ok(()),
            }
        }
    }
}

pub(super) async fn travel(traveller: &Traveller, (): ()) -> (&'static str, Vec<String>, String) {
    let mut follower = Follower::default();
    traveller.within_a_day(follow(traveller, &mut follower)).await;
    traveller.clear_up().await;
    let calm = client(&traveller.sim, "ada");
    // What is behind comes with the next round, if there is nothing in its way.
    follower.round(calm.groups().delta()).await.unwrap();
    let groups: Vec<Group> = calm.groups().list().items().try_collect().await.unwrap();
    let truth: Names = groups.into_iter().map(|it| (it.id.unwrap(), it.display_name.unwrap())).collect();
    let is_right = follower.names == truth;
    let lies = (!is_right).then(|| format!("known is {:#?}, not {truth:#?}", follower.names));
    let word = if follower.errors.is_empty() { "done" } else { "done after errors" };
    (word, lies.into_iter().collect(), format!("{follower:#?}"))
}

async fn follow(traveller: &Traveller, follower: &mut Follower) {
    let groups = traveller.client.groups();
    for round in 0..ROUNDS {
        let outcome = follower.round(groups.delta()).await;
        follower.errors.extend(outcome.err());
        let id = traveller.sim.group_id(&format!("Group {round}")).unwrap();
        // Others change groups, and say nothing of what comes of it.
        if round % 2 == 0 {
            groups.update(&id, GroupPatch::new().display_name(format!("Renamed {round}"))).await.ok();
        } else {
            groups.delete(&id).await.ok();
        }
        pass(seconds(60)).await;
    }
}
