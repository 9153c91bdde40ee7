//! Step 4: one small pass after the other, until the document is the subset that progenitor gets right.

use serde_json::{Map, Value};

use crate::problem::{Problem, Problems};
use crate::surface::{METHODS, Surface};

mod flatten;
mod hoist;
mod operations;
mod parameters;
mod prune;
mod rename;
mod resolve;
mod shapes;
mod simplify;
mod validate;
mod views;

/// What a component of the lowered document is; the emitter goes by it.
pub const KIND: &str = "x-kind";
/// The `@odata.type` of an object's type.
pub const ODATA_TYPE: &str = "x-odata-type";
/// What a collection or a map holds.
pub const ITEM: &str = "x-item";
/// The types that a family consists of, by their `@odata.type`.
pub const FAMILY: &str = "x-family";
/// The object that a view is a view of.
pub const VIEW_OF: &str = "x-view-of";
/// What a property is for in a `New*` view: `required`, `optional` or `bind`.
pub const ROLE: &str = "x-role";
/// The collection that the objects of a binding property are in.
pub const COLLECTION: &str = "x-collection";
/// Other names by which a property is read, though never written.
pub const ALIASES: &str = "x-aliases";
/// The media type of a request's body, where the lowered document only says that it is bytes.
pub const MEDIA_TYPE: &str = "x-media-type";
/// The success codes that the contract documents for an operation.
pub const SUCCESS: &str = "x-success";
/// The answer may be missing: one of the documented successes has no body.
pub const NULLABLE: &str = "x-nullable-answer";
/// What a property is called in Rust, where its name alone would not tell it apart from another.
pub const RUST_NAME: &str = "x-rust-name";
/// The same for members of an enum.
pub const MEMBER_NAMES: &str = "x-rust-member-names";
/// The headers without which the service refuses an operation.
pub const REQUIRED_HEADERS: &str = "x-required-headers";

/// Lowers the described and corrected `contract`.
pub fn lower(contract: &Value, surface: &Surface) -> Result<Value, Problems> {
    let mut document = contract.clone();
    if document["info"]["title"].is_null() {
        document["info"]["title"] = "Microsoft Graph".into();
    }
    resolve::run(&mut document)?;
    operations::run(&mut document)?;
    hoist::run(&mut document);
    simplify::run(&mut document, surface)?;
    flatten::run(&mut document, surface)?;
    views::run(&mut document, surface)?;
    rename::run(&mut document);
    prune::run(&mut document);
    document.sort_all_objects();
    validate::run(&document)?;
    Ok(document)
}

/// Every operation of `document`, with its path and method.
pub(crate) fn each_operation(
    document: &mut Value,
) -> impl Iterator<Item = (&str, &str, &mut Map<String, Value>)> {
    let items = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    items.flat_map(|(path, item)| {
        let operations = item.as_object_mut().into_iter().flatten();
        operations.filter(|(method, _)| METHODS.contains(&method.as_str())).filter_map(
            move |(method, operation)| Some((path.as_str(), method.as_str(), operation.as_object_mut()?)),
        )
    })
}

/// The schema of the JSON in a request body, or in the one success.
fn json_schema(place: &mut Value) -> Option<&mut Value> {
    let body = if place.get("2XX").is_some() { place.get_mut("2XX")? } else { place };
    body.pointer_mut("/content/application~1json/schema")
}

/// The schemas of `document`.
fn schemas(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

/// The component that a schema refers to, by name.
pub fn target(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

/// A reference to the component `name`.
pub(crate) fn reference(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A problem with an operation, named as people speak of it.
fn at_operation(operation: &Map<String, Value>, what: impl std::fmt::Display) -> Problem {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or("an operation without an id");
    Problem::at(format!("operation {id}"), what)
}
