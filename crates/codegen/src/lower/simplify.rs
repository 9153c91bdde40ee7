//! Writes each property and body in the plainest form that says the same: no unions, no wrappers, numbers by their format.
//!
//! What has no such form is JSON of whatever type: nothing of it is lost, and nothing around it is refused.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::shapes::{Shapes, is_null};
use super::{each_operation, reference, target};
use crate::problem::Result;
use crate::surface::Surface;
use crate::trim::own_parts;

pub(super) fn run(document: &mut Value, surface: &Surface) -> Result<()> {
    let originals = super::schemas(document).cloned().unwrap_or_default();
    let forms = Forms { shapes: Shapes::new(&originals, surface)?, known: RefCell::default() };
    if let Some(schemas) = super::schemas(document) {
        // What is no type stands in full wherever it was named.
        schemas.retain(|name, _| forms.shapes.alias(name).is_none());
        for part in schemas.values_mut().flat_map(own_parts) {
            let properties = part.get_mut("properties").and_then(Value::as_object_mut);
            for schema in properties.into_iter().flat_map(Map::values_mut) {
                *schema = forms.property(schema);
            }
        }
    }
    for (_, _, operation) in each_operation(document) {
        for key in ["requestBody", "responses"] {
            if let Some(schema) = operation.get_mut(key).and_then(super::json_schema) {
                *schema = undated(forms.plain(schema, 0).0);
            }
        }
    }
    Ok(())
}

/// progenitor would bring a library of its own for dates.
fn undated(mut schema: Value) -> Value {
    if schema["type"] == "array" {
        schema["items"] = undated(schema["items"].take());
    } else if schema["type"] == "string" {
        return json!({ "type": "string" });
    }
    schema
}

/// What a property keeps besides its type.
const KEPT: [&str; 7] = [
    "description",
    "nullable",
    "readOnly",
    "writeOnly",
    "x-ms-navigationProperty",
    "maxLength",
    super::ALIASES,
];

/// Names of names and lists of lists end here; lists that hold themselves have no plain form.
const DEEPEST: usize = 32;

/// A bare type, and whether a union said that it may be null.
type Plain = (Value, bool);

/// The plain forms of a document's schemas.
struct Forms<'a> {
    shapes: Shapes<'a>,
    /// Those of the components that are no types, worked out once; none while one is being worked out.
    known: RefCell<BTreeMap<String, Option<Plain>>>,
}

impl Forms<'_> {
    fn property(&self, schema: &Value) -> Value {
        let (mut plain, nullable) = self.plain(schema, 0);
        for key in KEPT {
            if let Some(value) = schema.get(key) {
                plain[key] = value.clone();
            }
        }
        if nullable {
            plain["nullable"] = true.into();
        }
        if let (true, Some(default)) = (plain["type"] == "string", schema.get("default")) {
            // The emitter reads an object's `@odata.type` from here; nothing is ever sent because of a default.
            plain["default"] = default.clone();
        }
        plain
    }

    /// `depth` counts the components, lists and unions on the way here.
    fn plain(&self, schema: &Value, depth: usize) -> Plain {
        if depth == DEEPEST {
            return (json!({}), true);
        }
        if let Some(name) = target(schema) {
            return match self.shapes.alias(name) {
                None => (json!({ "$ref": schema["$ref"] }), false),
                Some(aliased) => self.aliased(name, aliased, depth + 1),
            };
        }
        let options = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(*key)?.as_array());
        if let Some(options) = options {
            return self.union(options, depth + 1);
        }
        let format = schema["format"].as_str();
        let plain = match schema["type"].as_str() {
            Some("array") => json!({ "type": "array", "items": self.plain(&schema["items"], depth + 1).0 }),
            Some("string") if format == Some("date-time") => {
                json!({ "type": "string", "format": "date-time" })
            }
            Some("string") => json!({ "type": "string" }),
            Some("boolean") => json!({ "type": "boolean" }),
            Some("integer" | "number") => number(schema["type"] == "integer", format),
            _ => json!({}),
        };
        (plain, false)
    }

    fn aliased(&self, name: &str, schema: &Value, depth: usize) -> Plain {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone().unwrap_or_else(|| (json!({}), true));
        }
        self.known.borrow_mut().insert(name.to_owned(), None);
        let (plain, nullable) = self.plain(schema, depth);
        let known = (plain, nullable || schema["nullable"] == true);
        self.known.borrow_mut().insert(name.to_owned(), Some(known.clone()));
        known
    }

    /// `[T, null]` is T, and a number that may also be `INF` or `NaN` is a number.
    fn union(&self, options: &[Value], depth: usize) -> Plain {
        let null = options.iter().any(|option| option["nullable"] == true);
        let real: Vec<_> = options.iter().filter(|option| !is_null(option)).collect();
        if let [only] = real.as_slice() {
            let (plain, nullable) = self.plain(only, depth);
            return (plain, nullable || null);
        }
        let plains: Vec<_> = real.iter().map(|option| self.plain(option, depth).0).collect();
        let of_type = |types: &[&str]| {
            plains.iter().filter(|plain| plain["type"].as_str().is_some_and(|of| types.contains(&of))).count()
        };
        let (numbers, texts) = (of_type(&["number", "integer"]), of_type(&["string"]));
        let also_not_finite = real.iter().any(|option| self.shapes.is_not_finite(option));
        let double = || json!({ "type": "number", "format": "double" });
        match plains.as_slice() {
            [] => (json!({}), null),
            [first, rest @ ..] if rest.iter().all(|other| other == first) => (first.clone(), null),
            _ if numbers > 0 && also_not_finite => (double(), true),
            all if numbers == all.len() => (double(), null),
            all if texts == all.len() => (json!({ "type": "string" }), null),
            // An enum or a text: our enums are open, so that they hold both.
            all if texts + 1 == all.len() => {
                let of_enum = all.iter().filter_map(target).find(|name| self.shapes.is_enum(name));
                (of_enum.map_or_else(|| json!({}), reference), null)
            }
            _ => (json!({}), null),
        }
    }
}

/// Newer documents write integers as numbers with an integer's format.
fn number(integer: bool, format: Option<&str>) -> Value {
    match format {
        Some("int64") => json!({ "type": "integer", "format": "int64" }),
        Some("int32" | "int16" | "uint8" | "int8") => json!({ "type": "integer", "format": "int32" }),
        _ if integer => json!({ "type": "integer", "format": "int64" }),
        _ => json!({ "type": "number", "format": "double" }),
    }
}
