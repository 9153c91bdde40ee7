//! Objects kept as the JSON that the wire shows, in collections named by their place: `groups/{id}/events`.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::ids::{self, Kind};
use crate::properties::Properties;

/// One object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) id: String,
    /// How often it was changed.
    pub(crate) revision: u64,
    pub(crate) properties: Properties,
}

/// Every collection; one that nothing was added to is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    collections: BTreeMap<String, Collection>,
    made: HashMap<Kind, u64>,
    /// Whether ids of Outlook's have slashes.
    pub(crate) slashes: bool,
}

/// The objects in the order in which they were added.
#[derive(Debug, Clone, Default)]
struct Collection {
    places: HashMap<String, u64>,
    records: BTreeMap<u64, Record>,
    added: u64,
}

impl Record {
    /// The object as the wire shows it.
    pub(crate) fn view(&self) -> Value {
        let id = ("id".to_owned(), Value::String(self.id.clone()));
        Value::Object(std::iter::once(id).chain(self.properties.to_map()).collect())
    }

    /// The mark of this state of the object, for `If-Match`.
    /// What marks its present state among those of objects of its kind.
    pub(crate) fn etag(&self, kind: &str) -> String {
        format!("W/\"{}\"", ids::opaque(&format!("{kind}@{}@{}", self.id, self.revision)))
    }

    /// Lays `change` over the properties: a null stays as null, anything else replaces what was there.
    pub(crate) fn merge(&mut self, change: Map<String, Value>) {
        self.properties.extend(change);
        self.revision += 1;
    }
}

impl Records {
    /// Adds an object with an id of its own.
    pub(crate) fn add(
        &mut self,
        collection: &str,
        kind: Kind,
        properties: impl Into<Properties>,
    ) -> &mut Record {
        let number = self.made.entry(kind).or_default();
        *number += 1;
        let id = ids::of(kind, *number, self.slashes);
        self.put(collection, id, properties)
    }

    /// Adds an object under an id, or replaces the one that has it.
    pub(crate) fn put(
        &mut self,
        collection: &str,
        id: String,
        properties: impl Into<Properties>,
    ) -> &mut Record {
        let collection = self.collections.entry(collection.to_owned()).or_default();
        let place = *collection.places.entry(id.clone()).or_insert_with(|| {
            collection.added += 1;
            collection.added
        });
        let revision = collection.records.get(&place).map_or(0, |record| record.revision + 1);
        let record = collection.records.entry(place).or_default();
        *record = Record { id, revision, properties: properties.into() };
        record
    }

    /// The objects of a collection, in the order in which they were added.
    pub(crate) fn all(&self, collection: &str) -> impl DoubleEndedIterator<Item = &Record> + use<'_> {
        self.collections.get(collection).into_iter().flat_map(|collection| collection.records.values())
    }

    /// Every collection by its place.
    pub(crate) fn collections(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &Record>)> {
        self.collections.iter().map(|(place, collection)| (place.as_str(), collection.records.values()))
    }

    pub(crate) fn count(&self, collection: &str) -> usize {
        self.collections.get(collection).map_or(0, |collection| collection.records.len())
    }

    pub(crate) fn find(&self, collection: &str, id: &str) -> Option<&Record> {
        let collection = self.collections.get(collection)?;
        collection.records.get(collection.places.get(id)?)
    }

    pub(crate) fn find_mut(&mut self, collection: &str, id: &str) -> Option<&mut Record> {
        let collection = self.collections.get_mut(collection)?;
        collection.records.get_mut(collection.places.get(id)?)
    }

    /// Takes an object out of its collection, together with the collections below it.
    pub(crate) fn remove(&mut self, collection: &str, id: &str) -> Option<Record> {
        let of = self.collections.get_mut(collection)?;
        let record = of.records.remove(&of.places.remove(id)?)?;
        self.remove_below(&format!("{collection}/{id}"));
        Some(record)
    }

    /// Takes the objects out of a collection that meet a condition; gives their ids.
    pub(crate) fn remove_where(
        &mut self,
        collection: &str,
        condition: impl Fn(&Record) -> bool,
    ) -> Vec<String> {
        let ids: Vec<_> =
            self.all(collection).filter(|record| condition(record)).map(|it| it.id.clone()).collect();
        for id in &ids {
            self.remove(collection, id);
        }
        ids
    }

    /// Takes away every collection below a place, such as `groups/{id}`.
    pub(crate) fn remove_below(&mut self, place: &str) {
        let prefix = format!("{place}/");
        self.collections.retain(|name, _| !name.starts_with(&prefix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Map<String, Value> {
        Map::from_iter([("name".to_owned(), name.into())])
    }

    #[test]
    fn objects_stay_in_order_and_go_with_what_is_below_them() {
        let mut records = Records::default();
        let first = records.add("plans", Kind::Policy, named("first")).id.clone();
        let second = records.add("plans", Kind::Policy, named("second")).id.clone();
        records.add(&format!("plans/{first}/buckets"), Kind::Policy, named("below"));
        records.put("plans", first.clone(), named("first again"));
        let names: Vec<_> = records.all("plans").map(|record| record.properties["name"].clone()).collect();
        assert_eq!(names, ["first again", "second"]);
        assert!(records.remove("plans", &first).is_some() && records.remove("plans", &first).is_none());
        assert_eq!(records.all(&format!("plans/{first}/buckets")).count(), 0);
        assert_eq!(records.all("plans").next().unwrap().id, second);
    }

    #[test]
    fn every_change_has_a_mark_of_its_own() {
        let mut records = Records::default();
        let id = records.add("plans", Kind::Policy, named("first")).id.clone();
        let record = records.find_mut("plans", &id).unwrap();
        let before = record.etag("things");
        record.merge(Map::from_iter([("name".to_owned(), Value::Null)]));
        assert_ne!(record.etag("things"), before);
        assert_eq!(record.view(), serde_json::json!({"id": id, "name": null}));
    }
}
