//! A reconciliation outside of a process.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::api::Relation;

/// The version of the form that this release writes.
const VERSION: u32 = 1;

/// A reconciliation as it survives a restart: the list, and what was done. No secret is in it.
///
/// It is written with serde or with `Display`, and read with serde or `FromStr`;
/// [`resume_reconcile`](crate::Groups::resume_reconcile) goes on with it. Since that reads anew who is there, a checkpoint never
/// gets too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconcileCheckpoint {
    pub(super) group: String,
    pub(super) relation: Relation,
    pub(super) desired: Vec<String>,
    pub(super) additions_only: bool,
    pub(super) removal_limit: Option<usize>,
    pub(super) added: usize,
    pub(super) removed: usize,
}

/// A text that no [`ReconcileCheckpoint`] can be read from.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCheckpoint {
    /// It is not the JSON that a checkpoint is written as.
    #[error("this is no checkpoint of a reconciliation: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A newer release of this crate wrote it.
    #[error("the checkpoint has version {0}, and this release reads version {VERSION}: update graph-facade")]
    UnknownVersion(u32),
}

graph_client::debug_by_display!(InvalidCheckpoint);

impl ReconcileCheckpoint {
    /// The group, by its id.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// What of it.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The ids of the list.
    pub fn desired(&self) -> &[String] {
        &self.desired
    }

    /// How many had been added.
    pub fn added(&self) -> usize {
        self.added
    }

    /// How many had been removed.
    pub fn removed(&self) -> usize {
        self.removed
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
struct Form {
    version: u32,
    group: String,
    relation: Relation,
    desired: Vec<String>,
    additions_only: bool,
    removal_limit: Option<usize>,
    added: usize,
    removed: usize,
}

impl From<Form> for ReconcileCheckpoint {
    fn from(form: Form) -> Self {
        let Form { group, relation, desired, additions_only, removal_limit, added, removed, .. } = form;
        Self { group, relation, desired, additions_only, removal_limit, added, removed }
    }
}

impl From<&ReconcileCheckpoint> for Form {
    fn from(checkpoint: &ReconcileCheckpoint) -> Self {
        let ReconcileCheckpoint { group, relation, desired, additions_only, removal_limit, added, removed } =
            checkpoint.clone();
        Self { version: VERSION, group, relation, desired, additions_only, removal_limit, added, removed }
    }
}

impl FromStr for ReconcileCheckpoint {
    type Err = InvalidCheckpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        // The version first: a newer form may lack what this one needs.
        match serde_json::from_str::<Versioned>(text)?.version {
            VERSION => Ok(serde_json::from_str::<Form>(text)?.into()),
            newer => Err(InvalidCheckpoint::UnknownVersion(newer)),
        }
    }
}

impl fmt::Display for ReconcileCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&Form::from(self)).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for ReconcileCheckpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReconcileCheckpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        json.to_string().parse().map_err(serde::de::Error::custom)
    }
}
