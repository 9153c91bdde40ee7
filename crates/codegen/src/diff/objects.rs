//! Objects: their properties and what they derive from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::form::{self, Form, without};
use super::{Changes, Class, remainder};

/// An object with what it derives from.
pub(super) struct Object {
    base: Option<String>,
    properties: BTreeMap<String, Property>,
    required: Vec<String>,
    open: bool,
    rest: Value,
}

struct Property {
    form: Form,
    read_only: bool,
    navigation: bool,
    rest: Value,
}

impl Object {
    /// The object that a schema describes, if it does: alone, or as a base and an addition.
    pub(super) fn read(schema: &Value) -> Option<Self> {
        let mut object = Self {
            base: None,
            properties: BTreeMap::new(),
            required: Vec::new(),
            open: false,
            rest: Value::Null,
        };
        let mut rest = Map::new();
        let parts = schema["allOf"].as_array();
        if parts.is_none()
            && !schema["properties"].is_object()
            && !(schema["type"] == "object" && schema["anyOf"].is_null() && schema["oneOf"].is_null())
        {
            return None;
        }
        for part in parts.into_iter().flatten().chain([schema]) {
            match part["$ref"].as_str() {
                Some(reference) => object.base = Some(form::target(reference)),
                None => object.add(part, &mut rest),
            }
        }
        object.rest = Value::Object(rest);
        Some(object)
    }

    fn add(&mut self, part: &Value, rest: &mut Map<String, Value>) {
        for (name, schema) in part["properties"].as_object().into_iter().flatten() {
            self.properties.insert(name.clone(), Property::read(schema));
        }
        self.required.extend(
            part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned),
        );
        self.open |= !matches!(&part["additionalProperties"], Value::Null | Value::Bool(false));
        if let Value::Object(other) =
            without(part, &["properties", "required", "additionalProperties", "allOf", "type"])
        {
            rest.extend(other);
        }
    }

    /// Its properties as text; nothing where it has too few to be known by.
    pub(super) fn shape(&self) -> String {
        let own: Vec<_> = self.properties.iter().filter(|(name, _)| !name.starts_with('@')).collect();
        if own.len() < 2 {
            return String::new();
        }
        let parts: Vec<_> =
            own.into_iter().map(|(name, property)| format!("{name}: {}", property.form.name)).collect();
        parts.join("; ")
    }

    /// A page of a list: nothing but `value` and annotations.
    pub(super) fn is_page(&self) -> bool {
        self.properties.get("value").is_some_and(|value| value.form.name.starts_with("list of "))
            && self.properties.keys().all(|name| name == "value" || name.starts_with('@'))
    }
}

impl Property {
    fn read(schema: &Value) -> Self {
        Self {
            form: form::of(schema),
            read_only: schema["readOnly"] == true,
            navigation: schema["x-ms-navigationProperty"] == true,
            rest: without(
                schema,
                &[
                    "$ref",
                    "type",
                    "format",
                    "items",
                    "anyOf",
                    "oneOf",
                    "allOf",
                    "nullable",
                    "readOnly",
                    "enum",
                    "properties",
                    "x-ms-navigationProperty",
                ],
            ),
        }
    }
}

pub(super) fn compare(place: &str, was: &Object, is: &Object, changes: &mut Changes) {
    if was.base != is.base {
        let name = |base: &Option<String>| {
            base.as_deref().map_or_else(|| "nothing".to_owned(), |base| format!("`{base}`"))
        };
        let what = format!("derived from {}, derives from {}", name(&was.base), name(&is.base));
        // A page is a page, however much of it is written out.
        let class = if was.is_page() && is.is_page() { Class::Patch } else { Class::Major };
        changes.push(class, "base-changed", place, what, "it inherits other properties");
    }
    for (name, property) in &was.properties {
        match is.properties.get(name) {
            None => removed(place, name, property, changes),
            Some(now) => compare_property(place, name, property, now, changes),
        }
    }
    for (name, property) in is.properties.iter().filter(|(name, _)| !was.properties.contains_key(*name)) {
        added(place, name, property, changes);
    }
    let without_annotations = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| !name.starts_with('@')).cloned().collect()
    };
    if without_annotations(&was.required) != without_annotations(&is.required) {
        let what = format!("required were [{}], are [{}]", was.required.join(", "), is.required.join(", "));
        changes.push(
            Class::Patch,
            "required-changed",
            place,
            what,
            "every property that is read may be missing, and what must be sent is said in the surface",
        );
    }
    if was.open != is.open {
        let what =
            if is.open { "may have further properties now" } else { "may no longer have further properties" };
        changes.push(Class::Patch, "openness-changed", place, what, "unknown properties are kept anyway");
    }
    remainder::compare(place, &was.rest, &is.rest, changes);
}

fn added(place: &str, name: &str, property: &Property, changes: &mut Changes) {
    let (place, what) = (format!("{place}.{name}"), format!("is new: {}", property.form.name));
    if name.starts_with('@') {
        changes.push(
            Class::Patch,
            "annotation-added",
            &place,
            what,
            "annotations are kept whether they are declared or not",
        );
    } else if property.navigation {
        changes.push(
            Class::Minor,
            "navigation-added",
            &place,
            what,
            "one property more, where the surface keeps it",
        );
    } else {
        changes.shaped(
            Class::Minor,
            "property-added",
            &place,
            what,
            "one property more",
            property.form.name.clone(),
        );
    }
}

fn removed(place: &str, name: &str, property: &Property, changes: &mut Changes) {
    let (place, what) = (format!("{place}.{name}"), format!("is gone; it was {}", property.form.name));
    if name.starts_with('@') {
        changes.push(
            Class::Patch,
            "annotation-removed",
            &place,
            what,
            "annotations are kept whether they are declared or not",
        );
    } else if property.navigation {
        changes.push(
            Class::Major,
            "navigation-removed",
            &place,
            what,
            "the property goes too, where the surface keeps it",
        );
    } else {
        changes.shaped(
            Class::Major,
            "property-removed",
            &place,
            what,
            "the property goes too",
            property.form.name.clone(),
        );
    }
}

fn compare_property(place: &str, name: &str, was: &Property, is: &Property, changes: &mut Changes) {
    let place = format!("{place}.{name}");
    if was.form.name != is.form.name {
        let what = format!("was {}, is {}", was.form.name, is.form.name);
        if form::same_rust(&was.form.name, &is.form.name) {
            changes.push(Class::Patch, "format-changed", &place, what, "the same type in Rust");
        } else {
            changes.push(Class::Major, "property-type-changed", &place, what, "another type in Rust");
        }
    }
    if was.form.nullable != is.form.nullable {
        let what = if is.form.nullable { "may be null now" } else { "may no longer be null" };
        changes.push(
            Class::Major,
            "nullability-changed",
            &place,
            what,
            "in what changes the object, it can be cleared now, or no longer",
        );
    }
    if was.read_only != is.read_only {
        let what = if is.read_only { "is read-only now" } else { "is no longer read-only" };
        let class = if is.read_only { Class::Major } else { Class::Minor };
        changes.push(
            class,
            "read-only-changed",
            &place,
            what,
            "what is read-only has no place in what is sent",
        );
    }
    if was.navigation != is.navigation {
        let what = if is.navigation { "is a relation now" } else { "is no longer a relation" };
        changes.push(
            Class::Major,
            "navigation-changed",
            &place,
            what,
            "relations are boxed, and only kept where the surface names them",
        );
    }
    remainder::compare(&place, &was.rest, &is.rest, changes);
}
