//! The properties of an object that its type does not name.

use std::fmt;

use serde_json::value::RawValue;

/// Properties that the service sent and this version of the SDK does not know, kept as their JSON text.
///
/// They are written back when the object is serialised, and so is a known property that came as an explicit `null`:
/// reading an object and writing it again loses nothing.
#[derive(Clone, Default)]
pub struct Extra {
    unknown: Vec<(Box<str>, Box<RawValue>)>,
    /// One bit for each known property that came as an explicit null.
    nulls: Vec<u64>,
}

impl Extra {
    /// The JSON text of the property called `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, json)| json)
    }

    /// The names and JSON texts of all properties, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unknown.iter().map(|(name, json)| (&**name, json.get()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.unknown.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.unknown.len()
    }

    /// Sets the property called `name`. Fails if `value` can't be written as JSON.
    pub fn set(&mut self, name: &str, value: &impl serde::Serialize) -> serde_json::Result<()> {
        let json = serde_json::value::to_raw_value(value)?;
        self.unknown.retain(|(known, _)| **known != *name);
        self.unknown.push((name.into(), json));
        Ok(())
    }

    #[doc(hidden)]
    pub fn keep(&mut self, name: Box<str>, json: Box<RawValue>) {
        if self.unknown.capacity() == 0 {
            // Unknown properties come in handfuls.
            self.unknown.reserve_exact(8);
        }
        self.unknown.push((name, json));
    }

    /// Remembers that the property with this number came as `null`.
    #[doc(hidden)]
    pub fn keep_null(&mut self, property: usize) {
        let (word, bit) = (property / 64, property % 64);
        if self.nulls.len() <= word {
            self.nulls.resize(word + 1, 0);
        }
        self.nulls[word] |= 1 << bit;
    }

    #[doc(hidden)]
    pub fn was_null(&self, property: usize) -> bool {
        self.nulls.get(property / 64).is_some_and(|word| word & (1 << (property % 64)) != 0)
    }

    #[doc(hidden)]
    pub fn serialize_into<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.unknown.iter().try_for_each(|(name, json)| map.serialize_entry(name, json))
    }
}

/// A property that came as `null` equals one that did not come: both read as nothing.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
