//! What differs from one kind of long-running operation to another.

use graph_models::{BoxFuture, Inspect, OperationInfo};
use serde::de::DeserializeOwned;

use super::journal::Intent;
use super::status::StatusReport;
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

    /// The operation that starts it.
    fn started_by() -> &'static OperationInfo;

    /// The operation that reads its status.
    fn polled_by() -> &'static OperationInfo;

    /// Reads the result that `report` names.
    fn fetch(client: Client, report: StatusReport) -> BoxFuture<'static, Result<Self, Error>>;

    /// For each intent, what it may have come to and is not among the `known` ids.
    fn candidates(
        client: Client,
        intents: Vec<Intent>,
        known: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<Vec<Self>>, Error>>;
}
