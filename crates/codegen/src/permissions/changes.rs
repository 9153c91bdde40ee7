//! What a later file of permissions changes, as far as the surface keeps it.

use super::{Choice, Offer, Table};
use crate::diff::{Change, Class};

/// The permissions for one kind of access.
type Of = fn(&Offer) -> &Choice;

/// The kinds of access, and what people call them.
const ACCESSES: [(Of, &str); 3] = [
    (|offer| &offer.delegated, "on behalf of a user"),
    (|offer| &offer.application, "for an app alone"),
    (|offer| &offer.resource_specific, "with consent for one resource"),
];

/// The differences between two slices, sorted.
pub fn between(old: &Table, new: &Table) -> Vec<Change> {
    let nothing = Offer::default();
    let mut places: Vec<_> = old.places().chain(new.places()).collect();
    places.sort_unstable();
    places.dedup();
    let mut changes = Vec::new();
    for (path, method) in places {
        let [before, after] = [old, new].map(|table| table.exactly(method, path).unwrap_or(&nothing));
        let place = format!("{} {path}", method.to_uppercase());
        for (of, access) in ACCESSES {
            compare(&place, access, of(before), of(after), &mut changes);
        }
    }
    changes.sort();
    changes
}

impl Table {
    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let of = |(path, methods)| (path, methods);
        self.paths
            .iter()
            .map(of)
            .flat_map(|(path, methods)| methods.keys().map(move |method| (path.as_str(), method.as_str())))
    }
}

fn compare(place: &str, access: &str, before: &Choice, after: &Choice, changes: &mut Vec<Change>) {
    let has = |choice: &Choice, name: &String| choice.names().any(|known| known == name);
    let mut push = |kind, what, why| changes.push(Change::new(Class::Behavioural, kind, place, what, why));
    for name in before.names().filter(|name| !has(after, name)) {
        let what = format!("no longer takes `{name}` {access}");
        push("permission-removed", what, "a program that has no other is refused");
    }
    for name in after.names().filter(|name| !has(before, name)) {
        let what = format!("takes `{name}` {access}");
        push("permission-added", what, "a program that has it is no longer refused");
    }
    if before.with != after.with {
        let what = format!("has other permissions that don't suffice by themselves {access}");
        push("permission-condition-changed", what, "a program may need two of them");
    }
    let [least, now] = [before, after].map(|choice| choice.names().next());
    if let (Some(least), Some(now)) = (least, now)
        && least != now
    {
        let what = format!("has `{now}` instead of `{least}` as the least {access}");
        push("least-permission-changed", what, "what is recommended to programs changes");
    }
}
