//! What may stay in an archive: the words of the specification, of OData and of OAuth. They are about nobody.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::document::Document;

/// Of addresses and expressions.
const OF_ODATA: [&str; 49] = [
    "$batch",
    "$count",
    "$deltatoken",
    "$entity",
    "$expand",
    "$filter",
    "$format",
    "$metadata",
    "$orderby",
    "$ref",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
    "$value",
    "add",
    "all",
    "and",
    "any",
    "asc",
    "beta",
    "collection",
    "contains",
    "count",
    "delta",
    "desc",
    "endswith",
    "eq",
    "expand",
    "false",
    "filter",
    "ge",
    "gt",
    "in",
    "le",
    "levels",
    "lt",
    "ne",
    "not",
    "null",
    "or",
    "orderby",
    "select",
    "startswith",
    "top",
    "true",
    "v1.0",
    "search",
];

/// Of the addresses of Microsoft Entra.
const OF_OAUTH: [&str; 13] = [
    ".well-known",
    "authorize",
    "common",
    "consumers",
    "devicecode",
    "devicelogin",
    "discovery",
    "instance",
    "keys",
    "oauth2",
    "openid-configuration",
    "organizations",
    "token",
];

/// Codes of errors; those of the facade, of Planner's limits and of `OAuth` among them.
const CODES: [&str; 66] = [
    "accessDenied",
    "activityLimitReached",
    "authorization_declined",
    "authorization_pending",
    "Authorization_RequestDenied",
    "bad_verification_code",
    "BadRequest",
    "Conflict",
    "consent_required",
    "copyFailed",
    "Directory_QuotaExceeded",
    "ErrorAccessDenied",
    "ErrorCalendarEndDateIsEarlierThanStartDate",
    "ErrorInvalidArgument",
    "ErrorInvalidParameter",
    "ErrorItemNotFound",
    "expired_token",
    "FailedDependency",
    "Forbidden",
    "generalException",
    "insufficient_claims",
    "interaction_required",
    "InternalServerError",
    "InvalidAuthenticationToken",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_resource",
    "invalid_scope",
    "invalid_token",
    "itemNotFound",
    "MaximumActiveTasksInProject",
    "MaximumAssigneesInTasks",
    "MaximumBucketsInProject",
    "MaximumChecklistItemsOnTask",
    "MaximumProjectsOwnedByUser",
    "MaximumProjectsSharedWithUser",
    "MaximumReferencesOnTask",
    "MaximumTasksAssignedToUser",
    "MaximumTasksCreatedByUser",
    "MaximumTasksInProject",
    "MaximumUsersSharedWithProject",
    "MaximumValueExceeded",
    "methodNotAllowed",
    "MisdirectedRequest",
    "notAllowed",
    "NotFound",
    "NotImplemented",
    "ObjectConflict",
    "PropertyConflict",
    "RequestBodyRead",
    "Request_BadRequest",
    "Request_ResourceNotFound",
    "Request_UnprocessableEntity",
    "Request_UnsupportedQuery",
    "ResourceNotFound",
    "resyncRequired",
    "serviceNotAvailable",
    "slow_down",
    "syncStateNotFound",
    "TimeZoneNotSupportedException",
    "TooManyRequests",
    "Unauthorized",
    "unauthorized_client",
    "unsupported_grant_type",
    "unknownError",
];

/// What tells refusals apart that have the same code, as clients look for it in messages. The first that is found stays.
const PHRASES: [&str; 8] = [
    "references already exist",
    "removed object references do not exist",
    "referenced don't exist",
    "referenced don’t exist",
    "referenced do not exist",
    "object with the same value for property",
    "at least one owner",
    "owner",
];

/// Properties that the specification calls text, and that have few values: of which type, and which.
const FEW_VALUES: [(&str, &str, &[&str]); 4] = [
    ("group", "groupTypes", &["DynamicMembership", "Unified"]),
    ("group", "visibility", &["HiddenMembership", "Private", "Public"]),
    ("dateTimeTimeZone", "timeZone", &["UTC"]),
    ("onenoteOperation", "percentComplete", &["100", "50", "0"]),
];

/// The specification's words, in lower case.
#[derive(Debug)]
pub(super) struct Words(HashSet<String>);

