//! The properties of an object that its type does not name.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, ser};
use serde_json::value::RawValue;

/// Properties that the service sent and this version of the SDK does not know, kept as their JSON text.
///
/// They are written back when the object is serialised, and so is a known property that came as an explicit `null`:
/// reading an object and writing it again loses nothing.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Kept>>);

#[derive(Clone, Default)]
struct Kept {
    /// The name and the JSON text of each property, one behind the other.
    text: String,
    /// Where each name and each JSON text ends.
    ends: Vec<(usize, usize)>,
    /// The known properties that came as an explicit null.
    nulls: Nulls,
}

impl Extra {
    /// The JSON text of the property called `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, json)| json)
    }

    /// The names and JSON texts of all properties, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|kept| kept.iter())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |kept| kept.ends.len())
    }

    /// Sets the property called `name`. Fails if `value` can't be written as JSON.
    pub fn set(&mut self, name: &str, value: &impl serde::Serialize) -> serde_json::Result<()> {
        let json = serde_json::to_string(value)?;
        let old = self.0.take().unwrap_or_default();
        let mut kept = Kept::default();
        old.iter().filter(|(known, _)| *known != name).for_each(|(name, json)| kept.push(name, json));
        kept.push(name, &json);
        kept.nulls = old.nulls;
        self.0 = Some(Box::new(kept));
        Ok(())
    }

    /// Takes the name of an unknown property; [`keep_value`](Self::keep_value) takes what follows.
    #[doc(hidden)]
    pub fn keep_name(&mut self, name: &str) {
        let kept = self.0.get_or_insert_default();
        if kept.ends.capacity() == 0 {
            // Unknown properties come in handfuls.
            kept.ends.reserve_exact(8);
            kept.text.reserve(256);
        }
        kept.text.push_str(name);
    }

    /// Reads the value of the property whose name was taken last.
    #[doc(hidden)]
    pub fn keep_value(&mut self) -> impl for<'de> DeserializeSeed<'de, Value = ()> {
        self.0.get_or_insert_default().as_mut()
    }

    /// Remembers that the property with this number came as `null`.
    #[doc(hidden)]
    pub fn keep_null(&mut self, property: usize) {
        self.0.get_or_insert_default().nulls.insert(property);
    }

    #[doc(hidden)]
    pub fn was_null(&self, property: usize) -> bool {
        self.0.as_ref().is_some_and(|kept| kept.nulls.contains(property))
    }

    #[doc(hidden)]
    pub fn serialize_into<M: ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(name, json)| {
            let json: &RawValue = serde_json::from_str(json).map_err(ser::Error::custom)?;
            map.serialize_entry(name, json)
        })
    }
}

impl Kept {
    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name_end, json_end)| {
            let name = &self.text[start..name_end];
            start = json_end;
            (name, &self.text[name_end..json_end])
        })
    }

    fn push(&mut self, name: &str, json: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(json);
        self.ends.push((name_end, self.text.len()));
    }
}

impl<'de> DeserializeSeed<'de> for &mut Kept {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let name_end = self.text.len();
        deserializer.deserialize_newtype_struct(RAW_VALUE, JsonText(&mut self.text))?;
        self.ends.push((name_end, self.text.len()));
        Ok(())
    }
}

/// What [`RawValue`] asks a deserializer for. `serde_json` answers with the text of the value, as the one entry of a map;
/// asked directly, without an allocation per value. Who does not know the name answers with the value itself.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Appends the JSON text of a value.
struct JsonText<'a>(&'a mut String);

impl<'de> Visitor<'de> for JsonText<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        map.next_key::<IgnoredAny>()?;
        map.next_value_seed(self)
    }

    fn visit_str<E: Error>(self, json: &str) -> Result<(), E> {
        self.0.push_str(json);
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.push_str(Box::<RawValue>::deserialize(deserializer)?.get());
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for JsonText<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// A set of property numbers; few types have more than fit into the first word.
#[derive(Clone, Default)]
struct Nulls {
    first: u128,
    further: Vec<u128>,
}

impl Nulls {
    fn insert(&mut self, property: usize) {
        let (word, bit) = Self::place(property);
        let Some(index) = word.checked_sub(1) else {
            self.first |= bit;
            return;
        };
        if self.further.len() <= index {
            self.further.resize(word, 0);
        }
        self.further[index] |= bit;
    }

    fn contains(&self, property: usize) -> bool {
        let (word, bit) = Self::place(property);
        let word = word.checked_sub(1).map_or(Some(&self.first), |index| self.further.get(index));
        word.is_some_and(|word| word & bit != 0)
    }

    fn place(property: usize) -> (usize, u128) {
        (property / 128, 1 << (property % 128))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it fails")]
mod tests {
    use super::*;

    #[test]
    fn a_property_that_is_set_again_goes_to_the_end_and_the_nulls_stay() {
        let mut extra = Extra::default();
        extra.keep_null(3);
        for (name, value) in [("a", 1), ("b", 2), ("", 3), ("a", 4)] {
            extra.set(name, &value).unwrap();
        }
        assert_eq!(extra.iter().collect::<Vec<_>>(), [("b", "2"), ("", "3"), ("a", "4")]);
        assert_eq!((extra.len(), extra.get(""), extra.get("ab")), (3, Some("3"), None));
        assert!(extra.was_null(3) && !extra.was_null(4));
    }

    #[test]
    fn nulls_are_told_apart_beyond_any_word() {
        let numbers = [0, 63, 64, 127, 128, 255, 256, 1000];
        let mut extra = Extra::default();
        numbers.into_iter().rev().for_each(|number| extra.keep_null(number));
        let kept: Vec<_> = (0..2000).filter(|&number| extra.was_null(number)).collect();
        assert_eq!(kept, numbers);
        assert!(extra.is_empty());
    }
    #[test]
    fn a_value_is_kept_even_where_its_text_is_not_handed_over_by_name() {
        let mut text = String::new();
        let mut deserializer = serde_json::Deserializer::from_str(r#" [1.0, {"a" :null}] "#);
        JsonText(&mut text).visit_newtype_struct(&mut deserializer).unwrap();
        assert_eq!(text, r#"[1.0, {"a" :null}]"#);
    }
}
