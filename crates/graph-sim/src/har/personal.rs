//! What of the API's objects tells of people.

use serde_json::Value;

use crate::document::{Document, schema_name};

const USER: &[&str] = &[
    "businessPhones",
    "department",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "mobilePhone",
    "officeLocation",
    "surname",
    "userPrincipalName",
];

/// Types, and those of their properties that tell of people or hold what people wrote to each other.
const PERSONAL: [(&str, &[&str]); 13] = [
    ("user", USER),
    ("identity", &["displayName"]),
    ("emailAddress", &["address", "name"]),
    ("itemBody", &["content"]),
    ("conversation", &["preview", "topic", "uniqueSenders"]),
    ("conversationThread", &["preview", "topic", "uniqueSenders"]),
    ("event", &["bodyPreview", "onlineMeetingUrl", "subject", "webLink"]),
    ("location", &["displayName", "locationEmailAddress", "locationUri"]),
    ("physicalAddress", &["city", "countryOrRegion", "postalCode", "state", "street"]),
    ("phone", &["number"]),
    ("onlineMeetingInfo", &["joinUrl", "conferenceId"]),
    ("onenotePage", &["title"]),
    ("plannerTaskDetails", &["description"]),
];

/// Whether a property of a type, or of a type that it is based on, is about people.
pub(super) fn is_personal(document: &Document, type_name: &str, property: &str) -> bool {
    let own = type_name.trim_start_matches("microsoft.graph.");
    let listed = |name: &str| PERSONAL.iter().any(|(it, of)| *it == name && of.contains(&property));
    listed(own)
        || bases(document, type_name).iter().any(|base| listed(base.trim_start_matches("microsoft.graph.")))
}

fn bases<'d>(document: &'d Document, type_name: &str) -> Vec<&'d str> {
    let parts = document.schema(type_name).and_then(|schema| schema["allOf"].as_array());
    let direct: Vec<&str> = parts.into_iter().flatten().filter_map(schema_name).collect();
    direct.iter().flat_map(|base| bases(document, base)).chain(direct.iter().copied()).collect()
}

/// The schema of a property, wherever the type has it from.
pub(super) fn property<'d>(document: &'d Document, schema: &'d Value, name: &str) -> Option<&'d Value> {
    let schema = document.resolve(schema);
    if let Some(found) = schema["properties"].get(name) {
        return Some(found);
    }
    let mut parts = ["allOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    let of_parts = parts.find_map(|part| property(document, part, name));
    // Entries of an open map are described, if at all, as what every further property is.
    of_parts.or_else(|| Some(&schema["additionalProperties"]).filter(|it| type_of(it).is_some()))
}

/// The name of the type that a schema refers to, perhaps as one that may be null.
pub(super) fn type_of(schema: &Value) -> Option<&str> {
    let of_parts = || schema["anyOf"].as_array()?.iter().find_map(schema_name);
    schema_name(schema).or_else(of_parts)
}

/// What the items of a list are.
pub(super) fn items<'d>(document: &'d Document, schema: &'d Value) -> Option<&'d Value> {
    document.resolve(schema).get("items")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn every_personal_property_is_in_the_specification() {
        let document = &Spec::shared().document;
        for (name, properties) in PERSONAL {
            let name = format!("microsoft.graph.{name}");
            let schema = document.schema(&name).unwrap_or_else(|| panic!("no type {name}"));
            for it in properties {
                assert!(property(document, schema, it).is_some(), "{name} has no {it}");
            }
        }
    }

    #[test]
    fn what_a_user_is_called_is_personal_and_what_a_group_is_called_is_not() {
        let document = &Spec::shared().document;
        let is =
            |name: &str, property: &str| is_personal(document, &format!("microsoft.graph.{name}"), property);
        assert!(is("user", "displayName") && is("identity", "displayName") && is("itemBody", "content"));
        assert!(!is("group", "displayName") && !is("community", "displayName") && !is("user", "id"));
    }
}
