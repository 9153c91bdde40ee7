//! `spec/docs.yaml`: our own words, put where the trimmed document has none.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::escape;
use crate::names;
use crate::near;
use crate::problem::{Problem, Problems, Result};
use crate::surface::METHODS;
use crate::trim::own_parts;
use crate::yaml;

/// Where the lowered document keeps what we say of an enum's members.
pub const MEMBERS: &str = "x-member-descriptions";

/// The keys of the file.
const SECTIONS: [&str; 9] =
    ["answers", "bodies", "common", "headers", "operations", "parameters", "responses", "title", "types"];

/// What we say of types, properties, enum members, operations, parameters and responses.
#[derive(Debug)]
pub struct Docs {
    file: String,
    text: Value,
}

impl Docs {
    /// Reads `text`, which came from `file`.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        let form = "write it in the form of spec/docs.yaml";
        let parsed = yaml::parse(file, text, 0).map_err(|problem| problem.or_help(form))?;
        let keys = match &parsed {
            Value::Object(map) => map.keys(),
            Value::Null => return Ok(Self { file: file.to_owned(), text: parsed }),
            _ => {
                return Err(
                    Problem::at(file, "these are no descriptions: the top level is not a mapping").help(form)
                );
            }
        };
        match keys.into_iter().find(|key| !SECTIONS.contains(&key.as_str())) {
            Some(odd) => {
                Err(Problem::at(file, format!("these are no descriptions: `{odd}` is no part of them"))
                    .help(near::help(odd, SECTIONS, form)))
            }
            None => Ok(Self { file: file.to_owned(), text: parsed }),
        }
    }

    /// Describes everything in `document`. A gap is a problem, and so is a line that describes nothing.
    pub fn describe(&self, document: &mut Value) -> std::result::Result<(), Problems> {
        let Review { mut missing, idle, .. } = self.review(document);
        missing.extend(idle);
        Problems::unless(missing, ())
    }

    /// The same, with the lines that would close the gaps.
    pub fn review(&self, document: &mut Value) -> Review {
        let mut writer = Writer { docs: self, used: BTreeSet::new(), missing: Vec::new(), gaps: json!({}) };
        document["info"]["title"] = writer.say(&["title"]);
        if let Some(Value::Object(paths)) = document.get_mut("paths") {
            paths.values_mut().for_each(|item| writer.path_item(item));
        }
        if let Some(Value::Object(components)) = document.get_mut("components") {
            writer.components(components);
        }
        document.sort_all_objects();
        Review { idle: writer.idle(), missing: writer.missing, gaps: writer.gaps }
    }
}

/// What the descriptions and a document lack of each other.
#[derive(Debug)]
pub struct Review {
    /// What nothing is said about.
    pub missing: Vec<Problem>,
    /// Lines that describe nothing.
    pub idle: Vec<Problem>,
    gaps: Value,
}

impl Review {
    /// The lines to be filled in; as long as they say nothing, the gap is one.
    pub fn stubs(&self) -> Result<String> {
        if self.gaps.as_object().is_none_or(Map::is_empty) {
            return Ok(String::new());
        }
        Ok(yaml::write(&self.gaps)?.replace(": null\n", ":\n"))
    }
}

struct Writer<'a> {
    docs: &'a Docs,
    used: BTreeSet<Vec<String>>,
    missing: Vec<Problem>,
    /// As the file would hold them, with nothing where the words belong.
    gaps: Value,
}

