//! Keeps what the service holds in step with what somebody wants it to hold: the catalogue of a learning provider, and what
//! learners do with its courses.
//!
//! ```no_run
//! use std::{fs::File, io::BufReader};
//!
//! use futures_util::{StreamExt, stream};
//! use graph_facade::Client;
//! use graph_facade::sync::{Ledger, SyncEvent, json_lines};
//!
//! # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
//! let rows = || Ok::<_, std::io::Error>(stream::iter(json_lines(BufReader::new(File::open("courses.jsonl")?))));
//! let mut ledger = Ledger::open("courses.ledger")?;
//! let engine = client.sync_learning_contents("13727311-e7bb-470d-8b20-6a23d9030d70");
//!
//! println!("{}", engine.plan(rows()?, &ledger).await?);
//! let mut run = engine.run(rows()?, &mut ledger);
//! while let Some(event) = run.next().await {
//!     match event? {
//!         SyncEvent::Item(item) => item.write_json_line(std::io::stdout())?,
//!         SyncEvent::Progress(progress) => eprintln!("{:.0} a second", progress.rate()),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - The input is read once and as it goes; no content is held longer than it takes to send it. What a run needs to know of an item
//!   that is not under way is some hundred bytes.
//! - The service takes contents and activities from an app by itself only ([`ClientBuilder::application`](crate::ClientBuilder::application)).
//! - An item is refused for itself, with its line and every reason, and the rest goes on.
//! - Items that the input no longer has are taken off the offer, and deleted when a grace time is over. Nothing is removed unless
//!   the input was read to its end, every key in it could be read, and no more than a part of all items would go.
//! - What may have been processed although its answer failed is remembered in the ledger until it is known. A write that can't be
//!   repeated is looked up instead; if it isn't there, it is reported as [ambiguous](ItemOutcome::Ambiguous) and created by a later run.
//! - An item that is refused for now again and again has [failed](SyncEngine::attempts) in the end, and every run ends.
//! - A throttled run holds back as long as the service asks, then goes on with half as many envelopes at once, and slowly returns.

use std::time::{Duration, SystemTime};

use futures_core::Stream;
use futures_util::TryStreamExt as _;
use graph_client::Clock;
use graph_models::Identify;

use crate::client::Client;

mod activities;
mod activity;
mod ambiguity;
mod calls;
mod content;
mod desk;
mod judge;
mod ledger;
mod pace;
mod plan;
mod report;
mod row;
mod run;
mod sending;
mod synced;
mod target;

pub use activities::CourseActivities;
pub use activity::CourseActivity;
pub use calls::LearningCatalog;
pub use ledger::{Held, Ledger, LedgerEntry, LedgerError, LedgerStore, TornTail};
pub use plan::SyncPlan;
pub use report::{
    Action, Counts, ItemOutcome, ItemReport, SyncError, SyncEvent, SyncProgress, SyncSummary, Withheld,
};
pub use row::{Row, json_lines};
pub use run::SyncRun;
pub use synced::{Fingerprint, InvalidFingerprint, Problem, Synced};
pub use target::{Applied, Step, Stock, SyncTarget};

/// Brings a target to a desired state, again and again.
#[derive(Clone, Debug)]
#[must_use = "an engine does nothing until it is given an input"]
pub struct SyncEngine<T> {
    target: T,
    settings: Settings,
}

#[derive(Clone, Debug)]
struct Settings {
    missing: Missing,
    delete_after: Option<Duration>,
    most_removals: MostRemovals,
    expected: Option<u64>,
    envelopes: u16,
    failures_in_a_row: u32,
    attempts: u32,
    longest_wait: Duration,
    settled_after: Duration,
}

/// What becomes of items that the input does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// They stay as they are: the input is a part of what there should be, such as the completions of last night.
    Kept,
    /// They are taken off the offer, and deleted when their grace is over: the input is all that there should be.
    Removed,
}

/// How many items one run may remove.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MostRemovals {
    /// This part of all items, from 0 to 1, or 10 items if that is more; none if the input is empty.
    Part(f64),
    /// So many items, also all of them.
    Items(usize),
}

impl MostRemovals {
    /// The limit where so many items are held.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of what fits into memory"
    )]
    fn of(self, held: usize, input_is_empty: bool) -> usize {
        match self {
            Self::Part(_) if input_is_empty => 0,
            Self::Part(part) => ((held as f64 * part.clamp(0.0, 1.0)) as usize).max(10),
            Self::Items(items) => items,
        }
    }
}

impl Client {
    /// Keeps the catalogue of a learning provider in step with a desired state.
    ///
    #[doc = graph_models::facts!(LEARNING_CONTENTS_UPSERT_BY_EXTERNAL_ID)]
    pub fn sync_learning_contents(&self, provider: impl Identify) -> SyncEngine<LearningCatalog> {
        SyncEngine::new(LearningCatalog::new(self, provider))
    }

    /// Keeps what learners do with the courses of a learning provider in step with a desired state: assignments and
    /// self-initiated courses.
    ///
    /// Unless [told otherwise](SyncEngine::missing), what the input does not have stays, so that it may be the completions of
    /// last night alone. Each activity needs an external id.
    ///
    #[doc = graph_models::facts!(LEARNING_COURSE_ACTIVITIES_CREATE)]
    pub fn sync_learning_course_activities(&self, provider: impl Identify) -> SyncEngine<CourseActivities> {
        SyncEngine::new(CourseActivities::new(self, provider)).missing(Missing::Kept)
    }
}

