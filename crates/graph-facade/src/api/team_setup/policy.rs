//! When to ask again for a team.

use graph_client::support::date_after;
use std::time::{Duration, SystemTime};

/// When to ask again for a team, if the service answers that there is no such group.
///
/// The default is what Microsoft recommends: three more attempts 10 s apart, and one when the group is a quarter of an hour
/// old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TeamSetupPolicy {
    retries: u32,
    pause: Duration,
    settled_after: Duration,
}

impl Default for TeamSetupPolicy {
    fn default() -> Self {
        Self { retries: 3, pause: Duration::from_secs(10), settled_after: Duration::from_secs(15 * 60) }
    }
}

impl TeamSetupPolicy {
    /// How many more attempts there are right after the first.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// How far apart attempts are.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// At what age of the group the last attempt is made.
    pub fn settled_after(mut self, age: Duration) -> Self {
        self.settled_after = age;
        self
    }

    /// When to ask again after so many answers that there is no such group, which is no younger than `since`; never, where
    /// there is nothing.
    pub fn next_attempt_at(&self, misses: u32, since: SystemTime, now: SystemTime) -> Option<SystemTime> {
        let soon = date_after(now, self.pause);
        match misses {
            0 => Some(now),
            _ if misses <= self.retries => Some(soon),
            _ if self.is_long_wait(misses) => Some(date_after(since, self.settled_after).max(soon)),
            _ => None,
        }
    }

    /// Whether the attempt after so many misses is the last one.
    pub(super) fn is_long_wait(&self, misses: u32) -> bool {
        misses == self.retries.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_without_end_is_a_date_and_not_none() {
        let (now, long) = (SystemTime::UNIX_EPOCH, Duration::MAX);
        let policy = TeamSetupPolicy::default().pause(long).settled_after(long);
        let last = date_after(now, long);
        let attempts = [0, 1, 4, 5].map(|misses| policy.next_attempt_at(misses, now, now));
        assert_eq!(attempts, [Some(now), Some(last), Some(last), None]);
    }

    #[test]
    fn attempts_follow_the_recommendation() {
        let (policy, second) = (TeamSetupPolicy::default(), Duration::from_secs(1));
        let since = SystemTime::UNIX_EPOCH;
        for (misses, now, next) in [
            (0, 5, Some(5)),
            (1, 5, Some(15)),
            (3, 25, Some(35)),
            (4, 35, Some(900)),
            // The group is older than that already.
            (4, 1_000, Some(1_010)),
            (5, 900, None),
            (u32::MAX, 900, None),
        ] {
            let next_at = policy.next_attempt_at(misses, since, since + now * second);
            assert_eq!(next_at, next.map(|next: u32| since + next * second), "{misses} misses at {now} s");
        }
        let eager = policy.retries(0).settled_after(60 * second);
        assert_eq!(eager.next_attempt_at(1, since, since), Some(since + 60 * second));
        assert_eq!(eager.next_attempt_at(2, since, since), None);
    }
}