impl Writer<'_> {
    fn look_up(&mut self, path: &[&str]) -> Option<Value> {
        let found = path.iter().try_fold(&self.docs.text, |value, key| value.get(key))?.as_str()?;
        self.used.insert(path.iter().map(|&key| key.to_owned()).collect());
        Some(found.into())
    }

    fn say(&mut self, path: &[&str]) -> Value {
        self.look_up(path).unwrap_or_else(|| {
            let what = format!("nothing is said about {}", path.join(" / "));
            self.missing
                .push(Problem::at(&self.docs.file, what).help("describe it in a sentence of your own"));
            *path.iter().fold(&mut self.gaps, |gap, &key| &mut gap[key]) = Value::Null;
            Value::Null
        })
    }

    fn path_item(&mut self, item: &mut Value) {
        let of_methods = METHODS.iter().filter_map(|method| item[method]["operationId"].as_str());
        let ids: Vec<String> = of_methods.map(str::to_owned).collect();
        for (key, value) in item.as_object_mut().into_iter().flatten() {
            if key == "parameters" {
                self.parameters(&ids, value);
            } else if METHODS.contains(&key.as_str()) {
                self.operation(value);
            }
        }
    }

    fn operation(&mut self, operation: &mut Value) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        operation["description"] = self.say(&["operations", &id]);
        if let Some(parameters) = operation.get_mut("parameters") {
            self.parameters(std::slice::from_ref(&id), parameters);
        }
        self.inline(&["bodies", &id], operation.get_mut("requestBody"));
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            self.inline(&["answers", &id], Some(response));
        }
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if response.get("$ref").is_none() {
                response["description"] = self.say(&["responses", status]);
                for (name, header) in
                    response.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten()
                {
                    header["description"] = self.say(&["headers", name]);
                }
            }
        }
    }

    /// Describes a body that has no name: what an action takes and gives.
    fn inline(&mut self, path: &[&str], body: Option<&mut Value>) {
        let schema = body.and_then(|body| body.pointer_mut("/content/application~1json/schema"));
        for part in schema.map(own_parts).into_iter().flatten() {
            self.properties(path, part);
        }
    }

    fn properties(&mut self, path: &[&str], part: &mut Map<String, Value>) {
        for (property, schema) in
            part.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
        {
            let own = [path, &[property]].concat();
            // `value` stands for the items of a page where it is a list, and for anything where it isn't.
            let is_common = property != "value" || schema["type"] == "array";
            let common = |writer: &mut Self| writer.look_up(&["common", property]).filter(|_| is_common);
            let text = self.look_up(&own).or_else(|| common(self));
            describe_property(schema, text.unwrap_or_else(|| self.say(&own)));
        }
    }

    fn parameters(&mut self, operations: &[String], parameters: &mut Value) {
        for parameter in parameters.as_array_mut().into_iter().flatten() {
            self.parameter(operations, parameter);
        }
    }

    /// What is said of a parameter of one of these operations goes before what is said of all of its name.
    fn parameter(&mut self, operations: &[String], parameter: &mut Value) {
        let Some(name) = parameter["name"].as_str().map(str::to_owned) else { return };
        let mut own = None;
        for operation in operations {
            own = self.look_up(&["parameters", operation, &name]).or(own);
        }
        parameter["description"] = own.unwrap_or_else(|| self.say(&["parameters", &name]));
    }

    fn components(&mut self, components: &mut Map<String, Value>) {
        for (kind, items) in components {
            for (name, item) in items.as_object_mut().into_iter().flatten() {
                match kind.as_str() {
                    "schemas" => self.schema(names::short(name), item),
                    "parameters" => self.parameter(&[], item),
                    "responses" if name == "error" => item["description"] = self.say(&["responses", "error"]),
                    "responses" => item["description"] = self.say(&["responses", "2XX"]),
                    _ => {}
                }
            }
        }
    }

    fn schema(&mut self, name: &str, schema: &mut Value) {
        // A page is described by what it holds; a line for each would say the same every time.
        let text = match name.strip_suffix("CollectionResponse") {
            Some(item) => json!(format!("One page of {}.", escape::code(names::short(item)))),
            None => self.say(&["types", name, "is"]),
        };
        if let Some(members) = schema.get("enum").cloned() {
            let members = members.as_array().into_iter().flatten().filter_map(Value::as_str);
            let described = members.map(|member| (member.to_owned(), self.member(name, member)));
            schema[MEMBERS] = Value::Object(described.collect());
        }
        schema["description"] = text;
        for part in own_parts(schema) {
            self.properties(&["types", name, "properties"], part);
        }
    }

    fn member(&mut self, name: &str, member: &str) -> Value {
        match self.look_up(&["common", member]) {
            Some(text) => text,
            None => self.say(&["types", name, "members", member]),
        }
    }

    fn idle(&self) -> Vec<Problem> {
        let mut leaves = Vec::new();
        collect_leaves(&self.docs.text, &mut Vec::new(), &mut leaves);
        let idle = leaves.into_iter().filter(|leaf| !self.used.contains(leaf));
        let problem = |leaf: Vec<String>| {
            let what = format!("{} describes nothing that is kept", leaf.join(" / "));
            Problem::at(&self.docs.file, what).help("remove the line, or check its spelling")
        };
        idle.map(problem).collect()
    }
}

/// OpenAPI 3.0 ignores what stands beside a `$ref`, so that a described reference is wrapped.
fn describe_property(schema: &mut Value, text: Value) {
    if let Some(reference) = schema.get("$ref").cloned() {
        *schema = json!({ "allOf": [{ "$ref": reference }] });
    }
    schema["description"] = text;
}

fn collect_leaves(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                path.push(key.clone());
                collect_leaves(value, path, leaves);
                path.pop();
            }
        }
        Value::Null => {}
        _ => leaves.push(path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_one_operation_goes_before_what_is_said_of_all() {
        let docs = "title: T\nparameters: {id: The id., a.get: {id: The id of what was deleted.}}\noperations: {a.get: A., b.get: B.}\nresponses: {'200': Done.}\ncommon: {value: The items of this page.}\nanswers: {b.get: {value: Whether it is so.}}\n";
        let answer = |kind: &str| {
            json!({ "200": { "content": { "application/json": { "schema": {
            "type": "object", "properties": { "value": { "type": kind } } } } } } })
        };
        let path = |id: &str, kind: &str| json!({ "parameters": [{ "name": "id" }], "get": { "operationId": id, "responses": answer(kind) } });
        let mut document =
            json!({ "info": {}, "paths": { "/a": path("a.get", "array"), "/b": path("b.get", "boolean") } });
        Docs::read("docs.yaml", docs).unwrap().describe(&mut document).unwrap();
        let said = |path: &str, pointer: &str| {
            document["paths"][path].pointer(pointer).unwrap()["description"].clone()
        };
        assert_eq!(said("/a", "/parameters/0"), "The id of what was deleted.");
        assert_eq!(said("/b", "/parameters/0"), "The id.");
        let value = "/get/responses/200/content/application~1json/schema/properties/value";
        assert_eq!(
            (said("/a", value), said("/b", value)),
            ("The items of this page.".into(), "Whether it is so.".into())
        );
    }

    #[test]
    fn a_truth_value_is_no_list_of_items() {
        let docs = "title: T\noperations: {a.get: A.}\nresponses: {'200': Done.}\ncommon: {value: The items of this page.}\n";
        let mut document = json!({ "info": {}, "paths": { "/a": { "get": { "operationId": "a.get", "responses": { "200": {
            "content": { "application/json": { "schema": { "properties": { "value": { "type": "boolean" } } } } } } } } } } });
        let problems =
            Docs::read("docs.yaml", docs).unwrap().describe(&mut document).unwrap_err().to_string();
        assert!(problems.contains("answers / a.get / value"), "{problems}");
    }
}
