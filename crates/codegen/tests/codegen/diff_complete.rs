//! Whatever is done to a document, something is said about it.

use codegen::diff::compare;
use codegen::source::Source;
use codegen::yaml;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// What stands in the place of a value, or beside it.
#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Replace(Value),
    Add(Value),
    Rename,
}

fn edit() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..100).prop_map(Value::from),
        "[a-z]{1,8}".prop_map(Value::from),
        Just(json!({"type": "string"})),
        Just(json!({"$ref": "#/components/schemas/microsoft.graph.group"})),
        Just(json!([])),
    ];
    prop_oneof![
        Just(Edit::Remove),
        Just(Edit::Rename),
        value.clone().prop_map(Edit::Replace),
        value.prop_map(Edit::Add),
    ]
}

/// Pointers to every value below paths and components.
fn places(value: &Value, pointer: &str, places: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in below {
        let pointer = format!("{pointer}/{key}");
        // Without a version, or with another, there is no document to compare.
        if !pointer.starts_with("/openapi") {
            places.push(pointer.clone());
            self::places(value, &pointer, places);
        }
    }
}

fn apply(document: &mut Value, pointer: &str, edit: &Edit) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent).unwrap(), edit) {
        (Value::Object(map), Edit::Remove) => drop(map.remove(&key)),
        (Value::Object(map), Edit::Rename) => {
            let value = map.remove(&key).unwrap();
            map.insert(format!("{key}X"), value);
        }
        (Value::Object(map), Edit::Replace(value)) => drop(map.insert(key, value.clone())),
        (Value::Object(map), Edit::Add(value)) => drop(map.insert(format!("{key}Y"), value.clone())),
        (Value::Array(list), Edit::Remove | Edit::Rename) => drop(list.remove(key.parse().unwrap())),
        (Value::Array(list), Edit::Replace(value)) => list[key.parse::<usize>().unwrap()] = value.clone(),
        (Value::Array(list), Edit::Add(value)) => list.push(value.clone()),
        _ => unreachable!("a place is in a mapping or in a list"),
    }
}

fn read(document: &Value) -> Result<Source, String> {
    let text = yaml::write(document).map_err(|problem| problem.to_string())?;
    Source::read("document.yaml", text).map_err(|problem| problem.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_edit_goes_unreported(edits in prop::collection::vec((any::<Index>(), edit()), 1..4)) {
        let old: Value = serde_saphyr::from_str(include_str!("../support/diff.yaml")).unwrap();
        let mut new = old.clone();
        for (index, edit) in &edits {
            let mut all = Vec::new();
            places(&new, "", &mut all);
            apply(&mut new, &all[index.index(all.len())], edit);
        }
        // What is no OpenAPI document any more is refused, which is a report as well.
        if let (Ok(old_source), Ok(new_source)) = (read(&old), read(&new)) {
            let diff = compare(&old_source, &new_source, &[]).unwrap();
            prop_assert_eq!(diff.changes.is_empty(), old == new, "{:?}", edits);
            let back = compare(&new_source, &old_source, &[]).unwrap();
            prop_assert_eq!(back.changes.is_empty(), old == new);
        }
    }
}
