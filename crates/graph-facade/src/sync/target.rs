//! Where the items are kept in step.

use std::sync::Arc;

use futures_core::stream::BoxStream;
use graph_client::{Clock, Error};
use graph_models::BoxFuture;

use super::synced::{Fingerprint, Problem, Synced};

/// One change at the service.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step<T> {
    /// Create it, or replace it whole.
    Write(Arc<T>),
    /// Look for it and see that it is as it should be, but never create it: a creation that was sent a short time ago may have been
    /// processed. If it isn't there, the answer is [`Applied::Unknown`]. Only targets that are not
    /// [idempotent](SyncTarget::is_idempotent) get such steps.
    Confirm(Arc<T>),
    /// Take it off the offer, but keep it. Where nothing can be off the offer, there is nothing to do yet.
    Deactivate(Box<str>),
    /// Delete it.
    Delete(Box<str>),
}

impl<T: Synced> Step<T> {
    /// The key of what is changed.
    pub fn key(&self) -> &str {
        match self {
            Self::Write(item) | Self::Confirm(item) => item.key(),
            Self::Deactivate(key) | Self::Delete(key) => key,
        }
    }
}

/// What came of a [`Step`] that the service did not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Applied {
    /// It is as it should be.
    Done,
    /// What was to be deactivated or deleted was not there.
    Gone,
    /// What was to be confirmed is not there, and may still come.
    Unknown,
}

/// An item as the service holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Its key.
    pub key: Box<str>,
    /// What tells its content from any other.
    pub fingerprint: Fingerprint,
    /// Whether it is on offer.
    pub is_active: bool,
}

/// What holds the items: a collection at the service whose items can be written and deleted by a key of the caller's own.
///
/// *When:* several [`apply`](Self::apply) at once, never two for one key. *Must keep:* each step can be repeated, but for
/// [`Step::Write`] where the target [says so](Self::is_idempotent).
pub trait SyncTarget: Send + Sync {
    /// What it holds.
    type Item: Synced;

    /// What it is called. A ledger belongs to the target of one name.
    fn name(&self) -> &str;

    /// The clock that rules times of deactivation.
    fn clock(&self) -> Clock {
        Clock::system()
    }

    /// Whether a [`Step::Write`] that may have been processed may be sent again: not where it could create a second item.
    fn is_idempotent(&self) -> bool {
        true
    }

    /// Why it would not take an item; empty if it would.
    fn problems(&self, item: &Self::Item) -> Vec<Problem> {
        item.problems()
    }

    /// Carries out up to 20 steps, of different keys, and says what came of each, in their order.
    ///
    /// A refusal for now should come back as an error with [`is_throttled`](Error::is_throttled): the run waits and repeats. Where
    /// an answer is missing, the step counts as one that may have been processed.
    fn apply<'a>(&'a self, steps: &'a [Step<Self::Item>]) -> BoxFuture<'a, Vec<Result<Applied, Error>>>;

    /// All items that the service holds, in any order.
    fn stock(&self) -> BoxStream<'_, Result<Stock, Error>>;
}
