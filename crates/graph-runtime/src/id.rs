//! Ids, keys and references: the parts of an address that callers supply.

use std::fmt;

use serde::{Serialize, Serializer};

/// The id of an object, safe as one segment of a path.
///
/// Never empty. Never a segment that addresses something other than an object: `.` and `..`, which a URL resolves away, and
/// the words of OData and of Graph (`$count`, `$batch`, `delta`, `microsoft.graph.user`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(Box<str>);

/// Something that can't serve as an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// The text is empty.
    #[error("the id is empty: pass the id the service gave")]
    Empty,
    /// The text is a path step, which a URL resolves away.
    #[error("`{0}` is a step in a path, not an id: pass the id the service gave")]
    PathStep(Box<str>),
    /// The text is a word of the protocol in that place of an address.
    #[error("`{0}` addresses something other than an object: pass the id the service gave")]
    Reserved(Box<str>),
    /// The object was read without its id.
    #[error("this {0} has no `id`: it was read with a `select` that leaves `id` out")]
    Missing(&'static str),
}

impl Id {
    /// Accepts any text that the service may have given as an id.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        match text {
            "" => Err(InvalidId::Empty),
            "." | ".." => Err(InvalidId::PathStep(text.into())),
            _ if is_reserved(text) => Err(InvalidId::Reserved(text.into())),
            _ => Ok(Self(text.into())),
        }
    }

    /// The id as the service gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The functions and actions of collections that are called without a namespace.
const ON_COLLECTIONS: [&str; 4] = ["delta", "getByIds", "getUserOwnedObjects", "validateProperties"];

/// Whether a segment of a path means something other than an object, in whatever case: what OData begins with `$`, a function or
/// action of a collection, or the qualified name of one or of a type.
fn is_reserved(segment: &str) -> bool {
    let after = |prefix: &str| {
        let (start, rest) = segment.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    // The principal name of a user and the host of a site may begin like a namespace.
    let is_plain = |name: &str| !name.contains(['.', '@', ',']);
    let name = segment.strip_suffix("()").unwrap_or(segment);
    after("$").is_some()
        || after("microsoft.graph.").or_else(|| after("graph.")).is_some_and(is_plain)
        || ON_COLLECTIONS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Anything that names one object: its id as text, or the object itself as it was read.
pub trait Identify {
    /// The id, or why there is none.
    fn identify(&self) -> Result<Id, InvalidId>;
}

impl Identify for Id {
    fn identify(&self) -> Result<Id, InvalidId> {
        Ok(self.clone())
    }
}

impl Identify for str {
    fn identify(&self) -> Result<Id, InvalidId> {
        Id::new(self)
    }
}

impl Identify for String {
    fn identify(&self) -> Result<Id, InvalidId> {
        Id::new(self)
    }
}

/// For handles that keep what they were given until there is a call that can fail.
impl<T: Identify> Identify for Result<T, InvalidId> {
    fn identify(&self) -> Result<Id, InvalidId> {
        self.as_ref().map_err(Clone::clone)?.identify()
    }
}

impl<T: Identify + ?Sized> Identify for &T {
    fn identify(&self) -> Result<Id, InvalidId> {
        (**self).identify()
    }
}

/// A string key in parentheses, `learningContents(externalId='O''Brien')`: its quotes are doubled, as OData demands.
///
/// It does not percent-encode; the raw client does that to every part of a path.
///
/// ```
/// assert_eq!(graph_runtime::Key::new("O'Brien/1").to_string(), "O''Brien/1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Box<str>);

impl Key {
    /// A key of any text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.replace('\'', "''"))
    }
}

/// An object named by its address in a request body: `owners@odata.bind`, `@odata.id`.
///
/// It is made from an id and becomes an address when [`resolve`](Self::resolve) gives it the root of a cloud; until then,
/// or if the id is none, serialising it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(Address);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Relative(&'static str, Id),
    Absolute(Box<str>),
    Invalid(InvalidId),
}

impl Reference {
    /// The object `object` of the collection `collection`, such as `users`.
    pub fn new(collection: &'static str, object: impl Identify) -> Self {
        Self(match object.identify() {
            Ok(id) => Address::Relative(collection, id),
            Err(invalid) => Address::Invalid(invalid),
        })
    }

    /// The id that it was made from, until [`resolve`](Self::resolve) makes an address of it.
    pub fn id(&self) -> Result<Option<&Id>, InvalidId> {
        match &self.0 {
            Address::Relative(_, id) => Ok(Some(id)),
            Address::Absolute(_) => Ok(None),
            Address::Invalid(invalid) => Err(invalid.clone()),
        }
    }

    /// Makes the address absolute below `root`, which includes the version: `https://graph.microsoft.com/v1.0`.
    pub fn resolve(&mut self, root: &str) {
        if let Address::Relative(collection, id) = &self.0 {
            let id = crate::encode_path(id.as_str()).to_string();
            self.0 = Address::Absolute(format!("{root}/{collection}/{id}").into());
        }
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Address::Absolute(address) => serializer.serialize_str(address),
            Address::Relative(collection, id) => Err(serde::ser::Error::custom(format_args!(
                "the reference {collection}/{id} has no root yet: call `resolve` with the client's root"
            ))),
            Address::Invalid(invalid) => Err(serde::ser::Error::custom(invalid)),
        }
    }
}

/// Lets an object that has an `id` stand for it.
#[doc(hidden)]
#[macro_export]
macro_rules! entity {
    ($type:ident) => {
        impl $crate::Identify for $type {
            fn identify(&self) -> Result<$crate::Id, $crate::InvalidId> {
                let id = self.id.as_deref().ok_or($crate::InvalidId::Missing(stringify!($type)))?;
                $crate::Id::new(id)
            }
        }
    };
}
