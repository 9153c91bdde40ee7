//! What a run would do.

use std::fmt;

use futures_core::Stream;
use futures_util::StreamExt as _;

use super::Settings;
use super::judge::{Judge, Verdict};
use super::ledger::Ledger;
use super::report::{Counts, ItemOutcome, ItemReport, Withheld};
use super::row::Row;
use super::target::SyncTarget;

/// What a run with the same input would do. Printed, it is one line for each item, and one for all of them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SyncPlan {
    /// What is due, and what is refused, in the order of the input.
    pub items: Vec<ItemReport>,
    /// How many items would have each fate.
    pub counts: Counts,
    /// Why nothing would be removed that should be, if so.
    pub withheld: Option<Withheld>,
}

impl SyncPlan {
    /// Whether nothing would be sent.
    pub fn is_empty(&self) -> bool {
        self.counts.written() == 0
    }

    pub(super) async fn of<T, S>(target: &T, settings: &Settings, input: S, ledger: &Ledger) -> Self
    where
        T: SyncTarget,
        S: Stream<Item: Into<Row<T::Item>>> + Send,
    {
        let (mut plan, mut judge) = (Self::default(), Judge::new(target, settings));
        let mut input = input.map(Into::into).boxed();
        while let Some(row) = input.next().await {
            match judge.row(row, ledger) {
                Verdict::Unchanged => plan.counts.unchanged += 1,
                Verdict::Write(task) => {
                    plan.add(task.note.report(task.step.key(), ItemOutcome::Planned, None));
                }
                Verdict::Refused(report) => plan.add(report),
                Verdict::Broken => break,
            }
        }
        match judge.removals(ledger) {
            Ok(due) => due.iter().for_each(|task| {
                plan.add(task.note.report(task.step.key(), ItemOutcome::Planned, None));
            }),
            Err(withheld) => plan.withheld = Some(withheld),
        }
        plan
    }

    fn add(&mut self, report: ItemReport) {
        self.counts.add(&report);
        self.items.push(report);
    }
}

impl fmt::Display for SyncPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.iter().try_for_each(|item| writeln!(f, "{item}"))?;
        let Counts { created, changed, deactivated, deleted, unchanged, refused, .. } = self.counts;
        write!(
            f,
            "{created} to create, {changed} to change, {deactivated} to deactivate, {deleted} to delete, {unchanged} unchanged, \
             {refused} refused"
        )?;
        self.withheld.iter().try_for_each(|withheld| write!(f, "\nnothing would be removed: {withheld}"))
    }
}
