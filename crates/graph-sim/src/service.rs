//! The state behind every handle of one simulator.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::builder::Settings;
use crate::clock::{self, Clock};
use crate::fault::Faults;
use crate::journal::Entries;
use crate::replica::History;
use crate::spec::Spec;
use crate::store::Store;
use crate::throttle::Throttle;
use crate::token_endpoint::SignIns;
use crate::weather::Weather;

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
    /// The tenant as it was built or loaded.
    pub(crate) initial: Store,
    pub(crate) store: Store,
    pub(crate) throttle: Throttle,
    pub(crate) faults: Faults,
    pub(crate) weather: Option<Weather>,
    /// For replicas that lag.
    pub(crate) history: History,
    #[cfg(feature = "rules")]
    pub(crate) rules: crate::rules::Rules,
    pub(crate) entries: Entries,
    pub(crate) violations: Vec<String>,
    /// When each long-running operation was last reported on.
    pub(crate) polls: HashMap<String, Duration>,
    pub(crate) sign_ins: SignIns,
}

impl Service {
    pub(crate) fn new(spec: &'static Spec, mut state: State) -> Self {
        state.violations.extend(spec.defect.iter().cloned());
        Self { spec, clock: Clock::start(), state: Mutex::new(state) }
    }

    /// Begins anew with the tenant as it was built or loaded, at the time when it was, without faults and with an empty journal.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        self.clock.restart();
        state.began = Duration::ZERO;
        state.store = state.initial.clone();
        state.weather = None;
        state.sign_ins = SignIns::default();
        #[cfg(feature = "rules")]
        {
            state.rules = crate::rules::Rules::default();
        }
        let mut throttle = std::mem::take(&mut state.throttle);
        throttle.forget();
        state.begin(throttle, Faults::default());
        self.forget_requests_in(&mut state);
    }

    /// Empties the journal, and what it gave cause to.
    pub(crate) fn forget_requests(&self) {
        self.forget_requests_in(&mut self.state());
    }

    fn forget_requests_in(&self, state: &mut State) {
        state.entries = Entries::default();
        state.violations = self.spec.defect.iter().cloned().collect();
    }

    /// The state, up to date; a panic in a fault's closure doesn't make it unusable.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that time doesn't run backwards from one request to the next.
        let passed = self.clock.elapsed().saturating_sub(state.began);
        state.now = state.ahead.saturating_add(passed).min(clock::LATEST);
        state.faults.now = state.running();
        let State { store, now, settings, history, .. } = &mut *state;
        if let Some(end) = store.next_end(*now, &settings.timeline) {
            history.keep(store, end);
        }
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
        self.initial = self.store.clone();
        self.entries = Entries::default();
        self.violations.clear();
        self.polls.clear();
        self.throttle = throttle;
        self.faults = faults;
        self.history = History::default();
        self.reach_back();
    }

    /// From now on, keeps what is needed for the replicas that may lag.
    pub(crate) fn reach_back(&mut self) {
        let by_weather = self.weather.as_ref().map(|_| Weather::LONGEST_LAG);
        if let Some(longest) = self.faults.longest_lag().max(by_weather) {
            self.history.reach_back(longest);
        }
    }
}
