//! An embedded Microsoft Graph for tests: Viva Engage communities, long-running operations, Microsoft 365 groups.
//!
//! [`Sim`] keeps real state, checks every request and response against the API's specification, keeps to the
//! published quotas, and goes wrong where a [`Fault`] tells it to. Afterwards, [`Sim::journal`] says what was asked,
//! and [`Sim::violations`] what should not have been.

mod batch;
mod behavior;
mod builder;
mod call;
mod clock;
mod contract;
mod document;
mod error;
mod etag;
mod exchange;
mod fault;
mod filter;
mod findings;
mod har;
mod ids;
mod journal;
mod location;
mod moment;
mod order;
mod pattern;
mod query;
mod records;
mod recurrence;
mod render;
mod reply;
mod router;
#[cfg(feature = "rules")]
mod rules;
mod scenario;
#[cfg(test)]
mod scenarios;
mod search;
mod server;
mod service;
mod settings;
mod sim;
mod spec;
mod store;
mod throttle;
mod time_zone;
mod timeline;
mod token;
mod transport;

pub use builder::SimBuilder;
pub use error::{ConnectionLost, ServeError};
pub use fault::Fault;
pub use findings::Findings;
pub use har::{Departure, Har, HarError, Replay, ReplayError};
pub use journal::{Entry, Journal};
pub use location::LocationForm;
#[cfg(feature = "rules")]
pub use rules::{Answer, Rule};
pub use scenario::{Scenario, ScenarioError};
pub use sim::Sim;
pub use spec::operations_without_behavior;
pub use throttle::Counting;
pub use timeline::Timeline;
pub use transport::Transport;
