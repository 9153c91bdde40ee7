//! The settings of a limiter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::memory::MemoryStore;
use super::store::QuotaStore;
use super::{Limiter, Shared};

/// Settings of a [`Limiter`]. All have a default.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct LimiterBuilder {
    store: Option<Box<dyn QuotaStore>>,
    max_retry_after: Duration,
    store_timeout: Duration,
}

impl Default for LimiterBuilder {
    fn default() -> Self {
        Self {
            store: None,
            max_retry_after: Duration::from_secs(60 * 60),
            store_timeout: Duration::from_secs(5),
        }
    }
}

impl LimiterBuilder {
    /// Where the slots are kept; otherwise in this process.
    pub fn store(mut self, store: impl QuotaStore + 'static) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// The longest that one answer can hold back a budget, whatever its `Retry-After` says; otherwise one hour. After that, requests
    /// are sent again, and the service may refuse them again. An error says what the service said, uncut.
    /// Whether a call waits that long is for its retry policy to say: [`StandardRetry`](crate::StandardRetry) spends five minutes on a call.
    pub fn max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest;
        self
    }

    /// How long the store may take to answer; otherwise five seconds. A request whose store does not answer in time is not
    /// sent, and fails. What answers without a pause, as a store in memory does, is never late.
    pub fn store_timeout(mut self, limit: Duration) -> Self {
        self.store_timeout = limit;
        self
    }

    /// The limiter.
    pub fn build(self) -> Limiter {
        let Self { store, max_retry_after, store_timeout } = self;
        let store = store.unwrap_or_else(|| Box::new(MemoryStore::default()));
        Limiter(Some(Arc::new(Shared { store, max_retry_after, store_timeout, gates: Mutex::default() })))
    }
}
