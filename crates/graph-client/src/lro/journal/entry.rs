//! One operation in the journal, as the process goes on with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use graph_runtime::{OperationInfo, Phase, StatusReport};

use super::OperationJournal;
use super::record::{JournalOutcome, Record, Stage};
use super::store::{JournalError, in_time};
use crate::client::Client;
use crate::error::Error;
use crate::lro::location::operation_location;
use crate::lro::saved::to_millis;
use crate::pipeline::{Answer, CallHook, HookContext, Step};
use crate::root::Root;
use crate::target::TARGET;

/// The record of one operation, held by the call or the handle that goes on with it; clones share it.
///
/// The memory of the process is changed first and written then, whole: what could not be written goes along with the
/// next change.
#[derive(Clone, Debug)]
pub struct Entry(Arc<Held>);

#[derive(Debug)]
struct Held {
    journal: OperationJournal,
    state: Mutex<State>,
    /// The number of the last change that is in the store. Whoever writes holds it, so that of two changes made at once the
    /// earlier is not written last.
    written: tokio::sync::Mutex<u64>,
}

#[derive(Debug)]
struct State {
    /// The client's id of the call, once that has begun.
    id: Option<String>,
    record: Record,
    /// The store is to have no record of it any more.
    is_removed: bool,
    /// How many changes there were.
    changes: u64,
}

impl Entry {
    /// The entry of a call that creates something of that name, if `client` has a journal. Nothing is written before it begins.
    pub fn of_call(client: &Client, operation: &'static OperationInfo, name: &str) -> Option<Self> {
        let journal = client.shared.extensions.get::<OperationJournal>()?.clone();
        Some(Self::new(journal, None, Record::intended(client, operation, name)))
    }

    /// The entry of a record of which the caller has got hold.
    pub(super) fn of_record(journal: OperationJournal, id: &str, record: Record) -> Self {
        Self::new(journal, Some(id.to_owned()), record)
    }

    fn new(journal: OperationJournal, id: Option<String>, record: Record) -> Self {
        let state = Mutex::new(State { id, record, is_removed: false, changes: 0 });
        Self(Arc::new(Held { journal, state, written: tokio::sync::Mutex::new(0) }))
    }

    /// A call begins: what it intends is written before anything is sent.
    async fn begin(&self, id: &str, now: SystemTime) -> Result<(), Error> {
        {
            let mut state = self.state();
            if state.id.is_some() {
                return Ok(());
            }
            self.0.journal.hold(id);
            state.id = Some(id.to_owned());
            state.record.stage = Stage::Intended { at: to_millis(now) };
            state.changes += 1;
        }
        Ok(self.write().await?)
    }

    /// A request is about to be sent. It must not be unless this succeeds.
    async fn sending_at(&self, now: SystemTime) -> Result<(), Error> {
        self.change(|stage| match stage {
            Stage::Intended { .. } => *stage = Stage::Sent { at: to_millis(now) },
            Stage::Accepted { saved, asking } => {
                saved.last_poll_at = saved.last_poll_at.max(Some(now));
                *asking = true;
            }
            Stage::Sent { .. } | Stage::Ended { .. } => {}
        })
        .await
        .map_err(Into::into)
    }

    /// The service surely did not act on what was sent so far.
    async fn refused(&self, now: SystemTime) {
        if matches!(self.state().record.stage, Stage::Sent { .. }) {
            let outcome = self.change(|stage| *stage = Stage::Intended { at: to_millis(now) }).await;
            warn_of(outcome);
        }
    }

    /// A call is over. What was accepted is written, and what surely was not is removed.
    async fn answered(
        &self,
        operation: &'static OperationInfo,
        root: &Root,
        outcome: &mut Result<Answer, Error>,
        now: SystemTime,
    ) {
        let is_poll = matches!(self.state().record.stage, Stage::Accepted { .. } | Stage::Ended { .. });
        let written = match outcome {
            _ if is_poll => self.polled(now).await,
            Ok(answer) => match operation_location(operation, answer.response.headers(), root) {
                Ok(location) => self.accepted(location.as_str(), now).await,
                // The caller is told by whoever reads the answer, and the record is as true as before.
                Err(_) => Ok(()),
            },
            Err(error) if error.maybe_processed() => {
                error.inner_mut().in_journal = true;
                Ok(())
            }
            Err(_) => self.remove().await,
        };
        warn_of(written);
    }

