//! An embedded Microsoft Graph for tests: Viva Engage communities, long-running operations, Microsoft 365 groups.
//!
//! [`Sim`] keeps real state, checks every request and response against the API's specification, keeps to the
//! published quotas, and goes wrong where a [`Fault`] tells it to, or by chance in a [`Weather`]. Afterwards, [`Sim::journal`] says what was asked,
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
mod expand;
mod fault;
mod filter;
mod ids;
mod journal;
mod location;
mod metadata;
mod moment;
mod order;
mod pattern;
mod query;
mod records;
mod recurrence;
mod render;
mod replica;
mod reply;
mod router;
#[cfg(test)]
mod scenarios;
mod search;
mod server;
mod service;
mod settings;
mod shape;
mod sim;
mod spec;
mod store;
mod throttle;
mod time_zone;
mod timeline;
mod token;
mod transport;
mod types;
mod weather;

pub use builder::SimBuilder;
pub use error::{ConnectionLost, ServeError};
pub use fault::Fault;
pub use journal::{Entry, Journal};
pub use location::LocationForm;
pub use sim::Sim;
pub use spec::operations_without_behavior;
pub use throttle::Counting;
pub use timeline::Timeline;
pub use transport::Transport;
pub use weather::Weather;
