//! Makes sure that the result is what progenitor and the emitter get right, naming what is not.

use serde_json::Value;

use super::target;
use crate::problem::{Problem, Problems};
use crate::surface::METHODS;
use crate::trim::references;

pub(super) fn run(document: &Value) -> Result<(), Problems> {
    let mut problems = Vec::new();
    dangling(document, &mut problems);
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
            problems.push(Problem::at("lowered document", format!("`{reference}` does not exist")).help(
                "correct what refers to it, in the upstream document or in the overlay, or add it there",
            ));
        }
    }
}

fn operation_is_sound(path: &str, operation: &Value, problems: &mut Vec<Problem>) {
    let id = operation["operationId"].as_str().unwrap_or(path);
    if let Some(c) = path.chars().find(|&c| !is_of_addresses(c)) {
        let what = format!("its path has {c:?}, which no address has: `{path}`");
        let help = "leave the path out of the surface, or correct the document";
        problems.push(Problem::at(format!("operation {id}"), what).help(help));
    }
    let mut say = |what: String| problems.push(Problem::at(format!("operation {id}"), what));
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let schema = &parameter["schema"];
        if target(schema).is_none()
            && !matches!(schema["type"].as_str(), Some("string" | "integer" | "number" | "boolean"))
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
            && !is_plain(schema)
        {
            say(format!("the {place} is JSON of a form that is not plain: {schema}"));
        }
    }
}

/// The characters of paths by RFC 3986, and the braces of a template.
fn is_of_addresses(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/{}-._~%!$&'()*+,;=:@".contains(c)
}

/// A type, something plain, a list of those, or any JSON.
fn is_plain(schema: &Value) -> bool {
    match schema["type"].as_str() {
        Some("array") => is_plain(&schema["items"]),
        Some(of) => matches!(of, "string" | "boolean" | "integer" | "number"),
        None => target(schema).is_some() || schema.as_object().is_some_and(serde_json::Map::is_empty),
    }
}
