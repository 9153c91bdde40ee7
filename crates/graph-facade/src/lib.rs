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
//! `describe_metrics` lists them. What the models do not know of the answers is in [`drift`](graph_client::Client::drift).
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
mod client;
mod reconcile;
pub mod sync;
mod target;
#[cfg(test)]
#[allow(dead_code, reason = "the engine uses the rest")]
#[path = "../../graph-client/src/testing.rs"]
mod testing;

pub use api::{
    Added, Communities, Conversations, CopyInterval, CopyTo, CourseProgress, CreateWithPeople, CreatedGroup,
    DeletedItems, EngagementRoleMembers, EngagementRoles, Events, GroupLifecyclePolicies, GroupNames,
    GroupSettings, GroupTeam, Groups, InvalidSavedTeamSetup, LearningContents, LearningCourseActivities,
    LearningProviders, Members, NameCheck, NewAssignment, NewPage, NewPost, NewSelfInitiatedCourse, Onenote,
    OnenoteNotebooks, OnenotePages, OnenoteSections, Operations, OrderHint, Outcome, PlannerBuckets,
    PlannerPlanDetailsEntries, PlannerPlans, PlannerTaskDetailsEntries, PlannerTaskEntries, PlannerTasks,
    PollInterval, Posts, ProviderCourseActivities, Relation, Removed, SavedTeamSetup, SettingInput,
    SettingValues, Sites, TeamSetup, TeamSetupPolicy, Teams, Threads, TooFast, Users, reference_address,
    reference_key, security_group, unified_group, zoned,
};
pub use client::{Client, ClientBuilder};
pub use graph_client;
#[cfg(feature = "reqwest")]
pub use graph_client::ReqwestTransport;
#[cfg(feature = "azure-identity")]
pub use graph_client::azure_identity;
#[cfg(feature = "conformance")]
pub use graph_client::conformance;
#[cfg(feature = "metrics")]
pub use graph_client::describe_metrics;
pub use graph_client::{
    Access, AcquireOptions, Ambiguous, AttemptLimit, Backoff, Batch, BatchOutcome, Batched,
    BatchingTransport, BoxError, BucketKey, Budgeted, CachedToken, CallContext, Change, Changes, Clock,
    Consistency, Count, Delta, DeltaPage, DeltaPages, DeltaToken, Drift, DriftReport, EndedOperation, Error,
    ErrorCode, ErrorDetail, ErrorKind, ExchangeLimits, Expand, FailedAttempt, FailureClass, Filter, Forecast,
    ForeignAddress, Get, HttpTransport, HttpTransportBuilder, Intent, InvalidDeltaToken, InvalidRoot,
    InvalidSavedOperation, Items, Jitter, JournalError, JournalOutcome, JournalStore, Lease, LeaseId,
    Limiter, LimiterBuilder, Link, List, Literal, LongRunning, LongRunningResult, Middleware, NoRetry,
    NoScopes, NoSlot, Operation, OperationJournal, OperationSet, OrderBy, Page, PageLink, PageLoop, Pages,
    Phase, Progress, PropertyPath, QuotaKey, QuotaStore, QuotaStoreError, RecordOwner, RemovalReason,
    RenewalPaused, Request, Response, Resumption, RetryBudget, RetryEvent, RetryPolicy, RetryPolicyExt,
    SafeRetry, SavedOperation, Search, Seen, Sending, Slot, SlotEnd, StandardRetry, StaticToken,
    StatusReport, Take, ThrottleScope, TimeLimit, Token, TokenGap, TokenProvider, TokenRequest, Tracked,
    Transport, TransportError, UnsentIntent, Update, Verdict, Visibility, Wait, WaitVisible, Watched, asc,
    check_token, desc, field,
};
#[cfg(feature = "azure")]
pub use graph_client::{AzureCredential, azure_core};
#[cfg(feature = "oauth2")]
pub use graph_client::{DeviceCode, OAuthError, OnBehalfOf};
pub use graph_models;
pub use graph_models::{
    ApiVersion, BoxFuture, Bucket, Cloud, Etag, Field, GraphDateTime, Id, Identify, InvalidId, MissingEtag,
    OpenMap, OperationInfo, Quota, Tagged, UnknownKind, models,
};
pub use reconcile::{
    InvalidCheckpoint, LinkOutcome, Reconcile, ReconcileCheckpoint, ReconcilePlan, ReconcileUpdate,
    Reconciled, Reconciling, UntilVisible,
};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/testing.md")]
struct TestingGuide;

#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../../../docs/transports.md")]
struct TransportsGuide;
