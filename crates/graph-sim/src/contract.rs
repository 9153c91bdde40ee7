//! Holds every request and response against the specification.

mod breach;
mod dialect;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use http::{HeaderMap, HeaderValue, StatusCode};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::document::{Document, Endpoint, json_content, schema_name};
use crate::reply::{Body, Reply};
use dialect::{Dialect, Direction};

pub(crate) use breach::Breach;

/// The rules of every operation, compiled.
#[derive(Debug, Default)]
pub(crate) struct Contract {
    rules: HashMap<String, Rules>,
}

#[derive(Debug)]
struct Rules {
    query: BTreeSet<String>,
    headers: Vec<String>,
    /// None if the operation takes no body.
    request: Option<Validator>,
    responses: Vec<Response>,
    properties: BTreeSet<String>,
}

#[derive(Debug)]
struct Response {
    /// `204`, `2XX` or `default`.
    status: String,
    body: Option<Validator>,
}

impl Contract {
    pub(crate) fn compile(document: &Document) -> Result<Self, String> {
        let compiler = Compiler::new(document);
        let rules =
            document.endpoints().map(|endpoint| Ok((endpoint.id.to_owned(), compiler.rules(&endpoint)?)));
        Ok(Self { rules: rules.collect::<Result<_, String>>()? })
    }

    /// What is wrong with a request's query and body.
    pub(crate) fn check_request<'q>(
        &self,
        operation: &str,
        query: impl Iterator<Item = &'q str>,
        body: Option<&Value>,
    ) -> Vec<Breach> {
        let Some(rules) = self.rules.get(operation) else { return Vec::new() };
        // Only system options; the service ignores other parameters.
        let unknown = query.filter(|name| name.starts_with('$') && !rules.query.contains(*name));
        let mut breaches: Vec<Breach> = unknown.map(Breach::unknown_option).collect();
        if let Some(validator) = &rules.request {
            match body {
                Some(body) => breaches.extend(breach::of(validator, body, &[])),
                None => breaches.push(Breach::missing_body()),
            }
        }
        breaches
    }

    /// A header that the operation can't do without and the request doesn't have.
    pub(crate) fn missing_header(&self, operation: &str, headers: &HeaderMap) -> Option<&str> {
        let mut required = self.rules.get(operation)?.headers.iter();
        let is_missing = |name: &&String| headers.get(name.as_str()).is_none_or(HeaderValue::is_empty);
        required.find(is_missing).map(String::as_str)
    }

    /// What is wrong with an answer; error answers are checked only if the specification describes them.
    pub(crate) fn check_response(&self, operation: &str, reply: &Reply) -> Vec<Breach> {
        let Some(rules) = self.rules.get(operation) else { return Vec::new() };
        let Some(response) = rules.response(reply.status) else {
            let is_breach = reply.status.is_success();
            return is_breach.then(|| Breach::unexpected_status(reply.status)).into_iter().collect();
        };
        match (&response.body, &reply.body) {
            (Some(validator), Body::Json(json)) => breach::of(validator, json, &reply.deliberate),
            // 204 has no body whatever the specification says.
            (Some(_), Body::Empty) if reply.status != StatusCode::NO_CONTENT => vec![Breach::missing_body()],
            (None, Body::Json(_)) => vec![Breach::unexpected_body()],
            _ => Vec::new(),
        }
    }

    /// Whether an operation reads a JSON body.
    pub(crate) fn takes_body(&self, operation: &str) -> bool {
        self.rules.get(operation).is_some_and(|rules| rules.request.is_some())
    }

    /// The properties that the objects in an answer may have; none if it holds no object.
    pub(crate) fn properties(&self, operation: &str) -> Option<&BTreeSet<String>> {
        self.rules.get(operation).map(|rules| &rules.properties).filter(|names| !names.is_empty())
    }
}

impl Rules {
    fn response(&self, status: StatusCode) -> Option<&Response> {
        let exact = status.as_u16().to_string();
        let class = format!("{}XX", status.as_u16() / 100);
        let find = |wanted: &str| self.responses.iter().find(|it| it.status.eq_ignore_ascii_case(wanted));
        find(&exact).or_else(|| find(&class))
    }
}

