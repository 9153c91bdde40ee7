//! Writes each property in the plainest form that says the same: no unions, no wrappers, numbers by their format.

use serde_json::{Map, Value, json};

use super::target;
use crate::names;
use crate::problem::{Problem, Result};
use crate::trim::own_parts;

pub(super) fn run(document: &mut Value) -> Result<()> {
    for (name, schema) in super::schemas(document).into_iter().flatten() {
        for part in own_parts(schema) {
            for (property, schema) in
                part.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
            {
                *schema = plain(schema).ok_or_else(|| {
                    let place = format!("{} / {property}", names::short(name));
                    Problem::at(place, format!("a form of schema that can't be lowered: {schema}"))
                        .help("correct it in overlay.toml to a plain type, a `$ref` or a list of those")
                })?;
            }
        }
    }
    Ok(())
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

fn plain(schema: &Value) -> Option<Value> {
    let map = schema.as_object()?;
    let (mut plain, nullable) = plain_type(map)?;
    for key in KEPT {
        if let Some(value) = map.get(key) {
            plain[key] = value.clone();
        }
    }
    if nullable {
        plain["nullable"] = true.into();
    }
    if let (true, Some(default)) = (plain["type"] == "string", map.get("default")) {
        // The emitter reads an object's `@odata.type` from here; nothing is ever sent because of a default.
        plain["default"] = default.clone();
    }
    Some(plain)
}

/// The bare type, and whether a union said that it may be null.
fn plain_type(map: &Map<String, Value>) -> Option<(Value, bool)> {
    if let Some(reference) = map.get("$ref") {
        return Some((json!({ "$ref": reference }), false));
    }
    if let Some(options) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| map.get(*key)?.as_array()) {
        return union(options);
    }
    Some((scalar_or_list(map)?, false))
}

/// `[T, null]` is T, and a number that may also be `INF` or `NaN` is a number.
fn union(options: &[Value]) -> Option<(Value, bool)> {
    let is_null = |option: &&Value| option["nullable"] == true && option["type"] == "object";
    let real: Vec<_> = options.iter().filter(|option| !is_null(option)).collect();
    let nullable = real.len() < options.len();
    match real.as_slice() {
        [] => None,
        [one] => {
            let (plain, inner) = plain_type(one.as_object()?)?;
            Some((plain, nullable || inner))
        }
        many if many.iter().any(|option| target(option) == Some("ReferenceNumeric")) => {
            Some((json!({ "type": "number", "format": "double" }), true))
        }
        _ => None,
    }
}

fn scalar_or_list(map: &Map<String, Value>) -> Option<Value> {
    let format = map.get("format").and_then(Value::as_str);
    Some(match map.get("type").and_then(Value::as_str) {
        Some("array") => {
            let (items, _) = plain_type(map.get("items")?.as_object()?)?;
            json!({ "type": "array", "items": items })
        }
        Some("string") if format == Some("date-time") => json!({ "type": "string", "format": "date-time" }),
        Some("string") => json!({ "type": "string" }),
        Some("boolean") => json!({ "type": "boolean" }),
        Some("integer" | "number") => number(map.get("type"), format),
        Some("object") if !map.contains_key("properties") => json!({}),
        None if map.is_empty() || map.keys().all(|key| KEPT.contains(&key.as_str())) => json!({}),
        _ => return None,
    })
}

/// Newer documents write integers as numbers with an integer's format.
fn number(schema_type: Option<&Value>, format: Option<&str>) -> Value {
    match format {
        Some("int64") => json!({ "type": "integer", "format": "int64" }),
        Some("int32" | "int16" | "uint8" | "int8") => json!({ "type": "integer", "format": "int32" }),
        _ if schema_type.is_some_and(|schema_type| schema_type == "integer") => {
            json!({ "type": "integer", "format": "int64" })
        }
        _ => json!({ "type": "number", "format": "double" }),
    }
}