impl Words {
    pub(super) fn new(document: &Document) -> Self {
        let mut words: HashSet<String> = OF_ODATA.into_iter().chain(OF_OAUTH).map(str::to_owned).collect();
        let mut add = |word: &str| {
            words.insert(word.to_ascii_lowercase());
        };
        for endpoint in document.endpoints() {
            for path in [Some(endpoint.path), endpoint.beta_path()].into_iter().flatten() {
                words_of_template(path).for_each(&mut add);
            }
            document.query_parameters(&endpoint).for_each(&mut add);
        }
        for (name, schema) in document.schemas() {
            add(name);
            add(name.rsplit('.').next().unwrap_or_default());
            properties(schema, &mut add);
        }
        Self(words)
    }

    pub(super) fn know(&self, word: &str) -> bool {
        self.0.contains(&word.to_ascii_lowercase())
    }
}

/// The words of a path that stand outside of braces.
fn words_of_template(path: &str) -> impl Iterator<Item = &str> {
    let outside = path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    outside.flat_map(|part| part.split(['/', '(', ')', '\'', '=', ','])).filter(|word| !word.is_empty())
}

fn properties(schema: &Value, add: &mut impl FnMut(&str)) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        add(name);
        properties(property, add);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        properties(part, add);
    }
}

pub(super) fn is_code(text: &str) -> bool {
    CODES.iter().any(|code| code.eq_ignore_ascii_case(text))
}

/// Where in a message something stands that clients look for.
pub(super) fn phrase(message: &str) -> Option<Range<usize>> {
    // Every letter keeps its place.
    let message = message.to_ascii_lowercase();
    let wait = message.find("retry after ").and_then(|start| {
        let (minutes, _) = message[start + "retry after ".len()..].split_once(" minutes")?;
        let length = "retry after ".len() + minutes.len() + " minutes".len();
        is_small_number(minutes).then_some(start..start + length)
    });
    let of = |phrase: &&str| message.find(*phrase).map(|start| start..start + phrase.len());
    wait.or_else(|| PHRASES.iter().find_map(of))
}

/// Whether a property of a type, of which these are the names without their namespace, has few values and this is one.
pub(super) fn is_one_of_few(types: &[&str], property: &str, value: &str) -> bool {
    let is_it = |(of, name, _): &&(&str, &str, &[&str])| *name == property && types.contains(of);
    FEW_VALUES.iter().filter(is_it).any(|(_, _, values)| values.contains(&value))
}

/// Few enough digits for a count.
pub(super) fn is_small_number(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date, with or without time and offset.
pub(super) fn is_date(text: &str) -> bool {
    let parses = |text: &str| OffsetDateTime::parse(text, &Rfc3339).is_ok();
    // Else a fraction of a second could hold any number.
    text.len() <= "2026-01-05T08:00:00.0000000+00:00".len()
        && (parses(text) || parses(&format!("{text}Z")) || parses(&format!("{text}T00:00:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn words_are_those_of_the_specification() {
        let words = Words::new(&Spec::shared().document);
        for known in
            ["groups", "displayName", "$ref", "externalId", "microsoft.graph.user", "startDateTime", "EQ"]
        {
            assert!(words.know(known), "{known}");
        }
        for unknown in ["group-id", "ada", "contoso", "Pilots", ""] {
            assert!(!words.know(unknown), "{unknown}");
        }
    }

    #[test]
    fn what_has_few_values_is_in_the_specification() {
        let document = &Spec::shared().document;
        for (name, property, _) in FEW_VALUES {
            let schema = document.schema(&format!("microsoft.graph.{name}"));
            assert!(
                schema.is_some_and(|schema| schema.to_string().contains(property)),
                "{name} has no {property}"
            );
        }
    }

    #[test]
    fn dates_and_phrases() {
        for (text, expected) in [
            ("2026-01-05", true),
            ("2026-01-05T08:00:00.0000000", true),
            ("2026-01-05T08:00:00-08:00", true),
            ("2026-01-05T08:00:00.123456789123456789Z", false),
            ("tomorrow", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
        for (message, expected) in [
            ("One or more added object References already exist for Ada.", Some("References already exist")),
            ("Retry after 5 minutes, Ada", Some("Retry after 5 minutes")),
            ("Retry after Ada minutes", None),
            ("The objects referenced don’t exist", Some("referenced don’t exist")),
            ("Hello, Ada", None),
        ] {
            assert_eq!(phrase(message).map(|place| &message[place]), expected, "{message}");
        }
    }
}
