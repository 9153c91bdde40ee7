//! Puts shared parameters, responses and request bodies where they are used.

use serde_json::Value;

use crate::problem::{Problem, Result};

const SHARED: [&str; 3] = ["parameters", "responses", "requestBodies"];

pub(super) fn run(document: &mut Value) -> Result<()> {
    let shared = document["components"].clone();
    if let Some(paths) = document.get_mut("paths") {
        inline(paths, &shared)?;
    }
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.retain(|kind, _| kind == "schemas");
    }
    for item in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        share_path_parameters(item);
    }
    Ok(())
}

fn inline(value: &mut Value, shared: &Value) -> Result<()> {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let mut parts = reference.trim_start_matches("#/components/").splitn(2, '/');
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if SHARED.contains(&kind) {
            let found = shared.get(kind).and_then(|of_kind| of_kind.get(name)).cloned();
            *value = found.ok_or_else(|| Problem::at("components", format!("there is no `{reference}`")))?;
            return inline(value, shared);
        }
    }
    match value {
        Value::Object(map) => map.values_mut().try_for_each(|value| inline(value, shared)),
        Value::Array(list) => list.iter_mut().try_for_each(|value| inline(value, shared)),
        _ => Ok(()),
    }
}

/// Gives each operation of a path the path's parameters.
fn share_path_parameters(item: &mut Value) {
    let Some(Value::Array(common)) = item.as_object_mut().and_then(|item| item.remove("parameters")) else {
        return;
    };
    for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
        let own = operation["parameters"].take();
        let own = own.as_array().cloned().unwrap_or_default();
        operation["parameters"] = common.iter().chain(&own).cloned().collect();
    }
}
