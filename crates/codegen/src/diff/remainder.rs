//! What no code is generated from: words, examples, annotations. Every difference is told with its place.

use serde_json::Value;

use super::{Change, Changes, Class};

const WORDS: [&str; 6] = ["description", "summary", "title", "externalDocs", "example", "examples"];
const UNUSED: &str = "no code is generated from it";

/// Tells every difference between two values.
pub(super) fn compare(place: &str, old: &Value, new: &Value, changes: &mut Changes) {
    walk(place, "", old, new, changes);
}

/// Two texts that differ and mean the same.
pub(super) fn spelling(place: &str, changes: &mut Changes) {
    changes.push(Class::Patch, "spelling", place, "is written in another way and means the same", UNUSED);
}

fn walk(place: &str, pointer: &str, old: &Value, new: &Value, changes: &mut Changes) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                walk(
                    place,
                    &format!("{pointer}/{key}"),
                    value,
                    after.get(key).unwrap_or(&Value::Null),
                    changes,
                );
            }
            for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
                walk(place, &format!("{pointer}/{key}"), &Value::Null, value, changes);
            }
            // A key with null, and no such key.
            if before.len() != after.len() || before.keys().ne(after.keys()) {
                let silent = |one: &serde_json::Map<String, Value>,
                              other: &serde_json::Map<String, Value>| {
                    one.iter().any(|(key, value)| value.is_null() && !other.contains_key(key))
                };
                if silent(before, after) || silent(after, before) {
                    changes.push(
                        Class::Patch,
                        "annotation-changed",
                        place,
                        format!("`{pointer}` says null or nothing"),
                        UNUSED,
                    );
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (one, other)) in before.iter().zip(after).enumerate() {
                walk(place, &format!("{pointer}/{index}"), one, other, changes);
            }
        }
        (one, other) if one == other => {}
        (one, other) => changes.0.push(difference(place, pointer, one, other)),
    }
}

fn difference(place: &str, pointer: &str, old: &Value, new: &Value) -> Change {
    let deprecates = pointer.split('/').any(|key| matches!(key, "deprecated" | "x-ms-deprecation"));
    let words = pointer.split('/').any(|key| WORDS.contains(&key));
    let (kind, why) = match (deprecates, words) {
        (true, _) => ("deprecation-changed", "it is still there, and announced to go"),
        (_, true) => ("words-changed", "descriptions are of our own"),
        _ => ("annotation-changed", UNUSED),
    };
    let what = match (old.is_null(), new.is_null()) {
        (true, _) => format!("`{pointer}` is new"),
        (_, true) => format!("`{pointer}` is gone"),
        // Nobody's sentences belong into a report.
        _ if words => format!("`{pointer}` says something else"),
        _ => format!("`{pointer}` was {}, is {}", brief(old), brief(new)),
    };
    Change { class: Class::Patch, kind, place: place.to_owned(), what, why, shape: String::new() }
}

fn brief(value: &Value) -> String {
    shortened(&value.to_string())
}

/// The beginning of a text that may be very long.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(LONGEST).collect::<String>())
}
