//! Renames: what went and what came may be one thing under another name.

use std::collections::{BTreeSet, HashMap};

use super::{Change, Class};

/// Of two names, this much must be the same.
const NEARLY: f32 = 0.75;

/// What of a change has to stay the same, so that it can be a rename: what it is of, and what it is like.
type Key = (&'static str, String);

/// Makes one change of each pair of changes that is a rename.
pub(super) fn recognise(changes: Vec<Change>) -> Vec<Change> {
    let mut came: HashMap<Key, Vec<usize>> = HashMap::new();
    for (index, change) in changes.iter().enumerate() {
        if let Some(key) = key(change, "-added") {
            came.entry(key).or_default().push(index);
        }
    }
    let mut renames = HashMap::new();
    let mut taken = BTreeSet::new();
    for (index, change) in changes.iter().enumerate().filter(|(_, change)| change.class == Class::Major) {
        let Some(candidates) = key(change, "-removed").and_then(|key| came.get(&key)) else { continue };
        let only = |fits: &dyn Fn(&Change, &Change) -> bool| {
            let mut fitting = candidates.iter().filter(|&&other| fits(change, &changes[other]));
            // Of two that fit, neither is told to be it.
            fitting.next().filter(|_| fitting.next().is_none())
        };
        if let Some(&other) = only(&is_same_in_lower_case).or_else(|| only(&is_near))
            && taken.insert(other)
        {
            renames.insert(index, rename(change, &changes[other]));
        }
    }
    let left = changes.into_iter().enumerate().filter(|(index, _)| !taken.contains(index));
    left.map(|(index, change)| renames.remove(&index).unwrap_or(change)).collect()
}

fn rename(was: &Change, is: &Change) -> Change {
    let kind = match kind(was) {
        "member" => "member-renamed",
        "property" => "property-renamed",
        "type" => "type-renamed",
        _ => "operation-renamed",
    };
    let place = if kind == "member-renamed" { &was.place } else { &is.place };
    let what = format!("`{}` is called `{}` now", name(was), name(is));
    Change {
        class: Class::Major,
        kind,
        place: place.clone(),
        what,
        why: "its name in Rust changes with it",
        shape: String::new(),
    }
}

fn kind(change: &Change) -> &'static str {
    ["member", "property", "type", "operation"]
        .into_iter()
        .find(|kind| change.kind.starts_with(kind))
        .unwrap_or_default()
}

fn key(change: &Change, end: &str) -> Option<Key> {
    let kind = kind(change);
    if change.kind.strip_prefix(kind) != Some(end) {
        return None;
    }
    let of = match kind {
        "member" => change.place.clone(),
        "property" => format!("{} {}", change.place.rsplit_once('.')?.0, change.shape),
        "type" if change.shape.is_empty() => return None,
        "type" => change.shape.clone(),
        "operation" => {
            let (method, path) = change.place.split_once(' ')?;
            let above = path.rsplit_once('/')?.0;
            format!("{method} {above}")
        }
        _ => return None,
    };
    Some((kind, of))
}

/// What is named: the member, the property, the type, the path.
fn name(change: &Change) -> &str {
    match kind(change) {
        "member" => change.what.split('`').nth(1).unwrap_or_default(),
        "property" => change.place.rsplit('.').next().unwrap_or_default(),
        _ => &change.place,
    }
}

fn is_same_in_lower_case(was: &Change, is: &Change) -> bool {
    name(was).eq_ignore_ascii_case(name(is))
}

fn is_near(was: &Change, is: &Change) -> bool {
    let last = |change| name(change).rsplit('/').next().unwrap_or_default().to_lowercase();
    let (old, new) = (last(was), last(is));
    similar::TextDiff::from_chars(old.as_str(), new.as_str()).ratio() >= NEARLY
}
