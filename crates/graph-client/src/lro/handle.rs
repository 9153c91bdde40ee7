//! The handle of a long-running operation.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use futures_core::stream::BoxStream;
use futures_util::stream;
use graph_runtime::{LongRunningResult, StatusReport};
use url::Url;

use super::journal::Entry;
use super::machine::{Event, Machine};
use super::result::pace_of;
use super::saved::SavedOperation;
use super::wait::Wait;
use crate::client::Client;
use crate::error::Error;

mod turn;

use turn::Patience;
pub(super) use turn::Turn;

/// How long [`Operation::wait`] waits at the most.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// A long-running operation that the service has accepted, and that ends in a `T`.
///
/// The operation goes on without the handle. All methods can be cancelled and called again: the handle knows where it was,
/// and keeps the time between two polls that the service wants. [`save`](Self::save) takes it to another process.
///
/// ```no_run
/// use graph_client::{Client, LongRunningResult, Operation, Request};
///
/// # async fn example<T: LongRunningResult>(client: Client, creation: Request<Operation<T>>) -> Result<(), Box<dyn std::error::Error>> {
/// let operation = creation.await?;
/// std::fs::write("operation.json", operation.save().to_string())?;
///
/// // Tomorrow, in another process:
/// let saved = std::fs::read_to_string("operation.json")?.parse()?;
/// let created: T = Operation::resume(&client, saved)?.wait().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "the operation goes on by itself, but its result is only seen through the handle"]
pub struct Operation<T> {
    client: Client,
    location: Url,
    client_request_id: Box<str>,
    machine: Machine,
    report: StatusReport,
    /// Its record, if the client has a journal.
    entry: Option<Entry>,
    result: PhantomData<fn() -> T>,
}

/// What is known of a long-running operation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Update<T> {
    /// It is under way; this is the last that the service said.
    Pending(StatusReport),
    /// It is done, and this is its result.
    Done(T),
}

impl<T: LongRunningResult> Operation<T> {
    /// A handle on what was accepted just now, with the service's wish to be left alone for a while.
    pub(super) fn accepted(
        client: Client,
        location: Url,
        client_request_id: &str,
        retry_after: Option<Duration>,
    ) -> Self {
        let now = client.clock().now();
        let mut machine = Machine::new(pace_of(T::long_running(), None), now, None, now);
        machine.hold(now, retry_after);
        Self::with_machine(client, location, client_request_id.into(), machine)
    }

    /// A handle on what was saved, if it belongs to `client` and ends in a `T`.
    pub fn resume(client: &Client, saved: SavedOperation) -> Result<Self, Error> {
        Self::resumed(client.clone(), saved)
    }

    pub(super) fn resumed(client: Client, saved: SavedOperation) -> Result<Self, Error> {
        let location = saved.address_for(&client, T::started_by())?;
        let (now, pace) = (client.clock().now(), pace_of(T::long_running(), None));
        let machine = Machine::new(pace, saved.accepted_at, saved.last_poll_at, now);
        Ok(Self::with_machine(client, location, saved.client_request_id.into(), machine))
    }

    fn with_machine(client: Client, location: Url, client_request_id: Box<str>, machine: Machine) -> Self {
        Self {
            client,
            location,
            client_request_id,
            machine,
            report: StatusReport::default(),
            entry: None,
            result: PhantomData,
        }
    }

    /// The same handle, which keeps its record up to date.
    pub(crate) fn journaled(self, entry: Option<Entry>) -> Self {
        Self { entry, ..self }
    }

