//! What the tenant was like a while ago, as replicas that lag still have it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::store::Store;

/// Earlier states of a store, as far back as a replica may lag. Where none may, nothing is kept.
#[derive(Debug, Default)]
pub(crate) struct History {
    reach: Option<Duration>,
    /// Each with the time at which it was over, oldest first.
    states: VecDeque<(Duration, Store)>,
}

impl History {
    /// From now on, keeps what is needed for replicas that lag so much.
    pub(crate) fn reach_back(&mut self, length: Duration) {
        self.reach = self.reach.max(Some(length));
    }

    /// Keeps the state that is over at `now`, before it changes.
    pub(crate) fn keep(&mut self, store: &Store, now: Duration) {
        let Some(reach) = self.reach else { return };
        while self.states.front().is_some_and(|(over, _)| now.saturating_sub(*over) > reach) {
            self.states.pop_front();
        }
        self.states.push_back((now, store.clone()));
    }

    /// The state at a time; none if it is what there is still.
    pub(crate) fn at(&self, then: Duration) -> Option<&Store> {
        self.states.iter().find(|(over, _)| *over > then).map(|(_, store)| store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_there_as_far_as_it_reaches() {
        let seconds = Duration::from_secs;
        let (mut history, mut store) =
            (History { reach: Some(seconds(10)), ..History::default() }, Store::default());
        for (at, user) in [(1, "ada"), (5, "grace"), (14, "lin")] {
            history.keep(&store, seconds(at));
            store.add_user(user);
        }
        let knows = |then: u64, user: &str| {
            history.at(seconds(then)).is_none_or(|store| store.user_named(user).is_some())
        };
        assert!(knows(5, "grace") && !knows(4, "grace") && knows(4, "ada"));
        assert!(!knows(13, "lin") && knows(14, "lin"), "since then nothing has changed");
        assert!(knows(0, "ada"), "what was before is forgotten");
        let mut none = History::default();
        none.keep(&store, seconds(1));
        assert!(none.at(seconds(0)).is_none());
    }
}
