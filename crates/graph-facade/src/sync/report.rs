//! What a run says about itself: of each item, on the way, and at the end.

use graph_client::Error;
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::ledger::LedgerError;
use super::synced::Problem;

/// What is to be done about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Action {
    /// The service does not have it.
    Create,
    /// The service has something else under its key, or may have.
    Change,
    /// It is no longer in the desired state: it is taken off the offer if the service knows that, and its grace begins.
    Deactivate,
    /// It is no longer in the desired state, and its grace is over.
    Delete,
}

/// What came of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemOutcome {
    /// In a plan: the action is due.
    Planned,
    /// The service did it.
    Done,
    /// What was to be deactivated or deleted was not there.
    Gone,
    /// It is not acceptable, and nothing was sent.
    Refused,
    /// The service did not do it. The next run tries again.
    Failed,
    /// It failed, but a request for it may have been processed. The ledger remembers that, and the next run finds out: what can be
    /// repeated is written again, anything else is looked up.
    Ambiguous,
}

/// What a run has to say about one item. Items that are as they should be are not reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemReport {
    /// Its line in the input; none for what is no longer in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its key, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<str>>,
    /// What was to be done; none if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What came of it.
    pub outcome: ItemOutcome,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Why it failed, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<str>>,
}

impl ItemReport {
    /// Writes it as a line of JSON.
    pub fn write_json_line(&self, mut to: impl Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        to.write_all(&line)
    }
}

impl fmt::Display for ItemReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(match (self.outcome, self.action) {
            (ItemOutcome::Refused, _) | (_, None) => "refused",
            (_, Some(Action::Create)) => "create",
            (_, Some(Action::Change)) => "change",
            (_, Some(Action::Deactivate)) => "deactivate",
            (_, Some(Action::Delete)) => "delete",
        })?;
        if let Some(key) = &self.key {
            write!(f, " {key}")?;
        }
        f.write_str(match self.outcome {
            ItemOutcome::Gone => ", which was gone",
            ItemOutcome::Failed => ", which failed",
            ItemOutcome::Ambiguous => ", which failed and may have been done",
            _ => "",
        })?;
        for problem in &self.problems {
            write!(f, "; {problem}")?;
        }
        self.error.iter().try_for_each(|error| write!(f, ": {error}"))
    }
}

/// How many items had each fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Counts {
    /// Items that are as they should be.
    pub unchanged: u64,
    /// Items that the service did not have.
    pub created: u64,
    /// Items that the service had otherwise.
    pub changed: u64,
    /// Items that were taken off the offer.
    pub deactivated: u64,
    /// Items that were deleted.
    pub deleted: u64,
    /// Items that were to be deactivated or deleted and were not there.
    pub gone: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Items with which the service failed.
    pub failed: u64,
    /// Items with which the service failed, but may have done what it was asked for.
    pub ambiguous: u64,
}

impl Counts {
    /// How many items that is.
    pub fn total(&self) -> u64 {
        self.unchanged + self.written() + self.refused + self.failed + self.ambiguous
    }

    /// How many items the service has changed.
    pub fn written(&self) -> u64 {
        self.created + self.changed + self.deactivated + self.deleted + self.gone
    }

