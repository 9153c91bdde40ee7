//! Gives each operation one success, one body of one media type, and parameters that are texts.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{MEDIA_TYPE, NULLABLE, REQUIRED_HEADERS, SUCCESS, each_operation, parameters};
use crate::escape;
use crate::problem::Result;

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";

/// What later steps need of an operation.
const KEPT: [&str; 9] = [
    "operationId",
    "description",
    "parameters",
    "requestBody",
    "responses",
    SUCCESS,
    MEDIA_TYPE,
    NULLABLE,
    REQUIRED_HEADERS,
];

pub(super) fn run(document: &mut Value) -> Result<()> {
    for (path, method, operation) in each_operation(document) {
        one_success(method, operation);
        one_media_type(operation);
        required_headers(operation);
        parameters::run(path, operation)?;
        operation.retain(|key, _| KEPT.contains(&key.as_str()));
    }
    if let Some(schemas) = super::schemas(document) {
        for support in [parameters::ID, parameters::KEY] {
            schemas.insert(support.to_owned(), json!({ "type": "string", (super::KIND): "support" }));
        }
    }
    Ok(())
}

/// Error answers go: without them progenitor hands every failure over whole. Of the successes one is left.
fn one_success(method: &str, operation: &mut Map<String, Value>) {
    let responses = operation.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut successes: Vec<_> = responses.iter().filter(|(status, _)| status.starts_with('2')).collect();
    if successes.is_empty() {
        // `default` stands for what is not documented otherwise: here also for success, unless it is an error.
        successes.extend(
            responses.iter().filter(|(status, response)| *status == "default" && !is_error(response)),
        );
    }
    let contents: BTreeSet<_> = successes.iter().map(|(_, response)| content(response)).collect();
    let nullable = contents.contains(&None);
    let contents: Vec<_> = contents.into_iter().flatten().collect();
    let answer = one_content(&contents);
    if answer.as_ref().is_some_and(|(media_type, _)| *media_type != JSON) {
        // Bytes may be none under any code; only of JSON is nothing something else than empty.
        successes.retain(|(_, response)| content(response).is_some());
    }
    let mut codes: Vec<u16> = successes.iter().map(|(status, _)| code(method, status)).collect();
    if codes.is_empty() {
        codes.push(code(method, "2XX"));
    }
    let mut success = json!({ "description": "success" });
    if let Some((media_type, schema)) = answer {
        if nullable && media_type == JSON {
            operation.insert(NULLABLE.to_owned(), true.into());
        }
        success["content"] = json!({ media_type: { "schema": schema } });
    }
    operation.insert(SUCCESS.to_owned(), json!(codes));
    operation.insert("responses".to_owned(), json!({ "2XX": success }));
}

/// What holds every one of `contents`: JSON of whatever type if all are JSON, or else bytes.
fn one_content(contents: &[(&'static str, String)]) -> Option<(&'static str, Value)> {
    match contents {
        [] => None,
        [(media_type, schema)] => Some((media_type, serde_json::from_str(schema).unwrap_or_default())),
        several if several.iter().all(|(media_type, _)| *media_type == JSON) => Some((JSON, json!({}))),
        _ => Some((BYTES, bytes())),
    }
}

/// The code that `2XX` stands for, by the service's habits.
fn code(method: &str, status: &str) -> u16 {
    status.parse().unwrap_or(match method {
        "post" => 201,
        "delete" => 204,
        _ => 200,
    })
}

fn is_error(response: &Value) -> bool {
    let content = content(response);
    content.is_none_or(|(_, schema)| schema.contains("ODataError"))
}

/// The media type and the schema, as text to be compared, of a response's body.
fn content(response: &Value) -> Option<(&'static str, String)> {
    let (media_type, schema) = single_media_type(response.get("content"))?;
    Some((media_type, schema.to_string()))
}

/// JSON if there is any, or else what there is, as one of the three media types that progenitor gets right.
fn single_media_type(content: Option<&Value>) -> Option<(&'static str, Value)> {
    let content = content?.as_object()?;
    let json =
        content.get(JSON).or_else(|| content.iter().find(|(name, _)| is_json(name)).map(|(_, body)| body));
    if let Some(body) = json {
        return Some((JSON, body.get("schema").cloned().unwrap_or_else(|| json!({}))));
    }
    let mut names = content.keys();
    let only_text = names.next().is_some_and(|name| essence(name) == TEXT) && names.next().is_none();
    let bytes = || (BYTES, bytes());
    content.keys().next().map(|_| if only_text { (TEXT, json!({ "type": "string" })) } else { bytes() })
}

fn bytes() -> Value {
    json!({ "type": "string", "format": "binary" })
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == JSON || essence.ends_with("+json")
}

/// What a body really is that progenitor is told to be bytes, if the document knows.
fn original_media_type(content: &Value) -> Option<&str> {
    let mut media_types = content.as_object()?.keys().map(String::as_str);
    let concrete = |media_type: &&str| *media_type != BYTES && !media_type.contains('*');
    media_types.next().filter(concrete)
}

fn one_media_type(operation: &mut Map<String, Value>) {
    let Some(body) = operation.remove("requestBody") else { return };
    // Without a media type there is nothing that could be sent.
    let Some((media_type, schema)) = single_media_type(body.get("content")) else { return };
    if media_type == BYTES
        && let Some(original) = original_media_type(&body["content"])
    {
        operation.insert(MEDIA_TYPE.to_owned(), original.into());
    }
    let content = json!({ media_type: { "schema": schema } });
    operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
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
    let unsaid = names.iter().filter(|name| !described.contains(&escape::code(name)));
    let description = unsaid
        .fold(described.to_owned(), |text, name| format!("{text} Needs the header {}.", escape::code(name)));
    operation.insert("description".to_owned(), description.trim_start().into());
    operation.insert(REQUIRED_HEADERS.to_owned(), names.into());
}
