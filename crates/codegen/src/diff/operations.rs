//! One operation in both documents: what it takes, what it is sent, what it answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::bodies::{self, Body};
use super::form::{self, Form};
use super::{Changes, Class, remainder};
use crate::problem::Result;
use crate::source::Source;
use crate::surface::Surface;

/// An operation, the path item around it, and the document around that.
pub(super) type Side<'a> = (&'a Value, &'a Value, &'a Source);

const ID: &str = "operationId";
const COMPARED: [&str; 3] = ["parameters", "requestBody", "responses"];

pub(super) fn compare(place: &str, old: Side<'_>, new: Side<'_>, changes: &mut Changes) -> Result<()> {
    let before = changes.0.len();
    compare_parameters(place, &parameters(old)?, &parameters(new)?, changes);
    let (was, is) = (Body::sent(old.0, old.2)?, Body::sent(new.0, new.2)?);
    bodies::compare_sent(place, was.as_ref(), is.as_ref(), changes);
    bodies::compare_answers(place, &Body::answered(old.0, old.2)?, &Body::answered(new.0, new.2)?, changes);
    let (mut was, mut is) = (form::without(old.0, &COMPARED), form::without(new.0, &COMPARED));
    if old.2.is_slice() && new.2.is_slice() {
        compare_ids(place, &was[ID].take(), &is[ID].take(), changes);
    }
    remainder::compare(place, &was, &is, changes);
    if changes.0.len() == before {
        remainder::spelling(place, changes);
    }
    Ok(())
}

/// Ids that surfaces gave: the methods are called like them.
fn compare_ids(place: &str, was: &Value, is: &Value, changes: &mut Changes) {
    let name = |id: &Value| Surface::method_name(id.as_str().unwrap_or_default());
    let (old, new) = (name(was), name(is));
    if old != new {
        let what = format!("its method was `{old}`, is `{new}`");
        changes.push(
            Class::Major,
            "method-renamed",
            place,
            what,
            "ids that are derived depend on what else there is; give it one",
        );
    } else if was != is {
        let what = format!("its id was {was}, is {is}");
        changes.push(Class::Behavioural, "id-changed", place, what, "the operation table has another id");
    }
}

/// A parameter by its place and name.
struct Parameter {
    form: Form,
    required: bool,
    rest: Value,
}

type Parameters = BTreeMap<(String, String), Parameter>;

fn parameters((operation, item, source): Side<'_>) -> Result<Parameters> {
    let declared = |of: &Value| of["parameters"].as_array().cloned().unwrap_or_default();
    let mut parameters = Parameters::new();
    // The operation's own come last and replace the path's.
    for parameter in declared(item).into_iter().chain(declared(operation)) {
        let parameter = bodies::resolve(&parameter, "parameters", source)?;
        let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
        let form = form::of(&parameter["schema"]);
        let required = parameter["required"] == true;
        let rest = form::without(&parameter, &["in", "name", "required", "schema"]);
        parameters.insert((text("in"), text("name")), Parameter { form, required, rest });
    }
    Ok(parameters)
}

fn compare_parameters(place: &str, old: &Parameters, new: &Parameters, changes: &mut Changes) {
    for ((at, name), was) in old {
        match new.get(&(at.clone(), name.clone())) {
            Some(is) => compare_parameter(place, at, name, (was, is), changes),
            None if at == "path" => {}
            None => came_or_went(place, at, name, was, "is gone", changes),
        }
    }
    for ((at, name), is) in new.iter().filter(|(key, _)| !old.contains_key(*key) && key.0 != "path") {
        came_or_went(place, at, name, is, "is new", changes);
    }
    let of_path = |parameters: &Parameters| parameters.keys().filter(|(at, _)| at == "path").count();
    if of_path(old) != of_path(new) {
        let what = format!("had {} parameters in its path, has {}", of_path(old), of_path(new));
        changes.push(
            Class::Major,
            "path-parameters-changed",
            place,
            what,
            "the method takes other arguments",
        );
    } else if old.keys().filter(|(at, _)| at == "path").ne(new.keys().filter(|(at, _)| at == "path")) {
        changes.push(
            Class::Patch,
            "parameter-of-path-renamed",
            place,
            "calls a parameter of its path something else",
            "parameters of a path have no names in Rust",
        );
    }
}

fn came_or_went(place: &str, at: &str, name: &str, parameter: &Parameter, what: &str, changes: &mut Changes) {
    let kind = if what == "is new" { "parameter-added" } else { "parameter-removed" };
    let text = format!("the {at} parameter `{name}` {what}");
    match at {
        "header" if parameter.required => changes.push(
            Class::Behavioural,
            kind,
            place,
            text,
            "a call without the header is refused before it is sent",
        ),
        "header" | "cookie" => {
            changes.push(Class::Patch, kind, place, text, "headers are the pipeline's, not the method's");
        }
        _ => changes.push(Class::Major, kind, place, text, "the raw method takes other arguments"),
    }
}

fn compare_parameter(
    place: &str,
    at: &str,
    name: &str,
    (was, is): (&Parameter, &Parameter),
    changes: &mut Changes,
) {
    if was.form.name != is.form.name {
        let text = format!(
            "the {at} parameter `{name}` was {}, is {}",
            remainder::shortened(&was.form.name),
            remainder::shortened(&is.form.name)
        );
        // What has members or is a list goes as text whatever the members are.
        let same = at == "header" || argument(&was.form.name) == argument(&is.form.name);
        let (class, why) = if same {
            (Class::Patch, "its argument has the same type")
        } else {
            (Class::Major, "its argument has another type")
        };
        changes.push(class, "parameter-type-changed", place, text, why);
    }
    if was.required != is.required {
        let text = format!(
            "the {at} parameter `{name}` is {} required",
            if is.required { "now" } else { "no longer" }
        );
        let (class, why) = match at {
            "header" => (
                Class::Behavioural,
                "a call without the header is refused before it is sent, or no longer is",
            ),
            "path" => (Class::Patch, "what is in a path is required anyway"),
            _ => (
                Class::Behavioural,
                "its argument is an `Option` either way, and the service may refuse a call without it",
            ),
        };
        changes.push(class, "parameter-required-changed", place, text, why);
    }
    remainder::compare(&format!("{place} {name}"), &was.rest, &is.rest, changes);
}

/// What the argument of a query parameter is: whole numbers are one type, and whatever is no number or truth value is text.
fn argument(name: &str) -> &str {
    match name {
        "boolean" => "bool",
        "double" | "float" | "decimal" | "single" | "number" => "f64",
        whole if whole == "integer" || whole.starts_with("int") || whole.ends_with("int8") => "i64",
        _ => "String",
    }
}
