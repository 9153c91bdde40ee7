//! What the journeys have in common: where they take place, and how they are told.

mod report;
mod stage;
mod watch;

pub(crate) use report::{Report, chapter, introduction};
pub(crate) use stage::{Stage, Tenant};
