//! Objects whose properties are entries, named by whoever wrote them.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Extra;

/// A map that the service writes as an object: Planner's assignments by user, its checklist items by id.
///
/// In a change, an entry without a value removes the one of that name; entries that are left out stay.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenMap<T> {
    /// The entries; `None` is written as `null`, which removes the entry.
    pub entries: BTreeMap<String, Option<T>>,
    /// Annotations such as `@odata.type`.
    pub extra: Extra,
}

impl<T> OpenMap<T> {
    /// A map without entries.
    pub fn new() -> Self {
        Self { entries: BTreeMap::new(), extra: Extra::default() }
    }

    /// The value of the entry called `name`.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(name).and_then(Option::as_ref)
    }

    /// Sets the entry called `name`.
    pub fn set(&mut self, name: impl Into<String>, value: T) {
        self.entries.insert(name.into(), Some(value));
    }

    /// Says, in a change, that the entry called `name` goes.
    pub fn remove(&mut self, name: impl Into<String>) {
        self.entries.insert(name.into(), None);
    }
}

impl<T> Default for OpenMap<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FromIterator<(String, T)> for OpenMap<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(entries: I) -> Self {
        let entries = entries.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Self { entries, extra: Extra::default() }
    }
}

/// Annotations are told from entries by their `@`, which no id and no encoded address has.
fn is_annotation(name: &str) -> bool {
    name.contains('@')
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OpenMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = OpenMap<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of named entries")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<OpenMap<T>, A::Error> {
                let mut map = OpenMap::new();
                while let Some(name) = access.next_key::<String>()? {
                    if is_annotation(&name) {
                        map.extra.keep_name(&name);
                        access.next_value_seed(map.extra.keep_value())?;
                    } else {
                        map.entries.insert(name, access.next_value()?);
                    }
                }
                Ok(map)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<T: Serialize> Serialize for OpenMap<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        self.extra.serialize_into(&mut map)?;
        map.end()
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for OpenMap<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OpenMapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<Option<T>>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}
