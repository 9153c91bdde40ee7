//! Finding what the service sent and the models do not know, in values that were read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Collection, Extra, GraphDateTime, OpenMap, UNKNOWN_FUTURE_VALUE, UnknownValue, UnmodelledObject,
};

/// Something that the service sent and this version of the SDK does not know. It has names, and never a value of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Unknown<'a> {
    /// What it is.
    pub kind: UnknownKind,
    /// The type that does not know it: `Group`, `CommunityPrivacy`, `DirectoryObject`.
    pub type_name: &'static str,
    /// What it is called: the property, the member, or the `@odata.type`.
    pub name: &'a str,
    /// The property in which a member or an object stands, `Community.privacy`; empty at the top of an answer.
    pub place: &'static str,
}

/// The kinds of [`Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UnknownKind {
    /// A member of an enumeration.
    Member,
    /// A property of an object.
    Property,
    /// The `@odata.type` of an object.
    Type,
}

impl<'a> Unknown<'a> {
    const fn new(kind: UnknownKind, type_name: &'static str, name: &'a str, place: &'static str) -> Self {
        Self { kind, type_name, name, place }
    }
}

impl UnknownKind {
    /// `member`, `property` or `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Property => "property",
            Self::Type => "type",
        }
    }
}

/// A value that can say what in it is unknown.
///
/// Generated types do. It is a walk over what was read already, without any allocation: what can't hold anything unknown costs
/// nothing.
pub trait Inspect {
    /// Tells `found` of everything unknown in the value, which stands in the property called `place`.
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>));
}

/// What can't hold anything unknown. A JSON value is not modelled, so that nothing in it is unknown.
macro_rules! nothing_unknown {
    ($($type:ty),*) => {
        $(impl Inspect for $type {
            #[inline]
            fn inspect<'a>(&'a self, _: &'static str, _: &mut dyn FnMut(Unknown<'a>)) {}
        })*
    };
}

nothing_unknown!((), bool, i32, i64, u32, u64, f32, f64, String, GraphDateTime, Value, Map<String, Value>);

impl<T: Inspect + ?Sized> Inspect for Box<T> {
    #[inline]
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>)) {
        (**self).inspect(place, found);
    }
}

impl<T: Inspect> Inspect for Option<T> {
    #[inline]
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>)) {
        if let Some(value) = self {
            value.inspect(place, found);
        }
    }
}

impl<T: Inspect> Inspect for Vec<T> {
    #[inline]
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>)) {
        for value in self {
            value.inspect(place, found);
        }
    }
}

impl<T: Inspect> Inspect for Collection<T> {
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>)) {
        self.value.inspect(place, found);
    }
}

/// The names of entries are not the model's, and may be ids of people.
impl<T: Inspect> Inspect for OpenMap<T> {
    fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut(Unknown<'a>)) {
        for value in self.entries.values() {
            value.inspect(place, found);
        }
    }
}

/// A member that an enumeration of type `type_name` does not know. The one that stands for others names none.
#[doc(hidden)]
pub fn inspect_member<'a>(
    member: &'a UnknownValue,
    type_name: &'static str,
    place: &'static str,
    found: &mut dyn FnMut(Unknown<'a>),
) {
    if member.as_str() != UNKNOWN_FUTURE_VALUE {
        found(Unknown::new(UnknownKind::Member, type_name, member.as_str(), place));
    }
}

/// What is unknown about an object that none of a family's types fits. One that does not say its type is not of an unknown one.
#[doc(hidden)]
pub fn inspect_unmodelled<'a>(
    object: &'a UnmodelledObject,
    family: &'static str,
    place: &'static str,
    found: &mut dyn FnMut(Unknown<'a>),
) {
    if let Some(name) = object.odata_type() {
        found(Unknown::new(UnknownKind::Type, family, name, place));
    }
}

/// The unknown properties of an object of type `type_name`, which knows the properties `known`. A type without any of its own
/// is open: its properties are entries, whose names are not the model's and may be ids of people.
#[doc(hidden)]
pub fn inspect_extra<'a>(
    extra: &'a Extra,
    type_name: &'static str,
    known: &[&str],
    place: &'static str,
    found: &mut dyn FnMut(Unknown<'a>),
) {
    if extra.is_empty() || known.iter().all(|name| name.starts_with('@')) {
        return;
    }
    for (name, _) in extra.iter().filter(|(name, _)| is_of_the_api(name)) {
        found(Unknown::new(UnknownKind::Property, type_name, name, place));
    }
}

/// Annotations are OData's, and `extension_<app>_<name>` is a property that a tenant gave itself.
fn is_of_the_api(name: &str) -> bool {
    // Without an early end, many bytes are compared at once.
    let annotations = name.bytes().fold(0, |found, byte| found | u8::from(byte == b'@'));
    annotations == 0 && !name.starts_with("extension_")
}
