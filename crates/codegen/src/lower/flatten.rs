//! Makes one object of each inheritance chain, and says of each component what it is.

use serde_json::{Map, Value, json};

use super::{FAMILY, ITEM, KIND, ODATA_TYPE, reference, target};
use crate::docs::MEMBERS;
use crate::names;
use crate::problem::{Problem, Result};
use crate::surface::Surface;

const SENTINEL: &str = "unknownFutureValue";

pub(super) fn run(document: &mut Value, surface: &Surface) -> Result<()> {
    let Some(schemas) = super::schemas(document) else { return Ok(()) };
    let originals = schemas.clone();
    for (name, schema) in schemas {
        if schema.get(KIND).is_none() {
            *schema = flat(name, &originals, surface)?;
        }
    }
    Ok(())
}

fn flat(name: &str, originals: &Map<String, Value>, surface: &Surface) -> Result<Value> {
    let schema = &originals[name];
    let described = |mut lowered: Value| {
        lowered["description"] = schema["description"].clone();
        lowered
    };
    if schema.get("enum").is_some() {
        return Ok(described(open_enum(name, schema)?));
    }
    let of_type = surface.types.get(names::short(name));
    if let Some(entry) = of_type.and_then(|of_type| of_type.map.as_deref()) {
        return Ok(described(json!({ "type": "object", (KIND): "map", (ITEM): entry_of_map(entry) })));
    }
    let family = of_type.map(|of_type| &of_type.family).filter(|family| !family.is_empty());
    if let Some(family) = family {
        return Ok(described(family_of(family, originals)));
    }
    if schema["type"] == "string" || schema["type"] == "integer" {
        return Ok(schema.clone());
    }
    let mut properties = Map::new();
    inherit(name, originals, &mut properties, 0)?;
    if let Some(items) = items_of_page(&properties) {
        return Ok(described(json!({ "type": "object", (KIND): "collection", (ITEM): items })));
    }
    let odata_type = odata_type_of(schema).unwrap_or_default();
    Ok(described(
        json!({ "type": "object", (KIND): "object", (ODATA_TYPE): odata_type, "properties": properties }),
    ))
}

/// What a page holds: an object of nothing but a list called `value` and annotations is one.
fn items_of_page(properties: &Map<String, Value>) -> Option<&Value> {
    let page = properties.keys().all(|name| name == "value" || name.starts_with('@'));
    if page { properties.get("value")?.get("items") } else { None }
}

/// Collects the properties of `name`, those it inherits first.
fn inherit(
    name: &str,
    originals: &Map<String, Value>,
    properties: &mut Map<String, Value>,
    depth: usize,
) -> Result<()> {
    let Some(schema) = originals.get(name) else {
        return Err(Problem::at(format!("type {name}"), "it is inherited from but does not exist"));
    };
    if depth > 32 {
        return Err(Problem::at(format!("type {}", names::short(name)), "it inherits from itself"));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten().chain([schema]) {
        if let Some(base) = target(part) {
            inherit(base, originals, properties, depth + 1)?;
        }
        for (property, schema) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            properties.insert(property.clone(), schema.clone());
        }
    }
    Ok(())
}

/// What the most derived declaration says of `@odata.type`.
fn odata_type_of(schema: &Value) -> Option<&str> {
    let declared = schema.get("x-ms-discriminator-value").and_then(Value::as_str);
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().chain([schema]);
    declared
        .or_else(|| parts.rev().find_map(|part| part.pointer("/properties/@odata.type/default")?.as_str()))
}

/// The schema of a map's entries, by its name in the surface: a plain type, or one of Graph's.
fn entry_of_map(name: &str) -> Value {
    match name {
        "string" | "boolean" => json!({ "type": name }),
        _ => reference(&names::full(name)),
    }
}

fn open_enum(name: &str, schema: &Value) -> Result<Value> {
    let members: Vec<_> =
        schema["enum"].as_array().into_iter().flatten().filter(|member| *member != SENTINEL).collect();
    if let Some(odd) = members.iter().find(|member| !member.is_string()) {
        let what = format!("the enum member {odd} is no text");
        return Err(
            Problem::at(format!("type {}", names::short(name)), what).help("read the document as YAML 1.2")
        );
    }
    let mut descriptions = schema.get(MEMBERS).cloned().unwrap_or_else(|| json!({}));
    if let Some(descriptions) = descriptions.as_object_mut() {
        descriptions.remove(SENTINEL);
    }
    Ok(json!({ "type": "string", (KIND): "enum", "enum": members, (MEMBERS): descriptions }))
}

fn family_of(family: &[String], originals: &Map<String, Value>) -> Value {
    let members = family.iter().map(|short| {
        let name = names::full(short);
        let declared = originals.get(&name).and_then(odata_type_of);
        let odata_type = declared.map_or_else(|| format!("#{name}"), str::to_owned);
        (odata_type, reference(&name))
    });
    json!({ "type": "object", (KIND): "family", (FAMILY): members.collect::<Map<_, _>>() })
}
