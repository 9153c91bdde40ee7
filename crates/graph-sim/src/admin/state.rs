//! What the simulator tells about itself.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock;
use crate::error::SignInError;
use crate::ids;
use crate::sim::Sim;

/// The simulated time.
pub(super) fn clock(sim: &Sim) -> Value {
    let elapsed = sim.elapsed();
    clock_at(elapsed, sim.service().clock.is_running())
}

fn clock_at(elapsed: Duration, is_running: bool) -> Value {
    json!({ "now": clock::utc(elapsed), "elapsedSeconds": elapsed.as_secs_f64(), "running": is_running })
}

/// Every request, oldest first.
pub(super) fn journal(sim: &Sim) -> Value {
    let journal = sim.journal();
    let entries = journal.entries().iter().map(|entry| {
        json!({
            "at": entry.at.as_secs_f64(),
            "user": entry.user,
            "method": entry.method.as_str(),
            "path": entry.path,
            "operation": entry.operation,
            "status": entry.status,
            "notes": entry.notes,
        })
    });
    json!({ "entries": entries.collect::<Vec<_>>() })
}

impl Sim {
    /// How many there are of what.
    pub(super) fn inspect(&self) -> Value {
        let state = self.service().state();
        let store = &state.store;
        let memberships: usize = store.groups().iter().map(|group| group.members.len()).sum();
        let ownerships: usize = store.groups().iter().map(|group| group.owners.len()).sum();
        let mut records: Map<String, Value> = Map::new();
        for (place, of_place) in store.records.collections() {
            // `groups/{id}/events` of all groups together.
            let parts: Vec<&str> = place.split('/').collect();
            let kind = parts.last().copied().unwrap_or_default().to_owned();
            let sum = records.get(&kind).and_then(Value::as_u64).unwrap_or_default();
            records.insert(kind, (sum + of_place.count() as u64).into());
        }
        json!({
            "root": state.root,
            "tenant": ids::TENANT,
            "clock": clock_at(state.now, self.service().clock.is_running()),
            "counts": {
                "users": store.user_count(),
                "groups": store.groups().len(),
                "deletedGroups": store.deleted_groups().len(),
                "memberships": memberships,
                "ownerships": ownerships,
                "communities": store.communities().count(),
                "operations": store.operation_count(),
                "records": records,
                "requests": state.entries.len(),
                "faults": state.faults.left().count(),
            },
            "violations": state.violations,
        })
    }

    /// The faults that still apply, in words.
    pub(super) fn faults(&self) -> Vec<String> {
        self.service().state().faults.left().map(|fault| format!("{fault:?}")).collect()
    }

    pub(super) fn clear_faults(&self) {
        self.service().state().faults = crate::fault::Faults::default();
    }

    pub(super) fn forget_requests(&self) {
        self.service().forget_requests();
    }

    /// A token of an app, with all permissions unless some are named; without a user, the app's own.
    pub(super) fn any_token(
        &self,
        user: Option<&str>,
        app: &str,
        permissions: Option<Vec<String>>,
    ) -> Result<String, SignInError> {
        if let Some(name) = user
            && self.service().state().store.user_named(name).is_none()
        {
            return Err(SignInError::UnknownUser(name.to_owned()));
        }
        let permissions = match permissions {
            Some(named) => named.into_iter().collect(),
            None => self.consented(app, user.is_some()),
        };
        Ok(self.issue(user, app, permissions, crate::token::GRAPH))
    }
}