    async fn polled(&self, now: SystemTime) -> Result<(), JournalError> {
        self.change(|stage| {
            if let Stage::Accepted { saved, asking } = stage {
                saved.last_poll_at = saved.last_poll_at.max(Some(now));
                *asking = false;
            }
        })
        .await
    }

    async fn accepted(&self, location: &str, now: SystemTime) -> Result<(), JournalError> {
        let saved = {
            let state = self.state();
            state.record.saved(state.id.as_deref().unwrap_or_default(), location, now)
        };
        self.change(|stage| *stage = Stage::Accepted { saved, asking: false }).await
    }

    /// The service reported the end of the operation, if it did.
    pub(crate) async fn reported(&self, report: &StatusReport, phase: Phase, now: SystemTime) {
        if let Some(outcome) = JournalOutcome::of(report, phase) {
            warn_of(self.end(outcome, now).await);
        }
    }

    /// The operation ended like this.
    pub(super) async fn end(&self, outcome: JournalOutcome, now: SystemTime) -> Result<(), JournalError> {
        self.change(|stage| {
            let location = match stage {
                Stage::Accepted { saved, .. } => Some(saved.location.clone()),
                Stage::Ended { location, .. } => location.take(),
                Stage::Intended { .. } | Stage::Sent { .. } => None,
            };
            *stage = Stage::Ended { at: to_millis(now), location, outcome };
        })
        .await
    }

    /// Removes the record of an operation that is over. Refused as long as it is not.
    pub(crate) async fn acknowledge(&self) -> Result<(), Error> {
        if matches!(self.state().record.stage, Stage::Ended { .. }) {
            return Ok(self.remove().await?);
        }
        Err(Error::refused("the operation is still under way: wait for its end before you acknowledge it"))
    }

    pub(super) async fn remove(&self) -> Result<(), JournalError> {
        {
            let mut state = self.state();
            state.is_removed = true;
            state.changes += 1;
        }
        self.write().await
    }

    /// Changes the stage, and writes the record.
    async fn change(&self, change: impl FnOnce(&mut Stage)) -> Result<(), JournalError> {
        {
            let mut state = self.state();
            change(&mut state.record.stage);
            state.is_removed = false;
            state.changes += 1;
        }
        self.write().await
    }

    /// Makes the store have what is true now, unless another call has done so already.
    async fn write(&self) -> Result<(), JournalError> {
        let mut written = self.0.written.lock().await;
        let (id, text, changes) = {
            let state = self.state();
            let Some(id) = state.id.clone().filter(|_| state.changes > *written) else { return Ok(()) };
            let text = if state.is_removed { None } else { Some(text_of(&state.record)?) };
            (id, text, state.changes)
        };
        let store = self.0.journal.store();
        match text {
            Some(text) => in_time(store.put(&id, &text)).await?,
            None => in_time(store.remove(&id)).await?,
        }
        *written = changes;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}

impl CallHook for Entry {
    fn begins<'a>(&'a self, context: HookContext<'a>) -> Step<'a, Result<(), Error>> {
        Some(Box::pin(self.begin(context.id, context.now)))
    }

    fn sending(&self, now: SystemTime) -> Step<'_, Result<(), Error>> {
        Some(Box::pin(self.sending_at(now)))
    }

    fn repeating(&self, now: SystemTime) -> Step<'_, ()> {
        Some(Box::pin(self.refused(now)))
    }

    fn ended<'a>(&'a self, context: HookContext<'a>, outcome: &'a mut Result<Answer, Error>) -> Step<'a, ()> {
        Some(Box::pin(self.answered(context.operation, context.root, outcome, context.now)))
    }
}

impl Held {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(id) = &self.state().id {
            self.journal.release(id);
        }
    }
}

fn text_of(record: &Record) -> Result<String, JournalError> {
    record.to_text().map_err(JournalError::store)
}

/// For changes that the next one makes up for: until then, the journal promises less than is known.
fn warn_of(written: Result<(), JournalError>) {
    if let Err(error) = written {
        tracing::warn!(target: TARGET, { error = %error }, "the journal of operations is behind");
    }
}
