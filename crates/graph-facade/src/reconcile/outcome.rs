//! What became of each user, and of all.

use std::fmt;

use graph_client::Error;
use graph_models::Id;

use super::plan::ReconcilePlan;
use crate::api::{Added, Removed};

/// What became of one user.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkOutcome {
    /// Is there now.
    Added {
        /// Whose id it is.
        id: Id,
        /// Whether this call did it.
        how: Added,
    },
    /// Is not there now.
    Removed {
        /// Whose id it is.
        id: Id,
        /// Whether this call did it.
        how: Removed,
    },
    /// Should have been removed, and stays: the group would have lost its last owner.
    LastOwner {
        /// Whose id it is.
        id: Id,
    },
    /// Could not be added.
    NotAdded {
        /// Whose id it is.
        id: Id,
        /// Why.
        error: Error,
    },
    /// Could not be removed.
    NotRemoved {
        /// Whose id it is.
        id: Id,
        /// Why.
        error: Error,
    },
}

impl LinkOutcome {
    /// Whose outcome it is.
    pub fn id(&self) -> &Id {
        match self {
            Self::Added { id, .. }
            | Self::Removed { id, .. }
            | Self::LastOwner { id }
            | Self::NotAdded { id, .. }
            | Self::NotRemoved { id, .. } => id,
        }
    }

    /// Whether what was wanted is so now.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Added { .. } | Self::Removed { .. })
    }

    /// What kept it from happening.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::NotAdded { error, .. } | Self::NotRemoved { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for LinkOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { id, how: Added::Now } => write!(f, "{id}: added"),
            Self::Added { id, .. } => write!(f, "{id}: there already"),
            Self::Removed { id, how: Removed::Now } => write!(f, "{id}: removed"),
            Self::Removed { id, .. } => write!(f, "{id}: gone already"),
            Self::LastOwner { id } => write!(f, "{id}: stays, as the last owner"),
            Self::NotAdded { id, error } => write!(f, "{id}: not added: {error}"),
            Self::NotRemoved { id, error } => write!(f, "{id}: not removed: {error}"),
        }
    }
}

/// What has happened while a list is reconciled.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReconcileUpdate {
    /// Who is there has been read; this is what will be done.
    Planned(ReconcilePlan),
    /// One step is done, of the users in it.
    Done(Vec<LinkOutcome>),
}

impl fmt::Display for ReconcileUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Planned(plan) => write!(f, "{plan}"),
            Self::Done(outcomes) => {
                let (mut added, mut removed, mut failed) = (0, 0, 0);
                for outcome in outcomes {
                    match outcome {
                        LinkOutcome::Added { .. } => added += 1,
                        LinkOutcome::Removed { .. } => removed += 1,
                        _ => failed += 1,
                    }
                }
                write!(f, "added {added}, removed {removed}, failed {failed}")
            }
        }
    }
}

/// What a reconciliation came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reconciled {
    /// How many were added.
    pub added: usize,
    /// How many were removed.
    pub removed: usize,
    /// What could not be done, user by user; of this run alone, also after a restart.
    pub failures: Vec<LinkOutcome>,
}

impl Reconciled {
    /// Whether everybody is there who should be, and nobody else.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }
}
