//! The handle of a long-running operation.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use futures_core::stream::BoxStream;
use futures_util::stream;
use http::HeaderMap;
use url::Url;

use super::journal::Entry;
use super::machine::{Action, Event, Machine, Trouble};
use super::outcome::{Outcome, pace_of, phase_of_report};
use super::saved::SavedOperation;
use super::status::{Phase, StatusReport};
use super::trouble::{note, trouble_of};
use super::wait::Wait;
use crate::client::Client;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::pipeline::Terms;
use crate::policy::{NoRetry, retry_after_of};

/// How long [`Operation::wait`] waits at the most.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// A long-running operation that the service has accepted, and that ends in a `T`.
///
/// The operation goes on without the handle. All methods can be cancelled and called again: the handle knows where it was,
/// and keeps the time between two polls that the service wants. [`save`](Self::save) takes it to another process.
///
/// ```no_run
/// use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
/// use graph_facade::{Client, Operation, StaticToken};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::builder().credential(StaticToken::new("…")).build()?;
/// let new = NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private);
/// let operation = client.communities().create(new).send().await?;
/// std::fs::write("operation.json", operation.save().to_string())?;
///
/// // Tomorrow, in another process:
/// let saved = std::fs::read_to_string("operation.json")?.parse()?;
/// let community: Community = client.operations().resume(saved)?.wait().await?;
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

impl<T: Outcome> Operation<T> {
    /// A handle on what was accepted just now, with the service's wish to be left alone for a while.
    pub(crate) fn accepted(
        client: Client,
        location: Url,
        client_request_id: &str,
        retry_after: Option<Duration>,
    ) -> Self {
        let now = client.clock().now();
        let mut machine = Machine::new(pace_of::<T>(T::Interval::default()), now, None, now);
        machine.hold(now, retry_after);
        Self::with_machine(client, location, client_request_id.into(), machine)
    }

