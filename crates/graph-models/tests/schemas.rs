//! The models against the contract: names, types, formats and members, so that emitter and document can't drift apart.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::collections::{BTreeMap, BTreeSet};

use graph_models::models::json_schemas;
use serde_json::Value;

fn contract() -> Value {
    serde_saphyr::from_str(include_str!("../../../spec/graph-v1.0.yaml")).unwrap()
}

/// The schema in the contract that a type of ours stands for, by the convention of names.
fn named<'a>(contract: &'a Value, rust_name: &str) -> Option<(&'a str, &'a Value)> {
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let found = schemas.iter().find(|(name, _)| {
        let short = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        short.replace('.', "").eq_ignore_ascii_case(rust_name)
    });
    found.map(|(name, schema)| (name.as_str(), schema))
}

fn target<'a>(contract: &'a Value, schema: &Value) -> Option<&'a Value> {
    let name = schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")?;
    Some(&contract["components"]["schemas"][name])
}

/// The properties of a schema and of what it inherits from, but for those that are only written.
fn properties<'a>(contract: &'a Value, schema: &'a Value, into: &mut BTreeMap<&'a str, &'a Value>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        properties(contract, target(contract, part).unwrap_or(part), into);
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    into.extend(
        own.filter(|(_, property)| property["writeOnly"] != true)
            .map(|(name, property)| (name.as_str(), property)),
    );
}

/// What a property is, as far as both documents say it: `string`, `date-time`, `integer`, `[boolean]`, `object`, …
fn kind(contract: &Value, schema: &Value) -> String {
    if let Some(target) = target(contract, schema) {
        return if target["enum"].is_array() { "string".to_owned() } else { "object".to_owned() };
    }
    let options = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema[*key].as_array());
    if let Some(options) = options {
        let numeric = options.iter().any(|option| option["type"] == "number");
        return if numeric { "number".to_owned() } else { kind(contract, &options[0]) };
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("[{}]", kind(contract, &schema["items"])),
        (Some("string"), Some("date-time")) => "date-time".to_owned(),
        (Some("number"), Some("int32" | "int64")) => "integer".to_owned(),
        (Some(plain), _) => plain.to_owned(),
        (None, _) => "object".to_owned(),
    }
}

/// The same of a schema of ours, whose references lead to its own definitions.
fn kind_of_ours(root: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        let target = name.strip_prefix("#/$defs/").map_or(root, |name| &root["$defs"][name]);
        return kind_of_ours(root, target);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("[{}]", kind_of_ours(root, &schema["items"])),
        (Some("string"), Some("date-time")) => "date-time".to_owned(),
        (Some(plain), _) => plain.to_owned(),
        (None, _) => "object".to_owned(),
    }
}

#[test]
fn every_object_has_the_properties_of_the_contract_and_their_types() {
    let contract = contract();
    let mut compared = 0;
    for (name, schema) in json_schemas() {
        let schema = schema.to_value();
        let Some(ours) = schema["properties"].as_object() else { continue };
        let Some((_, theirs)) = named(&contract, name) else { continue };
        let mut expected = BTreeMap::new();
        properties(&contract, theirs, &mut expected);
        let names: BTreeSet<&str> = ours.keys().map(String::as_str).collect();
        assert_eq!(names, expected.keys().copied().collect(), "{name}");
        for (property, theirs) in expected {
            assert_eq!(kind_of_ours(&schema, &ours[property]), kind(&contract, theirs), "{name}.{property}");
        }
        compared += 1;
    }
    assert!(compared > 70, "{compared} objects were found in the contract");
}

#[test]
fn every_enum_has_the_members_of_the_contract() {
    let contract = contract();
    let mut compared = 0;
    for (name, schema) in json_schemas() {
        let schema = schema.to_value();
        let Some(ours) = schema["examples"].as_array() else { continue };
        let (_, theirs) = named(&contract, name).unwrap();
        let mut expected = theirs["enum"].as_array().unwrap().clone();
        expected.retain(|member| *member != "unknownFutureValue");
        assert_eq!(*ours, expected, "{name}");
        compared += 1;
    }
    assert!(compared > 20, "{compared} enums were found in the contract");
}

#[test]
fn every_type_of_the_contract_has_a_model_unless_others_only_inherit_from_it() {
    let contract = contract();
    let models: BTreeSet<String> = json_schemas().iter().map(|(name, _)| name.to_lowercase()).collect();
    let names = contract["components"]["schemas"].as_object().unwrap().keys();
    let names = names.filter_map(|name| name.strip_prefix("microsoft.graph."));
    let missing: Vec<_> = names
        .filter(|name| !name.ends_with("CollectionResponse") && !name.starts_with("ODataErrors."))
        .filter(|name| !models.contains(&name.to_lowercase()))
        .collect();
    let abstract_types = [
        "attendeeBase",
        "baseItem",
        "entity",
        "longRunningOperation",
        "onenoteEntityBaseModel",
        "onenoteEntityHierarchyModel",
        "onenoteEntitySchemaObjectModel",
        "operation",
        "outlookItem",
    ];
    assert_eq!(missing, abstract_types);
}