    /// Polls at this interval instead of the usual one, or as often as the service allows if that is less often.
    pub fn with_interval(mut self, interval: impl Into<Duration>) -> Self {
        self.machine.set_pace(pace_of(T::long_running(), Some(interval.into())));
        self
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The absolute address of the operation.
    pub fn location(&self) -> &str {
        self.location.as_str()
    }

    /// When the service accepted it, by the client's clock.
    pub fn accepted_at(&self) -> SystemTime {
        self.machine.accepted_at()
    }

    /// The earliest time of the next poll, by the client's clock.
    pub fn next_poll_at(&self) -> SystemTime {
        self.machine.next_poll_at()
    }

    /// When it was last asked about, by the client's clock.
    pub fn last_poll_at(&self) -> Option<SystemTime> {
        self.machine.last_poll_at()
    }

    /// What the service said when it was last asked.
    pub fn last_report(&self) -> &StatusReport {
        &self.report
    }

    /// The operation as it survives a restart.
    pub fn save(&self) -> SavedOperation {
        let key = self.client.quota_key();
        SavedOperation {
            operation: T::started_by().id.to_owned(),
            location: self.location.to_string(),
            root: self.client.pipeline.root.origin().to_owned(),
            cloud: self.client.cloud(),
            api_version: self.client.version(),
            tenant: key.tenant.as_deref().map(str::to_owned),
            app: key.app.as_deref().map(str::to_owned),
            user: key.user.as_deref().map(str::to_owned),
            accepted_at: self.machine.accepted_at(),
            last_poll_at: self.machine.last_poll_at(),
            client_request_id: self.client_request_id.to_string(),
        }
    }

    /// The outcome is in good hands: the client's journal forgets the operation. Without a journal, nothing happens.
    ///
    /// Until then the operation is among those that [`resume_all`](crate::support::resume_all) gives out after a
    /// restart. Refused before the operation has ended.
    pub async fn acknowledge(&self) -> Result<(), Error> {
        match &self.entry {
            Some(entry) => entry.acknowledge().await,
            None => Ok(()),
        }
    }

    /// Asks once, without waiting.
    ///
    /// Before [`next_poll_at`](Self::next_poll_at) nothing is sent, and the answer is what is known already. An error of
    /// another kind than [`OperationFailed`](crate::ErrorKind::OperationFailed) says that asking failed, nothing about the operation.
    ///
    pub async fn poll(&mut self) -> Result<Update<T>, Error> {
        self.run(Patience::None).await
    }

    /// Waits for the result, at most 15 minutes: `operation.wait().await`.
    ///
    /// Fails with [`OperationFailed`](crate::ErrorKind::OperationFailed) if the operation ends without success, and with
    /// [`WaitExceeded`](crate::ErrorKind::WaitExceeded) if it does not end in time; then it can be waited for again. Any other
    /// kind means that asking failed in a way that does not pass by itself. [`Wait`] can wait for more or less than that.
    pub fn wait(&mut self) -> Wait<'_, T> {
        Wait::new(self)
    }

    /// Waits for the result as [`wait`](Self::wait) does, at most `timeout` and the time that the last request takes.
    pub async fn wait_timeout(&mut self, timeout: Duration) -> Result<T, Error> {
        let patience = self.patience(timeout);
        loop {
            if let Update::Done(result) = self.run(patience).await? {
                return Ok(result);
            }
        }
    }

    /// Waits for success, and tells when it became known. The result is not read.
    pub(super) async fn success(&mut self, timeout: Duration) -> Result<SystemTime, Error> {
        let patience = self.patience(timeout);
        loop {
            if let Some(since) = self.machine.succeeded_at() {
                return Ok(since);
            }
            self.drive(Event::Wake, patience, &mut None).await?;
        }
    }

    fn patience(&self, timeout: Duration) -> Patience {
        self.now().checked_add(timeout).map_or(Patience::Endless, Patience::Until)
    }

    /// What is known now, and then every answer until the operation ends.
    ///
    /// Each item is yielded as soon as it is known; the wait for the next poll begins when the next item is asked for. The
    /// stream has no deadline. It ends after the result or after an error, and dropping it earlier loses nothing.
    pub fn updates(&mut self) -> BoxStream<'_, Result<Update<T>, Error>> {
        let known = Update::Pending(self.report.clone());
        Box::pin(stream::try_unfold((Some(self), Some(known)), |(handle, known)| async move {
            let Some(handle) = handle else { return Ok(None) };
            let update = match known {
                Some(known) => known,
                None => handle.run(Patience::Endless).await?,
            };
            let goes_on = matches!(update, Update::Pending(_));
            Ok(Some((update, (goes_on.then_some(handle), None))))
        }))
    }

    fn now(&self) -> SystemTime {
        self.client.clock().now()
    }
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("location", &self.location.as_str())
            .field("client_request_id", &self.client_request_id)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
