//! The lowered document as progenitor gets it right: under names that its own ideas of case leave alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::types;
use crate::escape;
use crate::lower::{NULLABLE, target};
use crate::names::{self, Taken};
use crate::surface::{METHODS, Surface};

const ANSWER: &str = "/responses/2XX/content/application~1json/schema";

/// What progenitor is told that a component is called.
pub(super) fn component(index: usize) -> String {
    format!("Component{index}")
}

/// The document for progenitor: components by number, without content since all are replaced; operations by the names
/// of their methods; parameters of a path told apart from all other arguments.
pub(super) fn progenitors(lowered: &Value) -> Value {
    let components = types::components(lowered).enumerate();
    let numbers: BTreeMap<&str, String> =
        components.map(|(index, (name, _))| (name, component(index))).collect();
    let stubs = numbers.values().map(|number| (number.clone(), json!({ "type": "object" })));
    let items = lowered["paths"].as_object().into_iter().flatten();
    let paths = items.map(|(path, item)| path_item(path, item, &numbers));
    json!({
        "openapi": lowered["openapi"],
        "info": {
            "title": paragraph(&lowered["info"]["title"]),
            "version": escape::markdown(lowered["info"]["version"].as_str().unwrap_or("unknown")),
        },
        "paths": paths.collect::<Map<_, _>>(),
        "components": { "schemas": stubs.collect::<Map<_, _>>() },
    })
}

fn path_item(path: &str, item: &Value, numbers: &BTreeMap<&str, String>) -> (String, Value) {
    let names = path_names(item);
    let template = names.iter().fold(path.to_owned(), |path, (parameter, name)| {
        path.replace(&format!("{{{parameter}}}"), &format!("{{{name}}}"))
    });
    let mut item = item.clone();
    for (method, operation) in item.as_object_mut().into_iter().flatten() {
        if !METHODS.contains(&method.as_str()) {
            continue;
        }
        let id = operation["operationId"].as_str().unwrap_or_default();
        operation["operationId"] = Surface::method_name(id).into();
        in_one_paragraph(operation);
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            in_one_paragraph(parameter);
            if let Some(name) = parameter["name"].as_str().and_then(|name| names.get(name))
                && parameter["in"] == "path"
            {
                parameter["name"] = name.as_str().into();
            }
        }
        if operation[NULLABLE] == true
            && let Some(schema) = operation.pointer_mut(ANSWER)
            && schema.as_object().is_some_and(|schema| !schema.is_empty())
        {
            *schema = json!({ "allOf": [schema.take()], "nullable": true });
        }
    }
    refer_by_number(&mut item, numbers);
    (template, item)
}

/// progenitor copies descriptions into doc comments as they are.
fn in_one_paragraph(described: &mut Value) {
    if described["description"].is_string() {
        described["description"] = paragraph(&described["description"]).into();
    }
}

fn paragraph(text: &Value) -> String {
    escape::doc_lines(text.as_str().unwrap_or_default()).join(" ")
}

/// The parameters of `path` that would be the same argument as another, with another name for each.
fn path_names(item: &Value) -> BTreeMap<String, String> {
    let operations = item.as_object().into_iter().flatten().map(|(_, operation)| operation);
    let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
    let (mut of_path, mut taken) = (BTreeSet::new(), Taken::default());
    taken.claim("body", names::snake);
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        if parameter["in"] == "path" {
            of_path.insert(name.to_owned());
        } else {
            taken.claim(name, names::snake);
        }
    }
    let claimed = of_path.into_iter().map(|name| (name.clone(), taken.claim(&name, names::snake)));
    claimed.filter(|(name, claimed)| name != claimed).collect()
}

fn refer_by_number(value: &mut Value, numbers: &BTreeMap<&str, String>) {
    if let Some(number) = target(value).and_then(|name| numbers.get(name)) {
        value["$ref"] = format!("#/components/schemas/{number}").into();
        return;
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| refer_by_number(value, numbers)),
        Value::Array(list) => list.iter_mut().for_each(|value| refer_by_number(value, numbers)),
        _ => {}
    }
}
