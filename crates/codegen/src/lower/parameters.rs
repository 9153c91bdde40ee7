//! Gives each operation the parameters that its path names, and of the others those that a caller may set.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{at_operation, reference};
use crate::names;
use crate::problem::Result;

/// The component that stands for an id in a path, and the one for a key in quotes.
pub(super) const ID: &str = "Id";
pub(super) const KEY: &str = "Key";

/// Headers are the pipeline's to set. What is left is texts, numbers and truth values; ids and keys have types of their own.
pub(super) fn run(path: &str, operation: &mut Map<String, Value>) -> Result<()> {
    let declared = operation.remove("parameters").unwrap_or_default();
    let declared: Vec<_> = declared.as_array().into_iter().flatten().collect();
    let mut lowered = in_path(path, &declared);
    let in_query = in_query(&declared).map_err(|(what, help)| at_operation(operation, what).help(help))?;
    lowered.extend(in_query);
    operation.insert("parameters".to_owned(), lowered.into());
    Ok(())
}

/// The path says what its parameters are; a declaration adds words, and one for nothing in the path has no meaning.
fn in_path(path: &str, declared: &[&Value]) -> Vec<Value> {
    let mut named: BTreeSet<_> = template_parameters(path).collect();
    let of_path = declared.iter().filter(|parameter| parameter["in"] == "path");
    let in_order: Vec<_> = of_path
        .filter_map(|parameter| Some((named.take(parameter["name"].as_str()?)?, &parameter["description"])))
        .collect();
    let undeclared =
        template_parameters(path).filter(|name| named.remove(name)).map(|name| (name, &Value::Null));
    let undeclared: Vec<_> = undeclared.collect();
    let parameters = in_order.into_iter().chain(undeclared).map(|(name, description)| {
        let component = if path.contains(&format!("'{{{name}}}'")) { KEY } else { ID };
        json!({
            "name": name, "in": "path", "required": true,
            "description": description, "schema": reference(component),
        })
    });
    parameters.collect()
}

/// OData's own options mean the same without their `$`, so that of such a pair the one with it is enough.
fn in_query(declared: &[&Value]) -> std::result::Result<Vec<Value>, (String, &'static str)> {
    let mut by_rust_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut lowered: Vec<Value> = Vec::new();
    for parameter in declared.iter().filter(|parameter| parameter["in"] == "query") {
        let Some(name) = parameter["name"].as_str() else {
            return Err(("a parameter has no name".to_owned(), "give it one in overlay.toml"));
        };
        let query = json!({
            "name": name, "in": "query", "required": false,
            "description": parameter["description"], "schema": scalar(&parameter["schema"]),
        });
        let Some(&earlier) = by_rust_name.get(&names::snake(name)) else {
            by_rust_name.insert(names::snake(name), lowered.len());
            lowered.push(query);
            continue;
        };
        let other = lowered[earlier]["name"].as_str().unwrap_or_default().to_owned();
        if other != name && other.trim_start_matches('$') != name.trim_start_matches('$') {
            let what = format!("its parameters `{other}` and `{name}` would be one argument");
            return Err((what, "drop one of them in overlay.toml"));
        }
        if !other.starts_with('$') {
            lowered[earlier] = query;
        }
    }
    Ok(lowered)
}

/// OData lists its arrays with commas, which a text says best; and a text says whatever else there is.
fn scalar(schema: &Value) -> Value {
    let whole =
        schema["format"].as_str().is_some_and(|format| format.starts_with("int") || format.ends_with("int8"));
    match schema["type"].as_str() {
        Some("number") if !whole => json!({ "type": "number", "format": "double" }),
        Some("integer" | "number") => json!({ "type": "integer", "format": "int64" }),
        Some("boolean") => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    }
}

/// The names in the braces of a template.
fn template_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
