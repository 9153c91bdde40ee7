//! Typed models and a raw client for Viva Engage, Viva Learning and Microsoft 365 groups in Microsoft Graph.
//!
//! Everything here is generated from `spec/graph-v1.0.yaml`, on top of `graph-runtime`, whose types are offered here as
//! well. People call `graph-facade`, which sends what this crate builds.

// Formatted by the generator, which rustfmt would disagree with.
#[rustfmt::skip]
mod generated;

pub use generated::client::Client as RawClient;
pub use generated::operations::{OPERATIONS, operation};
pub use generated::{models, operations};
pub use graph_runtime::{
    ApiVersion, BoxFuture, Bucket, Cloud, Collection, ConditionalScope, Dispatch, DispatchError, Etag, Extra,
    Failure, Field, GraphDateTime, Id, Identify, Inspect, InvalidDateTime, InvalidId, Key, MissingEtag,
    OnRead, OpenMap, OperationInfo, Quota, RawRequest, ReadAnswer, Reference, Response, Seam,
    Sending as RawSending, Tagged, UNKNOWN_FUTURE_VALUE, Unknown, UnknownKind, UnknownValue,
    UnmodelledObject,
};
