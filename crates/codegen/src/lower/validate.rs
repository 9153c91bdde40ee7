//! Makes sure that the result is what progenitor and the emitter get right, naming what is not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::target;
use crate::names;
use crate::problem::{Problem, Problems};
use crate::surface::METHODS;
use crate::trim::references;

pub(super) fn run(document: &Value) -> Result<(), Problems> {
    let mut problems = Vec::new();
    dangling(document, &mut problems);
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        members_collide(name, schema, &mut problems);
        properties_collide(name, schema, &mut problems);
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                operation_is_sound(path, operation, &mut problems);
            }
        }
    }
    Problems::unless(problems, ())
}

fn dangling(document: &Value, problems: &mut Vec<Problem>) {
    let schemas = &document["components"]["schemas"];
    for reference in references(document) {
        let name = reference.trim_start_matches("#/components/schemas/");
        if schemas.get(name).is_none() {
            problems.push(Problem::at("lowered document", format!("`{reference}` does not exist")));
        }
    }
}

fn members_collide(name: &str, schema: &Value, problems: &mut Vec<Problem>) {
    let members = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    collide(name, "members", members, names::variant, problems);
}

fn properties_collide(name: &str, schema: &Value, problems: &mut Vec<Problem>) {
    let properties = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    collide(name, "properties", properties, names::field, problems);
}

fn collide<'a>(
    of: &str,
    what: &str,
    items: impl Iterator<Item = &'a str>,
    rust_name: fn(&str) -> String,
    problems: &mut Vec<Problem>,
) {
    let mut taken = BTreeMap::new();
    for item in items {
        if let Some(other) = taken.insert(rust_name(item), item) {
            let what = format!(
                "its {what} `{other}` and `{item}` would both be called `{}` in Rust",
                rust_name(item)
            );
            problems.push(
                Problem::at(format!("type {of}"), what)
                    .help("drop one of them in surface.toml or overlay.toml"),
            );
        }
    }
}

fn operation_is_sound(path: &str, operation: &Value, problems: &mut Vec<Problem>) {
    let id = operation["operationId"].as_str().unwrap_or(path);
    let mut say = |what: String| problems.push(Problem::at(format!("operation {id}"), what));
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let schema = &parameter["schema"];
        if target(schema).is_none()
            && !matches!(schema["type"].as_str(), Some("string" | "integer" | "boolean"))
        {
            say(format!(
                "the parameter `{}` is neither a text, a number nor a truth value",
                parameter["name"]
            ));
        }
    }
    for (place, body) in [("request", &operation["requestBody"]), ("answer", &operation["responses"]["2XX"])]
    {
        if let Some(schema) = body.pointer("/content/application~1json/schema")
            && target(schema).is_none()
        {
            say(format!("the {place} is JSON of no named type: {schema}"));
        }
    }
}
