//! A run: reads rows, sends envelopes, takes notes.

use std::collections::VecDeque;
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use graph_client::{Clock, Error};
use graph_models::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::Settings;
use super::ambiguity::{NOT_THERE, is_for_all, is_for_now, needs_intent, unknown};
use super::desk::Desk;
use super::judge::{Judge, Note, Task, Verdict};
use super::ledger::{Held, Ledger};
use super::pace::Pace;
use super::report::{Action, ItemOutcome, SyncError, SyncEvent, SyncProgress, SyncSummary, Withheld};
use super::row::Row;
use super::target::{Applied, Step, SyncTarget};

/// So many steps go into an envelope.
const ENVELOPE: usize = 20;

/// A run that brings the service to the desired state, as a stream of what happens. Awaited, it gives the summary alone.
///
/// It works while it is polled, and spawns nothing. Dropped at any point, it leaves a ledger from which the next run goes on; what
/// was under way then is written again.
#[must_use = "a run does nothing until it is polled"]
pub struct SyncRun<'a> {
    stage: Stage<'a>,
    desk: Arc<Desk>,
    summary: Option<SyncSummary>,
}

enum Stage<'a> {
    Working(BoxFuture<'a, Result<SyncSummary, SyncError>>),
    /// What happened before is given out first.
    Failed(SyncError),
    Over,
}

impl<'a> SyncRun<'a> {
    pub(super) fn new<T, S>(target: &'a T, settings: &'a Settings, input: S, ledger: &'a mut Ledger) -> Self
    where
        T: SyncTarget,
        S: Stream<Item: Into<Row<T::Item>>> + Send + 'a,
    {
        let desk = Arc::<Desk>::default();
        desk.told().progress.expected = settings.expected.or_else(|| match input.size_hint() {
            (least, Some(most)) if least == most => u64::try_from(most).ok(),
            _ => None,
        });
        let work = Work {
            target,
            settings,
            ledger,
            judge: Judge::new(target, settings),
            input: Some(input.map(Into::into).boxed()),
            open: VecDeque::new(),
            flights: FuturesUnordered::new(),
            rows_in_a_row: 0,
            held_until: None,
            pace: Pace::new(settings.envelopes),
            clock: target.clock(),
            started: Instant::now(),
            desk: Arc::clone(&desk),
            failures: 0,
            stopped: None,
            withheld: None,
        };
        Self { stage: Stage::Working(Box::pin(work.carry_out())), desk, summary: None }
    }

    /// How far it has come.
    pub fn progress(&self) -> SyncProgress {
        self.desk.told().progress
    }

    /// What came of it, once the stream has ended.
    pub fn summary(&self) -> Option<&SyncSummary> {
        self.summary.as_ref()
    }
}

impl Stream for SyncRun<'_> {
    type Item = Result<SyncEvent, SyncError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.desk.told().events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Stage::Working(work) = &mut self.stage else {
                let error = match std::mem::replace(&mut self.stage, Stage::Over) {
                    Stage::Failed(error) => Some(Err(error)),
                    _ => None,
                };
                return Poll::Ready(error);
            };
            match work.as_mut().poll(context) {
                Poll::Ready(Ok(summary)) => {
                    self.summary = Some(summary);
                    self.stage = Stage::Over;
                }
                Poll::Ready(Err(error)) => self.stage = Stage::Failed(error),
                Poll::Pending if self.desk.told().events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }
}

impl<'a> IntoFuture for SyncRun<'a> {
    type Output = Result<SyncSummary, SyncError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            loop {
                match self.next().await {
                    Some(event) => drop(event?),
                    None => return self.summary.ok_or(SyncError::Over),
                }
            }
        })
    }
}

impl fmt::Debug for SyncRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncRun").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

struct Work<'a, T: SyncTarget> {
    target: &'a T,
    settings: &'a Settings,
    ledger: &'a mut Ledger,
    judge: Judge<'a, T>,
    /// Gone once it has ended.
    input: Option<BoxStream<'a, Row<T::Item>>>,
    /// What is due and not under way.
    open: VecDeque<Task<T::Item>>,
    flights: FuturesUnordered<BoxFuture<'a, Landed<T::Item>>>,
    /// How many rows came without a look at the answers.
    rows_in_a_row: usize,
    pace: Pace,
    /// Until when nothing could be sent when that was last tried. It may have passed since.
    held_until: Option<Instant>,
    clock: Clock,
    started: Instant,
    desk: Arc<Desk>,
    /// How many items failed in a row.
    failures: u32,
    stopped: Option<SyncError>,
    withheld: Option<Withheld>,
}

