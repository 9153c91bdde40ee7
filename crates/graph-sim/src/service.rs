//! The state behind every handle of one simulator.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::builder::Settings;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Entry;
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
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// The tenant as it was built.
    initial: Store,
    state: Mutex<State>,
}

/// Everything that requests change.
#[derive(Debug)]
pub(crate) struct State {
    /// The time that everything below is up to.
    pub(crate) now: Duration,
    pub(crate) root: String,
    pub(crate) store: Store,
    pub(crate) throttle: Throttle,
    pub(crate) faults: Faults,
    pub(crate) weather: Option<Weather>,
    /// For replicas that lag.
    pub(crate) history: History,
    pub(crate) entries: Vec<Entry>,
    pub(crate) violations: Vec<String>,
    /// When each long-running operation was last reported on.
    pub(crate) polls: HashMap<String, Duration>,
    pub(crate) sign_ins: SignIns,
}

impl Service {
    pub(crate) fn new(
        spec: &'static Spec,
        settings: Settings,
        root: String,
        store: Store,
        throttle: Throttle,
        faults: Faults,
        weather: Option<Weather>,
    ) -> Self {
        let initial = store.clone();
        let reach = faults.longest_lag().max(weather.as_ref().map(|_| Weather::LONGEST_LAG));
        let state = State {
            now: Duration::ZERO,
            root,
            store,
            throttle,
            faults,
            weather,
            history: History::new(reach),
            entries: Vec::new(),
            violations: spec.defect.iter().cloned().collect(),
            polls: HashMap::new(),
            sign_ins: SignIns::default(),
        };
        Self { spec, settings, clock: Clock::start(), initial, state: Mutex::new(state) }
    }

    /// Begins anew with the tenant as it was built, at the time when it was, without faults and with an empty journal.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        self.clock.restart();
        state.now = Duration::ZERO;
        state.store = self.initial.clone();
        state.throttle.forget();
        state.faults = Faults::default();
        state.weather = None;
        state.history = History::new(None);
        state.polls.clear();
        state.sign_ins = SignIns::default();
        self.forget_requests_in(&mut state);
    }

    /// Empties the journal, and what it gave cause to.
    pub(crate) fn forget_requests(&self) {
        self.forget_requests_in(&mut self.state());
    }

    fn forget_requests_in(&self, state: &mut State) {
        state.entries.clear();
        state.violations = self.spec.defect.iter().cloned().collect();
    }

    /// The state, up to date; a panic in a fault's closure doesn't make it unusable.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock, so that time doesn't run backwards from one request to the next.
        state.now = self.clock.elapsed();
        let State { store, now, history, .. } = &mut *state;
        if let Some(end) = store.next_end(*now, &self.settings.timeline) {
            history.keep(store, end);
        }
        store.settle(*now, &self.settings.timeline);
        state
    }
}
