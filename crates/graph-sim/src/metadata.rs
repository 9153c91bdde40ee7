//! How much an answer says of itself: `odata.metadata` in `Accept`.

use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::{Map, Value};

use crate::ids;
use crate::types::Types;

/// The three levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metadata {
    /// Nothing but what is needed to go on.
    None,
    /// What a client can't work out; the default.
    Minimal,
    /// Every type, address and relation.
    Full,
}

/// What stays of a page or round at every level.
const NEEDED: [&str; 3] = ["@odata.count", "@odata.nextLink", "@odata.deltaLink"];
const CONTEXT: &str = "@odata.context";

/// Where an answer comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) types: &'a Types,
    /// Scheme and host.
    pub(crate) root: &'a str,
    /// The type of the objects in the answer, as the specification declares it.
    pub(crate) declared: &'a str,
}

impl Metadata {
    /// The level that a request accepts.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut parameters =
            accepted.flat_map(|value| value.split([',', ';'])).filter_map(|it| it.split_once('='));
        let level = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("odata.metadata"));
        match level.map(|(_, level)| level.trim().to_ascii_lowercase()).as_deref() {
            Some("none") => Self::None,
            Some("full") => Self::Full,
            _ => Self::Minimal,
        }
    }

    /// As `Content-Type` has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }

    /// Makes an answer say as much as this level does; it says the minimum so far.
    pub(crate) fn apply(self, answer: &mut Value, origin: Origin<'_>) {
        match self {
            Self::Minimal => {}
            Self::None => {
                let kept = answer.as_object().into_iter().flatten();
                let kept: Map<_, _> = kept
                    .filter(|(name, _)| NEEDED.contains(&name.as_str()))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                strip(answer);
                answer.as_object_mut().into_iter().for_each(|answer| answer.extend(kept.clone()));
            }
            Self::Full => origin.describe(answer),
        }
    }
}

/// Takes every annotation of OData away.
fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(properties) => {
            properties.retain(|name, _| !name.contains("@odata."));
            properties.values_mut().for_each(strip);
        }
        _ => {}
    }
}

/// The collection that a context is about: `groups` of `…/$metadata#groups(id)/$entity`, `groups('7')/events` of `…#groups('7')/events(id)`.
fn collection_of(context: &str) -> &str {
    let fragment = context.split_once('#').map_or("", |(_, fragment)| fragment);
    let fragment = fragment.strip_suffix("/$entity").unwrap_or(fragment);
    let is_choice = |at: &usize| !fragment[at + 1..].starts_with('\'');
    let choice = fragment.match_indices('(').map(|(at, _)| at).find(is_choice);
    &fragment[..choice.unwrap_or(fragment.len())]
}

impl Origin<'_> {
    fn describe(&self, answer: &mut Value) {
        let context = answer[CONTEXT].as_str().unwrap_or_default();
        let collection = collection_of(context).to_owned();
        match answer.get_mut("value") {
            Some(Value::Array(items)) => {
                for item in items {
                    self.describe_object(self.declared, &collection, item);
                }
            }
            _ => self.describe_object(self.declared, &collection, answer),
        }
    }

    /// Adds the types, and the addresses of what has an id; `collection` is where the object is.
    fn describe_object(&self, declared: &str, collection: &str, object: &mut Value) {
        let of = self.types.of(declared, object).to_owned();
        let Value::Object(properties) = object else { return };
        let id = properties.get("id").and_then(Value::as_str);
        let address = id.map(|id| (edit_link(collection, id), self.id(&of, collection, id)));
        let mut notes = vec![("@odata.type".to_owned(), Value::from(format!("#{of}")))];
        if let Some((edit, id)) = &address {
            notes.push(("@odata.id".to_owned(), id.clone().into()));
            notes.push(("@odata.editLink".to_owned(), edit.clone().into()));
        }
        for (name, property) in self.types.properties(&of) {
            let path = address.as_ref().map(|(edit, _)| format!("{edit}/{name}")).unwrap_or_default();
            if property.is_navigation && address.is_some() {
                notes.push((format!("{name}@odata.associationLink"), format!("{path}/$ref").into()));
                notes.push((format!("{name}@odata.navigationLink"), path.clone().into()));
            }
            let Some(value) = properties.get_mut(name).filter(|value| !value.is_null()) else { continue };
            match (&property.target, value) {
                (Some(target), Value::Array(items)) => {
                    for item in items {
                        self.describe_object(target, &path, item);
                    }
                }
                (Some(target), value) => self.describe_object(target, &path, value),
                (None, _) => {}
            }
            if let Some(odata) = property.odata.as_ref().filter(|_| !property.is_navigation) {
                notes.push((format!("{name}@odata.type"), format!("#{odata}").into()));
            }
        }
        properties.extend(notes);
    }

    /// What the directory has it calls by an address of its own.
    fn id(&self, of: &str, collection: &str, id: &str) -> String {
        let kind = match of {
            "microsoft.graph.group" => "Group",
            "microsoft.graph.user" => "User",
            _ => return edit_link(collection, id),
        };
        format!("{}/v2/{}/directoryObjects/{id}/Microsoft.DirectoryServices.{kind}", self.root, ids::TENANT)
    }
}

/// The address of an object in its collection, relative to the version's root.
fn edit_link(collection: &str, id: &str) -> String {
    format!("{collection}('{}')", id.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_context_names_its_collection() {
        for (context, expected) in [
            ("https://g/v1.0/$metadata#groups", "groups"),
            ("https://g/v1.0/$metadata#groups(id,members(id))/$entity", "groups"),
            ("https://g/v1.0/$metadata#groups('7')/events/$entity", "groups('7')/events"),
            ("https://g/v1.0/$metadata#groups('7')/events(subject)", "groups('7')/events"),
            ("", ""),
        ] {
            assert_eq!(super::collection_of(context), expected, "{context}");
        }
    }

    use super::*;

    #[test]
    fn the_level_is_a_parameter_of_what_is_accepted() {
        for (accept, expected) in [
            ("application/json", Metadata::Minimal),
            ("application/json;odata.metadata=none", Metadata::None),
            ("application/json; OData.Metadata = FULL ;odata.streaming=true", Metadata::Full),
            ("text/html, application/json;odata.metadata=minimal", Metadata::Minimal),
            ("application/json;odata=verbose", Metadata::Minimal),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(Metadata::accepted(&headers), expected, "{accept}");
        }
        assert_eq!(Metadata::accepted(&HeaderMap::new()), Metadata::Minimal);
    }
}
