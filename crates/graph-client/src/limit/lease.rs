//! The right to hold slots for a limited time.

use std::fmt;
use std::slice;
use std::time::Duration;

use super::key::BucketKey;

/// No lease is longer, so that a store can count on an end.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The right to hold one slot of every quota of a budget, for a limited time.
#[derive(Clone, Debug)]
pub struct Lease {
    pub(super) id: LeaseId,
    pub(super) budget: BucketKey,
    pub(super) hold: Duration,
}

impl Lease {
    /// A lease with a new id, of a slot of `budget` for as long as `hold`, a day at most.
    pub fn new(budget: BucketKey, hold: Duration) -> Self {
        Self { id: LeaseId(uuid::Uuid::new_v4().as_u128()), budget, hold: hold.min(LONGEST) }
    }

    /// Which lease it is.
    pub fn id(&self) -> LeaseId {
        self.id
    }

    /// The budgets that the request counts against: one today. A store goes through all of them, so that a request may later count against
    /// a limit of its app as well.
    pub fn budgets(&self) -> &[BucketKey] {
        slice::from_ref(&self.budget)
    }

    /// For how long after [`QuotaStore::take`](crate::QuotaStore::take) the slots may be held; then the lease ends by itself. It is as much
    /// as sending the request may take, a day at most.
    pub fn hold(&self) -> Duration {
        self.hold
    }

    pub(super) fn budget(&self) -> &BucketKey {
        &self.budget
    }
}

/// Tells leases apart, those of other processes included: 122 random bits of the system, which no seed of a program's own generator repeats. `Display` writes them as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeaseId(u128);

impl LeaseId {
    /// The id as a number.
    pub fn get(self) -> u128 {
        self.0
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
