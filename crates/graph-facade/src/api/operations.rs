//! Long-running operations of earlier processes.

use crate::client::Client;
use crate::error::Error;
use crate::lro::{Operation, Outcome, SavedOperation};

/// The long-running operations that this or another process has started.
#[derive(Clone, Debug)]
pub struct Operations {
    client: Client,
}

impl Client {
    /// The long-running operations that this or another process has started.
    pub fn operations(&self) -> Operations {
        Operations { client: self.clone() }
    }
}

impl Operations {
    /// Makes a handle of a saved operation. Nothing is sent.
    ///
    /// Refused: an operation of another cloud or root, to which this client's token must not go, and one whose result is
    /// no `T`.
    pub fn resume<T: Outcome>(&self, saved: SavedOperation) -> Result<Operation<T>, Error> {
        Operation::resumed(self.client.clone(), saved)
    }
}
