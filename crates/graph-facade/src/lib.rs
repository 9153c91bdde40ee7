//! A client for Viva Engage communities and Microsoft 365 groups in Microsoft Graph.
//!
//! ```no_run
//! use graph_facade::models::{CommunityPrivacy, NewCommunity};
//! use graph_facade::{Added, Client, StaticToken};
//!
//! # async fn example() -> Result<(), graph_facade::Error> {
//! let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
//!
//! let mut accepted = client
//!     .communities()
//!     .create(NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private).owner("ada@example.com"))
//!     .await?;
//! let community = accepted.wait().await?;
//!
//! let group = client.communities().group(&community).await?;
//! match client.groups().members(&group).add("grace@example.com").await? {
//!     Added::Already => println!("Grace is a pilot already"),
//!     _ => println!("welcome, Grace"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - Calls are built and then awaited: [`Request`], [`Get`], [`List`].
//! - What the service goes on with by itself is an [`Operation`]; it survives a restart.
//! - Every failure is an [`Error`], which says what to do about it.
//! - The client keeps the published rate limits by itself, learns the others ([`Limiter`]) and tries again where that is safe
//!   ([`StandardRetry`]). With a time limit, a call that would have to wait too long says when to come back.
//! - A token goes to the root of the configured cloud and nowhere else.
//!
//! Features: `rustls` (default) for HTTPS, `azure` for any `TokenCredential` of `azure_core`, `azure-identity` for `azure_identity`
//! itself, `azure-certificate` for that with certificates (needs OpenSSL), `oauth2` for [`OnBehalfOf`] and [`DeviceCode`].

mod api;
mod batch;
mod client;
mod clock;
mod count;
mod credential;
mod delta;
mod error;
mod limit;
mod lro;
mod paging;
mod pipeline;
mod policy;
mod query;
mod request;
mod response;
mod root;
mod saved_names;
mod scopes;
#[cfg(test)]
mod testing;
mod transport;

pub use api::{
    Added, Communities, Conversations, EngagementRoleMembers, EngagementRoles, Events,
    GroupLifecyclePolicies, GroupSettings, GroupTeam, Groups, InvalidSavedTeamSetup, Members, NewPost,
    Operations, Posts, Removed, SavedTeamSetup, SettingInput, SettingValues, Sites, TeamSetup,
    TeamSetupPolicy, Teams, Threads, Users, zoned,
};
#[cfg(feature = "azure")]
pub use azure_core;
#[cfg(feature = "azure-identity")]
pub use azure_identity;
pub use batch::{Batch, BatchOutcome, Batched, BatchingTransport};
pub use client::{Client, ClientBuilder};
pub use clock::Clock;
pub use count::Count;
#[cfg(feature = "azure")]
pub use credential::AzureCredential;
pub use credential::{CachedToken, StaticToken, Token, TokenProvider, TokenRequest};
#[cfg(feature = "oauth2")]
pub use credential::{DeviceCode, OnBehalfOf};
pub use delta::{
    Change, Changes, Delta, DeltaPage, DeltaPages, DeltaToken, InvalidDeltaToken, Link, RemovalReason,
    Tracked,
};
pub use error::{BoxError, Error, ErrorCode, ErrorDetail, ErrorKind};
pub use graph_models;
pub use graph_models::{
    ApiVersion, BoxFuture, Bucket, Cloud, Field, GraphDateTime, Id, Identify, InvalidId, OperationInfo,
    Quota, models,
};
pub use limit::{
    BucketKey, Forecast, Limiter, NoSlot, QuotaKey, QuotaStore, Slot, SlotEnd, SlotId, Take, ThrottleScope,
};
pub use lro::{
    InvalidSavedOperation, Operation, Outcome, PollInterval, SavedOperation, StatusReport, TooFast, Update,
};
pub use paging::{Items, List, Page, PageLink, PageLoop, Pages};
pub use pipeline::{CallContext, Middleware};
pub use policy::{
    AttemptLimit, Backoff, Budgeted, FailedAttempt, FailureClass, Jitter, NoRetry, RetryBudget, RetryEvent,
    RetryPolicy, RetryPolicyExt, SafeRetry, StandardRetry, TimeLimit, Verdict,
};
pub use query::{Consistency, Expand, Filter, Literal, OrderBy, PropertyPath, Search, asc, desc, field};
pub use request::{Get, Request};
pub use response::Response;
pub use root::{ForeignAddress, InvalidRoot};
pub use scopes::{Access, NotOffered, TokenGap, check_token};
pub use transport::{HttpTransport, Transport, TransportError};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
