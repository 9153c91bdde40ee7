//! What a crate is written with that offers the resources of a surface over this engine, as `graph-facade` does.
//!
//! A resource is a client and a few methods. Each builds a [`Request`](crate::Request), [`Get`](crate::Get), [`List`](crate::List),
//! [`Delta`](crate::Delta) or [`Count`](crate::Count) with `new`, from the row of an operation and a closure that calls the generated
//! client:
//!
//! ```ignore
//! pub fn get(client: &Client, drive: Id) -> Get<Drive> {
//!     Get::new(client, &operations::DRIVES_GET, move |writer, query| {
//!         Ok(writer.raw(RawClient::new).drives_get(&drive, query.expand(), query.select()))
//!     })
//! }
//! ```

pub use crate::client::{RawCall, Writer};
pub use crate::lro::{Entry, Search, forget_ended_before, resume_all, started};
pub use crate::pipeline::CallOptions;
pub use crate::query::Query;
pub use crate::saved_names::{CloudName, VersionName, check_owner};
pub use crate::time::date_after;
