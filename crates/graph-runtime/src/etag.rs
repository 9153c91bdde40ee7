//! Etags: which state of an object a change is meant for.

use std::fmt;

use crate::{Id, Identify, InvalidId};

/// The mark of one state of an object, as the service gave it with the object: opaque, quotes and all.
///
/// A change that carries it is refused if the object has changed in between.
///
/// ```
/// use graph_runtime::{Etag, Tagged};
///
/// let known = ("xqQg5FS2LkCp935s-FIFm2QAFkHM", Etag::new("W/\"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBARCc=\""));
/// assert!(known.etag().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(Box<str>);

/// An object that can't say which state of it was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this {0} has no `@odata.etag`: read it first and pass what came, or pass its id together with an `Etag`"
)]
pub struct MissingEtag(pub &'static str);

impl Etag {
    /// An etag that was kept as text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The etag as the service gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One state of one object: the object as it was read, or its id together with an [`Etag`].
pub trait Tagged: Identify {
    /// The mark of that state, or why there is none.
    fn etag(&self) -> Result<Etag, MissingEtag>;
}

impl<T: Tagged + ?Sized> Tagged for &T {
    fn etag(&self) -> Result<Etag, MissingEtag> {
        (**self).etag()
    }
}

impl<I: Identify> Identify for (I, Etag) {
    fn identify(&self) -> Result<Id, InvalidId> {
        self.0.identify()
    }
}

impl<I: Identify> Tagged for (I, Etag) {
    fn etag(&self) -> Result<Etag, MissingEtag> {
        Ok(self.1.clone())
    }
}

/// Lets an object that has an `@odata.etag` stand for the state in which it was read.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged {
    ($type:ident) => {
        impl $crate::Tagged for $type {
            fn etag(&self) -> Result<$crate::Etag, $crate::MissingEtag> {
                let etag = self.odata_etag.as_deref().filter(|etag| !etag.is_empty());
                etag.map($crate::Etag::new).ok_or($crate::MissingEtag(stringify!($type)))
            }
        }
    };
}
