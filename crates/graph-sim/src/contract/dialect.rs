//! Microsoft's dialect of OpenAPI 3.0, rewritten as JSON Schema 2020-12.
//!
//! - Inheritance (`allOf` of a base and an object) is flattened, so that a property nobody declared is an error.
//! - An object says its own type in `@odata.type`; it is held against that type if it derives from the declared one.
//! - `anyOf: [{$ref}, {type: object, nullable: true}]` means "that, or null".
//! - `additionalProperties: {type: object}` marks an open type. An application may have extended it, which nobody here
//!   knows of: what isn't declared is a slip of the pen in a response, and nothing to simulate in a request.
//! - `@odata.type` is required everywhere in the document and almost nowhere on the wire.

use serde_json::{Map, Value, json};

use crate::document::{Document, schema_name};

/// Which way a body travels; the same schema means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A request that makes something: required properties must be there.
    Create,
    /// A request that changes something: it holds what changes.
    Change,
    /// A response. Nothing is required, as `$select` leaves anything out.
    Response,
}

impl Direction {
    fn is_request(self) -> bool {
        self != Self::Response
    }
}

const SENTINEL: &str = "unknownFutureValue";
const COPIED: [&str; 12] = [
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "format",
    "multipleOf",
    "minProperties",
    "maxProperties",
];

/// Rewrites schemas of one document for one direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect<'a> {
    document: &'a Document,
    direction: Direction,
}

/// An object with everything it inherits.
#[derive(Debug, Default)]
struct Flat<'a> {
    properties: Map<String, Value>,
    required: Vec<&'a str>,
    additional: Option<&'a Value>,
}

impl<'a> Dialect<'a> {
    pub(crate) fn new(document: &'a Document, direction: Direction) -> Self {
        Self { document, direction }
    }

    /// Every component under its name; an object type may be any type that derives from it.
    pub(crate) fn definitions(self) -> Map<String, Value> {
        let mut definitions = Map::new();
        for (name, schema) in self.document.schemas() {
            definitions.insert(exact(name), self.schema(schema));
            definitions.insert(name.clone(), self.family(name));
        }
        definitions
    }

    /// The type itself unless `@odata.type` names one that derives from it.
    fn family(self, name: &str) -> Value {
        let own = json!({ "$ref": pointer(&exact(name)) });
        self.derived_from(name).into_iter().fold(own, |otherwise, derived| {
            let tags = [format!("#{derived}"), derived.to_owned()];
            let is_tagged =
                json!({ "properties": { "@odata.type": { "enum": tags } }, "required": ["@odata.type"] });
            json!({ "if": is_tagged, "then": { "$ref": pointer(&exact(derived)) }, "else": otherwise })
        })
    }

