//! Decides what each row, and each item that has no row, amounts to.

use graph_client::{Clock, Error};
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
    /// How often it was sent.
    pub(super) attempts: u32,
    /// Why a request for it may have been processed, if one may have been in this run.
    pub(super) unanswered: Option<Error>,
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
    clock: Clock,
    /// The lines of the keys that the input has, by the keys' fingerprints.
    seen: FingerprintMap<u64>,
    rows: u64,
    unreadable: u64,
    broke: Option<Box<str>>,
}

impl<'a, T: SyncTarget> Judge<'a, T> {
    pub(super) fn new(target: &'a T, settings: &'a Settings) -> Self {
        let (clock, seen) = (target.clock(), FingerprintMap::default());
        Self { target, settings, clock, seen, rows: 0, unreadable: 0, broke: None }
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
                let note = Note { line: Some(line), content: Some(content), ..Note::new(action, before) };
                let (item, is_open) = (Arc::new(item), before.is_some_and(|held| self.is_open(held)));
                let step = if is_open { Step::Confirm(item) } else { Step::Write(item) };
                Verdict::Write(Task { step, note })
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

    /// Whether a creation may have been processed, so short a time ago that looking can't tell yet.
    fn is_open(&self, held: Held) -> bool {
        let Held::Pending(since) = held else { return false };
        let age = super::seconds(&self.clock).saturating_sub(since);
        !self.target.is_idempotent() && age < self.settings.settled_after.as_secs()
    }

    /// What is due to be removed once the input has ended.
    pub(super) fn removals(&self, ledger: &Ledger) -> Result<Vec<Task<T::Item>>, Withheld> {
        if self.settings.missing == Missing::Kept {
            return Ok(Vec::new());
        }
        let now = super::seconds(&self.clock);
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
            // What isn't there yet can't be removed: a later run does.
            _ if self.is_open(held) => return None,
            _ if grace == Some(Duration::ZERO) => (Action::Delete, Step::Delete(key.into())),
            Held::Deactivated(since)
                if grace.is_some_and(|grace| now >= since.saturating_add(grace.as_secs())) =>
            {
                (Action::Delete, Step::Delete(key.into()))
            }
            Held::Deactivated(_) => return None,
            Held::Written(_) | Held::Pending(_) => (Action::Deactivate, Step::Deactivate(key.into())),
        };
        Some(Task { step, note: Note::new(action, Some(held)) })
    }
}

fn refused(line: u64, key: Option<Box<str>>, problems: Vec<Problem>) -> ItemReport {
    ItemReport { line: Some(line), key, action: None, outcome: ItemOutcome::Refused, problems, error: None }
}

impl Note {
    fn new(action: Action, before: Option<Held>) -> Self {
        Self { line: None, action, before, content: None, attempts: 0, unanswered: None }
    }

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
