//! Reading and writing of objects, for the structs that the generator writes.

/// Gives a struct of `Option` fields and an `extra: Extra` its serde implementations.
///
/// Every property may be missing, since `$select` removes any of them. Unknown ones go to `extra`, without the buffering
/// of `serde(flatten)`. A name after `|` is read like the first, and never written.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    ($type:ident { $($field:ident: $name:literal $(| $alias:literal)*,)* }) => {
        const _: () = {
            use ::serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
            use ::serde::ser::{Serialize, SerializeMap as _, Serializer};

            #[allow(non_camel_case_types)]
            #[derive(Clone, Copy)]
            enum Property { $($field,)* }

            /// Tells the name of a property: one of ours, or another, which goes to the extra ones.
            struct Name<'a>(&'a mut $crate::Extra);
            impl Visitor<'_> for Name<'_> {
                type Value = Option<Property>;

                fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.write_str("the name of a property")
                }

                fn visit_str<E>(self, name: &str) -> Result<Option<Property>, E> {
                    Ok(match name {
                        $($name $(| $alias)* => Some(Property::$field),)*
                        _ => {
                            self.0.keep_name(name);
                            None
                        }
                    })
                }
            }
            impl<'de> DeserializeSeed<'de> for Name<'_> {
                type Value = Option<Property>;

                fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                    deserializer.deserialize_identifier(self)
                }
            }

            struct Object;
            impl<'de> Visitor<'de> for Object {
                type Value = $type;

                fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.write_str(concat!("an object of type ", stringify!($type)))
                }

                #[allow(unreachable_code, reason = "there are objects without properties of their own")]
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$type, A::Error> {
                    let mut object = $type::default();
                    while let Some(property) = map.next_key_seed(Name(&mut object.extra))? {
                        let Some(property) = property else {
                            map.next_value_seed(object.extra.keep_value())?;
                            continue;
                        };
                        let is_null = match property {
                            $(Property::$field => {
                                object.$field = map.next_value().map_err(|error| {
                                    $crate::in_property(&error, concat!(stringify!($type), ".", $name))
                                })?;
                                object.$field.is_none()
                            })*
                        };
                        if is_null {
                            object.extra.keep_null(property as usize);
                        }
                    }
                    Ok(object)
                }
            }

            impl<'de> Deserialize<'de> for $type {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_map(Object)
                }
            }

            impl Serialize for $type {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(None)?;
                    $(match &self.$field {
                        Some(value) => map.serialize_entry($name, value)?,
                        None if self.extra.was_null(Property::$field as usize) => map.serialize_entry($name, &())?,
                        None => {}
                    })*
                    self.extra.serialize_into(&mut map)?;
                    map.end()
                }
            }
        };

        impl $crate::Inspect for $type {
            fn inspect<'a>(&'a self, place: &'static str, found: &mut dyn FnMut($crate::Unknown<'a>)) {
                $($crate::Inspect::inspect(&self.$field, concat!(stringify!($type), ".", $name), found);)*
                $crate::inspect_extra(&self.extra, stringify!($type), &[$($name),*], place, found);
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let mut properties = ::serde_json::Map::new();
                $(properties.insert(
                    $name.to_owned(),
                    $crate::schema_of_field(generator, |object: &$type| &object.$field).into(),
                );)*
                ::schemars::json_schema!({ "type": "object", "properties": properties })
            }
        }
    };
}

/// Says where in an object an error is; out of the way of what goes well.
#[cold]
#[doc(hidden)]
pub fn in_property<E: serde::de::Error>(error: &E, property: &str) -> E {
    E::custom(format_args!("{property}: {error}"))
}

/// The JSON schema of the field that `field` leads to; the macro knows names only, and this finds the type.
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub fn schema_of_field<T, F: schemars::JsonSchema>(
    generator: &mut schemars::SchemaGenerator,
    _field: fn(&T) -> &Option<F>,
) -> schemars::Schema {
    generator.subschema_for::<F>()
}

/// Gives a view that is only written (`New*`, `*Patch`) its `Serialize`, one line per property and kind.
#[doc(hidden)]
#[macro_export]
macro_rules! view {
    ($type:ident { $($kind:ident $field:ident: $name:literal,)* }) => {
        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $($crate::view!(@$kind map, $name, &self.$field);)*
                self.extra.serialize_into(&mut map)?;
                map.end()
            }
        }
    };
    (@required $map:ident, $name:literal, $value:expr) => {
        $map.serialize_entry($name, $value)?
    };
    (@optional $map:ident, $name:literal, $value:expr) => {
        if let Some(value) = $value {
            $map.serialize_entry($name, value)?;
        }
    };
    (@bind $map:ident, $name:literal, $value:expr) => {
        if !$value.is_empty() {
            $map.serialize_entry($name, $value)?;
        }
    };
    (@patch $map:ident, $name:literal, $value:expr) => {
        match $value {
            $crate::Field::Keep => {}
            $crate::Field::Clear => $map.serialize_entry($name, &())?,
            $crate::Field::Set(value) => $map.serialize_entry($name, value)?,
        }
    };
}
