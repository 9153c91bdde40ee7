//! The engine under generated clients of Microsoft Graph: everything between a typed call and its answer.
//!
//! `graph-facade` stands on it, and so does whatever somebody builds over a crate that `cargo codegen generate` wrote. It knows no type and no
//! operation of any surface: what differs from one operation to another is in the operation's row
//! ([`OperationInfo`](graph_runtime::OperationInfo)), which each generated crate brings along.
//!
//! ```
//! use graph_client::{Client, StaticToken};
//!
//! let client = Client::builder().credential(StaticToken::new("eyJ0eXAi…")).build()?;
//! # Ok::<(), graph_client::Error>(())
//! ```
//!
//! It runs on Tokio, whose runtime needs its timers and its I/O: `#[tokio::main]` has both, a runtime built by hand
//! [`enable_all`](https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html#method.enable_all). HTTPS needs certificates of the
//! system's, which slim containers lack: the package `ca-certificates`.

mod batch;
mod client;
mod clock;
mod count;
mod credential;
mod debug;
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
pub mod support;
mod target;
mod telemetry;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod things;
mod time;
mod transport;

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
pub use graph_runtime;
#[cfg(any(test, feature = "conformance"))]
pub use limit::conformance;
pub use limit::{
    AcquireOptions, BucketKey, Forecast, Lease, LeaseId, Limiter, LimiterBuilder, NoSlot, QuotaKey,
    QuotaStore, QuotaStoreError, Slot, SlotEnd, Take, ThrottleScope,
};
pub use lro::{
    Ambiguous, EndedOperation, Intent, InvalidSavedOperation, JournalError, JournalOutcome, JournalStore,
    LongRunning, LongRunningResult, Operation, OperationJournal, OperationSet, Phase, Progress, RecordOwner,
    Resumption, SavedOperation, Seen, StatusReport, UnsentIntent, Update, Visibility, Wait, WaitVisible,
    Watched,
};
pub use paging::{Items, List, Page, PageLink, PageLoop, Pages};
pub use pipeline::{CallContext, Middleware};
pub use policy::{
    AttemptLimit, Backoff, Budgeted, FailedAttempt, FailureClass, Jitter, NoRetry, RetryBudget, RetryEvent,
    RetryPolicy, RetryPolicyExt, SafeRetry, StandardRetry, TimeLimit, Verdict,
};
pub use query::{Consistency, Expand, Filter, Literal, OrderBy, PropertyPath, Search, asc, desc, field};
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
