//! Long-running operations of earlier processes.

use std::time::SystemTime;

use super::outcome::Outcome;
use crate::client::Client;
use graph_client::LongRunningResult;
use graph_client::support::{forget_ended_before, resume_all};
use graph_client::{Error, Operation, Resumption, SavedOperation};
use graph_models::facts;

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
    /// Refused: an operation of another cloud or root, to which this client's token must not go, one whose result is
    /// no `T`, and one of another tenant, app or user, where both the text and this client name one
    /// ([`quota_key`](graph_client::Client::quota_key)). A part that either doesn't name is not compared.
    ///
    #[doc = facts!(ENGAGEMENT_ASYNC_OPERATIONS_GET)]
    ///
    #[doc = facts!(ONENOTE_OPERATIONS_GET)]
    pub fn resume<T: LongRunningResult>(&self, saved: SavedOperation) -> Result<Operation<T>, Error> {
        Operation::resume(&self.client, saved)
    }

    /// Goes on with everything in the client's journal that was started to get a `T` and belongs to this client: oldest
    /// first.
    ///
    /// A record belongs to the root and cloud, and to the tenant, app and user of the [`QuotaKey`](crate::QuotaKey) that the call
    /// was made with. Each part must be the client's: a client that names no tenant gets what was begun without one. What belongs to others is
    /// not given out and nothing is sent about it; at the end, each other owner comes as
    /// [`Resumption::OtherOwner`] with the number of its records. A service that acts for many goes on with those by
    /// `client.with_quota_key(owner.quota_key).operations().resume_all()`.
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
        resume_all(&self.client, Some(T::candidates)).await
    }

    /// Makes the client's journal forget what ended before `time` and nobody acknowledged, and says how much that was. What
    /// belongs to another root, cloud, tenant, app or user stays.
    ///
    /// By itself, the journal forgets nothing. Refused: a client without a journal.
    pub async fn forget_ended_before(&self, time: SystemTime) -> Result<usize, Error> {
        forget_ended_before(&self.client, time).await
    }
}
