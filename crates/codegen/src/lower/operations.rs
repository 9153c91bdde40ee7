//! Gives each operation one success, one body of one media type, and parameters that are texts.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{MEDIA_TYPE, REQUIRED_HEADERS, SUCCESS, at_operation, each_operation, reference};
use crate::problem::Result;

/// The component that stands for an id in a path, and the one for a key in quotes.
pub(super) const ID: &str = "Id";
pub(super) const KEY: &str = "Key";

pub(super) fn run(document: &mut Value) -> Result<()> {
    for (path, method, operation) in each_operation(document) {
        one_success(method, operation)?;
        one_media_type(operation)?;
        required_headers(operation);
        scalar_parameters(path, operation)?;
        operation.retain(|key, _| {
            matches!(
                key.as_str(),
                "operationId"
                    | "description"
                    | "parameters"
                    | "requestBody"
                    | "responses"
                    | SUCCESS
                    | MEDIA_TYPE
                    | REQUIRED_HEADERS
            )
        });
    }
    let schemas = super::schemas(document);
    if let Some(schemas) = schemas {
        for support in [ID, KEY] {
            schemas.insert(support.to_owned(), json!({ "type": "string", (super::KIND): "support" }));
        }
    }
    Ok(())
}

/// Error answers go: without them progenitor hands every failure over whole. Of the successes one is left.
fn one_success(method: &str, operation: &mut Map<String, Value>) -> Result<()> {
    let responses = operation.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
    let successes: Vec<_> = responses.iter().filter(|(status, _)| status.starts_with('2')).collect();
    if successes.is_empty() {
        return Err(at_operation(operation, "no success is documented").help("add one in overlay.toml"));
    }
    let contents: BTreeSet<_> = successes.iter().map(|(_, response)| content(response).to_string()).collect();
    if contents.len() > 1 {
        let codes: Vec<_> = successes.iter().map(|(status, _)| status.as_str()).collect();
        let what = format!("its successes {} have different bodies", codes.join(", "));
        return Err(at_operation(operation, what).help("say in overlay.toml which one the service sends"));
    }
    let codes: Vec<u16> = successes.iter().map(|(status, _)| code(method, status)).collect();
    let content = content(successes[0].1);
    let mut success = json!({ "description": "success" });
    if !content.is_null() {
        success["content"] = content;
    }
    operation.insert(SUCCESS.to_owned(), json!(codes));
    operation.insert("responses".to_owned(), json!({ "2XX": success }));
    Ok(())
}

/// The code that `2XX` stands for, by the service's habits.
fn code(method: &str, status: &str) -> u16 {
    status.parse().unwrap_or(match method {
        "post" => 201,
        "delete" => 204,
        _ => 200,
    })
}

/// The body of a response: JSON if there is any, or else what there is; null for none.
fn content(response: &Value) -> Value {
    single_media_type(response.get("content"))
        .map_or(Value::Null, |(media_type, body)| json!({ media_type: body }))
}

fn single_media_type(content: Option<&Value>) -> Option<(String, Value)> {
    let content = content?.as_object()?;
    let (media_type, body) = content.get_key_value("application/json").or_else(|| content.iter().next())?;
    let readable =
        matches!(media_type.as_str(), "application/json" | "text/plain" | "application/octet-stream");
    let media_type = if readable { media_type.as_str() } else { "application/octet-stream" };
    let schema = match media_type {
        "application/json" => body.get("schema").cloned().unwrap_or_else(|| json!({})),
        "text/plain" => json!({ "type": "string" }),
        _ => json!({ "type": "string", "format": "binary" }),
    };
    Some((media_type.to_owned(), json!({ "schema": schema })))
}

/// What a body really is that progenitor is told to be bytes.
fn original_media_type(operation: &Map<String, Value>) -> Option<String> {
    let content = operation.get("requestBody")?.get("content")?.as_object()?;
    let (media_type, _) = content.iter().next()?;
    let concrete = media_type != "application/octet-stream" && !media_type.contains('*');
    concrete.then(|| media_type.clone())
}

fn one_media_type(operation: &mut Map<String, Value>) -> Result<()> {
    let Some(body) = operation.get("requestBody") else { return Ok(()) };
    let Some((media_type, body)) = single_media_type(body.get("content")) else {
        return Err(at_operation(operation, "its request body has no media type"));
    };
    if media_type == "application/octet-stream"
        && let Some(original) = original_media_type(operation)
    {
        operation.insert(MEDIA_TYPE.to_owned(), original.into());
    }
    operation.insert("requestBody".to_owned(), json!({ "required": true, "content": { media_type: body } }));
    Ok(())
}

/// Notes the headers that a call must bring along, and sees to it that the description names them.
fn required_headers(operation: &mut Map<String, Value>) {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let required = parameters.filter(|it| it["in"] == "header" && it["required"] == true);
    let names: Vec<String> = required.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect();
    if names.is_empty() {
        return;
    }
    let described = operation.get("description").and_then(Value::as_str).unwrap_or_default();
    let unsaid = names.iter().filter(|name| !described.contains(&format!("`{name}`")));
    let description =
        unsaid.fold(described.to_owned(), |text, name| format!("{text} Needs the header `{name}`."));
    operation.insert("description".to_owned(), description.trim_start().into());
    operation.insert(REQUIRED_HEADERS.to_owned(), names.into());
}

/// Headers are the pipeline's to set. What is left is texts, numbers and truth values; ids and keys have types of their own.
fn scalar_parameters(path: &str, operation: &mut Map<String, Value>) -> Result<()> {
    let parameters = operation.remove("parameters").unwrap_or_default();
    let mut lowered = Vec::new();
    let mut in_path = BTreeSet::new();
    for parameter in parameters.as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let schema = match parameter["in"].as_str() {
            Some("path") => {
                in_path.insert(name.to_owned());
                reference(if path.contains(&format!("'{{{name}}}'")) { KEY } else { ID })
            }
            Some("query") => scalar(&parameter["schema"]),
            _ => continue,
        };
        lowered.push(json!({
            "name": name, "in": parameter["in"], "required": parameter["in"] == "path",
            "description": parameter["description"], "schema": schema,
        }));
    }
    let named: BTreeSet<_> = template_parameters(path).map(str::to_owned).collect();
    if let Some(odd) = named.symmetric_difference(&in_path).next() {
        let what = format!("`{odd}` is not both in the path `{path}` and among the parameters");
        return Err(at_operation(operation, what).help("correct the parameters in overlay.toml"));
    }
    operation.insert("parameters".to_owned(), lowered.into());
    Ok(())
}

/// OData lists its arrays with commas, which a text says best.
fn scalar(schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "number") => json!({ "type": "integer", "format": "int64" }),
        Some("boolean") => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    }
}

/// The names in the braces of a template.
fn template_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
