//! What is kept for each key, as long as there is room.

use std::collections::HashMap;
use std::sync::Arc;

use super::TokenRequest;
use crate::limit::QuotaKey;
use crate::scopes::Access;

/// How many keys are remembered unless somebody says otherwise.
pub(super) const CAPACITY: usize = 10_000;
/// Once there are too many, this part of the capacity is forgotten at once, as finding the oldest means looking at all.
const SHARE: usize = 8;

/// What tells those apart who must not get each other's tokens.
type Key = (Arc<str>, Option<Access>, QuotaKey);

/// What was used last, up to a number of keys.
pub(super) struct Recent<V> {
    by_key: HashMap<Key, Entry<V>>,
    capacity: usize,
    /// How many keys there may be before some are forgotten: more than the capacity after too many of them were in use.
    tidy_at: usize,
    uses: u64,
}

struct Entry<V> {
    value: Arc<V>,
    used: u64,
}

impl<V: Default> Recent<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { by_key: HashMap::new(), capacity, tidy_at: capacity, uses: 0 }
    }

    /// What is kept for the key of `request`. To make room, what was used longest ago is forgotten, but nothing that somebody
    /// holds or that is not `idle`, even if there are more keys for a time.
    pub(super) fn of(&mut self, request: &TokenRequest, idle: impl Fn(&V) -> bool) -> Arc<V> {
        let key = (Arc::clone(&request.scope), request.access, request.key.clone());
        self.uses += 1;
        if let Some(entry) = self.by_key.get_mut(&key) {
            entry.used = self.uses;
            return Arc::clone(&entry.value);
        }
        if self.by_key.len() >= self.tidy_at {
            self.forget(idle);
            let surplus = self.by_key.len().saturating_sub(self.capacity);
            self.tidy_at = self.capacity + if surplus > 0 { surplus + self.share() } else { 0 };
        }
        let value = Arc::<V>::default();
        self.by_key.insert(key, Entry { value: Arc::clone(&value), used: self.uses });
        value
    }

    fn share(&self) -> usize {
        (self.capacity / SHARE).max(1)
    }

    fn forget(&mut self, idle: impl Fn(&V) -> bool) {
        let is_free = |entry: &Entry<V>| Arc::strong_count(&entry.value) == 1 && idle(&entry.value);
        let mut used: Vec<u64> =
            self.by_key.values().filter(|entry| is_free(entry)).map(|entry| entry.used).collect();
        let surplus = (self.by_key.len() + 1).saturating_sub(self.capacity);
        let most = surplus.max(self.share()).min(used.len());
        let Some(last) = most.checked_sub(1) else { return };
        let (_, newest, _) = used.select_nth_unstable(last);
        let newest = *newest;
        self.by_key.retain(|_, entry| entry.used > newest || !is_free(entry));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }
}
