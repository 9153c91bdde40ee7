//! Typed models and a raw client for Viva Engage, Viva Learning and Microsoft 365 groups in Microsoft Graph.
//!
//! [`models`], [`operations`] and [`RawClient`] are generated from `spec/graph-v1.0.yaml`; the rest is what the generated
//! code stands on. People call `graph-facade`, which sends what this crate builds.

mod date_time;
mod dispatch;
mod extra;
mod family;
mod field;
// Formatted by the generator, which rustfmt would disagree with.
#[rustfmt::skip]
mod generated;
mod hooks;
mod id;
mod object;
mod odata;
mod open_enum;
mod open_map;
mod operation;

pub use date_time::{GraphDateTime, InvalidDateTime};
pub use dispatch::{BoxFuture, Dispatch, DispatchError, Failure, Response, Seam};
pub use extra::Extra;
pub use family::UnmodelledObject;
pub use field::Field;
pub use generated::client::Client as RawClient;
pub use generated::{models, operations};
pub use hooks::lift;
pub use id::{Id, Identify, InvalidId, Key, Reference};
#[cfg(feature = "schemars")]
pub use object::schema_of_field;
pub use odata::Collection;
pub use open_enum::{SENTINEL_REFUSED, UNKNOWN_FUTURE_VALUE, UnknownValue};
pub use open_map::OpenMap;
pub use operation::{ApiVersion, Bucket, Cloud, OperationInfo, Quota, operation};
pub use operations::OPERATIONS;