    /// Names of the types that have `name` among their bases, at any distance.
    pub(crate) fn derived_from(self, name: &str) -> Vec<&'a str> {
        let derives = |schema: &Value| self.bases(schema).iter().any(|base| base == name);
        self.document
            .schemas()
            .filter(|(_, schema)| derives(schema))
            .map(|(other, _)| other.as_str())
            .collect()
    }

    fn bases(self, schema: &Value) -> Vec<String> {
        let parents = schema["allOf"].as_array().into_iter().flatten().filter_map(schema_name);
        parents
            .flat_map(|parent| {
                let above = self.document.schema(parent).map(|it| self.bases(it)).unwrap_or_default();
                above.into_iter().chain([parent.to_owned()])
            })
            .collect()
    }

    /// Rewrites one schema.
    pub(crate) fn schema(self, schema: &Value) -> Value {
        let nullable = schema["nullable"] == true;
        let rewritten = if let Some(name) = schema_name(schema) {
            json!({ "$ref": pointer(name) })
        } else if self.is_object(schema) {
            self.object(schema)
        } else {
            self.plain(schema)
        };
        if nullable { json!({ "anyOf": [rewritten, { "type": "null" }] }) } else { rewritten }
    }

    fn is_object(self, schema: &Value) -> bool {
        let mut parts =
            schema["allOf"].as_array().into_iter().flatten().map(|part| self.document.resolve(part));
        schema["type"] == "object"
            || schema["properties"].is_object()
            || parts.any(|part| self.is_object(part))
    }

    fn object(self, schema: &Value) -> Value {
        let mut flat = Flat::default();
        self.flatten(schema, &mut flat);
        let closed = !flat.properties.is_empty();
        let additional = match flat.additional {
            Some(value) if is_open(value) && closed && self.direction.is_request() => undeclared(),
            Some(value) if value.is_object() && !is_open(value) => self.schema(value),
            _ => json!(!closed),
        };
        let annotations =
            if self.direction.is_request() { "^@odata\\." } else { "@odata\\.|^@removed$|@delta$" };
        let mut object = json!({
            "type": "object",
            "properties": flat.properties,
            "patternProperties": { annotations: true },
            "additionalProperties": additional,
        });
        if self.direction == Direction::Create && !flat.required.is_empty() {
            object["required"] = json!(flat.required);
        }
        object
    }

    fn flatten(self, schema: &'a Value, into: &mut Flat<'a>) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.flatten(self.document.resolve(part), into);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            self.property(name, property, into);
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        into.required.extend(required.filter(|name| *name != "@odata.type"));
        if let Some(additional) = schema.get("additionalProperties") {
            into.additional = Some(additional);
        }
    }

    fn property(self, name: &str, property: &Value, into: &mut Flat<'_>) {
        let is_request = self.direction.is_request();
        if is_request && property["x-ms-navigationProperty"] == true {
            // Related objects are bound by address, not sent along.
            let bind = if property["type"] == "array" {
                json!({ "type": "array", "items": { "type": "string" } })
            } else {
                json!({ "type": "string" })
            };
            into.properties.entry(format!("{name}@odata.bind")).or_insert(bind);
            return;
        }
        let forbidden = if is_request { "readOnly" } else { "writeOnly" };
        let rewritten = if property[forbidden] == true { json!(false) } else { self.schema(property) };
        into.properties.insert(name.to_owned(), rewritten);
    }

    /// Anything but an object.
    fn plain(self, schema: &Value) -> Value {
        let mut out = Map::new();
        for key in COPIED {
            if let Some(value) = schema.get(key) {
                out.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(kind) = schema.get("type") {
            out.insert("type".to_owned(), if is_integer(schema) { json!("integer") } else { kind.clone() });
        }
        if let Some(members) = schema["enum"].as_array() {
            let sendable = |member: &&Value| !(self.direction.is_request() && **member == SENTINEL);
            out.insert("enum".to_owned(), members.iter().filter(sendable).cloned().collect());
        }
        if let Some(items) = schema.get("items") {
            out.insert("items".to_owned(), self.schema(items));
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(parts) = schema[key].as_array() {
                out.insert(key.to_owned(), parts.iter().map(|part| self.alternative(part)).collect());
            }
        }
        Value::Object(out)
    }

    fn alternative(self, part: &Value) -> Value {
        if is_null_stub(part) { json!({ "type": "null" }) } else { self.schema(part) }
    }
}

/// `{type: object, nullable: true}` and nothing else is how the dialect says null.
fn is_null_stub(part: &Value) -> bool {
    part["nullable"] == true && part["type"] == "object" && part.as_object().is_some_and(|it| it.len() == 2)
}

/// What an open type says of the properties that it doesn't declare.
fn is_open(additional: &Value) -> bool {
    *additional == json!({ "type": "object" }) || *additional == true
}

/// Fits nothing, and is told by that from a property which is forbidden: nothing else is rewritten with `not`.
fn undeclared() -> Value {
    json!({ "not": {} })
}

fn is_integer(schema: &Value) -> bool {
    let format = schema["format"].as_str().unwrap_or_default();
    schema["type"] == "number" && (format.starts_with("int") || format.starts_with("uint"))
}

/// The definition that allows no derived type; no component has a colon in its name.
fn exact(name: &str) -> String {
    format!("{name}:exact")
}

fn pointer(name: &str) -> String {
    format!("#/$defs/{}", name.replace('~', "~0").replace('/', "~1"))
}
