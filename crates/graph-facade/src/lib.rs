//! A client for Viva Engage communities, Viva Learning and Microsoft 365 groups in Microsoft Graph.
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
//! let Some(group) = &community.group_id else { return Ok(()) };
//! match client.groups().members(group).add("grace@example.com").await? {
//!     Added::Already => println!("Grace is a pilot already"),
//!     _ => println!("welcome, Grace"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It runs on Tokio, whose runtime needs its timers and its I/O: `#[tokio::main]` has both, a runtime built by hand
//! [`enable_all`](https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html#method.enable_all). Without timers, Tokio panics at the
//! first call. HTTPS needs certificates of the system's, which slim containers lack: the package `ca-certificates`.
//!
//! - Calls are built and then awaited: [`Request`], [`Get`], [`List`].
//! - What the service goes on with by itself is an [`Operation`]; it survives a restart.
//! - Every failure is an [`Error`], which says what to do about it.
//! - The client keeps the published rate limits by itself, learns the others ([`Limiter`]) and tries again where that is safe
//!   ([`StandardRetry`]). With a time limit, a call that would have to wait too long says when to come back.
//! - A token goes to the root of the configured cloud and nowhere else.
//!
//! # Telemetry
//!
//! Every call is a span of `tracing`, `graph.call`, and each of its attempts one below it, `graph.attempt`; the latter has the fields
//! that OpenTelemetry's conventions give to HTTP clients, and both have the `otel.…` fields that `tracing-opentelemetry` reads. What
//! happens between attempts (waits for the rate limiter, retries with their reason, a renewed token, a credential that has no new one) are
//! events in the call's span, at level `DEBUG`. The target of all spans and events is `graph_facade::telemetry`.
//!
//! | field | of | meaning |
//! |---|---|---|
//! | `graph.operation` | call | the id of the operation: `communities.get` |
//! | `graph.client_request_id` | call | the client's id of it, which the service logs |
//! | `graph.started_by` | call that asks about a long-running operation | the client's id of the call that started that: what all its polls have in common, also across processes |
//! | `graph.bucket` | call | the rate limit it counts against |
//! | `graph.attempts`, `graph.error.code` | call that has ended | how many requests were sent, and what the service called the error: `other` if that is no code |
//! | `graph.request_id` | attempt | the service's id of it, which Microsoft's support asks for |
//! | `graph.throttle.wait` | attempt | how many seconds it waited for the rate limiter before it was sent |
//!
//! No token, no query, no id of an object and no text of an error is in any of them. Metrics are behind the feature `metrics`;
//! `describe_metrics` lists them. What the models do not know of the answers is in [`Client::drift`].
//!
//! # Features
//!
//! | feature | gives |
//! |---|---|
//! | `rustls` (default) | HTTPS |
//! | `azure` | any `TokenCredential` of `azure_core` as a credential |
//! | `azure-identity` | `azure_identity` itself |
//! | `azure-certificate` | the same with certificates; needs OpenSSL |
//! | `oauth2` | `OnBehalfOf` and `DeviceCode` |
//! | `reqwest` | `ReqwestTransport`, over a client of reqwest |
//! | `journal` | an [`OperationJournal`] in a file |
//! | `metrics` | metrics through the crate of that name |
//! | `conformance` | checks that any `QuotaStore` can be put through |

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
mod reconcile;
mod request;
mod response;
mod root;
mod saved_names;
mod scopes;
pub mod sync;
mod target;
mod telemetry;
#[cfg(test)]
mod testing;
mod time;
mod transport;

pub use api::{
    Added, Communities, Conversations, CopyInterval, CopyTo, CourseProgress, CreateWithPeople, CreatedGroup,
    DeletedItems, EngagementRoleMembers, EngagementRoles, Events, GroupLifecyclePolicies, GroupNames,
    GroupSettings, GroupTeam, Groups, InvalidSavedTeamSetup, LearningContents, LearningCourseActivities,
    LearningProviders, Members, NameCheck, NewAssignment, NewPage, NewPost, NewSelfInitiatedCourse, Onenote,
    OnenoteNotebooks, OnenotePages, OnenoteSections, Operations, OrderHint, PlannerBuckets,
    PlannerPlanDetailsEntries, PlannerPlans, PlannerTaskDetailsEntries, PlannerTaskEntries, PlannerTasks,
    Posts, ProviderCourseActivities, Relation, Removed, SavedTeamSetup, SettingInput, SettingValues, Sites,
    TeamSetup, TeamSetupPolicy, Teams, Threads, Users, reference_address, reference_key, security_group,
    unified_group, zoned,
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
pub use credential::{CachedToken, RenewalPaused, StaticToken, Token, TokenProvider, TokenRequest};
#[cfg(feature = "oauth2")]
pub use credential::{DeviceCode, OAuthError, OnBehalfOf};
pub use delta::{
    Change, Changes, Delta, DeltaPage, DeltaPages, DeltaToken, InvalidDeltaToken, Link, RemovalReason,
    Tracked,
};
pub use error::{BoxError, Error, ErrorCode, ErrorDetail, ErrorKind};
pub use graph_models;
pub use graph_models::{
    ApiVersion, BoxFuture, Bucket, Cloud, Etag, Field, GraphDateTime, Id, Identify, InvalidId, MissingEtag,
    OpenMap, OperationInfo, Quota, Tagged, UnknownKind, models,
};
#[cfg(any(test, feature = "conformance"))]
pub use limit::conformance;
pub use limit::{
    AcquireOptions, BucketKey, Forecast, Lease, LeaseId, Limiter, LimiterBuilder, NoSlot, QuotaKey,
    QuotaStore, QuotaStoreError, Slot, SlotEnd, Take, ThrottleScope,
};
pub use lro::{
    Ambiguous, EndedOperation, Intent, InvalidSavedOperation, JournalError, JournalOutcome, JournalStore,
    Operation, OperationJournal, OperationSet, Outcome, PollInterval, Progress, RecordOwner, Resumption,
    SavedOperation, Seen, StatusReport, TooFast, UnsentIntent, Update, Visibility, Visible, Wait,
    WaitVisible, Watched,
};
pub use paging::{Items, List, Page, PageLink, PageLoop, Pages};
pub use pipeline::{CallContext, Middleware};
pub use policy::{
    AttemptLimit, Backoff, Budgeted, FailedAttempt, FailureClass, Jitter, NoRetry, RetryBudget, RetryEvent,
    RetryPolicy, RetryPolicyExt, SafeRetry, StandardRetry, TimeLimit, Verdict,
};
pub use query::{Consistency, Expand, Filter, Literal, OrderBy, PropertyPath, Search, asc, desc, field};
pub use reconcile::{
    InvalidCheckpoint, LinkOutcome, Reconcile, ReconcileCheckpoint, ReconcilePlan, ReconcileUpdate,
    Reconciled, Reconciling, UntilVisible,
};
pub use request::{Get, Request, Sending};
pub use response::Response;
pub use root::{ForeignAddress, InvalidRoot};
pub use scopes::{Access, NoScopes, TokenGap, check_token};
#[cfg(feature = "metrics")]
pub use telemetry::describe_metrics;
pub use telemetry::{Drift, DriftReport};
#[cfg(feature = "reqwest")]
pub use transport::ReqwestTransport;
pub use transport::{ExchangeLimits, HttpTransport, HttpTransportBuilder, Transport, TransportError};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/testing.md")]
struct TestingGuide;

#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../../../docs/transports.md")]
struct TransportsGuide;