impl<T: SyncTarget> SyncEngine<T> {
    /// An engine for `target`.
    pub fn new(target: T) -> Self {
        let settings = Settings {
            missing: Missing::Removed,
            delete_after: Some(Duration::from_secs(30 * 24 * 60 * 60)),
            most_removals: MostRemovals::Part(0.1),
            expected: None,
            envelopes: 4,
            failures_in_a_row: 100,
            attempts: 10,
            longest_wait: Duration::from_secs(60 * 60),
            settled_after: Duration::from_secs(60 * 60),
        };
        Self { target, settings }
    }

    /// What becomes of items that the input does not have; otherwise they are [removed](Missing::Removed).
    pub fn missing(mut self, missing: Missing) -> Self {
        self.settings.missing = missing;
        self
    }

    /// Deletes what has been off the offer for so long; otherwise for 30 days. With none, nothing is ever deleted; with zero, it
    /// is deleted at once, and not taken off the offer first.
    pub fn delete_after(mut self, grace: impl Into<Option<Duration>>) -> Self {
        self.settings.delete_after = grace.into();
        self
    }

    /// Refuses to remove more than that in one run; otherwise more than a tenth of what the ledger has.
    pub fn most_removals(mut self, most: MostRemovals) -> Self {
        self.settings.most_removals = most;
        self
    }

    /// How many rows the input has at least, as its source says. Should it end earlier, nothing is removed.
    pub fn expecting(mut self, rows: u64) -> Self {
        self.settings.expected = Some(rows);
        self
    }

    /// At most so many envelopes of 20 changes under way at once; otherwise 4.
    pub fn envelopes(mut self, most: u16) -> Self {
        self.settings.envelopes = most;
        self
    }

    /// Stops the run when so many items in a row have failed; otherwise 100.
    pub fn failures_in_a_row(mut self, most: u32) -> Self {
        self.settings.failures_in_a_row = most;
        self
    }

    /// Sends an item at most so often in one run, the first time included, where the service refuses for now; otherwise 10 times.
    /// Zero means once.
    pub fn attempts(mut self, most: u32) -> Self {
        self.settings.attempts = most;
        self
    }

    /// Holds back for at most so long when the service asks for a wait; otherwise for an hour. If it asks for more, the run ends
    /// with [`SyncError::Stopped`].
    pub fn longest_wait(mut self, longest: Duration) -> Self {
        self.settings.longest_wait = longest;
        self
    }

    /// How long after a creation that may have been processed a look tells that it was not; otherwise an hour. Until then the
    /// item is looked up and never created again. It matters only where a target is not [idempotent](SyncTarget::is_idempotent).
    pub fn settled_after(mut self, time: Duration) -> Self {
        self.settings.settled_after = time;
        self
    }

    /// What is kept in step.
    pub fn target(&self) -> &T {
        &self.target
    }

    /// What [`run`](Self::run) would do with the same input. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If the ledger is of another target.
    pub async fn plan<S>(&self, input: S, ledger: &Ledger) -> Result<SyncPlan, SyncError>
    where
        S: Stream<Item: Into<Row<T::Item>>> + Send,
    {
        ledger.check(self.target.name())?;
        Ok(SyncPlan::of(&self.target, &self.settings, input, ledger).await)
    }

    /// Creates, changes and removes what differs between `input` and `ledger`.
    ///
    /// `input` is a stream of items, of results, or of [`Row`]s; an iterator becomes one with `futures_util::stream::iter`.
    ///
    /// # Errors
    ///
    /// The stream ends with an error if the ledger can't be used or is of another target, if the service can't be reached or lets
    /// nobody in, wants a longer wait than is allowed, or if too many items fail in a row. What single items fail with is reported of them.
    pub fn run<'a, S>(&'a self, input: S, ledger: &'a mut Ledger) -> SyncRun<'a>
    where
        S: Stream<Item: Into<Row<T::Item>>> + Send + 'a,
    {
        SyncRun::new(&self.target, &self.settings, input, ledger)
    }

    /// Reads what the service holds into the ledger, in place of what that knew, and says how many items that is. After it, a run
    /// compares with the service itself.
    ///
    /// What the service gives back otherwise than it was written counts as changed, and is written again by the next run.
    ///
    /// # Errors
    ///
    /// If the ledger can't be used or is of another target, or if the service can't be read to its end. The ledger is as it was
    /// then.
    pub async fn take_stock(&self, ledger: &mut Ledger) -> Result<usize, SyncError> {
        ledger.bind(self.target.name())?;
        let mut held = std::collections::HashMap::new();
        let mut stock = self.target.stock();
        while let Some(item) = stock.try_next().await.map_err(SyncError::Stopped)? {
            let state = match ledger.held(&item.key) {
                Some(state @ Held::Deactivated(_)) if !item.is_active => state,
                _ => Held::Written(item.fingerprint),
            };
            held.insert(item.key, state);
        }
        if !self.target.is_idempotent() {
            // What may have been created a moment ago need not be listed yet, and must not be created again.
            let in_doubt = ledger.iter().filter(|(_, state)| matches!(state, Held::Pending(_)));
            for (key, state) in in_doubt {
                held.entry(key.into()).or_insert(state);
            }
        }
        ledger.replace(held)?;
        Ok(ledger.len())
    }
}

/// The time in seconds after 1970.
fn seconds(clock: &Clock) -> u64 {
    clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
