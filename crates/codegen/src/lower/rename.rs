//! Gives components the names of Rust types, and properties and members names of their own where Rust would see one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{KIND, MEMBER_NAMES, RUST_NAME, VIEW_OF};
use crate::names::{self, Taken};

pub(super) fn run(document: &mut Value) {
    let Some(schemas) = super::schemas(document) else { return };
    let mut taken = Taken::default();
    let mut order: Vec<_> = schemas.iter().collect();
    order.sort_by_key(|(name, schema)| (precedence(schema), names::oddity(names::short(name)), *name));
    let new_names: BTreeMap<String, String> = order
        .into_iter()
        .map(|(name, schema)| {
            let new = if precedence(schema) == 0 {
                names::pascal(name)
            } else {
                names::type_name(names::short(name))
            };
            (name.clone(), taken.claim(&new, names::module))
        })
        .collect();
    let renamed: Map<_, _> = std::mem::take(schemas)
        .into_iter()
        .map(|(name, schema)| (new_names.get(&name).cloned().unwrap_or(name), schema))
        .collect();
    *schemas = renamed;
    for schema in schemas.values_mut() {
        name_properties(schema);
        name_members(schema);
    }
    refer_to(document, &new_names);
}

/// Support types and views are named by hand-written code, so that they come first.
fn precedence(schema: &Value) -> u8 {
    match schema[KIND].as_str() {
        Some("support") => 0,
        _ if schema.get(VIEW_OF).is_some() => 1,
        _ => 2,
    }
}

/// Says what a property is called where its own name would make two of one.
fn name_properties(schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let distinct = names::distinct(properties.keys().map(String::as_str), names::field);
    for (property, name) in distinct {
        if name != names::field(&property) {
            properties[&property][RUST_NAME] = name.into();
        }
    }
}

/// The same for the members of an enum.
fn name_members(schema: &mut Value) {
    let members = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut distinct = names::distinct(members, names::variant);
    distinct.retain(|member, name| *name != names::variant(member));
    if !distinct.is_empty() {
        schema[MEMBER_NAMES] = json!(distinct);
    }
}

fn refer_to(value: &mut Value, new_names: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/components/schemas/")
                && let Some(new) = new_names.get(name)
            {
                *reference = format!("#/components/schemas/{new}");
            }
            map.values_mut().for_each(|value| refer_to(value, new_names));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| refer_to(value, new_names)),
        _ => {}
    }
}
