//! Takes out what upstream says in words, and what only its other generators need.

use serde_json::Value;

/// Keys whose children are names that somebody chose, not OpenAPI's own words.
const NAME_MAPS: [&str; 5] = ["properties", "responses", "content", "headers", "mapping"];

fn is_prose(key: &str) -> bool {
    matches!(
        key,
        "description"
            | "summary"
            | "title"
            | "example"
            | "examples"
            | "externalDocs"
            | "tags"
            | "x-ms-enum"
            | "pattern"
    ) || key.starts_with("x-ms-docs-")
        || key == "x-ms-primary-error-message"
        // Lowering's notes to the emitter are such keys; upstream has none of these, and a trimmed document one.
        || key.starts_with("x-") && !key.starts_with("x-ms-") && key != super::LEFT_OUT
}

/// Strips prose from an operation, a parameter list or a component. A property called `description` stays.
pub(super) fn strip(value: &mut Value) {
    strip_inside(value, false);
}

fn strip_inside(value: &mut Value, names: bool) {
    match value {
        Value::Object(map) => {
            if !names {
                map.retain(|key, _| !is_prose(key));
            }
            for (key, child) in map {
                strip_inside(child, !names && NAME_MAPS.contains(&key.as_str()));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|child| strip_inside(child, false)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn prose_goes_and_a_property_of_that_name_stays() {
        let mut schema = json!({
            "title": "community", "description": "words", "x-ms-docs-key-type": "community",
            "properties": { "description": { "type": "string", "description": "words" }, "tags": { "type": "array" } },
        });
        super::strip(&mut schema);
        assert_eq!(
            schema,
            json!({ "properties": { "description": { "type": "string" }, "tags": { "type": "array" } } })
        );
    }
}
