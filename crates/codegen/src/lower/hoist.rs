//! Gives what is described in place a component of its own, so that it has a name: bodies, objects and enums in properties.

use serde_json::{Map, Value, json};

use super::shapes::{has_text_members, is_null};
use super::{each_operation, reference};
use crate::escape;
use crate::names;
use crate::trim::{gather_parts, own_parts};

pub(super) fn run(document: &mut Value) {
    let mut components = super::schemas(document).map(std::mem::take).unwrap_or_default();
    let mut unseen: Vec<String> = components.keys().cloned().collect();
    for (_, _, operation) in each_operation(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let bodies =
            [("Body", "requestBody", "What {} is sent."), ("Answer", "responses", "What {} answers.")];
        for (suffix, place, description) in bodies {
            let Some(schema) = operation.get_mut(place).and_then(super::json_schema) else { continue };
            let name = names::pascal(&id) + suffix;
            let mut hoist = Hoist { components: &mut components, hoisted: &mut unseen };
            hoist.place(schema, &name, &description.replace("{}", &escape::code(&id)));
        }
    }
    while let Some(owner) = unseen.pop() {
        let Some(mut schema) = components.get_mut(&owner).map(Value::take) else { continue };
        let mut hoist = Hoist { components: &mut components, hoisted: &mut unseen };
        hoist.properties(&owner, &mut schema);
        components.insert(owner, schema);
    }
    if let Some(schemas) = super::schemas(document) {
        *schemas = components;
    }
}

struct Hoist<'a> {
    components: &'a mut Map<String, Value>,
    hoisted: &'a mut Vec<String>,
}

impl Hoist<'_> {
    fn properties(&mut self, owner: &str, schema: &mut Value) {
        gather_parts(schema);
        // A part that inherits in its turn is a type between the two.
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        for part in parts.into_iter().flatten().filter(|part| part.get("allOf").is_some()) {
            let name = names::pascal(names::short(owner)) + "Base";
            self.move_out(
                part,
                &name,
                &format!("What {} is first of all.", escape::code(names::short(owner))),
            );
        }
        for part in own_parts(schema) {
            let properties = part.get_mut("properties").and_then(Value::as_object_mut);
            for (property, schema) in properties.into_iter().flatten() {
                let name = names::pascal(names::short(owner)) + &names::pascal(property);
                let [of, whole] = [property, names::short(owner)].map(escape::code);
                self.place(schema, &name, &format!("The {of} of {whole}."));
            }
        }
    }

    /// Moves what needs a name out of `schema`, however it is wrapped.
    fn place(&mut self, schema: &mut Value, name: &str, description: &str) {
        if schema.get("$ref").is_some() {
            return;
        }
        if needs_name(schema) {
            self.move_out(schema, name, description);
        } else if let Some(items) = schema.get_mut("items") {
            self.place(items, name, description);
        } else if let Some(only) = only_option(schema) {
            self.place(only, name, description);
        }
    }

    fn move_out(&mut self, schema: &mut Value, name: &str, description: &str) {
        let mut free = name.to_owned();
        for count in 2.. {
            if !self.components.contains_key(&free) {
                break;
            }
            free = format!("{name}{count}");
        }
        let mut component = std::mem::replace(schema, reference(&free));
        for key in ["nullable", "readOnly", "writeOnly", "x-ms-navigationProperty"] {
            if let Some(value) = component.as_object_mut().and_then(|component| component.remove(key)) {
                schema[key] = value;
            }
        }
        match component.get("description").cloned() {
            Some(own) if !own.is_null() => schema["description"] = own,
            _ => component["description"] = json!(description),
        }
        self.components.insert(free.clone(), component);
        self.hoisted.push(free);
    }
}

/// Whether a schema in place can only be a type: an object with properties, one that inherits, an enum.
fn needs_name(schema: &Value) -> bool {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let real: Vec<_> = parts.filter(|part| !is_null(part)).collect();
    let properties =
        |schema: &Value| schema["properties"].as_object().is_some_and(|properties| !properties.is_empty());
    properties(schema)
        || has_text_members(schema)
        || real.len() > 1
        || real.iter().any(|part| properties(part))
}

/// The one option of a union that is more than null.
fn only_option(schema: &mut Value) -> Option<&mut Value> {
    let key =
        ["anyOf", "oneOf", "allOf"].into_iter().find(|key| schema.get(*key).is_some_and(Value::is_array))?;
    let mut real = schema[key].as_array_mut()?.iter_mut().filter(|option| !is_null(option));
    let only = real.next()?;
    real.next().is_none().then_some(only)
}
