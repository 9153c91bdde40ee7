//! An embedded Microsoft Graph for tests: Viva Engage, Viva Learning and Microsoft 365 groups.
//!
//! [`Sim`] keeps real state, checks every request and response against the API's specification, keeps to the
//! published quotas, and goes wrong where a [`Fault`] tells it to, or by chance in a [`Weather`]. The parts, in the order in which
//! a test needs them:
//!
//! | | |
//! |---|---|
//! | [`Sim::builder`], [`Scenario`] | who and what there is: in code, or in a file |
//! | [`Sim::transport`], [`Sim::serve`] | the way to it: in process, as a [`tower_service::Service`], or HTTP on loopback |
//! | [`Fault`], [`Timeline`], [`Weather`] | what goes wrong, and how operations unfold |
//! | `Sim::on` (feature `rules`) | answers and expectations for single operations |
//! | [`Sim::assert_clean`], [`Sim::verify`] | whether everybody kept to the contract, and every expectation was met |
//! | [`Sim::journal`] | what was asked: as text for snapshots, and as a [`Har`] |
//! | [`Har::replay`] | recorded traffic as a strict script |
//!
//! ```
//! use bytes::Bytes;
//! use graph_sim::{Fault, Sim};
//! use tower_service::Service as _;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let busy = Fault::throttle("groups.list").retry_after("2.128");
//! let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).fault(busy).build();
//!
//! // Whatever speaks HTTP is tested like this; here, nothing but requests.
//! let list = || {
//!     let url = format!("{}/v1.0/groups", sim.root());
//!     http::Request::get(url).header("Authorization", format!("Bearer {}", sim.token("ada"))).body(Bytes::new())
//! };
//! let refused = sim.transport().call(list()?).await?;
//! assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"2.128".parse()?));
//! assert_eq!(sim.transport().call(list()?).await?.status(), 200);
//!
//! sim.assert_clean();
//! # Ok(())
//! # }
//! ```
//!
//! A step-by-step guide is in the repository's `docs/testing.md`.
//!
//! # Tokens
//!
//! [`Sim::token`] and [`Sim::app_token`] hand out tokens with every permission; [`Sim::token_with`] and
//! [`Sim::app_token_with`] name some. Each operation wants one of the permissions that the contract lists, and answers 403
//! without. Members of a group with hidden membership are shown to tokens with `Member.Read.Hidden` alone; others get an empty
//! list. Credential libraries get their tokens as from Microsoft Entra: below the simulator's root and, in process, below the login
//! host of its cloud, there are `/{tenant}/oauth2/v2.0/token` for client credentials (secret or assertion), device codes,
//! refresh tokens and on-behalf-of, `/{tenant}/oauth2/v2.0/devicecode`, `/devicelogin` for the user (or [`Sim::sign_in`]), and
//! `/{tenant}/v2.0/.well-known/openid-configuration`. The tenant is [`Sim::TENANT_ID`] or `contoso.example`, the app
//! [`App::DEFAULT_ID`] with [`App::DEFAULT_SECRET`], or one of your own: [`SimBuilder::app`]. Tokens expire in simulated time
//! ([`SimBuilder::token_lifetime`]) and are not signed. Their operations are `oauth2.token` and `oauth2.device_code` to a [`Fault`].
//!
//! # Time
//!
//! Time is tokio's, which a test pauses, so that hours pass in no time; [`Sim::advance`] leaps over some in any case,
//! [`Sim::stop_clock`] leaves it at that, and the admin endpoint does both over HTTP.
//!
//! # Over HTTP
//!
//! [`Sim::serve`], or [`Sim::server`] with TLS (feature `tls`), a signal to shut down at, and an admin endpoint on a port of its own:
//! simulated time, counts and violations, the journal, faults, tokens, other tenants, a new beginning. `graph-sim serve --admin` is
//! both in a program; `graph-sim serve --help` says more.

mod address;
mod admin;
mod app;
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
mod findings;
mod har;
mod ids;
mod journal;
mod location;
mod metadata;
mod moment;
mod order;
mod origin;
mod pattern;
mod permissions;
mod properties;
mod query;
mod reading;
mod records;
mod recurrence;
mod render;
mod replica;
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
mod shape;
mod sim;
mod spec;
mod store;
mod throttle;
mod time_zone;
mod timeline;
mod token;
mod token_endpoint;
mod transport;
mod types;
mod weather;

pub use app::App;
pub use builder::SimBuilder;
pub use error::{ConnectionLost, ServeError, SignInError};
pub use fault::Fault;
pub use findings::Findings;
pub use har::{Departure, Har, HarError, Replay, ReplayError};
pub use journal::{Entry, Journal};
pub use location::LocationForm;
#[cfg(feature = "rules")]
pub use rules::{Answer, Rule};
pub use scenario::{Scenario, ScenarioError};
pub use server::Server;
#[cfg(feature = "tls")]
pub use server::{Certificate, CertificateError};
pub use sim::Sim;
pub use spec::operations_without_behavior;
pub use throttle::Counting;
pub use timeline::Timeline;
pub use transport::Transport;
pub use weather::Weather;
