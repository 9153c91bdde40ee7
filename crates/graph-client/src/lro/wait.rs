//! Waiting for the end of an operation, and for its result to be seen.

use std::fmt;
use std::future::IntoFuture;
use std::time::{Duration, SystemTime};

use graph_runtime::{BoxFuture, LongRunningResult, StatusReport};

use super::handle::{LONGEST_WAIT, Operation};
use super::machine::Trouble;
use super::result;
use super::trouble::trouble_of;
use crate::error::Error;

/// A wait for the result of an operation. Awaiting it begins it; see [`Operation::wait`].
///
/// ```no_run
/// use std::time::Duration;
/// use graph_client::{LongRunningResult, Operation, Seen, Visibility};
///
/// # async fn example<T: LongRunningResult + std::fmt::Debug>(mut operation: Operation<T>) -> Result<(), graph_client::Error> {
/// match operation.wait().timeout(Duration::from_secs(600)).visible(Visibility::default()).await? {
///     Seen::Visible(created) => println!("{created:?} can be used"),
///     Seen::NotYetVisible { report, .. } => println!("{:?} exists, but can't be read yet", report.resource_id),
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'a, T> {
    operation: &'a mut Operation<T>,
    timeout: Duration,
}

impl<'a, T: LongRunningResult> Wait<'a, T> {
    pub(super) fn new(operation: &'a mut Operation<T>) -> Self {
        Self { operation, timeout: LONGEST_WAIT }
    }

    /// Waits at most so long, and the time that the last request takes, instead of 15 minutes.
    ///
    /// At the end of that time there is one last poll, if the previous one is long enough ago.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl<'a, T: LongRunningResult> Wait<'a, T> {
    /// Waits on until the result can be seen reliably, as `visibility` says.
    ///
    /// Success is the word of one part of the service; the others learn of it later, and not all at once.
    pub fn visible(self, visibility: Visibility) -> WaitVisible<'a, T> {
        WaitVisible { wait: self, visibility }
    }
}

impl<'a, T: LongRunningResult> IntoFuture for Wait<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.operation.wait_timeout(self.timeout))
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("operation", self.operation).field("timeout", &self.timeout).finish()
    }
}

/// When a result counts as visible: once all of it has been read so many times in a row.
///
/// By default three times, 10 seconds apart, within five minutes of the operation's success being known. It is all
/// there if it can be read, and so can what else its [`LongRunning`](graph_runtime::LongRunning) names, each with a request of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visibility {
    reads: u32,
    every: Duration,
    within: Duration,
}

impl Visibility {
    /// So many successful readings in a row; none counts as one.
    pub const fn reads(self, reads: u32) -> Self {
        Self { reads, ..self }
    }

    /// So long from the end of one reading to the beginning of the next.
    pub const fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// No reading begins later than this after the success of the operation became known.
    pub const fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }
}

impl Default for Visibility {
    fn default() -> Self {
        Self { reads: 3, every: Duration::from_secs(10), within: Duration::from_secs(5 * 60) }
    }
}

/// What came of waiting for a result to be seen, after its operation succeeded.
#[derive(Debug)]
pub enum Seen<T> {
    /// All of it was read, as many times in a row as was asked for.
    Visible(T),
    /// The operation succeeded, but in the time allowed the result was not there often enough in a row. It exists: wait for
    /// it again, but don't start it again.
    #[non_exhaustive]
    NotYetVisible {
        /// The last word of the operation, which names the result.
        report: StatusReport,
        /// When the success became known, by the client's clock.
        since: SystemTime,
        /// How many readings in a row succeeded at the end.
        reads: u32,
        /// Why the last reading that failed did.
        trouble: Option<Error>,
    },
}

/// A wait for a result to be seen. Awaiting it begins it; see [`Wait::visible`].
///
/// Its outcome says whether the result was [`Seen`]. It fails as the wait for the operation does, and if a reading fails in a
/// way that does not pass by itself.
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitVisible<'a, T> {
    wait: Wait<'a, T>,
    visibility: Visibility,
}

impl<'a, T: LongRunningResult> IntoFuture for WaitVisible<'a, T> {
    type Output = Result<Seen<T>, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { wait: Wait { operation, timeout }, visibility } = self;
        Box::pin(async move {
            let since = operation.success(timeout).await?;
            see(operation, since, visibility).await
        })
    }
}

impl<T> fmt::Debug for WaitVisible<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitVisible").field("wait", &self.wait).field("visibility", &self.visibility).finish()
    }
}

/// Reads what the operation made until it was there often enough in a row.
async fn see<T: LongRunningResult>(
    operation: &Operation<T>,
    since: SystemTime,
    visibility: Visibility,
) -> Result<Seen<T>, Error> {
    let Visibility { reads: wanted, every, within } = visibility;
    let clock = operation.client().clock();
    let last_begin = clock.now().checked_add(within);
    let (mut reads, mut trouble) = (0, None);
    loop {
        let mut pause = every;
        match result::see(operation.client(), operation.last_report()).await {
            Ok(result) => {
                reads += 1;
                if reads >= wanted {
                    return Ok(Seen::Visible(result));
                }
            }
            Err(error) if trouble_of(&error) == Trouble::Lasting => {
                return Err(error.with_location(operation.location()));
            }
            Err(error) => {
                reads = 0;
                pause = pause.max(error.retry_after().unwrap_or_default());
                trouble = Some(error);
            }
        }
        let next = clock.now().checked_add(pause);
        if last_begin.is_some_and(|last| next.is_none_or(|next| next > last)) {
            let report = operation.last_report().clone();
            return Ok(Seen::NotYetVisible { report, since, reads, trouble });
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests;
