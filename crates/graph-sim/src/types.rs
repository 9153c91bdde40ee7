//! What the specification says of the objects in answers: their types, their relations, the members that came later.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::document::{Document, json_content, schema_name};

/// The member that stands for those a client can't know yet.
pub(crate) const SENTINEL: &str = "unknownFutureValue";

/// The types of a document, and which of them each operation answers with.
#[derive(Debug, Default)]
pub(crate) struct Types {
    schemas: HashMap<String, Type>,
    /// By operation; of a list, the type of its items.
    answers: HashMap<String, String>,
    /// What each operation takes as its JSON body.
    requests: HashMap<String, Property>,
}

/// One type with everything it inherits.
#[derive(Debug, Default)]
pub(crate) struct Type {
    properties: BTreeMap<String, Property>,
    /// What a type with names of the caller's own has under each.
    entries: Option<Property>,
    /// The names of properties that the service knows and the specification leaves out.
    left_out: BTreeSet<String>,
}

/// One property of a type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Property {
    /// The type of the object or objects that it holds, if it holds any.
    pub(crate) target: Option<String>,
    /// What OData calls its type, where JSON doesn't show it.
    pub(crate) odata: Option<String>,
    pub(crate) is_navigation: bool,
    /// Whether it may be null.
    pub(crate) is_nullable: bool,
    /// The members of its enum.
    pub(crate) members: Vec<String>,
    /// What its JSON is, if more than a text.
    pub(crate) scalar: Option<Scalar>,
    /// The members that only those see who ask for them.
    later: Vec<String>,
}

/// A simple value that a text may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Number,
    Moment,
}

impl Types {
    pub(crate) fn new(document: &Document) -> Self {
        let schemas = document.schemas().map(|(name, schema)| (name.clone(), Type::new(document, schema)));
        let mut all = Self { schemas: schemas.collect(), ..Self::default() };
        for endpoint in document.endpoints() {
            if let Some(schema) = json_content(document.resolve(&endpoint.node["requestBody"])) {
                let mut body = Property::new(document, schema);
                if body.target.is_none() && schema["properties"].is_object() {
                    // The parameters of an action are a type without a name.
                    let name = format!("parameters of {}", endpoint.id);
                    all.schemas.insert(name.clone(), Type::new(document, schema));
                    body.target = Some(name);
                }
                all.requests.insert(endpoint.id.to_owned(), body);
            }
            let responses = endpoint.node["responses"].as_object().into_iter().flatten();
            let mut success = responses.filter(|(status, _)| status.starts_with('2'));
            let schema = success.find_map(|(_, node)| schema_name(json_content(document.resolve(node))?));
            if let Some(name) = schema {
                let item = all
                    .schemas
                    .get(name)
                    .and_then(|envelope| envelope.properties.get("value")?.target.clone());
                all.answers.insert(endpoint.id.to_owned(), item.unwrap_or_else(|| name.to_owned()));
            }
        }
        all
    }

    /// The type of the objects that an operation answers with.
    pub(crate) fn answer(&self, operation: &str) -> Option<&str> {
        self.answers.get(operation).map(String::as_str)
    }

    /// What an operation takes as its JSON body.
    pub(crate) fn request(&self, operation: &str) -> Option<&Property> {
        self.requests.get(operation)
    }

    /// The type of an object: the one that it names, or else the one that is declared.
    pub(crate) fn of<'n>(&'n self, declared: &'n str, object: &Value) -> &'n str {
        object.as_object().map_or(declared, |properties| self.named(declared, properties))
    }

    /// As [`Self::of`], of an object's properties.
    pub(crate) fn named<'n>(&'n self, declared: &'n str, properties: &Map<String, Value>) -> &'n str {
        let named = properties.get("@odata.type").and_then(Value::as_str);
        // Two spellings of one name.
        let named = named.map(|name| name.strip_prefix('#').unwrap_or(name));
        named.and_then(|name| self.schemas.get_key_value(name)).map_or(declared, |(name, _)| name)
    }

