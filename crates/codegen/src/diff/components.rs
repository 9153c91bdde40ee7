//! Components: schemas, and what paths share.

use std::collections::BTreeSet;

use serde_json::Value;

use super::form::short;
use super::{Changes, Class, Scope, Sides, enums, objects, remainder};
use crate::problem::Result;
use crate::source::Source;

pub(super) fn compare(sides: Sides<'_>, scope: &Scope<'_>, changes: &mut Changes) -> Result<()> {
    for (kind, name) in sides.old.components().filter(|(kind, name)| scope.has_component(kind, name)) {
        if sides.new.component_text(kind, name).is_none() {
            let was = sides.old.component(kind, name)?.unwrap_or_default();
            came_or_went(kind, name, &was, false, changes);
        } else if sides.old.component_text(kind, name) != sides.new.component_text(kind, name) {
            let (was, is) = (sides.old.component(kind, name)?, sides.new.component(kind, name)?);
            pair(kind, name, &was.unwrap_or_default(), &is.unwrap_or_default(), changes);
        }
    }
    for (kind, name) in sides.new.components().filter(|(kind, name)| scope.has_component(kind, name)) {
        if sides.old.component_text(kind, name).is_none() {
            let is = sides.new.component(kind, name)?.unwrap_or_default();
            came_or_went(kind, name, &is, true, changes);
        }
    }
    let (old, new) = (sides.old.kinds().collect::<BTreeSet<_>>(), sides.new.kinds().collect());
    for kind in old.symmetric_difference(&new) {
        // What is in it is told by itself.
        changes.push(
            Class::Patch,
            "annotation-changed",
            kind,
            "the place for them came or went",
            "no code is generated from it",
        );
    }
    let heads = |source: &Source| {
        let read = |head: &str| Ok((head.to_owned(), source.head(head)?.unwrap_or_default()));
        source.heads().map(read).collect::<Result<serde_json::Map<_, _>>>().map(Value::Object)
    };
    remainder::compare("document", &heads(sides.old)?, &heads(sides.new)?, changes);
    Ok(())
}

fn came_or_went(kind: &str, name: &str, component: &Value, added: bool, changes: &mut Changes) {
    let what = if added { "is new" } else { "is gone" };
    if kind != "schemas" {
        let id = if added { "shared-part-added" } else { "shared-part-removed" };
        return changes.push(Class::Patch, id, &format!("{kind} {name}"), what, "it counts where it is used");
    }
    let place = short(name);
    match (added, is_type(component)) {
        (true, true) => changes.shaped(
            Class::Minor,
            "type-added",
            place,
            what,
            "there is one type more",
            shape(component),
        ),
        (false, true) => {
            changes.shaped(Class::Major, "type-removed", place, what, "the type goes too", shape(component));
        }
        (true, false) => {
            changes.push(Class::Patch, "type-added", place, what, "it becomes no type of its own");
        }
        (false, false) => {
            changes.push(Class::Patch, "type-removed", place, what, "it was no type of its own");
        }
    }
}

/// Whether a schema becomes a Rust type: an object or an enum of texts, and neither a page nor a bare union.
fn is_type(schema: &Value) -> bool {
    if enums::is_enum(schema) {
        return true;
    }
    objects::Object::read(schema).is_some_and(|object| !object.is_page())
}

/// What a type is like, whatever it is called.
fn shape(schema: &Value) -> String {
    match objects::Object::read(schema) {
        Some(object) => object.shape(),
        None => super::form::of(schema).name,
    }
}

fn pair(kind: &str, name: &str, was: &Value, is: &Value, changes: &mut Changes) {
    if was == is {
        return;
    }
    let before = changes.0.len();
    let place = if kind == "schemas" { short(name).to_owned() } else { format!("{kind} {name}") };
    if kind != "schemas" {
        remainder::compare(&place, was, is, changes);
    } else if enums::is_enum(was) && enums::is_enum(is) {
        enums::compare(&place, was, is, changes);
    } else if let (Some(one), Some(other)) = (objects::Object::read(was), objects::Object::read(is)) {
        objects::compare(&place, &one, &other, changes);
    } else {
        let (one, other) = (super::form::of(was).name, super::form::of(is).name);
        if one == other {
            remainder::compare(&place, was, is, changes);
        } else {
            let class = if is_type(was) || is_type(is) { Class::Major } else { Class::Patch };
            let what = format!("was {one}, is {other}");
            changes.push(class, "type-changed", &place, what, "it is another kind of type");
        }
    }
    if changes.0.len() == before {
        remainder::spelling(&place, changes);
    }
}
