//! Makes sure that what is kept has OpenAPI's shape, so that nobody after this has to ask.

use serde_json::{Map, Value};

use crate::problem::{Problem, Result};

/// An operation: parameters, a request body and responses, each a mapping.
pub(super) fn operation(place: &str, operation: &Value) -> Result<()> {
    let operation = mapping(place, operation)?;
    if let Some(parameters) = operation.get("parameters") {
        self::parameters(place, parameters)?;
    }
    if let Some(request_body) = operation.get("requestBody") {
        body(&inside(place, "requestBody"), request_body)?;
    }
    let place = inside(place, "responses");
    optional_mapping(&place, operation.get("responses"))?
        .try_for_each(|(status, response)| body(&inside(&place, status), response))
}

/// A list of parameters.
pub(super) fn parameters(place: &str, parameters: &Value) -> Result<()> {
    let place = inside(place, "parameters");
    list(&place, parameters)?
        .iter()
        .try_for_each(|parameter| reference_or_mapping(&place, parameter).map(drop))
}

/// A component of `kind`.
pub(super) fn component(kind: &str, name: &str, component: &Value) -> Result<()> {
    match kind {
        "schemas" => schema(name, component),
        "parameters" => reference_or_mapping(name, component).map(drop),
        _ => body(name, component),
    }
}

/// A request body or a response.
fn body(place: &str, body: &Value) -> Result<()> {
    let body = reference_or_mapping(place, body)?;
    for key in ["content", "headers"] {
        let place = inside(place, key);
        for (name, entry) in optional_mapping(&place, body.get(key))? {
            let entry = mapping(&inside(&place, name), entry)?;
            if let Some(schema) = entry.get("schema") {
                self::schema(&inside(&place, name), schema)?;
            }
        }
    }
    Ok(())
}

fn schema(place: &str, schema: &Value) -> Result<()> {
    let schema = reference_or_mapping(place, schema)?;
    for (name, property) in optional_mapping(&inside(place, "properties"), schema.get("properties"))? {
        self::schema(&inside(place, name), property)?;
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(parts) = schema.get(key) {
            let place = inside(place, key);
            list(&place, parts)?.iter().try_for_each(|part| self::schema(&place, part))?;
        }
    }
    schema.get("items").map_or(Ok(()), |items| self::schema(&inside(place, "items"), items))
}

fn inside(place: &str, key: &str) -> String {
    format!("{place} / {key}")
}

fn mapping<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(place, "a mapping", value))
}

fn optional_mapping<'a>(
    place: &str,
    value: Option<&'a Value>,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>> {
    Ok(value.map(|value| mapping(place, value)).transpose()?.into_iter().flatten())
}

fn list<'a>(place: &str, value: &'a Value) -> Result<&'a Vec<Value>> {
    value.as_array().ok_or_else(|| wrong(place, "a list", value))
}

/// A mapping whose `$ref`, if it has one, is a text.
fn reference_or_mapping<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    let map = mapping(place, value)?;
    match map.get("$ref") {
        Some(reference) if !reference.is_string() => Err(wrong(&inside(place, "$ref"), "a text", reference)),
        _ => Ok(map),
    }
}

fn wrong(place: &str, expected: &str, found: &Value) -> Problem {
    Problem::at(place, format!("expected {expected}, found {found}"))
        .help("the upstream document is broken at this place")
}
