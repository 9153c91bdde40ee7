//! Adds the forms of types that are only written, and makes the operations send them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{COLLECTION, KIND, ROLE, VIEW_OF, at_operation, each_operation, reference, target};
use crate::names;
use crate::near;
use crate::problem::{Problem, Result};
use crate::surface::{NewView, Surface, View};

pub(super) fn run(document: &mut Value, surface: &Surface) -> Result<()> {
    let sent = send_views(document, surface)?;
    for (short, of_type) in &surface.types {
        let name = names::full(short);
        let declared = [(View::New, of_type.new.is_some()), (View::Patch, of_type.patch.is_some())];
        for (view, _) in declared.into_iter().filter(|(_, declared)| *declared) {
            if !sent.contains(&(name.clone(), view)) {
                let what = format!("`[types.{short}]` has a view that no kept operation sends: {view:?}");
                return Err(Problem::at(&surface.file, what)
                    .help("give an operation that `body`, or remove the view"));
            }
        }
        let place = |refused: Refused| {
            let what = format!("`[types.{short}]` has a view with {}", refused.what);
            Problem::at(&surface.file, what).help(refused.help)
        };
        let Some(schemas) = super::schemas(document) else { continue };
        let object = schemas.get(&name).cloned().unwrap_or_default();
        if let Some(new) = &of_type.new {
            schemas.insert(view_name(&name, View::New), new_view(&name, &object, new).map_err(place)?);
        }
        if let Some(patch) = &of_type.patch {
            schemas.insert(view_name(&name, View::Patch), patch_view(&name, &object, patch).map_err(place)?);
        }
    }
    drop_write_only(document);
    Ok(())
}

/// Lets each operation with a `body` send that view; gives the views that are sent.
fn send_views(document: &mut Value, surface: &Surface) -> Result<BTreeSet<(String, View)>> {
    let mut sent = BTreeSet::new();
    let views = surface.operations.iter().filter_map(|kept| Some((kept.id.as_str(), kept.body?)));
    let views: BTreeMap<&str, View> = views.collect();
    for (_, _, operation) in each_operation(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let Some(&view) = views.get(id) else { continue };
        let schema =
            operation.get("requestBody").and_then(|body| body.pointer("/content/application~1json/schema"));
        let Some(name) = schema.and_then(target).map(str::to_owned) else {
            let what = "it has a `body` in surface.toml, but sends no object of a named type";
            return Err(at_operation(operation, what).help("remove its `body`"));
        };
        let declared = surface.types.get(names::short(&name)).is_some_and(|of_type| match view {
            View::New => of_type.new.is_some(),
            View::Patch => of_type.patch.is_some(),
        });
        if !declared {
            let what = format!(
                "it sends the view {view:?} of `{}`, which surface.toml does not declare",
                names::short(&name)
            );
            return Err(at_operation(operation, what).help("declare what may be sent under `[types.…]`"));
        }
        operation["requestBody"]["content"]["application/json"]["schema"] =
            reference(&view_name(&name, view));
        sent.insert((name, view));
    }
    Ok(sent)
}

/// The component of a view: `NewCommunity`, `CommunityPatch`.
fn view_name(name: &str, view: View) -> String {
    let name = names::pascal(names::short(name));
    match view {
        View::New => format!("New{name}"),
        View::Patch => format!("{name}Patch"),
    }
}

/// A property that no view can have, and what to do about it.
struct Refused {
    what: String,
    help: String,
}

fn new_view(name: &str, object: &Value, view: &NewView) -> std::result::Result<Value, Refused> {
    let mut properties = Map::new();
    let plain = view.required.iter().map(|name| (name, "required"));
    for (property, role) in plain.chain(view.optional.iter().map(|name| (name, "optional"))) {
        let mut schema = writable(object, property)?;
        schema[ROLE] = role.into();
        properties.insert(property.clone(), schema);
    }
    for (navigation, collection) in &view.bind {
        let property = format!("{navigation}@odata.bind");
        let mut schema = declared(object, &property)?;
        schema[ROLE] = "bind".into();
        schema[COLLECTION] = collection.clone().into();
        properties.insert(property, schema);
    }
    Ok(json!({
        "type": "object", (KIND): "new", (VIEW_OF): reference(name), "properties": properties,
        "x-constructor": view.required,
    }))
}

fn patch_view(name: &str, object: &Value, view: &BTreeSet<String>) -> std::result::Result<Value, Refused> {
    let properties = view.iter().map(|property| Ok((property.clone(), writable(object, property)?)));
    let properties = properties.collect::<std::result::Result<Map<_, _>, Refused>>()?;
    Ok(json!({ "type": "object", (KIND): "patch", (VIEW_OF): reference(name), "properties": properties }))
}

fn declared(object: &Value, property: &str) -> std::result::Result<Value, Refused> {
    let properties = object.get("properties").and_then(Value::as_object);
    properties.and_then(|properties| properties.get(property)).cloned().ok_or_else(|| {
        let known = properties.into_iter().flat_map(Map::keys).map(String::as_str);
        let otherwise = "take a property that the type has and the surface keeps, or remove it here";
        let help = near::help(property, known, otherwise);
        Refused { what: format!("`{property}`, which the type does not have, or the surface cuts"), help }
    })
}

fn writable(object: &Value, property: &str) -> std::result::Result<Value, Refused> {
    let schema = declared(object, property)?;
    if schema["readOnly"] == true {
        let help = "remove it from the view; where upstream is wrong, correct its `readOnly` in the overlay";
        return Err(Refused { what: format!("`{property}`, which is read-only"), help: help.to_owned() });
    }
    Ok(schema)
}

/// What is only written has no place in what is read.
fn drop_write_only(document: &mut Value) {
    for (_, schema) in super::schemas(document).into_iter().flatten() {
        if schema[KIND] == "object"
            && let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
        {
            properties.retain(|_, property| property["writeOnly"] != true);
        }
    }
}
