//! Which components become types of their own, and which are only a name for something plain.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{KIND, target};
use crate::budget::{self, LONGEST_CHAIN};
use crate::names;
use crate::problem::{Problem, Result};
use crate::surface::Surface;

/// What numbers may be that JSON has no digits for.
const NOT_FINITE: [&str; 3] = ["-INF", "INF", "NaN"];

/// The components of a document, by what they are.
pub(super) struct Shapes<'a> {
    schemas: &'a Map<String, Value>,
    surface: &'a Surface,
    becomes_type: BTreeMap<&'a str, bool>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(schemas: &'a Map<String, Value>, surface: &'a Surface) -> Result<Self> {
        let mut shapes = Self { schemas, surface, becomes_type: BTreeMap::new() };
        for name in schemas.keys() {
            shapes.look_at(name, &mut Vec::new())?;
        }
        Ok(shapes)
    }

    /// What `name` stands for, if it becomes no type.
    pub(super) fn alias(&self, name: &str) -> Option<&'a Value> {
        if self.becomes_type.get(name) == Some(&false) { self.schemas.get(name) } else { None }
    }

    /// Whether `name` is an enum of texts.
    pub(super) fn is_enum(&self, name: &str) -> bool {
        self.schemas.get(name).is_some_and(has_text_members)
    }

    /// Whether `option` of a union says that a number may be `INF` or `NaN`.
    pub(super) fn is_not_finite(&self, option: &Value) -> bool {
        let option = target(option).and_then(|name| self.schemas.get(name)).unwrap_or(option);
        let mut members =
            option["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).peekable();
        members.peek().is_some() && members.all(|member| NOT_FINITE.contains(&member))
    }

    /// Whether `name` becomes a type. `around` are those that wait for the answer.
    fn look_at(&mut self, name: &'a str, around: &mut Vec<&'a str>) -> Result<bool> {
        if let Some(known) = self.becomes_type.get(name) {
            return Ok(*known);
        }
        // A reference to nothing is reported where all of them are.
        let Some(schema) = self.schemas.get(name) else { return Ok(true) };
        if around.len() == LONGEST_CHAIN {
            let place = format!("type {}", names::short(around[0]));
            return Err(budget::too_long(place, "references and base types from it"));
        }
        if around.contains(&name) {
            let what =
                format!("it is nothing but a reference to itself, by way of `{}`", around.join("`, `"));
            return Err(Problem::at(format!("type {}", names::short(name)), what)
                .help("the upstream document is broken: correct one of the references there"));
        }
        around.push(name);
        let becomes = self.is_declared(name) || self.is_type(schema, around)?;
        around.pop();
        self.becomes_type.insert(name, becomes);
        Ok(becomes)
    }

    /// Whether the surface says what `name` is.
    fn is_declared(&self, name: &str) -> bool {
        let declared = self.surface.types.get(names::short(name));
        declared.is_some_and(|declared| declared.map.is_some() || !declared.family.is_empty())
    }

    /// An object or an enum of texts is a type; so is what inherits from an object, even if it adds nothing.
    fn is_type(&mut self, schema: &'a Value, around: &mut Vec<&'a str>) -> Result<bool> {
        if let Some(name) = target(schema) {
            self.look_at(name, around)?;
            return Ok(false);
        }
        if schema.get(KIND).is_some() || schema["properties"].is_object() || has_text_members(schema) {
            return Ok(true);
        }
        let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
            return Ok(schema["type"] == "object" && schema.get("anyOf").or(schema.get("oneOf")).is_none());
        };
        let mut object = false;
        for part in parts {
            object |= match target(part) {
                // An enum with a wrapper around it is that enum.
                Some(base) => self.look_at(base, around)? && !self.is_enum(base),
                None => part["properties"].is_object() || part["type"] == "object" && !is_null(part),
            };
        }
        Ok(object)
    }
}

/// Whether a schema is an enum that can be one in Rust: not of numbers, and not of nothing.
pub(super) fn has_text_members(schema: &Value) -> bool {
    let members = schema["enum"].as_array().into_iter().flatten();
    let mut members = members.filter(|member| !member.is_null()).peekable();
    let text = schema["type"] == "string";
    members.peek().is_some()
        && members.all(|member| member.is_string() || text && !member.is_array() && !member.is_object())
}

/// Whether an option of a union adds no type: null, or words about the others.
pub(super) fn is_null(option: &Value) -> bool {
    const TYPED: [&str; 8] = ["$ref", "type", "enum", "properties", "items", "anyOf", "oneOf", "allOf"];
    let Some(map) = option.as_object() else { return true };
    let members = option["enum"].as_array();
    match option["type"].as_str() {
        Some("null") => true,
        Some("object") => option["nullable"] == true && !map.contains_key("properties"),
        _ if members.is_some_and(|members| !members.is_empty() && members.iter().all(Value::is_null)) => true,
        _ => TYPED.iter().all(|key| !map.contains_key(*key)),
    }
}
