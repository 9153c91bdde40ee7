//! Decides what each row, and each item that has no row, amounts to.

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use super::ledger::{Held, Ledger};
use super::report::{Action, ItemOutcome, ItemReport, Withheld};
use super::row::Row;
use super::synced::{Fingerprint, FingerprintMap, Problem, Synced as _};
use super::target::{Step, SyncTarget};
use super::{Missing, Settings};

/// One step, and what is to be said and noted of it.
#[derive(Debug)]
pub(super) struct Task<T> {
    pub(super) step: Step<T>,
    pub(super) note: Note,
}

/// All of a task but its step.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) line: Option<u64>,
    pub(super) action: Action,
    /// What the ledger said before.
    pub(super) before: Option<Held>,
    /// The content that is written.
    pub(super) content: Option<Fingerprint>,
}

/// What a row amounts to.
#[derive(Debug)]
pub(super) enum Verdict<T> {
    Unchanged,
    Write(Task<T>),
    Refused(ItemReport),
    /// The input can't be read any further.
    Broken,
}

#[derive(Debug)]
pub(super) struct Judge<'a, T> {
    target: &'a T,
    settings: &'a Settings,
    /// The lines of the keys that the input has, by the keys' fingerprints.
    seen: FingerprintMap<u64>,
    rows: u64,
    unreadable: u64,
    broke: Option<Box<str>>,
}

impl<'a, T: SyncTarget> Judge<'a, T> {
    pub(super) fn new(target: &'a T, settings: &'a Settings) -> Self {
        Self { target, settings, seen: FingerprintMap::default(), rows: 0, unreadable: 0, broke: None }
    }

    pub(super) fn row(&mut self, row: Row<T::Item>, ledger: &Ledger) -> Verdict<T::Item> {
        self.rows += 1;
        match row {
            Row::Item { line, item } => self.item(line.unwrap_or(self.rows), item, ledger),
            Row::Unreadable { line, key, reason } => {
                let line = line.unwrap_or(self.rows);
                let mut problems = vec![Problem::new("", reason)];
                problems.extend(self.see(key.as_deref().unwrap_or_default(), line));
                Verdict::Refused(refused(line, key, problems))
            }
            Row::Broken { reason } => {
                self.rows -= 1;
                self.broke = Some(reason);
                Verdict::Broken
            }
        }
    }

    fn item(&mut self, line: u64, mut item: T::Item, ledger: &Ledger) -> Verdict<T::Item> {
        let mut problems = self.target.problems(&item);
        problems.extend(self.see(item.key(), line));
        item.complete();
        let content = item.fingerprint().map_err(|error| Problem::new("", error.to_string()));
        match content {
            Ok(content) if problems.is_empty() => {
                let before = ledger.held(item.key());
                if before == Some(Held::Written(content)) {
                    return Verdict::Unchanged;
                }
                let action = if before.is_some() { Action::Change } else { Action::Create };
                let note = Note { line: Some(line), action, before, content: Some(content) };
                Verdict::Write(Task { step: Step::Write(Arc::new(item)), note })
            }
            content => {
                problems.extend(content.err());
                let key = (!item.key().is_empty()).then(|| item.key().into());
                Verdict::Refused(refused(line, key, problems))
            }
        }
    }

    /// Remembers that a line has this key, unless an earlier one has it.
    fn see(&mut self, key: &str, line: u64) -> Option<Problem> {
        if key.is_empty() {
            self.unreadable += 1;
            return None;
        }
        match self.seen.entry(Fingerprint::of(key.as_bytes())) {
            Entry::Vacant(place) => {
                place.insert(line);
                None
            }
            Entry::Occupied(first) => {
                let message = format!("is the same as in line {}: each must be there once", first.get());
                Some(Problem::new(T::Item::KEY, message))
            }
        }
    }

    /// What is due to be removed at `now`, in seconds after 1970, once the input has ended.
    pub(super) fn removals(&self, ledger: &Ledger, now: u64) -> Result<Vec<Task<T::Item>>, Withheld> {
        if self.settings.missing == Missing::Kept {
            return Ok(Vec::new());
        }
        let due: Vec<_> = ledger.iter().filter_map(|(key, held)| self.removal(key, held, now)).collect();
        if due.is_empty() {
            return Ok(due);
        }
        if let Some(reason) = self.broke.clone() {
            return Err(Withheld::InputBroke { reason });
        }
        if self.unreadable > 0 {
            return Err(Withheld::Unreadable { rows: self.unreadable });
        }
        let expected = self.settings.expected.unwrap_or_default();
        if self.rows < expected {
            return Err(Withheld::TooFewRows { expected, found: self.rows });
        }
        let limit = self.settings.most_removals.of(ledger.len(), self.seen.is_empty());
        if due.len() > limit {
            return Err(Withheld::TooMany { removals: due.len(), limit, held: ledger.len() });
        }
        Ok(due)
    }

    fn removal(&self, key: &str, held: Held, now: u64) -> Option<Task<T::Item>> {
        if self.seen.contains_key(&Fingerprint::of(key.as_bytes())) {
            return None;
        }
        let grace = self.settings.delete_after;
        let (action, step) = match held {
            _ if grace == Some(Duration::ZERO) => (Action::Delete, Step::Delete(key.into())),
            Held::Deactivated(since) if grace.is_some_and(|grace| now >= since + grace.as_secs()) => {
                (Action::Delete, Step::Delete(key.into()))
            }
            Held::Deactivated(_) => return None,
            Held::Written(_) | Held::Pending => (Action::Deactivate, Step::Deactivate(key.into())),
        };
        Some(Task { step, note: Note { line: None, action, before: Some(held), content: None } })
    }
}

fn refused(line: u64, key: Option<Box<str>>, problems: Vec<Problem>) -> ItemReport {
    ItemReport { line: Some(line), key, action: None, outcome: ItemOutcome::Refused, problems, error: None }
}

impl Note {
    pub(super) fn report(&self, key: &str, outcome: ItemOutcome, error: Option<String>) -> ItemReport {
        ItemReport {
            line: self.line,
            key: Some(key.into()),
            action: Some(self.action),
            outcome,
            problems: Vec::new(),
            error: error.map(Into::into),
        }
    }
}