/// The definitions that `schema` leads to. Compiling takes time for each definition, used or not.
fn reached(schema: &Value, definitions: &Map<String, Value>) -> Map<String, Value> {
    let mut reached = Map::new();
    let mut queue = vec![schema];
    while let Some(value) = queue.pop() {
        match value {
            Value::Object(map) => {
                let name = map.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
                if let Some((name, definition)) = name.and_then(|name| definitions.get_key_value(name))
                    && reached.insert(name.clone(), definition.clone()).is_none()
                {
                    queue.push(definition);
                }
                queue.extend(map.values());
            }
            Value::Array(list) => queue.extend(list),
            _ => {}
        }
    }
    reached
}

/// Compiles rules that share their definitions.
struct Compiler<'a> {
    document: &'a Document,
    creation: Map<String, Value>,
    change: Map<String, Value>,
    response: Map<String, Value>,
}

impl<'a> Compiler<'a> {
    fn new(document: &'a Document) -> Self {
        let definitions = |direction| Dialect::new(document, direction).definitions();
        Self {
            document,
            creation: definitions(Direction::Create),
            change: definitions(Direction::Change),
            response: definitions(Direction::Response),
        }
    }

    fn rules(&self, endpoint: &Endpoint<'_>) -> Result<Rules, String> {
        let direction = if endpoint.method == "patch" { Direction::Change } else { Direction::Create };
        let body = json_content(self.document.resolve(&endpoint.node["requestBody"]));
        let responses = self.responses(endpoint)?;
        let mut query: BTreeSet<String> =
            self.document.query_parameters(endpoint).map(str::to_owned).collect();
        if !endpoint.node["x-ms-pageable"].is_null() {
            // Part of every next link, though no operation declares it.
            query.insert("$skiptoken".to_owned());
        }
        if endpoint.path.ends_with("/delta()") {
            query.insert("$deltatoken".to_owned());
        }
        Ok(Rules {
            query,
            headers: self.document.required_headers(endpoint).map(str::to_owned).collect(),
            request: body.map(|schema| self.validator(endpoint, schema, direction)).transpose()?,
            responses,
            properties: self.answered(endpoint),
        })
    }

    fn responses(&self, endpoint: &Endpoint<'_>) -> Result<Vec<Response>, String> {
        let all = endpoint.node["responses"].as_object().into_iter().flatten();
        all.map(|(status, node)| {
            let schema = json_content(self.document.resolve(node));
            let body =
                schema.map(|schema| self.validator(endpoint, schema, Direction::Response)).transpose()?;
            Ok(Response { status: status.clone(), body })
        })
        .collect()
    }

    fn validator(
        &self,
        endpoint: &Endpoint<'_>,
        schema: &Value,
        direction: Direction,
    ) -> Result<Validator, String> {
        let definitions = match direction {
            Direction::Create => &self.creation,
            Direction::Change => &self.change,
            Direction::Response => &self.response,
        };
        let root = Dialect::new(self.document, direction).schema(schema);
        let root = json!({ "allOf": [root], "$defs": reached(&root, definitions) });
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&root)
            .map_err(|error| format!("{}: {error}", endpoint.id))
    }

    /// The properties of the object that an operation answers with, or of its items.
    fn answered(&self, endpoint: &Endpoint<'_>) -> BTreeSet<String> {
        let responses = endpoint.node["responses"].as_object().into_iter().flatten();
        let success = responses.filter(|(status, _)| status.starts_with('2')).find_map(|(_, node)| {
            let schema = json_content(self.document.resolve(node))?;
            Some(schema_name(schema))
        });
        let Some(Some(name)) = success else { return BTreeSet::new() };
        let properties = self.properties(name);
        match properties.get("value").map(|value| &value["items"]).and_then(schema_name) {
            Some(item) => self.properties(item).into_keys().collect(),
            None => properties.into_keys().collect(),
        }
    }

    /// The properties of a type and of all that derive from it.
    fn properties(&self, name: &str) -> HashMap<String, &'a Value> {
        let derived = Dialect::new(self.document, Direction::Response).derived_from(name);
        let mut properties = HashMap::new();
        for schema in derived.into_iter().chain([name]).filter_map(|it| self.document.schema(it)) {
            self.collect(schema, &mut properties);
        }
        properties
    }

    fn collect(&self, schema: &'a Value, into: &mut HashMap<String, &'a Value>) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.collect(self.document.resolve(part), into);
        }
        let own = schema["properties"].as_object().into_iter().flatten();
        into.extend(own.map(|(name, property)| (name.clone(), property)));
    }
}