    /// A handle on what was saved, if it belongs to `client` and ends in a `T`.
    pub(crate) fn resumed(client: Client, saved: SavedOperation) -> Result<Self, Error> {
        let location = saved.address_for(&client, T::started_by())?;
        let (now, pace) = (client.clock().now(), pace_of::<T>(T::Interval::default()));
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

    /// Polls at this interval instead of the usual one: for a community, every 31 seconds.
    pub fn with_interval(mut self, interval: T::Interval) -> Self {
        self.machine.set_pace(pace_of::<T>(interval));
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
        SavedOperation {
            operation: T::started_by().id.to_owned(),
            location: self.location.to_string(),
            root: self.client.pipeline.root.origin().to_owned(),
            cloud: self.client.cloud(),
            api_version: self.client.version(),
            tenant: self.client.quota_key().tenant.as_deref().map(str::to_owned),
            accepted_at: self.machine.accepted_at(),
            last_poll_at: self.machine.last_poll_at(),
            client_request_id: self.client_request_id.to_string(),
        }
    }

    /// The outcome is in good hands: the client's journal forgets the operation. Without a journal, nothing happens.
    ///
    /// Until then the operation is among those that [`resume_all`](crate::Operations::resume_all) gives out after a
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
    /// another kind than [`OperationFailed`](ErrorKind::OperationFailed) says that asking failed, nothing about the operation.
    ///
    #[doc = graph_models::facts!(ENGAGEMENT_ASYNC_OPERATIONS_GET)]
    ///
    #[doc = graph_models::facts!(ONENOTE_OPERATIONS_GET)]
    pub async fn poll(&mut self) -> Result<Update<T>, Error> {
        self.run(Patience::None).await
    }

    /// Waits for the result, at most 15 minutes: `operation.wait().await`.
    ///
    /// Fails with [`OperationFailed`](ErrorKind::OperationFailed) if the operation ends without success, and with
    /// [`WaitExceeded`](ErrorKind::WaitExceeded) if it does not end in time; then it can be waited for again. Any other
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

    /// Carries out what the machine says, until the service says something new or `patience` ends.
    async fn run(&mut self, patience: Patience) -> Result<Update<T>, Error> {
        let mut trouble = None;
        match (self.turn(patience, &mut trouble).await?, trouble) {
            (Turn::Done(result), _) => Ok(Update::Done(result)),
            (Turn::Silence, Some(error)) if !error.is_not_found() => Err(error),
            (Turn::Running | Turn::Silence, _) => Ok(Update::Pending(self.report.clone())),
        }
    }

    /// Asks once if it is time to, for a caller who comes back at [`next_poll_at`](Self::next_poll_at) if trouble is passing.
    pub(super) async fn take_turn(&mut self) -> Result<Turn<T>, Error> {
        self.turn(Patience::None, &mut None).await
    }

    async fn turn(&mut self, patience: Patience, trouble: &mut Option<Error>) -> Result<Turn<T>, Error> {
        let mut event = Event::Wake;
        loop {
            match self.drive(event, patience, trouble).await? {
                Reached::Silence => return Ok(Turn::Silence),
                Reached::Running => return Ok(Turn::Running),
                Reached::Success => match self.fetch().await {
                    Ok(result) => return Ok(Turn::Done(result)),
                    Err((failed, error)) => {
                        event = failed;
                        note(trouble, error);
                    }
                },
            }
        }
    }

    /// The same, up to where the result is to be read. `trouble` is the last that was met, if any.
    async fn drive(
        &mut self,
        mut event: Event,
        patience: Patience,
        trouble: &mut Option<Error>,
    ) -> Result<Reached, Error> {
        loop {
            let action = self.machine.step(event, self.now(), patience.deadline());
            if let Event::Reported(Phase::Running, _) = event {
                return Ok(Reached::Running);
            }
            event = match action {
                Action::Wait(until) if patience.waits() => {
                    self.client.clock().sleep_until(until).await;
                    Event::Wake
                }
                Action::Wait(_) => return Ok(Reached::Silence),
                Action::Poll => self.ask().await.unwrap_or_else(|(event, error)| {
                    note(trouble, error);
                    event
                }),
                Action::Fetch => return Ok(Reached::Success),
                Action::Fail => return Err(self.failed()),
                Action::Surface | Action::GiveUp => return Err(self.unanswered(action, trouble.take())),
            };
        }
    }

    /// Sends one poll. It is not tried again by the pipeline: the machine decides when to ask again.
    async fn ask(&mut self) -> Result<Event, (Event, Error)> {
        let polled_by = T::polled_by();
        let asking = Asking { machine: &mut self.machine, clock: self.client.clock() };
        let terms = Terms {
            retry: &NoRetry,
            once: true,
            started_by: Some(&*self.client_request_id),
            journal: self.entry.as_ref(),
            ..self.client.terms()
        };
        let answer = self.client.pipeline.get(polled_by, &self.location, &HeaderMap::new(), &terms).await;
        drop(asking);
        let answer =
            answer.map_err(|error| (Event::PollFailed(trouble_of(&error), error.retry_after()), error))?;
        let retry_after = retry_after_of(answer.response.headers(), || self.now());
        // An answer that can't be read says as little as an unknown status.
        let read = self.client.pipeline.read::<T::Status>(polled_by, &answer);
        self.report = read
            .map(Into::into)
            .map_err(|error| (Event::PollFailed(Trouble::Passing, retry_after), error))?;
        let phase = phase_of_report::<T>(&self.report);
        if let Some(entry) = &self.entry {
            entry.reported(&self.report, phase, self.now()).await;
        }
        Ok(Event::Reported(phase, retry_after))
    }

    async fn fetch(&self) -> Result<T, (Event, Error)> {
        let result = T::fetch(self.client.clone(), self.report.clone()).await;
        result.map_err(|error| (Event::FetchFailed(trouble_of(&error), error.retry_after()), error))
    }

    fn failed(&self) -> Error {
        let status = self.report.status.as_ref().map_or("failed", |status| status.as_str());
        let detail = self.report.detail.as_deref().unwrap_or("the service gives no reason");
        self.about(Error::new(ErrorKind::OperationFailed, format!("it ended as `{status}`: {detail}")))
    }

    fn unanswered(&self, action: Action, trouble: Option<Error>) -> Error {
        match (action, trouble) {
            (Action::Surface, Some(error)) => error.with_location(self.location.as_str()),
            (_, Some(error)) => self.about(Error::from_source(ErrorKind::WaitExceeded, error)),
            (_, None) => {
                self.about(Error::new(ErrorKind::WaitExceeded, "the wait ended before the operation did"))
            }
        }
    }

    /// Completes an error about the operation itself.
    fn about(&self, error: Error) -> Error {
        let mut error = error.with_operation(T::started_by()).with_location(self.location.as_str());
        error.inner_mut().client_request_id = Some(self.client_request_id.clone());
        error.inner_mut().maybe_processed = true;
        error
    }

    fn now(&self) -> SystemTime {
        self.client.clock().now()
    }
}

/// How far the machine got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// Nothing was asked, or nothing answered.
    Silence,
    /// The service says that the operation is under way.
    Running,
    /// The operation succeeded; its result can be read.
    Success,
}

/// What came of one turn.
pub(super) enum Turn<T> {
    Silence,
    Running,
    Done(T),
}

/// How long a run may wait.
#[derive(Clone, Copy)]
enum Patience {
    None,
    Until(SystemTime),
    Endless,
}

impl Patience {
    fn waits(self) -> bool {
        !matches!(self, Self::None)
    }

    fn deadline(self) -> Option<SystemTime> {
        if let Self::Until(deadline) = self { Some(deadline) } else { None }
    }
}

/// A poll under way. However it ends, dropped futures included, the time between polls counts from its end: it may have
/// waited for the rate limiter and reached the service only just now.
struct Asking<'a> {
    machine: &'a mut Machine,
    clock: &'a Clock,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.machine.asked(self.clock.now());
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
