//! What the specification says of values.

use serde_json::Value;

use super::words::is_date;
use crate::document::{Document, schema_name};

/// What is known of a property.
#[derive(Debug)]
pub(super) enum Known<'d> {
    Declared(&'d Value),
    /// An entry of an open map: its name is somebody's, what it holds is described.
    Entry(&'d Value),
    Nothing,
}

/// What a type says of a property, or a type that it is based on.
pub(super) fn property<'d>(document: &'d Document, schema: &'d Value, name: &str) -> Known<'d> {
    match declared(document, schema, name) {
        Some(property) => Known::Declared(property),
        None => entry(document, schema).map_or(Known::Nothing, Known::Entry),
    }
}

fn declared<'d>(document: &'d Document, schema: &'d Value, name: &str) -> Option<&'d Value> {
    let schema = document.resolve(schema);
    let own = schema["properties"].get(name);
    own.or_else(|| alternatives(schema).find_map(|part| declared(document, part, name)))
}

fn entry<'d>(document: &'d Document, schema: &'d Value) -> Option<&'d Value> {
    let schema = document.resolve(schema);
    let own = schema.get("additionalProperties").filter(|entry| type_of(entry).is_some());
    own.or_else(|| alternatives(schema).find_map(|part| entry(document, part)))
}

/// The parts that a schema is put together from.
fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten()
}

/// The name of the type that a schema refers to, perhaps as one that may be null.
pub(super) fn type_of(schema: &Value) -> Option<&str> {
    schema_name(schema).or_else(|| alternatives(schema).find_map(schema_name))
}

/// The name of a type and of all that it is based on, without their namespace.
pub(super) fn family<'d>(document: &'d Document, name: &'d str) -> Vec<&'d str> {
    let parts = document.schema(name).and_then(|schema| schema["allOf"].as_array());
    let bases = parts.into_iter().flatten().filter_map(schema_name);
    let above = bases.flat_map(|base| family(document, base));
    std::iter::once(name.trim_start_matches("microsoft.graph.")).chain(above).collect()
}

/// What the items of a list are.
pub(super) fn items<'d>(document: &'d Document, schema: &'d Value) -> Option<&'d Value> {
    let schema = document.resolve(schema);
    schema.get("items").or_else(|| alternatives(schema).find_map(|part| items(document, part)))
}

pub(super) fn is_number(document: &Document, schema: &Value) -> bool {
    let schema = document.resolve(schema);
    matches!(schema["type"].as_str(), Some("integer" | "number"))
        || alternatives(schema).any(|part| is_number(document, part))
}

/// Whether a text is one of few that a schema allows: a member of an enum, a date, a length of time.
pub(super) fn allows(document: &Document, schema: &Value, text: &str) -> bool {
    let schema = document.resolve(schema);
    let is_member = schema["enum"].as_array().is_some_and(|members| members.iter().any(|it| it == text));
    let fits = match schema["format"].as_str() {
        Some("date" | "date-time" | "time") => is_date(text),
        Some("duration") => is_duration(text),
        _ => false,
    };
    is_member || fits || alternatives(schema).any(|part| allows(document, part, text))
}

fn is_duration(text: &str) -> bool {
    let is_part = |it: char| it.is_ascii_digit() || "PTYMWDHS.".contains(it);
    text.len() <= 20
        && text.trim_start_matches('-').starts_with('P')
        && text.trim_start_matches('-').chars().all(is_part)
}
