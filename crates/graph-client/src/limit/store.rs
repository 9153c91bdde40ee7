//! Where the slots of the quotas are kept.

use std::error::Error;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use graph_runtime::BoxFuture;
use tokio::time::timeout;

use super::key::BucketKey;
use super::lease::Lease;
use super::signals::ThrottleScope;
use crate::error::BoxError;

/// Keeps the slots of every budget; the [`Limiter`](crate::Limiter) does the rest: queues, deadlines, adaptation.
///
/// The one that a limiter has by itself is in memory. Processes that share a quota share a store, such as a database with
/// atomic scripts, by implementing this trait. The feature `conformance` checks an implementation against the rules below.
///
/// **Slots.** Of each quota of a budget, no more slots are taken than it allows requests. A slot that was used is free again one window
/// after its request was counted. A window of zero counts the requests under way: such a slot is free when its request is over.
///
/// **Leases.** A slot is taken by a [`Lease`], whose id the limiter chooses before it asks. So a store that gets no answer may
/// ask again with the same lease, which takes one slot however often it arrives, and a `take` that was dropped is
/// settled like any other. A lease that is not settled within its [`hold`](Lease::hold) ends by itself: its request counts from that
/// moment on, and settling it later changes nothing. So what a process that died has taken is free again after `hold` and one window.
///
/// **Errors.** Where [`take`](Self::take) fails, or does not end within the limiter's
/// [store timeout](crate::LimiterBuilder::store_timeout), the request is not sent and fails with an error that says so, with the store's
/// own as its source. Those who were waiting behind it share the failure; whoever comes later asks again. A store that would
/// rather let requests pass or keep them apart in each process while it can't be reached does so itself.
///
/// **Delivery.** [`settle`](Self::settle) and [`park`](Self::park) are called where nobody can wait, a `Drop` among them. A store in another
/// place keeps them in a queue and delivers them with its next `take`, whoever's that is, or in [`flush`](Self::flush). Nothing may
/// be lost from the queue when a future is dropped halfway: an entry leaves it once it is known to have arrived. Until it has, others see the
/// slot as taken; so a store that wants to be prompt has a future of its own that delivers, which the program runs beside its work.
///
/// None of the methods may block a thread.
pub trait QuotaStore: fmt::Debug + Send + Sync {
    /// Takes a slot of every quota of every budget of `lease`, or none; once, if `lease` has taken them already.
    ///
    /// It is called before each request, by the one at the head of the queue. The future may be dropped at any point, after which the
    /// lease is settled as [unused](SlotEnd::Unused).
    fn take<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>>;

    /// The request of `lease` is over; without effect if no such lease is known or it has ended. It must not block.
    fn settle(&self, lease: &Lease, end: SlotEnd);

    /// The service will not listen to anyone in `scope`, as seen from `key`, before `wait` is over; without a scope, the
    /// budget alone. Whom that concerns is said by [`BucketKey::park_name`]. It must not block.
    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration);

    /// What can be foreseen for a request with so many others `ahead` in its queue. It must not block; a store that does not
    /// know promises nothing.
    fn forecast(&self, _key: &BucketKey, _ahead: usize) -> Forecast {
        Forecast::default()
    }

    /// Delivers what is in the queue, if there is one; for a process that ends, or rests.
    fn flush(&self) -> BoxFuture<'_, Result<(), QuotaStoreError>> {
        Box::pin(ready(Ok(())))
    }
}

/// What the store answers within `limit`.
pub(super) async fn in_time<T>(
    answer: BoxFuture<'_, Result<T, QuotaStoreError>>,
    limit: Duration,
) -> Result<T, QuotaStoreError> {
    timeout(limit, answer).await.unwrap_or_else(|_| Err(QuotaStoreError::timed_out(limit)))
}

impl<S: QuotaStore + ?Sized> QuotaStore for Arc<S> {
    fn take<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>> {
        (**self).take(lease)
    }

    fn settle(&self, lease: &Lease, end: SlotEnd) {
        (**self).settle(lease, end);
    }

    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        (**self).park(key, scope, wait);
    }

    fn forecast(&self, key: &BucketKey, ahead: usize) -> Forecast {
        (**self).forecast(key, ahead)
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), QuotaStoreError>> {
        (**self).flush()
    }
}

/// What came of [`QuotaStore::take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Take {
    /// The slots are taken.
    Taken,
    /// No slot is free.
    Busy {
        /// None can be free earlier, unless one is given back unused; zero if that is not known. Whoever can't wait as long is
        /// refused at once.
        at_least: Duration,
        /// When to ask again. The limiter asks earlier when a request of this process is over, and in any case after
        /// a minute.
        ask_again_after: Duration,
    },
    /// The service will not listen for this long.
    Parked(Duration),
}

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

/// Why a [`QuotaStore`] could not do what it was asked. It is printed as the error that it was made of.
#[derive(Clone)]
pub struct QuotaStoreError(Arc<BoxError>);

impl QuotaStoreError {
    /// An error of this cause.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(Arc::new(cause.into()))
    }

    /// The store did not answer in time.
    pub(super) fn timed_out(limit: Duration) -> Self {
        Self::new(format!("no answer within {limit:?}"))
    }
}

impl fmt::Debug for QuotaStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QuotaStoreError").field(&*self.0).finish()
    }
}

impl fmt::Display for QuotaStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for QuotaStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
