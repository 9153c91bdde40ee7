//! Objects whose changes the service can tell.

use serde::de::DeserializeOwned;

use crate::{Extra, Inspect};

/// An object whose changes the service can tell. Generated code implements it for what its delta functions answer with.
pub trait Tracked: DeserializeOwned + Inspect + Send + 'static {
    /// Its id.
    fn id(&self) -> Option<&str>;

    /// Where annotations of the change are kept.
    fn extra(&self) -> &Extra;
}
