//! Objects whose `@odata.type` says which of several types they are.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An object of a type that this version of the SDK does not model, or that does not say its type; kept whole.
#[derive(Clone)]
pub struct UnmodelledObject {
    odata_type: Option<Box<str>>,
    id: Option<Box<str>>,
    json: Box<RawValue>,
}

impl UnmodelledObject {
    /// What the object says of its type: `#microsoft.graph.device`.
    pub fn odata_type(&self) -> Option<&str> {
        self.odata_type.as_deref()
    }

    /// Its `id`, where it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The whole object as the service sent it.
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

impl PartialEq for UnmodelledObject {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl fmt::Debug for UnmodelledObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnmodelledObject").field(&self.json()).finish()
    }
}

impl<'de> Deserialize<'de> for UnmodelledObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Known {
            #[serde(rename = "@odata.type")]
            odata_type: Option<Box<str>>,
            id: Option<Box<str>>,
        }
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let Known { odata_type, id } = serde_json::from_str(json.get()).map_err(serde::de::Error::custom)?;
        Ok(Self { odata_type, id, json })
    }
}

impl Serialize for UnmodelledObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// Whether two names are of one type: the `#` before a name may be missing.
#[doc(hidden)]
pub fn is_same_type(left: &str, right: &str) -> bool {
    let bare = |name| str::strip_prefix(name, '#').unwrap_or(name);
    bare(left) == bare(right)
}

/// Gives an enum with one variant per `@odata.type` and an `Other(UnmodelledObject)` its serde implementations.
#[doc(hidden)]
#[macro_export]
macro_rules! family {
    ($type:ident { $($variant:ident = $odata_type:literal,)* }) => {
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let object = $crate::UnmodelledObject::deserialize(deserializer)?;
                match object.odata_type() {
                    $(Some(name) if $crate::is_same_type(name, $odata_type) => ::serde_json::from_str(object.json())
                        .map(|object| Self::$variant(Box::new(object)))
                        .map_err(::serde::de::Error::custom),)*
                    _ => Ok(Self::Other(object)),
                }
            }
        }

        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(object) => object.serialize(serializer),)*
                    Self::Other(object) => object.serialize(serializer),
                }
            }
        }

        impl $crate::Inspect for $type {
            fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut($crate::Unknown<'a>)) {
                match self {
                    $(Self::$variant(object) => object.inspect(place, found),)*
                    Self::Other(object) => $crate::inspect_unmodelled(object, stringify!($type), place, found),
                }
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "object" })
            }
        }
    };
}

/// Gives a family of objects that all have an `id` the way to it.
#[doc(hidden)]
#[macro_export]
macro_rules! family_id {
    ($type:ident { $($variant:ident),* }) => {
        impl $type {
            /// The object's id, whatever its type.
            pub fn id(&self) -> Option<&str> {
                match self {
                    $(Self::$variant(object) => object.id.as_deref(),)*
                    Self::Other(object) => object.id(),
                }
            }
        }

        impl $crate::Identify for $type {
            fn identify(&self) -> Result<$crate::Id, $crate::InvalidId> {
                $crate::Id::new(self.id().ok_or($crate::InvalidId::Missing(stringify!($type)))?)
            }
        }
    };
}
