//! The ids of calls.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// Makes ids that nobody else makes: a hash of a number under keys that the system drew for this client. To ask the system
/// for each would cost every call a system call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(Arc<Source>);

#[derive(Debug, Default)]
struct Source {
    keys: RandomState,
    next: AtomicU64,
}

impl Ids {
    pub(super) fn next(&self) -> Uuid {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let [first, second] = [false, true].map(|half| self.0.keys.hash_one((number, half)));
        let bits = u128::from(first) << 64 | u128::from(second);
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_ids_are_the_same_and_clones_go_on() {
        let (ids, others) = (Ids::default(), Ids::default());
        let clone = ids.clone();
        let made: HashSet<_> = (0..1000).flat_map(|_| [ids.next(), clone.next(), others.next()]).collect();
        assert_eq!(made.len(), 3000);
        assert!(made.iter().all(|id| id.get_version_num() == 4));
    }
}
