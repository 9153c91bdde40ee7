//! Ids for operations that the surface gives none.
//!
//! An id follows from path and method alone: `GET /groups/{group-id}/events` is `groups.events.list`. Where two
//! operations would share a short id, both get the full one, in which parameters show.

use std::collections::{BTreeMap, BTreeSet};

use crate::names;

/// What an id is derived from.
#[derive(Clone, Debug)]
pub(super) struct Target<'a> {
    /// The path in the document.
    pub path: &'a str,
    /// The method, in lower case.
    pub method: &'a str,
    /// It answers with many of what the path names.
    pub lists: bool,
    /// Its path ends with the name of an action or a function, which says what it does.
    pub call: bool,
}

/// An id for each of `targets`, in their order; `None` where even the full one would be another's.
///
/// `taken` are the names of the methods that exist already.
pub(super) fn derive(targets: &[Target<'_>], taken: &BTreeSet<String>) -> Vec<Option<String>> {
    let short: Vec<_> = targets.iter().map(short).collect();
    let short = unique(&short, taken);
    let taken = taken.iter().chain(short.iter().flatten().map(|(name, _)| name)).cloned().collect();
    let full: Vec<_> = targets
        .iter()
        .zip(&short)
        .map(|(target, short)| if short.is_none() { full(target) } else { String::new() })
        .collect();
    let full = unique(&full, &taken);
    short.into_iter().zip(full).map(|(short, full)| short.or(full).map(|(_, id)| id)).collect()
}

/// Each id with its method's name, unless another one or one of `taken` has that name too.
fn unique(ids: &[String], taken: &BTreeSet<String>) -> Vec<Option<(String, String)>> {
    let mut count = BTreeMap::new();
    let named: Vec<_> = ids.iter().map(|id| (names::method(id), id)).collect();
    for (name, _) in &named {
        *count.entry(name.clone()).or_insert(0_usize) += 1;
    }
    let alone = |name: &String| !name.is_empty() && count[name] == 1 && !taken.contains(name);
    named.into_iter().map(|(name, id)| alone(&name).then(|| (name, id.clone()))).collect()
}

fn short(target: &Target<'_>) -> String {
    let segments: Vec<_> = segments(target.path).collect();
    let mut words = Vec::new();
    for segment in &segments {
        match segment {
            Segment::Name(name) | Segment::Call(name) => words.push(names::snake(name)),
            Segment::Key(name, arguments) => {
                words.push(names::snake(name));
                words.push(by(arguments));
            }
            Segment::Parameter(_) | Segment::Count | Segment::Ref => {}
        }
    }
    match segments.last() {
        Some(Segment::Count) => words.push("count".to_owned()),
        Some(Segment::Ref) => words.push(reference_verb(target).to_owned()),
        Some(Segment::Key(..)) if target.call => drop(words.pop()),
        Some(Segment::Key(..)) => {
            let by = words.pop().unwrap_or_default();
            words.push(format!("{}_{by}", verb(target)));
        }
        _ if target.call => {}
        _ => words.push(verb(target).to_owned()),
    }
    words.retain(|word| !word.is_empty());
    words.join(".")
}

/// Everything that the path says, parameters included.
fn full(target: &Target<'_>) -> String {
    let mut words: Vec<_> = segments(target.path)
        .map(|segment| match segment {
            Segment::Name(name) | Segment::Call(name) => names::snake(name),
            Segment::Key(name, arguments) => format!("{}.{}", names::snake(name), by(&arguments)),
            Segment::Parameter(name) => format!("by_{}", names::snake(name)),
            // Not to be taken for a function of that name.
            Segment::Count => "dollar_count".to_owned(),
            Segment::Ref => "dollar_ref".to_owned(),
        })
        .collect();
    words.push(verb(target).to_owned());
    words.join(".")
}

fn by(arguments: &[&str]) -> String {
    match arguments {
        [] => String::new(),
        arguments => {
            let names: Vec<_> = arguments.iter().map(|argument| names::snake(argument)).collect();
            format!("by_{}", names.join("_and_"))
        }
    }
}

fn verb(target: &Target<'_>) -> &'static str {
    match target.method {
        "get" if target.lists => "list",
        "get" => "get",
        "post" => "create",
        "patch" => "update",
        "put" => "replace",
        "delete" => "delete",
        "head" => "head",
        _ => "options",
    }
}

/// What is done with a link, as opposed to the object at its other end.
fn reference_verb(target: &Target<'_>) -> &'static str {
    match target.method {
        "get" if target.lists => "refs.list",
        "get" => "ref.get",
        "post" => "add",
        "delete" => "remove",
        _ => "set",
    }
}

/// A segment of a path, as OData means it.
#[derive(Debug)]
enum Segment<'a> {
    /// A collection, a property, a type: `events`, `graph.user`.
    Name(&'a str),
    /// An object by its id: `{event-id}`.
    Parameter(&'a str),
    /// A function without named arguments: `delta()`.
    Call(&'a str),
    /// A function with arguments, or an object by an alternate key: `sites(path='{path}')`.
    Key(&'a str, Vec<&'a str>),
    /// `$count`
    Count,
    /// `$ref`
    Ref,
}

fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split('/').filter(|segment| !segment.is_empty()).map(segment)
}

fn segment(text: &str) -> Segment<'_> {
    if text.starts_with('{') {
        return Segment::Parameter(text.trim_matches(['{', '}']));
    }
    if let Some((name, arguments)) = text.split_once('(') {
        let arguments = arguments.trim_end_matches(')').split(',');
        let arguments: Vec<_> = arguments
            .map(|argument| argument.split('=').next().unwrap_or_default().trim_matches(['{', '}']))
            .filter(|argument| !argument.is_empty())
            .collect();
        let name = unqualified(name);
        return if arguments.is_empty() { Segment::Call(name) } else { Segment::Key(name, arguments) };
    }
    match text {
        "$count" => Segment::Count,
        "$ref" => Segment::Ref,
        "$value" => Segment::Name("content"),
        _ => Segment::Name(unqualified(text)),
    }
}

/// `microsoft.graph.delta` → `delta`, `graph.user` → `user`.
fn unqualified(name: &str) -> &str {
    let qualified = name.starts_with("microsoft.graph.") || name.starts_with("graph.");
    if qualified { name.rsplit('.').next().unwrap_or(name) } else { name }
}

#[cfg(test)]
mod tests;
