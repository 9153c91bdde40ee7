//! The state behind every handle of one simulator.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::builder::Settings;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Entries;
use crate::spec::Spec;
use crate::store::Store;
use crate::throttle::Throttle;

/// A running simulator.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) spec: &'static Spec,
    pub(crate) clock: Clock,
    state: Mutex<State>,
}

/// Everything that requests change, and what loading a scenario replaces.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    /// How long after the simulator's first morning this tenant began.
    pub(crate) ahead: Duration,
    /// What the clock said then.
    pub(crate) began: Duration,
    /// The time that everything below is up to, since the simulator's first morning.
    pub(crate) now: Duration,
    pub(crate) root: String,
    pub(crate) store: Store,
    pub(crate) throttle: Throttle,
    pub(crate) faults: Faults,
    #[cfg(feature = "rules")]
    pub(crate) rules: crate::rules::Rules,
    pub(crate) entries: Entries,
    pub(crate) violations: Vec<String>,
    /// When each long-running operation was last reported on.
    pub(crate) polls: HashMap<String, Duration>,
}

impl Service {
    pub(crate) fn new(spec: &'static Spec, mut state: State) -> Self {
        state.violations.extend(spec.defect.iter().cloned());
        Self { spec, clock: Clock::start(), state: Mutex::new(state) }
    }

    /// The state, up to date; a panic in a fault's closure doesn't make it unusable.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that time doesn't run backwards from one request to the next.
        state.now = state.ahead + self.clock.elapsed().saturating_sub(state.began);
        state.faults.now = state.running();
        let State { store, now, settings, .. } = &mut *state;
        store.settle(*now, &settings.timeline);
        state
    }

    /// Goes on with another tenant, under the same address.
    pub(crate) fn replace(&self, fresh: State) {
        let mut state = self.state();
        let root = std::mem::take(&mut state.root);
        *state = State { root, began: self.clock.elapsed(), ..fresh };
    }

    pub(crate) fn into_state(self) -> State {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long the simulator has been running.
    pub(crate) fn running(&self) -> Duration {
        self.now.saturating_sub(self.ahead)
    }

    /// Forgets the requests and the time so far.
    pub(crate) fn begin(&mut self, throttle: Throttle, faults: Faults) {
        self.now = self.ahead;
        self.entries = Entries::default();
        self.violations.clear();
        self.polls.clear();
        self.throttle = throttle;
        self.faults = faults;
    }
}
