//! Puts shared parameters, responses and request bodies where they are used.

use serde_json::Value;

use crate::budget::{self, Copies};
use crate::problem::{Problem, Result};

const SHARED: [&str; 3] = ["parameters", "responses", "requestBodies"];

pub(super) fn run(document: &mut Value) -> Result<()> {
    let shared = document["components"].clone();
    let copies = Copies::of(budget::size(document));
    if let Some(paths) = document.get_mut("paths") {
        Inliner { shared: &shared, around: Vec::new(), copies }.inline(paths, 0)?;
    }
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.retain(|kind, _| kind == "schemas");
    }
    for item in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        share_path_parameters(item);
    }
    Ok(())
}

struct Inliner<'a> {
    shared: &'a Value,
    /// The references that led here: what leads back to one of them would never end.
    around: Vec<String>,
    copies: Copies,
}

impl Inliner<'_> {
    fn inline(&mut self, value: &mut Value, depth: usize) -> Result<()> {
        if depth == budget::DEEPEST {
            let place = self.around.first().map_or("paths", String::as_str);
            let what = format!("what it leads to is nested more than {} levels deep", budget::DEEPEST);
            return Err(Problem::at(place, what)
                .help("the upstream document is broken, or was made to break its readers: correct the references there"));
        }
        if let Some((reference, kind, name)) = shared_reference(value) {
            if self.around.contains(&reference) {
                return Err(Problem::at(&reference, "it leads to nothing but itself")
                    .help("the upstream document is broken: correct the reference there"));
            }
            let found = self.shared.get(kind).and_then(|of_kind| of_kind.get(&name));
            let found =
                found.ok_or_else(|| Problem::at("components", format!("there is no `{reference}`")))?;
            self.copies.take(&reference, [found])?;
            *value = found.clone();
            self.around.push(reference);
            self.inline(value, depth + 1)?;
            self.around.pop();
            return Ok(());
        }
        match value {
            Value::Object(map) => map.values_mut().try_for_each(|value| self.inline(value, depth + 1)),
            Value::Array(list) => list.iter_mut().try_for_each(|value| self.inline(value, depth + 1)),
            _ => Ok(()),
        }
    }
}

/// The reference, the kind of what is shared, and its name.
fn shared_reference(value: &Value) -> Option<(String, &'static str, String)> {
    let reference = value.get("$ref")?.as_str()?;
    let (kind, name) = reference.strip_prefix("#/components/")?.split_once('/')?;
    let kind = SHARED.into_iter().find(|shared| *shared == kind)?;
    Some((reference.to_owned(), kind, name.replace("~1", "/").replace("~0", "~")))
}

/// Gives each operation of a path the path's parameters, unless it declares one of that name itself.
fn share_path_parameters(item: &mut Value) {
    let Some(Value::Array(common)) = item.as_object_mut().and_then(|item| item.remove("parameters")) else {
        return;
    };
    for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
        let own = operation["parameters"].take();
        let own = own.as_array().cloned().unwrap_or_default();
        let overridden = |parameter: &Value| own.iter().any(|own| same(own, parameter));
        let common: Vec<_> = common.iter().filter(|parameter| !overridden(parameter)).cloned().collect();
        operation["parameters"] = common.into_iter().chain(own).collect();
    }
}

/// What OpenAPI tells parameters apart by.
fn same(one: &Value, other: &Value) -> bool {
    one["in"] == other["in"] && one["name"] == other["name"]
}
