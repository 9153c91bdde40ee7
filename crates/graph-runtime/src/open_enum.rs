//! Enumerations that survive the members of tomorrow.

use std::fmt;

/// The text of an enum member that this version of the SDK does not know, byte for byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// Keeps `text` as it is.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as the service sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The member that stands for "a member added after this API was released".
///
/// The service answers with it when a client did not ask for the real one. It means nothing in a request, so
/// serialising it fails.
pub const UNKNOWN_FUTURE_VALUE: &str = "unknownFutureValue";

/// What serialising [`UNKNOWN_FUTURE_VALUE`] says.
#[doc(hidden)]
pub const SENTINEL_REFUSED: &str = "`unknownFutureValue` stands for a member this client did not ask for; \
     it can't be sent. Set a known member, or leave the property out";

/// Gives an enum with an `Unknown(UnknownValue)` variant its text, conversions and serde implementations.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($type:ident { $($variant:ident = $text:literal,)* }) => {
        impl $type {
            /// Every member this version knows, in the order of the specification.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The text that goes over the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether this version does not know the member.
            pub fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown($crate::UnknownValue::new(text)),
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Member;
                impl ::serde::de::Visitor<'_> for Member {
                    type Value = $type;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(concat!("a member of ", stringify!($type)))
                    }

                    fn visit_str<E: ::serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        Ok($type::from(text))
                    }
                }
                deserializer.deserialize_str(Member)
            }
        }

        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.as_str() {
                    $crate::UNKNOWN_FUTURE_VALUE => {
                        Err(::serde::ser::Error::custom($crate::SENTINEL_REFUSED))
                    }
                    text => serializer.serialize_str(text),
                }
            }
        }

        impl $crate::Inspect for $type {
            #[inline]
            fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut($crate::Unknown<'a>)) {
                if let Self::Unknown(member) = self {
                    $crate::inspect_member(member, stringify!($type), place, found);
                }
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "examples": [$($text),*] })
            }
        }
    };
}
