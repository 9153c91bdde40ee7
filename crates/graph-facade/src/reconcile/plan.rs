//! What has to be done, as a pure function of who is wanted and who is there.

use std::collections::HashMap;
use std::fmt;

use graph_models::Id;
use graph_models::models::DirectoryObject;
use serde::{Deserialize, Serialize};

use super::directory_id;
use super::links::{ADDED_AT_ONCE, IN_ENVELOPE};
use crate::api::Relation;

/// What it takes to make the members or owners of a group those of a list.
///
/// Printed, it is one line; with `{:#}`, one more for each user. As JSON it can be kept or shown elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReconcilePlan {
    /// The group, by its id.
    pub group: String,
    /// What of it.
    pub relation: Relation,
    /// Who is to be added, in the order of the list.
    pub add: Vec<String>,
    /// Who is to be removed, in the order in which they were read.
    pub remove: Vec<String>,
    /// How many on the list are there already.
    pub unchanged: usize,
    /// How many are there that are not users, nor listed: they stay.
    pub others: usize,
}

impl ReconcilePlan {
    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// How many requests carry it out if nothing comes in between.
    pub fn requests(&self) -> usize {
        let at_once = match self.relation {
            Relation::Members => ADDED_AT_ONCE * IN_ENVELOPE,
            Relation::Owners => IN_ENVELOPE,
        };
        self.add.len().div_ceil(at_once) + self.remove.len().div_ceil(IN_ENVELOPE)
    }
}

impl fmt::Display for ReconcilePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, relation, add, remove, unchanged, others } = self;
        write!(
            f,
            "{relation} of {group}: {} to add, {} to remove, {unchanged} stay",
            add.len(),
            remove.len()
        )?;
        if *others > 0 {
            write!(f, ", {others} that are no users are left alone")?;
        }
        if f.alternate() {
            add.iter().try_for_each(|id| write!(f, "\n+ {id}"))?;
            remove.iter().try_for_each(|id| write!(f, "\n- {id}"))?;
        }
        Ok(())
    }
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Missing,
    Present,
    Unwanted,
}

/// The comparison while who is there is being read. It keeps the list and who isn't on it, whatever the number of pages.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    desired: &'a [Id],
    standings: HashMap<Id, Standing>,
    remove: Vec<Id>,
    unchanged: usize,
    others: usize,
    keeps_all: bool,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(desired: &'a [Id], keeps_all: bool) -> Self {
        let standings = desired.iter().map(|id| (id.clone(), Standing::Missing)).collect();
        Self { desired, standings, remove: Vec::new(), unchanged: 0, others: 0, keeps_all }
    }

    /// Takes note of one who is there. Somebody may be seen twice, if pages shift while they are read. False for an object
    /// whose id can't be told.
    pub(super) fn see(&mut self, object: &DirectoryObject) -> bool {
        let id = object.id().and_then(|id| Id::new(id).ok()).and_then(|id| directory_id(&id));
        let Some(id) = id else { return false };
        match self.standings.get_mut(&id) {
            Some(standing @ Standing::Missing) => {
                *standing = Standing::Present;
                self.unchanged += 1;
            }
            Some(_) => {}
            None if self.keeps_all || !matches!(object, DirectoryObject::User(_)) => {
                self.others += usize::from(!matches!(object, DirectoryObject::User(_)));
                self.unchanged += usize::from(matches!(object, DirectoryObject::User(_)));
            }
            None => {
                self.standings.insert(id.clone(), Standing::Unwanted);
                self.remove.push(id);
            }
        }
        true
    }

    pub(super) fn plan(self, group: &Id, relation: Relation) -> ReconcilePlan {
        let is_missing = |id: &&Id| self.standings.get(*id) == Some(&Standing::Missing);
        ReconcilePlan {
            group: group.to_string(),
            relation,
            add: self.desired.iter().filter(is_missing).map(ToString::to_string).collect(),
            remove: self.remove.iter().map(ToString::to_string).collect(),
            unchanged: self.unchanged,
            others: self.others,
        }
    }
}
