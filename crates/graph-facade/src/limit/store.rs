//! Where the slots of the quotas are kept.

use std::fmt;
use std::time::Duration;

use graph_models::BoxFuture;

use super::key::BucketKey;
use super::signals::ThrottleScope;

/// Keeps the slots of every budget; the [`Limiter`](crate::Limiter) does the rest: queues, deadlines, adaptation.
///
/// The one that a limiter has by itself is in memory. Processes that share a quota share a store, such as a database with
/// atomic scripts, by implementing this trait.
///
/// *When:* [`take`](Self::take) before each request, from the one at the head of its queue; [`settle`](Self::settle) once
/// for each slot. *Sees:* the [`BucketKey`], whose `Display` names the budget and whose bucket has the quotas.
/// *Must keep:* of every quota, no more slots taken than it allows requests, each free again one window after the request
/// was counted. *On error:* a store that can't be reached decides by itself: [`Taken`](Take::Taken) lets the request pass,
/// [`Busy`](Take::Busy) asks again later.
pub trait QuotaStore: fmt::Debug + Send + Sync {
    /// Takes a slot of every quota of the bucket, or none.
    ///
    /// The future may be dropped. A store whose slots can get lost that way gives them an end of their own.
    fn take<'a>(&'a self, key: &'a BucketKey) -> BoxFuture<'a, Take>;

    /// The request that the slot was taken for is over. It must not block: a remote store queues it.
    fn settle(&self, key: &BucketKey, slot: SlotId, end: SlotEnd);

    /// The service will not listen to anyone in `scope`, as seen from `key`, before `wait` is over; without a scope, the
    /// budget alone. It must not block.
    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration);

    /// What can be foreseen for a request with so many others `ahead` in its queue. It must not block; a store that does not
    /// know promises nothing.
    fn forecast(&self, _key: &BucketKey, _ahead: usize) -> Forecast {
        Forecast::default()
    }
}

/// What came of [`QuotaStore::take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Take {
    /// The slot is taken.
    Taken(SlotId),
    /// No slot is free. Ask again after this time, or as soon as a request of this process is over.
    Busy(Option<Duration>),
    /// The service will not listen for this long.
    Parked(Duration),
}

/// What a store calls a slot; the limiter hands it back as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotId(pub u64);

/// How the use of a slot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotEnd {
    /// Nothing was sent: the slot is free.
    Unused,
    /// The service counts the request no later than after this time: zero if it answered, more if nobody waited for that.
    Counted(Duration),
}

/// The least waits that can be foreseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// How long the service will not listen.
    pub parked: Duration,
    /// How long there will be no slot.
    pub busy: Duration,
}

impl Forecast {
    /// A forecast of these waits.
    pub fn new(parked: Duration, busy: Duration) -> Self {
        Self { parked, busy }
    }
}
