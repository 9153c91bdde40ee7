//! Schemas in the form in which they are compared: what a property is, in words that both dialects of Graph's documents share.

use serde_json::{Map, Value};

/// What a property, parameter or body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// `text`, `int32`, `list of user`, `user`.
    pub(super) name: String,
    pub(super) nullable: bool,
}

/// The form of a schema.
pub(super) fn of(schema: &Value) -> Form {
    let (name, nullable) = named(schema);
    Form { name, nullable: nullable || schema["nullable"] == true }
}

fn named(schema: &Value) -> (String, bool) {
    if let Some(reference) = schema["$ref"].as_str() {
        return (target(reference), false);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(options) = schema[key].as_array() {
            return union(key, options);
        }
    }
    let format = schema["format"].as_str();
    let name = match (schema["type"].as_str(), format) {
        (Some("array"), _) => {
            let item = of(&schema["items"]);
            format!("list of {}", item.name)
        }
        (Some("integer" | "number"), Some(format)) => format.to_owned(),
        (Some("string"), _) if schema["enum"].is_array() => format!("one of {}", members(schema)),
        (Some("string"), Some(format)) => format!("text ({format})"),
        (Some("string"), None) => "text".to_owned(),
        (Some("object"), _) if schema["properties"].is_object() => {
            format!("object {}", compact(schema))
        }
        (Some(other), _) => other.to_owned(),
        (None, _) => "any".to_owned(),
    };
    (name, false)
}

/// A union of one type and nothing is that type; of a number and words for what is no number, the number.
fn union(key: &str, options: &[Value]) -> (String, bool) {
    let is_null = |option: &Value| {
        option["type"] == "null"
            || option["nullable"] == true && option["$ref"].is_null() && !has_content(option)
    };
    let nullable = options.iter().any(is_null);
    let mut forms: Vec<Form> = options.iter().filter(|option| !is_null(option)).map(of).collect();
    let nullable = nullable || forms.iter().any(|form| form.nullable);
    if forms.iter().any(|form| matches!(form.name.as_str(), "double" | "float" | "decimal" | "single")) {
        // The others say that `INF` and `NaN` are texts.
        forms.retain(|form| !form.name.starts_with("text") && !form.name.starts_with("one of"));
        forms.retain(|form| form.name != "ReferenceNumeric");
    }
    match forms.as_slice() {
        [one] => (one.name.clone(), nullable),
        [] => ("any".to_owned(), nullable),
        several => {
            let names: Vec<_> = several.iter().map(|form| form.name.as_str()).collect();
            (format!("{key} of {}", names.join(", ")), nullable)
        }
    }
}

fn has_content(option: &Value) -> bool {
    option["type"].as_str().is_some_and(|kind| kind != "object") || option["properties"].is_object()
}

fn members(schema: &Value) -> String {
    let members = schema["enum"].as_array().into_iter().flatten();
    members
        .map(|member| member.as_str().map_or_else(|| member.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}

/// An inline object, without words about it.
fn compact(schema: &Value) -> String {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let properties: Vec<_> =
        properties.map(|(name, schema)| format!("{name}: {}", of(schema).name)).collect();
    format!("{{{}}}", properties.join(", "))
}

/// The component that a reference names, without what all of Graph's names begin with.
pub(super) fn target(reference: &str) -> String {
    short(reference.rsplit('/').next().unwrap_or(reference)).to_owned()
}

/// A name of a component without what all of Graph's names begin with.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}

/// The Rust type that a form becomes, as far as it is told apart.
pub(super) fn rust(name: &str) -> &str {
    match name {
        "text (date-time)" => "GraphDateTime",
        text if text.starts_with("text") => "String",
        "boolean" => "bool",
        "int32" => "i32",
        "int8" | "int16" | "uint8" | "int64" | "integer" => "i64",
        "double" | "float" | "decimal" | "single" | "number" => "f64",
        other => other.strip_prefix("list of ").map_or(other, rust),
    }
}

/// Whether two forms become the same Rust type.
pub(super) fn same_rust(old: &str, new: &str) -> bool {
    old == new || rust(old) == rust(new) && depth(old) == depth(new)
}

fn depth(name: &str) -> usize {
    name.matches("list of ").count()
}

/// Takes `keys` out of a mapping.
pub(super) fn without(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_dialects_say_the_same() {
        let reference = json!({"$ref": "#/components/schemas/microsoft.graph.user"});
        for (schema, name, nullable) in [
            (json!({"type": "string", "nullable": true}), "text", true),
            (json!({"type": "number", "format": "int32"}), "int32", false),
            (json!({"type": "integer", "format": "int32"}), "int32", false),
            (reference.clone(), "user", false),
            (json!({"anyOf": [reference, {"type": "object", "nullable": true}]}), "user", true),
            (
                json!({"type": "array", "items": {"type": "string", "format": "date-time"}}),
                "list of text (date-time)",
                false,
            ),
            (
                json!({"oneOf": [{"type": "number", "format": "double", "nullable": true}, {"type": "string", "nullable": true},
                                 {"$ref": "#/components/schemas/ReferenceNumeric"}]}),
                "double",
                true,
            ),
            (json!({}), "any", false),
        ] {
            assert_eq!(of(&schema), Form { name: name.to_owned(), nullable }, "{schema}");
        }
    }

    #[test]
    fn some_formats_are_one_type_in_rust() {
        for (old, new, same) in [
            ("text", "text (uuid)", true),
            ("text", "text (date-time)", false),
            ("int32", "int64", false),
            ("list of text", "text", false),
            ("list of text", "list of text (uuid)", true),
            ("user", "group", false),
        ] {
            assert_eq!(same_rust(old, new), same, "{old} and {new}");
        }
    }
}
