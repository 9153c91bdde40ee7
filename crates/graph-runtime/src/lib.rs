//! What generated code stands on: open enums, open objects, ids and references, the operation table's row, and the seam
//! through which a raw client's requests leave.
//!
//! `graph-models` is generated on top of it, and so is any other slice of Microsoft Graph that `cargo codegen generate`
//! writes. The macros here are called by generated code only.

mod date_time;
mod dispatch;
mod draft;
mod etag;
mod extra;
mod family;
mod field;
mod id;
mod long_running;
mod object;
mod odata;
mod open_enum;
mod open_map;
mod operation;
mod sending;
mod tracked;
mod unknown;

pub use bytes::Bytes;
pub use date_time::{GraphDateTime, InvalidDateTime};
pub use dispatch::{BoxFuture, Dispatch, DispatchError, Failure, Response, Seam};
#[doc(hidden)]
pub use draft::{Draft, address, encode_path};
pub use etag::{Etag, MissingEtag, Tagged};
pub use extra::Extra;
pub use family::UnmodelledObject;
#[doc(hidden)]
pub use family::is_same_type;
pub use field::Field;
pub use id::{Id, Identify, InvalidId, Key, Reference};
pub use long_running::{LongRunning, LongRunningResult, Phase, StatusReport};
#[doc(hidden)]
pub use object::in_property;
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub use object::schema_of_field;
pub use odata::Collection;
#[doc(hidden)]
pub use open_enum::SENTINEL_REFUSED;
pub use open_enum::{UNKNOWN_FUTURE_VALUE, UnknownValue};
pub use open_map::OpenMap;
pub use operation::{ApiVersion, Bucket, Cloud, ConditionalScope, OperationInfo, Quota};
#[doc(hidden)]
pub use sending::read;
pub use sending::{OnRead, RawRequest, ReadAnswer, Sending};
pub use tracked::Tracked;
pub use unknown::{Inspect, Unknown, UnknownKind};
#[doc(hidden)]
pub use unknown::{inspect_extra, inspect_member, inspect_unmodelled};
