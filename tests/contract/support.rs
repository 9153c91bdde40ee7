//! What the tests have in common.

use std::time::Duration;

use graph_facade::models::{CommunityPrivacy, NewCommunity};
use graph_facade::{Client, ClientBuilder, Clock, StaticToken};
use graph_sim::Sim;

pub(crate) mod journal;

pub(crate) const POLL: &str = "engagement_async_operations.get";

/// A client of `user` with nothing changed.
pub(crate) fn client(sim: &Sim, user: &str) -> Client {
    builder(sim, user).build().unwrap()
}

/// A client of `user`, for tests that set more. Its clock goes on where the clocks of earlier clients are.
pub(crate) fn builder(sim: &Sim, user: &str) -> ClientBuilder {
    builder_without_credential(sim).credential(StaticToken::new(sim.token(user)))
}

/// A client of `user`, and of the app by itself for what is offered to apps only.
pub(crate) fn client_of_both(sim: &Sim, user: &str) -> Client {
    builder_of_both(sim, user).build().unwrap()
}

/// The same, for tests that set more.
pub(crate) fn builder_of_both(sim: &Sim, user: &str) -> ClientBuilder {
    let user = StaticToken::new(sim.token(user));
    builder_without_credential(sim).delegated(user).application(StaticToken::new(sim.app_token()))
}

fn builder_without_credential(sim: &Sim) -> ClientBuilder {
    Client::builder().transport(sim.transport()).clock(Clock::starting_at(sim.now()))
}

pub(crate) fn pilots() -> NewCommunity {
    NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Lets time pass.
pub(crate) async fn pass(length: Duration) {
    tokio::time::sleep(length).await;
}

/// Nobody broke the contract: neither the client nor the simulator.
#[track_caller]
pub(crate) fn assert_clean(sim: &Sim) {
    if let Err(findings) = sim.verify() {
        panic!("{findings}\n\n{}", sim.journal());
    }
}

/// When each request for `operation` arrived.
pub(crate) fn arrivals(sim: &Sim, operation: &str) -> Vec<Duration> {
    let journal = sim.journal();
    let entries = journal.entries().iter();
    entries.filter(|entry| entry.operation.as_deref() == Some(operation)).map(|entry| entry.at).collect()
}

/// The status that each request got; none where the connection was lost.
pub(crate) fn statuses(sim: &Sim) -> Vec<Option<u16>> {
    sim.journal().entries().iter().map(|entry| entry.status).collect()
}

/// Whether polls at these times are more than 30 seconds apart.
pub(crate) fn is_patient(polls: &[Duration]) -> bool {
    polls.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) > seconds(30))
}

/// No two polls within 30 seconds, whatever became of them. There must have been `at_least` so many.
#[track_caller]
pub(crate) fn assert_patient(sim: &Sim, at_least: usize) {
    let polls = arrivals(sim, POLL);
    assert!(polls.len() >= at_least && is_patient(&polls), "\n{}", sim.journal());
    assert_clean(sim);
}