    /// The name of a type as `@odata.type` has it in answers, for one that may lack the `#`.
    pub(crate) fn spelled(&self, name: &str) -> String {
        let name = name.strip_prefix('#').unwrap_or(name);
        let known = self.schemas.keys().find(|known| known.eq_ignore_ascii_case(name));
        format!("#{}", known.map_or(name, String::as_str))
    }

    /// A property by its exact name, or the entry under a name of the caller's own.
    pub(crate) fn of_member(&self, of: &str, name: &str) -> Option<&Property> {
        let known = self.schemas.get(of)?;
        known.properties.get(name).or_else(|| known.entries.as_ref().filter(|_| !name.contains('@')))
    }

    /// A property by its name, in whatever case.
    pub(crate) fn property(&self, of: &str, name: &str) -> Option<(&str, &Property)> {
        let properties = &self.schemas.get(of)?.properties;
        let exact = properties.get_key_value(name);
        let found = exact.or_else(|| properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        found.map(|(name, property)| (name.as_str(), property))
    }

    /// Whether the service has a property of this name that the specification leaves out: one of the type, or of the tenant's own, whose names
    /// alone have an underscore.
    pub(crate) fn is_left_out(&self, of: &str, name: &str) -> bool {
        let of = self.schemas.get(of);
        let known = of.is_some_and(|of| of.left_out.iter().any(|known| known.eq_ignore_ascii_case(name)));
        known || name.contains('_')
    }

    pub(crate) fn properties(&self, of: &str) -> impl Iterator<Item = (&str, &Property)> {
        let properties = self.schemas.get(of).map(|it| &it.properties);
        properties.into_iter().flatten().map(|(name, property)| (name.as_str(), property))
    }

    /// Every relation: the type that has it, and its name.
    #[cfg(test)]
    pub(crate) fn relations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.schemas.iter().flat_map(|(of, it)| {
            let relations = it.properties.iter().filter(|(_, property)| property.is_navigation);
            relations.map(move |(name, _)| (of.as_str(), name.as_str()))
        })
    }

    /// Puts the sentinel where an object of this type, or one inside it, has a member that came later.
    pub(crate) fn hide_later_members(&self, of: &str, object: &mut Value) {
        let of = self.of(of, object).to_owned();
        let (Some(known), Value::Object(values)) = (self.schemas.get(&of), object) else { return };
        for (name, value) in values {
            let Some(property) = known.properties.get(name) else { continue };
            if value.as_str().is_some_and(|text| property.later.iter().any(|member| member == text)) {
                *value = SENTINEL.into();
            }
            match (&property.target, value) {
                (Some(target), Value::Array(items)) => {
                    for item in items {
                        self.hide_later_members(target, item);
                    }
                }
                (Some(target), value) => self.hide_later_members(target, value),
                (None, _) => {}
            }
        }
    }
}

impl Type {
    fn new(document: &Document, schema: &Value) -> Self {
        let (mut properties, mut left_out) = (BTreeMap::new(), BTreeSet::new());
        collect(document, schema, &mut properties, &mut left_out);
        // `{type: object}` marks an open type instead.
        let entries = &schema["additionalProperties"];
        let is_open = *entries == json!({ "type": "object" });
        let entries = (entries.is_object() && !is_open).then(|| Property::new(document, entries));
        Self { properties, entries, left_out }
    }
}

fn collect(
    document: &Document,
    schema: &Value,
    into: &mut BTreeMap<String, Property>,
    left_out: &mut BTreeSet<String>,
) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, document.resolve(part), into, left_out);
    }
    let names = schema["x-left-out"].as_array().into_iter().flatten().filter_map(Value::as_str);
    left_out.extend(names.map(str::to_owned));
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        into.insert(name.clone(), Property::new(document, schema));
    }
}

