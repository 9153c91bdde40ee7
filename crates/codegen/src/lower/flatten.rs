//! Makes one object of each inheritance chain, and says of each component what it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::shapes::has_text_members;
use super::{FAMILY, ITEM, KIND, ODATA_TYPE, reference, target};
use crate::budget::{self, Copies, LONGEST_CHAIN};
use crate::docs::MEMBERS;
use crate::names;
use crate::near;
use crate::problem::{Problem, Result};
use crate::surface::Surface;
use crate::trim::references;

/// What the entries of a map may be besides types.
const PLAIN: [&str; 2] = ["string", "boolean"];

const SENTINEL: &str = "unknownFutureValue";

pub(super) fn run(document: &mut Value, surface: &Surface) -> Result<()> {
    let Some(schemas) = super::schemas(document) else { return Ok(()) };
    let originals = schemas.clone();
    let elsewhere = not_only_answered(document);
    let copies = Copies::of(originals.values().map(budget::size).sum());
    let mut ancestry = Ancestry { originals: &originals, done: BTreeMap::new(), copies };
    for (name, schema) in super::schemas(document).into_iter().flatten() {
        if schema.get(KIND).is_none() {
            *schema = flat(name, &mut ancestry, surface, !elsewhere.contains(name))?;
        }
    }
    Ok(())
}

/// What is sent, or is part of something. The rest only ever stands for a whole answer.
fn not_only_answered(document: &Value) -> BTreeSet<String> {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.filter_map(|(_, item)| item.as_object()).flatten();
    let bodies = operations.map(|(_, operation)| &operation["requestBody"]);
    let places = bodies.chain([&document["components"]["schemas"]]).flat_map(references);
    places.map(|reference| reference.trim_start_matches("#/components/schemas/").to_owned()).collect()
}

fn flat(name: &str, ancestry: &mut Ancestry<'_>, surface: &Surface, only_answered: bool) -> Result<Value> {
    let originals = ancestry.originals;
    let schema = &originals[name];
    let described = |mut lowered: Value| {
        lowered["description"] = schema["description"].clone();
        lowered
    };
    if has_text_members(schema) {
        return Ok(described(open_enum(schema)));
    }
    let of_type = surface.types.get(names::short(name));
    if let Some(entry) = of_type.and_then(|of_type| of_type.map.as_deref()) {
        let item = entry_of_map(entry);
        if target(&item).is_some_and(|target| !originals.contains_key(target)) {
            let what = format!("`[types.{}]` is a map of `{entry}`, which is no type", names::short(name));
            let others = originals.keys().filter(|other| *other != name).map(|other| names::short(other));
            let help = near::help(
                entry,
                PLAIN.into_iter().chain(others),
                "take `string`, `boolean` or the name of a type, or add it in the overlay",
            );
            return Err(Problem::at(&surface.file, what).help(help));
        }
        return Ok(described(json!({ "type": "object", (KIND): "map", (ITEM): item })));
    }
    let family = of_type.map(|of_type| &of_type.family).filter(|family| !family.is_empty());
    if let Some(family) = family {
        return Ok(described(family_of(family, originals)));
    }
    let properties = ancestry.properties(name, &mut Vec::new())?;
    let page = if only_answered { items_of_page(&properties) } else { None };
    if let Some(items) = page {
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

/// The properties of each type with those that it inherits, worked out once.
struct Ancestry<'a> {
    originals: &'a Map<String, Value>,
    done: BTreeMap<String, Map<String, Value>>,
    copies: Copies,
}

impl Ancestry<'_> {
    /// The properties of `name`, those it inherits first. `heirs` are the types that ask.
    fn properties(&mut self, name: &str, heirs: &mut Vec<String>) -> Result<Map<String, Value>> {
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        let originals = self.originals;
        let Some(schema) = originals.get(name) else {
            // Only what becomes no type is missing here, and that has no properties.
            return Ok(Map::new());
        };
        if heirs.len() == LONGEST_CHAIN {
            return Err(budget::too_long(format!("type {}", names::short(&heirs[0])), "its base types"));
        }
        if heirs.iter().any(|heir| heir == name) {
            return Err(Problem::at(format!("type {}", names::short(name)), "it inherits from itself")
                .help("the upstream document is broken: correct the `allOf` there"));
        }
        heirs.push(name.to_owned());
        let mut properties = Map::new();
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten().chain([schema]) {
            // Each part counts, also one that repeats another: it is copied all the same.
            if let Some(base) = target(part) {
                let inherited = self.properties(base, heirs)?;
                self.copies.take(format_args!("type {}", names::short(name)), inherited.values())?;
                properties.extend(inherited);
            }
            let own = part.get("properties").and_then(Value::as_object).into_iter().flatten();
            self.copies
                .take(format_args!("type {}", names::short(name)), own.clone().map(|(_, schema)| schema))?;
            properties.extend(own.map(|(property, schema)| (property.clone(), schema.clone())));
        }
        heirs.pop();
        self.done.insert(name.to_owned(), properties.clone());
        Ok(properties)
    }
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
    if PLAIN.contains(&name) { json!({ "type": name }) } else { reference(&names::full(name)) }
}

fn open_enum(schema: &Value) -> Value {
    let members = schema["enum"].as_array().into_iter().flatten();
    // YAML reads an unquoted `true` or `1` as something else, but the type says that it is a text.
    let members = members.filter(|member| !member.is_null()).map(|member| match member {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let mut seen = BTreeSet::from([SENTINEL.to_owned()]);
    let members: Vec<_> = members.filter(|member| seen.insert(member.clone())).collect();
    let mut descriptions = schema.get(MEMBERS).cloned().unwrap_or_else(|| json!({}));
    if let Some(descriptions) = descriptions.as_object_mut() {
        descriptions.remove(SENTINEL);
    }
    json!({ "type": "string", (KIND): "enum", "enum": members, (MEMBERS): descriptions })
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
