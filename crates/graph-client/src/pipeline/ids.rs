//! The ids of calls.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use uuid::Builder;
use uuid::fmt::Hyphenated;

/// Makes ids that nobody else makes: numbers, scattered from where the system's chance put this client. To ask the system for
/// each would cost every call a system call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(Arc<Source>);

#[derive(Debug)]
struct Source {
    start: [u64; 2],
    next: AtomicU64,
}

impl Default for Source {
    fn default() -> Self {
        let keys = RandomState::new();
        Self { start: [0, 1].map(|half: u64| keys.hash_one(half)), next: AtomicU64::new(0) }
    }
}

impl Ids {
    pub(super) fn next(&self) -> CallId {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let [first, second] = self.0.start.map(|start| scattered(start.wrapping_add(number)));
        let bits = u128::from(first) << 64 | u128::from(second);
        let id = Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
        let mut text = [0; Hyphenated::LENGTH];
        id.hyphenated().encode_lower(&mut text);
        CallId(text)
    }
}

/// No two numbers are scattered to one: a step of the generator `SplitMix64`.
const fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The client's id of a call: a UUID in lower case, kept in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallId([u8; Hyphenated::LENGTH]);

impl CallId {
    /// The id that is written like this.
    pub(super) fn of(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        // The digits of a UUID and hyphens.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.0).ok()
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_two_ids_are_the_same_and_clones_go_on() {
        let (ids, others) = (Ids::default(), Ids::default());
        let clone = ids.clone();
        let made: HashSet<_> =
            (0..1000).flat_map(|_| [ids.next().0, clone.next().0, others.next().0]).collect();
        assert_eq!(made.len(), 3000);
        assert!(made.iter().all(|id| Uuid::try_parse_ascii(id).unwrap().get_version_num() == 4));
    }
}
