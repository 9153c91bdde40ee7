//! Enums of texts. They are open, so that a new member breaks nobody; what changes is what can be matched by name.

use serde_json::Value;

use super::form::without;
use super::{Changes, Class, remainder};

const SENTINEL: &str = "unknownFutureValue";

pub(super) fn is_enum(schema: &Value) -> bool {
    schema["type"] == "string" && schema["enum"].is_array()
}

pub(super) fn compare(place: &str, was: &Value, is: &Value, changes: &mut Changes) {
    let (old, new) = (members(was), members(is));
    for gone in old.iter().filter(|member| !new.contains(member)) {
        let what = format!("`{gone}` is gone");
        if *gone == SENTINEL {
            changes.push(
                Class::Behavioural,
                "sentinel-removed",
                place,
                what,
                "members no longer come in its stead",
            );
        } else {
            changes.push(Class::Major, "member-removed", place, what, "its variant goes too");
        }
    }
    let sentinel = new.iter().position(|member| *member == SENTINEL);
    for (position, member) in new.iter().enumerate().filter(|(_, member)| !old.contains(member)) {
        let hidden = sentinel.is_some_and(|sentinel| position > sentinel);
        let what = format!("`{member}` is new{}", if hidden { ", behind the sentinel" } else { "" });
        if *member == SENTINEL {
            changes.push(
                Class::Behavioural,
                "sentinel-added",
                place,
                what,
                "the service may now hide members that it was not asked for",
            );
        } else if is_status(place) {
            changes.push(
                Class::Minor,
                "status-added",
                place,
                what,
                "one variant more; earlier releases read it as unknown, and a wait goes on as long as it may",
            );
        } else {
            changes.push(
                Class::Minor,
                "member-added",
                place,
                what,
                "one variant more; earlier releases read it as unknown",
            );
        }
    }
    let kept = |members: &[&str], others: &[&str]| -> Vec<String> {
        members.iter().filter(|member| others.contains(member)).map(|&member| member.to_owned()).collect()
    };
    let (before, after) = (kept(&old, &new), kept(&new, &old));
    if before != after {
        let place_of = |members: &[String]| {
            members.iter().position(|member| member == SENTINEL).map(|at| members[at..].to_vec())
        };
        if place_of(&before) == place_of(&after) {
            changes.push(
                Class::Patch,
                "members-reordered",
                place,
                "its members stand in another order",
                "variants have no order that a program sees",
            );
        } else {
            changes.push(
                Class::Behavioural,
                "sentinel-moved",
                place,
                "other members stand behind the sentinel",
                "the service hides those unless it is asked for them",
            );
        }
    }
    remainder::compare(place, &without(was, &["enum"]), &without(is, &["enum"]), changes);
}

/// Whether an enum says how far a long-running operation is.
fn is_status(place: &str) -> bool {
    let name = place.to_lowercase();
    name.ends_with("status") && (name.contains("operation") || name.contains("longrunning"))
}

pub(super) fn members(schema: &Value) -> Vec<&str> {
    schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
