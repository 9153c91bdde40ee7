//! Gives components the names of Rust types.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::names;
use crate::problem::{Problem, Result};

pub(super) fn run(document: &mut Value) -> Result<()> {
    let Some(schemas) = super::schemas(document) else { return Ok(()) };
    let mut new_names: BTreeMap<String, String> = BTreeMap::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for name in schemas.keys() {
        let new = names::pascal(names::short(name));
        if let Some(other) = taken.insert(new.clone(), name.clone()) {
            let what = format!("`{other}` and `{name}` would both be called `{new}`");
            return Err(Problem::at("components / schemas", what).help("drop one of them from the surface"));
        }
        new_names.insert(name.clone(), new);
    }
    let renamed: Map<_, _> = std::mem::take(schemas)
        .into_iter()
        .map(|(name, schema)| (new_names.get(&name).cloned().unwrap_or(name), schema))
        .collect();
    *schemas = renamed;
    refer_to(document, &new_names);
    Ok(())
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
