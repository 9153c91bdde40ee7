//! Objects whose properties are entries, named by whoever wrote them.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Extra, Field};

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

impl<T: Clone + PartialEq> OpenMap<T> {
    /// What turns `before` into `after`: the entries that are new or different, and nothing in place of those that are gone.
    pub fn between(before: Option<&Self>, after: Option<&Self>) -> Field<Self> {
        let there = |map: Option<&Self>, name: &str| map.and_then(|map| map.get(name)).cloned();
        let names = [before, after].into_iter().flatten().flat_map(|map| map.entries.keys());
        let changed = names.filter(|name| there(before, name) != there(after, name));
        let entries: BTreeMap<_, _> = changed.map(|name| (name.clone(), there(after, name))).collect();
        if entries.is_empty() { Field::Keep } else { Field::Set(Self { entries, extra: Extra::default() }) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_between_two_maps_removes_what_is_gone_and_leaves_what_is_the_same() {
        let map = |entries: &[(&str, u8)]| -> OpenMap<u8> {
            entries.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
        };
        let (before, after) = (map(&[("gone", 1), ("kept", 2), ("new", 3)]), map(&[("kept", 2), ("new", 4)]));
        let mut change = map(&[("new", 4)]);
        change.remove("gone");
        assert_eq!(OpenMap::between(Some(&before), Some(&after)), Field::Set(change));
        assert_eq!(OpenMap::between(Some(&after), Some(&after)), Field::Keep);
        assert_eq!(OpenMap::<u8>::between(None, Some(&map(&[]))), Field::Keep);
        let mut all = map(&[]);
        for name in ["kept", "new"] {
            all.remove(name);
        }
        assert_eq!(OpenMap::between(Some(&after), None), Field::Set(all));
    }
}
