//! `spec/docs.yaml`: our own words, put where the trimmed document has none.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::escape;
use crate::names;
use crate::problem::{Problem, Problems, Result};
use crate::surface::METHODS;
use crate::trim::own_parts;
use crate::yaml;

/// Where the lowered document keeps what we say of an enum's members.
pub const MEMBERS: &str = "x-member-descriptions";

/// What we say of types, properties, enum members, operations, parameters and responses.
#[derive(Debug)]
pub struct Docs {
    file: String,
    text: Value,
}

impl Docs {
    /// Reads `text`, which came from `file`.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        Ok(Self { file: file.to_owned(), text: yaml::parse(file, text, 0)? })
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
        for (key, value) in item.as_object_mut().into_iter().flatten() {
            if key == "parameters" {
                self.parameters(value);
            } else if METHODS.contains(&key.as_str()) {
                self.operation(value);
            }
        }
    }

    fn operation(&mut self, operation: &mut Value) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        operation["description"] = self.say(&["operations", &id]);
        if let Some(parameters) = operation.get_mut("parameters") {
            self.parameters(parameters);
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
            let text = self.look_up(&own).or_else(|| self.look_up(&["common", property]));
            describe_property(schema, text.unwrap_or_else(|| self.say(&own)));
        }
    }

    fn parameters(&mut self, parameters: &mut Value) {
        for parameter in parameters.as_array_mut().into_iter().flatten() {
            self.parameter(parameter);
        }
    }

    fn parameter(&mut self, parameter: &mut Value) {
        if let Some(name) = parameter["name"].as_str().map(str::to_owned) {
            parameter["description"] = self.say(&["parameters", &name]);
        }
    }

    fn components(&mut self, components: &mut Map<String, Value>) {
        for (kind, items) in components {
            for (name, item) in items.as_object_mut().into_iter().flatten() {
                match kind.as_str() {
                    "schemas" => self.schema(names::short(name), item),
                    "parameters" => self.parameter(item),
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