impl Property {
    fn new(document: &Document, schema: &Value) -> Self {
        let is_navigation = schema["x-ms-navigationProperty"] == true;
        let many = schema["items"].is_object();
        let alternatives = schema["anyOf"].as_array().into_iter().flatten();
        let is_nullable = alternatives.chain([schema]).any(|it| it["nullable"] == true);
        let schema = if many { &schema["items"] } else { schema };
        // "That, or null" is how the dialect says that it may be missing, "all of that" where it adds a description.
        let parts = ["anyOf", "allOf"].iter().filter_map(|key| schema[key].as_array()).flatten();
        let named = parts.chain([schema]).find_map(schema_name);
        let definition = named.and_then(|name| document.schema(name)).unwrap_or(schema);
        let members = definition["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let members: Vec<String> = members.map(str::to_owned).collect();
        let later = members.iter().skip_while(|member| *member != SENTINEL).skip(1).cloned().collect();
        let is_enum = !members.is_empty();
        let scalar = match (definition["type"].as_str(), definition["format"].as_str()) {
            (Some("boolean"), _) => Some(Scalar::Bool),
            (Some("number" | "integer"), _) => Some(Scalar::Number),
            (_, Some("date-time")) => Some(Scalar::Moment),
            _ => None,
        };
        let single = match (named, definition["format"].as_str()) {
            (Some(name), _) => Some(name),
            (None, Some("date-time")) => Some("DateTimeOffset"),
            (None, Some("date")) => Some("Date"),
            (None, Some("duration")) => Some("Duration"),
            (None, Some("uuid")) => Some("Guid"),
            (None, Some("int64")) => Some("Int64"),
            (None, _) if many => Some("String"),
            (None, _) => None,
        };
        let odata = single.map(|name| if many { format!("Collection({name})") } else { name.to_owned() });
        Self {
            target: named.filter(|_| !is_enum).map(str::to_owned),
            odata,
            is_navigation,
            is_nullable,
            members,
            scalar,
            later,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r"
paths:
  /games: { get: { operationId: games.list, responses: { 2XX: { content: { application/json: { schema:
    { $ref: '#/components/schemas/games' } } } } } } }
components:
  schemas:
    games: { type: object, properties: { value: { type: array, items: { $ref: '#/components/schemas/game' } } } }
    thing: { type: object, properties: { id: { type: string }, made: { type: string, format: date-time } } }
    game: { allOf: [{ $ref: '#/components/schemas/thing' }, { type: object, properties: {
      kind: { anyOf: [{ $ref: '#/components/schemas/kind' }, { type: object, nullable: true }] },
      parts: { type: array, items: { $ref: '#/components/schemas/game' }, x-ms-navigationProperty: true },
      tags: { type: array, items: { type: string } } } }] }
    kind: { type: string, enum: [dice, unknownFutureValue, cards] }
";

    fn types() -> Types {
        Types::new(&Document::parse(DOCUMENT).unwrap())
    }

    #[test]
    fn properties_are_inherited_and_know_what_they_hold() {
        let types = types();
        assert_eq!(types.answer("games.list"), Some("game"), "the items of the list");
        for (name, odata, target) in [
            ("made", Some("DateTimeOffset"), None),
            ("Kind", Some("kind"), None),
            ("parts", Some("Collection(game)"), Some("game")),
            ("tags", Some("Collection(String)"), None),
            ("id", None, None),
        ] {
            let (_, property) = types.property("game", name).unwrap();
            assert_eq!((property.odata.as_deref(), property.target.as_deref()), (odata, target), "{name}");
        }
        assert_eq!(types.relations().collect::<Vec<_>>(), [("game", "parts")]);
    }

    #[test]
    fn members_that_came_later_are_hidden_at_any_depth() {
        let mut object = json!({ "kind": "dice", "parts": [{ "kind": "cards" }, { "kind": "chess" }] });
        types().hide_later_members("game", &mut object);
        assert_eq!(object, json!({ "kind": "dice", "parts": [{ "kind": SENTINEL }, { "kind": "chess" }] }));
    }
}
