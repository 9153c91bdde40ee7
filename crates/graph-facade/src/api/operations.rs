//! Long-running operations of earlier processes.

use std::time::SystemTime;

use crate::client::Client;
use crate::error::Error;
use crate::lro::{Operation, Outcome, Resumption, SavedOperation, journal};

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

    /// Goes on with everything in the client's journal that was started to get a `T`, at this client's cloud and root: oldest
    /// first. Each record on behalf of whom it was begun for.
    ///
    /// What a call or a handle of this process is busy with already is left out, so that it may be asked for at any time.
    /// Whatever comes here stays in the journal until it is over and
    /// acknowledged, or settled: dropping it loses nothing. No creation is sent again.
    ///
    /// Requests are sent only to look for what an unanswered creation may have come to. If that fails, so does this, and
    /// can be repeated. Refused: a client without a journal.
    ///
    /// ```no_run
    /// # async fn example(client: graph_facade::Client) -> Result<(), graph_facade::Error> {
    /// use graph_facade::Resumption;
    /// use graph_facade::models::Community;
    ///
    /// for resumption in client.operations().resume_all::<Community>().await? {
    ///     match resumption {
    ///         Resumption::Resumed(mut operation) => {
    ///             let community = operation.wait().await?;
    ///             println!("{:?} is there", community.display_name);
    ///             operation.acknowledge().await?;
    ///         }
    ///         Resumption::Ambiguous(unanswered) => match unanswered.candidates.as_slice() {
    ///             [community] => unanswered.adopt(community).await?.acknowledge().await?,
    ///             _ => println!("somebody has to look for {}", unanswered.intent.name),
    ///         },
    ///         Resumption::Unsent(intent) => intent.abandon().await?,
    ///         Resumption::Ended(ended) => ended.acknowledge().await?,
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resume_all<T: Outcome>(&self) -> Result<Vec<Resumption<T>>, Error> {
        journal::resume_all(&self.client).await
    }

    /// Makes the client's journal forget what ended before `time` and nobody acknowledged, and says how much that was.
    ///
    /// By itself, the journal forgets nothing. Refused: a client without a journal.
    pub async fn forget_ended_before(&self, time: SystemTime) -> Result<usize, Error> {
        journal::forget_ended_before(&self.client, time).await
    }
}
