//! What a surface says of long-running operations: which of them end in which type, and how their status reads.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Operation, Surface};
use crate::near;
use crate::problem::{Problem, Result};

/// `[results.community]`: how operations that end in one type are started, followed and read. All are ids of operations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultOf {
    /// Starts it.
    pub started_by: String,
    /// Reads its status.
    pub polled_by: String,
    /// Reads the result.
    pub read_by: String,
    /// What else has to be readable, by the id of the result, before all of it can be seen.
    #[serde(default)]
    pub seen_by: Vec<String>,
}

/// `[statuses.engagementAsyncOperation]`: how a type tells the status of an operation. Names of properties, nested ones as `error/code`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusForm {
    /// Where more is said; the first that is there counts.
    #[serde(default)]
    pub detail: Vec<String>,
    /// Where the code of a failure is.
    pub code: Option<String>,
    /// Where the id of the result is.
    pub resource_id: Option<String>,
    /// Where the address of the result is.
    pub resource_location: Option<String>,
    /// Where the progress in percent is.
    pub percent_complete: Option<String>,
    /// The words that mean success.
    pub succeeded: Vec<String>,
    /// The words that mean the end without success.
    pub failed: Vec<String>,
    /// The least time between two polls.
    pub least_seconds: u64,
    /// The usual time between two polls; the least, if it is left out.
    pub seconds: Option<u64>,
}

/// What is known of long-running operations.
#[derive(Debug, Default)]
pub struct LongRunning {
    /// By the short name of the type in which they end.
    pub results: BTreeMap<String, ResultOf>,
    /// By the short name of the type that tells their status.
    pub statuses: BTreeMap<String, StatusForm>,
}

impl Surface {
    /// The result that the operations end in which `operation` starts.
    pub fn result_of(&self, operation: &str) -> Option<&str> {
        let mut results = self.long_running.results.iter();
        results.find(|(_, result)| result.started_by == operation).map(|(name, _)| name.as_str())
    }

    /// The operation that a result names.
    pub(crate) fn named(&self, result: &str, id: &str) -> Result<&Operation> {
        let found = self.operations.iter().find(|operation| operation.id == id);
        found.ok_or_else(|| {
            Problem::at(format!("{}: [results.{result}]", self.file), format!("there is no operation `{id}`"))
                .help(near::help(id, self.ids(), "name the id of a `[[keep]]`"))
        })
    }
}