/// An envelope whose answers are in.
struct Landed<I> {
    left_at: Instant,
    steps: Vec<Step<I>>,
    notes: Vec<Note>,
    outcomes: Vec<Result<Applied, Error>>,
}

enum Turn<I> {
    Row(Option<Row<I>>),
    /// All whose answers are in.
    Landed(Vec<Landed<I>>),
    /// The service may be asked again.
    Released,
}

impl<T: SyncTarget> Work<'_, T> {
    async fn carry_out(mut self) -> Result<SyncSummary, SyncError> {
        self.ledger.bind(self.target.name())?;
        loop {
            // Whatever came of an envelope is durable before anything else can happen.
            self.launch()?;
            if self.is_over() {
                break;
            }
            self.desk.cleared().await;
            match self.turn().await {
                Turn::Row(Some(row)) => self.judge(row),
                Turn::Row(None) => self.input_ended(),
                Turn::Landed(landed) => landed.into_iter().for_each(|landed| self.settle(landed)),
                Turn::Released => {}
            }
        }
        let SyncProgress { counts, elapsed, throttled, .. } = self.update();
        match self.stopped {
            Some(error) => Err(error),
            None => Ok(SyncSummary { counts, withheld: self.withheld, elapsed, throttled }),
        }
    }

    fn is_over(&self) -> bool {
        let nothing_is_due = self.input.is_none() && self.open.is_empty();
        self.flights.is_empty() && (nothing_is_due || self.stopped.is_some())
    }

    /// The next row if there is room for one, or the next answers. Rows come first, so that what is to leave next is there when
    /// answers are in, and both share a flush; but only so many in a row.
    async fn turn(&mut self) -> Turn<T::Item> {
        let wants_row = self.stopped.is_none() && self.open.len() < ENVELOPE * self.pace.places(0);
        let mut input = self.input.as_mut().filter(|_| wants_row);
        let rows_first = self.rows_in_a_row < ENVELOPE * self.pace.places(0);
        let held_until = self.held_until.filter(|_| !self.open.is_empty());
        let mut released = pin!(sleep_until(held_until.unwrap_or_else(Instant::now)));
        let turn = poll_fn(|context| {
            let mut row = |context: &mut Context<'_>| match &mut input {
                Some(input) => input.poll_next_unpin(context).map(Turn::Row),
                None => Poll::Pending,
            };
            if rows_first && let Poll::Ready(row) = row(context) {
                return Poll::Ready(row);
            }
            let mut landed = Vec::new();
            while let Poll::Ready(Some(envelope)) = self.flights.poll_next_unpin(context) {
                landed.push(envelope);
            }
            if !landed.is_empty() {
                return Poll::Ready(Turn::Landed(landed));
            }
            match row(context) {
                Poll::Pending if held_until.is_some() => {
                    released.as_mut().poll(context).map(|()| Turn::Released)
                }
                row => row,
            }
        })
        .await;
        self.rows_in_a_row = if matches!(turn, Turn::Row(_)) { self.rows_in_a_row + 1 } else { 0 };
        turn
    }

    fn judge(&mut self, row: Row<T::Item>) {
        match self.judge.row(row, self.ledger) {
            Verdict::Unchanged => self.desk.told().progress.counts.unchanged += 1,
            Verdict::Write(task) => self.open.push_back(task),
            Verdict::Refused(report) => self.desk.tell(report),
            Verdict::Broken => self.input_ended(),
        }
    }

    fn input_ended(&mut self) {
        self.input = None;
        match self.judge.removals(self.ledger) {
            Ok(removals) => self.open.extend(removals),
            Err(withheld) => self.withheld = Some(withheld),
        }
    }

    /// Sends as many envelopes as may be under way: full ones, and the rest once the input has ended. All that leave at once share
    /// a flush of the ledger, with each other and with what has come in.
    fn launch(&mut self) -> Result<(), SyncError> {
        let least = if self.input.is_some() { ENVELOPE } else { 1 };
        let (mut leaving, now) = (Vec::new(), self.now());
        self.held_until = self.pace.held_until();
        // What is noted as about to be sent is sent at once.
        while self.stopped.is_none()
            && self.held_until.is_none()
            && self.open.len() >= least
            && leaving.len() < self.pace.places(self.flights.len())
        {
            let tasks = self.open.drain(..ENVELOPE.min(self.open.len()));
            let (steps, notes): (Vec<_>, Vec<_>) = tasks.map(|task| (task.step, task.note)).unzip();
            for (step, note) in steps.iter().zip(&notes) {
                if needs_intent(step, note, self.target.is_idempotent(), now) {
                    self.ledger.note(step.key(), Some(Held::Pending(now)));
                }
            }
            leaving.push((steps, notes));
        }
        self.ledger.flush()?;
        for (steps, notes) in leaving {
            let (target, left_at) = (self.target, Instant::now());
            self.flights.push(Box::pin(async move {
                let outcomes = target.apply(&steps).await;
                Landed { left_at, steps, notes, outcomes }
            }));
        }
        Ok(())
    }

    fn settle(&mut self, landed: Landed<T::Item>) {
        let Landed { left_at, steps, notes, outcomes } = landed;
        let (mut asked, mut again) = (None, Vec::new());
        let silent = || Err(unknown("the target says nothing about this item"));
        let outcomes = outcomes.into_iter().chain(std::iter::repeat_with(silent));
        for ((step, mut note), outcome) in steps.into_iter().zip(notes).zip(outcomes) {
            note.attempts = note.attempts.saturating_add(1);
            match outcome {
                Ok(Applied::Unknown) => {
                    let error = note.unanswered.take().unwrap_or_else(|| unknown(NOT_THERE));
                    self.failed(step.key(), &note, error);
                }
                Ok(applied) => self.applied(step.key(), &note, applied),
                Err(error) if self.may_repeat(&note, &error) => {
                    asked = asked.max(error.retry_after());
                    again.push(self.repeated(step, note, error));
                }
                Err(error) => self.failed(step.key(), &note, error),
            }
        }
        if again.is_empty() {
            self.pace.went_well();
        } else {
            self.pace.refused(left_at, asked);
        }
        again.into_iter().rev().for_each(|task| self.open.push_front(task));
        let progress = self.update();
        self.desk.told().events.push_back(SyncEvent::Progress(progress));
    }

    /// Whether an item is tried again in this run: not for ever, and not if the service asks for more time than there is.
    fn may_repeat(&self, note: &Note, error: &Error) -> bool {
        let is_in_doubt = error.maybe_processed() && !self.target.is_idempotent() && !is_for_all(error);
        note.attempts < self.settings.attempts
            && error.retry_after().is_none_or(|wait| wait <= self.settings.longest_wait)
            && (is_for_now(error) || is_in_doubt)
    }

    /// What is tried next. Only a look is, where a second request could create a second item.
    fn repeated(&mut self, step: Step<T::Item>, mut note: Note, error: Error) -> Task<T::Item> {
        if error.maybe_processed() {
            note.unanswered.get_or_insert(error);
        }
        self.undo_intent(step.key(), &note);
        let step = match step {
            Step::Write(item) if note.unanswered.is_some() && !self.target.is_idempotent() => {
                Step::Confirm(item)
            }
            step => step,
        };
        Task { step, note }
    }

    /// What was surely not processed leaves what the ledger said before.
    fn undo_intent(&mut self, key: &str, note: &Note) {
        if note.unanswered.is_none() && self.ledger.held(key) != note.before {
            self.ledger.note(key, note.before);
        }
    }

    fn applied(&mut self, key: &str, note: &Note, applied: Applied) {
        let held = match (applied, note.action) {
            (Applied::Gone, _) | (_, Action::Delete) => None,
            (_, Action::Deactivate) => Some(Held::Deactivated(self.now())),
            _ => note.content.map(Held::Written),
        };
        self.ledger.note(key, held);
        self.failures = 0;
        let outcome = if applied == Applied::Gone { ItemOutcome::Gone } else { ItemOutcome::Done };
        self.desk.tell(note.report(key, outcome, None));
    }

    fn failed(&mut self, key: &str, note: &Note, error: Error) {
        let mut text = error.to_string();
        let outcome = if error.maybe_processed() || note.unanswered.is_some() {
            ItemOutcome::Ambiguous
        } else {
            self.undo_intent(key, note);
            ItemOutcome::Failed
        };
        if let Some(earlier) = &note.unanswered {
            text = format!("{text}; a request before it may have been processed: {earlier}");
        }
        self.desk.tell(note.report(key, outcome, Some(text)));
        self.failures = self.failures.saturating_add(1);
        if self.stopped.is_none() {
            let (failures, longest) = (self.failures, self.settings.longest_wait);
            self.stopped = if is_for_all(&error) || error.retry_after().is_some_and(|wait| wait > longest) {
                Some(SyncError::Stopped(error))
            } else {
                let is_enough = failures >= self.settings.failures_in_a_row;
                is_enough.then_some(SyncError::Failing { failures, last: error })
            };
        }
    }

    fn update(&self) -> SyncProgress {
        let mut told = self.desk.told();
        told.progress.elapsed = self.started.elapsed();
        told.progress.throttled = self.pace.throttled();
        told.progress
    }

    fn now(&self) -> u64 {
        super::seconds(&self.clock)
    }
}
