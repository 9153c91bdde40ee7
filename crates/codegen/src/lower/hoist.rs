//! Gives bodies that are described in place a component of their own, so that they have a name.

use serde_json::{Map, Value, json};

use super::{each_operation, reference};
use crate::names;

pub(super) fn run(document: &mut Value) {
    let mut hoisted = Map::new();
    for (_, _, operation) in each_operation(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let bodies =
            [("Body", "requestBody", "What `{}` is sent."), ("Answer", "responses", "What `{}` answers.")];
        for (suffix, place, description) in bodies {
            let Some(schema) = operation.get_mut(place).and_then(json_schema) else { continue };
            if let Some(only) = only_reference(schema) {
                *schema = only;
            } else if schema.get("properties").is_some() || schema.get("allOf").is_some() {
                let name = names::pascal(&id) + suffix;
                let mut component = std::mem::replace(schema, reference(&name));
                component["description"] = description.replace("{}", &id).into();
                hoisted.insert(name, component);
            }
        }
    }
    if let Some(schemas) = super::schemas(document) {
        schemas.extend(hoisted);
    }
}

/// The schema of the JSON in a request body, or in the one success.
fn json_schema(place: &mut Value) -> Option<&mut Value> {
    let body = if place.get("2XX").is_some() { place.get_mut("2XX")? } else { place };
    body.pointer_mut("/content/application~1json/schema")
}

/// `[T, null]`: an answer that may be missing is still a T.
fn only_reference(schema: &Value) -> Option<Value> {
    let options = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)?.as_array())?;
    let mut references = options.iter().filter_map(|option| option.get("$ref"));
    match (references.next(), references.next()) {
        (Some(only), None) => Some(json!({ "$ref": only })),
        _ => None,
    }
}