    pub(super) fn add(&mut self, report: &ItemReport) {
        let count = match (report.outcome, report.action) {
            (ItemOutcome::Refused, _) | (_, None) => &mut self.refused,
            (ItemOutcome::Failed, _) => &mut self.failed,
            (ItemOutcome::Ambiguous, _) => &mut self.ambiguous,
            (ItemOutcome::Gone, _) => &mut self.gone,
            (_, Some(Action::Create)) => &mut self.created,
            (_, Some(Action::Change)) => &mut self.changed,
            (_, Some(Action::Deactivate)) => &mut self.deactivated,
            (_, Some(Action::Delete)) => &mut self.deleted,
        };
        *count += 1;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unchanged, created, changed, deactivated, deleted, gone, refused, failed, ambiguous } =
            self;
        write!(
            f,
            "{created} created, {changed} changed, {deactivated} deactivated, {deleted} deleted, {unchanged} unchanged"
        )?;
        let others =
            [(gone, "gone already"), (refused, "refused"), (failed, "failed"), (ambiguous, "ambiguous")];
        for (count, name) in others {
            if *count > 0 {
                write!(f, ", {count} {name}")?;
            }
        }
        Ok(())
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SyncProgress {
    /// What came of the items so far.
    pub counts: Counts,
    /// How many items there are in all, if that was [said](super::SyncEngine::expecting) or the input knows.
    pub expected: Option<u64>,
    /// How long the run has taken.
    pub elapsed: Duration,
    /// For how much of that it held back because the service wanted it to.
    pub throttled: Duration,
}

impl SyncProgress {
    /// Items per second, on the average.
    #[allow(clippy::cast_precision_loss, reason = "fewer items than 2^52")]
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.counts.total() as f64 / seconds } else { 0.0 }
    }

    /// How long it will still take at this rate, if it is known how many items there are.
    #[allow(clippy::cast_precision_loss, reason = "fewer items than 2^52")]
    pub fn eta(&self) -> Option<Duration> {
        let left = self.expected?.saturating_sub(self.counts.total());
        Duration::try_from_secs_f64(left as f64 / self.rate()).ok()
    }
}

/// What happens in a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SyncEvent {
    /// What came of an item.
    Item(ItemReport),
    /// An answer has come in.
    Progress(SyncProgress),
}

/// What came of a run.
#[derive(Clone, Debug)]
#[must_use = "a run may have withheld what it should remove"]
#[non_exhaustive]
pub struct SyncSummary {
    /// What came of the items.
    pub counts: Counts,
    /// Why nothing was removed that should have been, if so.
    pub withheld: Option<Withheld>,
    /// How long it took.
    pub elapsed: Duration,
    /// For how much of that it held back because the service wanted it to.
    pub throttled: Duration,
}

impl SyncSummary {
    /// Whether the service now holds the desired state: nothing was refused or withheld, nothing failed or is ambiguous.
    pub fn is_complete(&self) -> bool {
        let Counts { refused, failed, ambiguous, .. } = self.counts;
        self.withheld.is_none() && refused == 0 && failed == 0 && ambiguous == 0
    }
}

impl fmt::Display for SyncSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts.fmt(f)?;
        self.withheld.iter().try_for_each(|withheld| write!(f, "; nothing was removed: {withheld}"))
    }
}

/// Why a run removes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Withheld {
    /// The input broke off.
    #[error(
        "the input broke off ({reason}), and what would have followed is not known: repeat the run with all of it"
    )]
    InputBroke {
        /// Why.
        reason: Box<str>,
    },
    /// Rows can't be read, not even their keys.
    #[error("{rows} rows can't be read, and may be those of any items: correct them, and repeat the run")]
    Unreadable {
        /// How many.
        rows: u64,
    },
    /// The input has fewer rows than it should.
    #[error("the input ended after {found} of {expected} rows: repeat the run with all of it")]
    TooFewRows {
        /// How many there should be.
        expected: u64,
        /// How many there were.
        found: u64,
    },
    /// It would be too many at once.
    #[error(
        "{removals} of {held} items are not in the input, and no more than {limit} may be removed in one run: look whether the \
         input is complete, and allow more if it is"
    )]
    TooMany {
        /// How many are due to be deactivated or deleted.
        removals: usize,
        /// How many may be.
        limit: usize,
        /// How many items the service holds.
        held: usize,
    },
}

/// Why a run ended early. The ledger has all that is known; another run goes on from there.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The ledger can't be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The service can't be reached, lets nobody in, or asks for a longer wait than the run
    /// [may take](super::SyncEngine::longest_wait): the error says when to come back.
    #[error("the run was stopped: {0}")]
    Stopped(Error),
    /// The service failed with too many items, one after another.
    #[error("the run was stopped after {failures} failures in a row, the last of them: {last}")]
    Failing {
        /// How many.
        failures: u32,
        /// The last of them.
        last: Error,
    },
    /// The run was over before it was awaited, with the error that its stream gave.
    #[error("the run was over already")]
    Over,
}

graph_client::debug_by_display!(SyncError);
