//! What the handle does for its machine: it waits, asks, and reads.

use std::sync::Arc;
use std::time::SystemTime;

use graph_runtime::{LongRunningResult, Phase};
use http::HeaderMap;

use super::super::machine::{Action, Event, Machine, Trouble};
use super::super::result::{self, phase_of};
use super::super::trouble::{note, trouble_of};
use super::{Operation, Update};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::pipeline::{CallHook, Terms};
use crate::policy::{NoRetry, retry_after_of};

impl<T: LongRunningResult> Operation<T> {
    /// Carries out what the machine says, until the service says something new or `patience` ends.
    pub(super) async fn run(&mut self, patience: Patience) -> Result<Update<T>, Error> {
        let mut trouble = None;
        match (self.turn(patience, &mut trouble).await?, trouble) {
            (Turn::Done(result), _) => Ok(Update::Done(result)),
            (Turn::Silence, Some(error)) if !error.is_not_found() => Err(error),
            (Turn::Running | Turn::Silence, _) => Ok(Update::Pending(self.report.clone())),
        }
    }

    /// Asks once if it is time to, for a caller who comes back at [`next_poll_at`](Self::next_poll_at) if trouble is passing.
    pub(in crate::lro) async fn take_turn(&mut self) -> Result<Turn<T>, Error> {
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
    pub(super) async fn drive(
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
        let polled_by = T::long_running().polled_by;
        let asking = Asking { machine: &mut self.machine, clock: self.client.clock() };
        let hook = self.entry.clone().map(|entry| -> Arc<dyn CallHook> { Arc::new(entry) });
        let terms = Terms {
            retry: &NoRetry,
            once: true,
            follows: Some(&*self.client_request_id),
            hooks: hook.as_slice(),
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
        let phase = phase_of(T::long_running(), &self.report);
        if let Some(entry) = &self.entry {
            entry.reported(&self.report, phase, self.now()).await;
        }
        Ok(Event::Reported(phase, retry_after))
    }

    async fn fetch(&self) -> Result<T, (Event, Error)> {
        let result = result::fetch(&self.client, &self.report).await;
        result.map_err(|error| (Event::FetchFailed(trouble_of(&error), error.retry_after()), error))
    }

    fn failed(&self) -> Error {
        let status = self.report.status.as_deref().unwrap_or("failed");
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
}

/// How far the machine got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Nothing was asked, or nothing answered.
    Silence,
    /// The service says that the operation is under way.
    Running,
    /// The operation succeeded; its result can be read.
    Success,
}

/// What came of one turn.
pub(in crate::lro) enum Turn<T> {
    Silence,
    Running,
    Done(T),
}

/// How long a run may wait.
#[derive(Clone, Copy)]
pub(super) enum Patience {
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
