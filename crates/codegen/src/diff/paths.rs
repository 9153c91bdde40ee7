//! Paths: which one is which in the other document, and what became of its operations.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Changes, Class, Scope, Sides, operations, remainder};
use crate::problem::Result;
use crate::source::{Source, loose};
use crate::surface::METHODS;

pub(super) fn compare(sides: Sides<'_>, scope: &Scope<'_>, changes: &mut Changes) -> Result<()> {
    let of = |source: &'_ Source| -> Vec<String> {
        source.paths().filter(|path| scope.has_path(path)).map(str::to_owned).collect()
    };
    let (old, new) = (of(sides.old), of(sides.new));
    let mut by_meaning: BTreeMap<String, &str> = BTreeMap::new();
    for path in old.iter().filter(|path| sides.new.path_text(path).is_none()) {
        by_meaning.insert(meaning(path), path);
    }
    for path in &new {
        if sides.old.path_text(path).is_some() {
            pair(sides, path, path, changes)?;
        } else if let Some(earlier) = by_meaning.remove(&meaning(path)) {
            respelled(earlier, path, changes);
            pair(sides, earlier, path, changes)?;
        } else {
            lone(sides.new, path, Class::Minor, changes);
        }
    }
    for path in by_meaning.into_values() {
        lone(sides.old, path, Class::Major, changes);
    }
    // Two paths of one meaning, of which one went.
    for path in old.iter().filter(|path| scope.has_path(path) && sides.new.path_text(path).is_none()) {
        let seen = changes
            .0
            .iter()
            .any(|change| change.place.ends_with(&format!(" {path}")) || change.what.contains(path.as_str()));
        if !seen {
            lone(sides.old, path, Class::Major, changes);
        }
    }
    Ok(())
}

/// A path without what the dialects write differently: the names of its parameters, and the namespace of actions and casts.
fn meaning(path: &str) -> String {
    let plain: Vec<_> = path
        .split('/')
        .map(|segment| {
            let segment = segment
                .strip_prefix("microsoft.graph.")
                .or_else(|| segment.strip_prefix("graph."))
                .unwrap_or(segment);
            segment.trim_end_matches("()")
        })
        .collect();
    loose(&plain.join("/"))
}

fn respelled(old: &str, new: &str, changes: &mut Changes) {
    let what = format!("was `{old}`");
    if loose(old) == loose(new) {
        changes.push(
            Class::Patch,
            "parameter-of-path-renamed",
            new,
            what,
            "parameters of a path have no names in Rust",
        );
    } else {
        changes.push(
            Class::Behavioural,
            "path-respelled",
            new,
            what,
            "the same operations are sent to an address written in another way",
        );
    }
}

fn pair(sides: Sides<'_>, old: &str, new: &str, changes: &mut Changes) -> Result<()> {
    if sides.old.path_text(old) == sides.new.path_text(new) {
        return Ok(());
    }
    let (Some(was), Some(is)) = (sides.old.path(old)?, sides.new.path(new)?) else { return Ok(()) };
    if was == is {
        return Ok(());
    }
    let before = changes.0.len();
    for method in METHODS {
        let place = format!("{} {new}", method.to_uppercase());
        match (was.get(method), is.get(method)) {
            (Some(one), Some(other)) if was["parameters"] == is["parameters"] && one == other => {}
            (Some(one), Some(other)) => {
                let [one, other] = [(one, &was, sides.old), (other, &is, sides.new)];
                operations::compare(&place, one, other, changes)?;
            }
            (None, Some(_)) => added(&place, changes),
            (Some(_), None) => removed(&place, changes),
            (None, None) => {}
        }
    }
    let rest = |item: &Value| super::form::without(item, &[&METHODS[..], &["parameters"]].concat());
    remainder::compare(new, &rest(&was), &rest(&is), changes);
    if changes.0.len() == before {
        remainder::spelling(new, changes);
    }
    Ok(())
}

/// A path that only one of the documents has.
fn lone(source: &Source, path: &str, class: Class, changes: &mut Changes) {
    for method in source.methods(path) {
        let place = format!("{} {path}", method.to_uppercase());
        if class == Class::Major { removed(&place, changes) } else { added(&place, changes) }
    }
    if source.methods(path).is_empty() {
        changes.push(
            Class::Patch,
            "path-without-operations",
            path,
            "a path without operations came or went",
            "no code is generated from it",
        );
    }
}

fn added(place: &str, changes: &mut Changes) {
    changes.push(Class::Minor, "operation-added", place, "is new", "there is one method more");
}

fn removed(place: &str, changes: &mut Changes) {
    changes.push(Class::Major, "operation-removed", place, "is gone", "its method goes too");
}
