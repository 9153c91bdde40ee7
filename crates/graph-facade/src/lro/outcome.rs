//! What differs from one kind of long-running operation to another.

use std::time::Duration;

use graph_models::{BoxFuture, Inspect, OperationInfo};
use serde::de::DeserializeOwned;

use super::journal::Intent;
use super::machine::Pace;
use super::status::{Phase, StatusReport, phase_of};
use crate::client::Client;
use crate::error::Error;

/// Keeps [`Outcome`] to the types of this crate, so that it can grow.
pub trait Sealed {}

/// The result of a long-running operation: how its operation is asked about, and how it is read in the end.
///
/// Implemented for every type whose creation takes the service a while.
pub trait Outcome: Sealed + Sized + Send + 'static {
    /// What an answer to a poll is read as.
    type Status: DeserializeOwned + Inspect + Into<StatusReport>;
    /// How far apart polls can be; by default as far as the service wants at the least.
    type Interval: Copy + Default + Into<Duration>;

    /// The operation that starts it.
    fn started_by() -> &'static OperationInfo;

    /// The operation that reads its status.
    fn polled_by() -> &'static OperationInfo;

    /// What a status means. Most services have the same words.
    #[doc(hidden)]
    fn phase(status: &str) -> Phase {
        phase_of(status)
    }

    /// Reads the result that `report` names.
    fn fetch(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>>;

    /// For each intent, what it may have come to and is not among the `known` ids. Nothing, where it can't be looked for.
    fn candidates(
        client: Client,
        intents: Vec<Intent>,
        known: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<Vec<Self>>, Error>> {
        let _ = (client, known);
        Box::pin(async move { Ok(intents.iter().map(|_| Vec::new()).collect()) })
    }
}

/// A result that is more than one object, of which each becomes visible by itself.
pub trait Visible: Outcome {
    /// Reads all of the result that `report` names; fails if any of it is missing.
    fn see(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>>;
}

/// The pace at which operations that end in a `T` are asked about.
pub(super) fn pace_of<T: Outcome>(interval: T::Interval) -> Pace {
    Pace { interval: interval.into(), floor: T::Interval::default().into() }
}

/// What the last answer about an operation that ends in a `T` means.
pub(super) fn phase_of_report<T: Outcome>(report: &StatusReport) -> Phase {
    report.status.as_ref().map_or(Phase::Running, |status| T::phase(status.as_str()))
}
