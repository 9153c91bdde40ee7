//! The query string, as OData reads it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::error::Refusal;

const SYSTEM_OPTIONS: [&str; 11] = [
    "$select",
    "$expand",
    "$filter",
    "$orderby",
    "$search",
    "$count",
    "$top",
    "$skip",
    "$skiptoken",
    "$deltatoken",
    "$format",
];

/// The options of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    options: Vec<QueryOption>,
}

#[derive(Debug, Clone)]
struct QueryOption {
    /// As sent, `name=value`.
    raw: String,
    name: String,
    value: String,
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let parts = query.unwrap_or_default().split('&').filter(|part| !part.is_empty());
        Self { options: parts.map(QueryOption::parse).collect() }
    }

    /// Options that are decoded already.
    pub(crate) fn decoded(options: Vec<(&str, &str)>) -> Self {
        let option = |(name, value): (&str, &str)| QueryOption {
            raw: format!("{name}={value}"),
            name: canonical(name.trim().to_owned()),
            value: value.to_owned(),
        };
        Self { options: options.into_iter().map(option).collect() }
    }

    /// The options as beta reads them, where the `$` of a system option may be missing.
    pub(crate) fn in_beta(mut self) -> Self {
        for option in &mut self.options {
            let with_sign = canonical(format!("${}", option.name));
            if SYSTEM_OPTIONS.contains(&with_sign.as_str()) {
                option.name = with_sign;
            }
        }
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|option| option.name == name).map(|option| option.value.as_str())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|option| option.name.as_str())
    }

    /// Refuses system options other than these: what the service makes of them here isn't known.
    pub(crate) fn allow(&self, allowed: &[&str]) -> Result<(), Refusal> {
        match self.names().find(|name| name.starts_with('$') && !allowed.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Refusal::not_simulated(format!(
                "What the service makes of '{name}' here is not known to the simulator; it knows {}.",
                allowed.join(", ")
            ))),
        }
    }

    /// Refuses system options that the service itself is known to refuse here.
    pub(crate) fn refuse(&self, refused: &[&str]) -> Result<(), Refusal> {
        match self.names().find(|name| refused.contains(name)) {
            None => Ok(()),
            Some(name) => {
                Err(Refusal::unsupported_query(format!("The query option '{name}' is not supported here.")))
            }
        }
    }

    /// The properties that `$select` names.
    pub(crate) fn select(&self) -> Option<Vec<&str>> {
        self.get("$select")
            .map(|list| list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
    }

    /// The query of the next page: everything as it was, but for the place to go on from.
    pub(crate) fn with_skip_token(&self, token: &str) -> String {
        let kept =
            self.options.iter().filter(|option| option.name != "$skiptoken").map(|option| &*option.raw);
        let token = format!("$skiptoken={token}");
        kept.chain([token.as_str()]).collect::<Vec<_>>().join("&")
    }
}

impl QueryOption {
    fn parse(raw: &str) -> Self {
        let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
        Self { raw: raw.to_owned(), name: canonical(decode(name)), value: decode(value) }
    }
}

/// A system option as OData spells it; the service doesn't mind its case.
fn canonical(name: String) -> String {
    let known = SYSTEM_OPTIONS.iter().find(|known| known.eq_ignore_ascii_case(&name));
    known.map_or(name, |known| (*known).to_owned())
}

fn decode(text: &str) -> String {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// A property by its name, in whatever case.
pub(crate) fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let ignoring_case =
        || value.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, it)| it);
    value.get(name).or_else(ignoring_case)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_decoded() {
        let query = Query::parse(Some("%24filter=displayName%20eq+'a%26b'&$select=id, displayName&flag"));
        assert_eq!(query.get("$filter"), Some("displayName eq 'a&b'"));
        assert_eq!(query.select(), Some(vec!["id", "displayName"]));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(Query::parse(None).select(), None);
    }

    #[test]
    fn the_next_page_keeps_every_other_option_as_sent() {
        let query = Query::parse(Some("%24top=2&$skiptoken=old&$select=id"));
        assert_eq!(query.with_skip_token("new"), "%24top=2&$select=id&$skiptoken=new");
    }

    #[test]
    fn the_case_of_a_system_option_is_free_and_in_beta_its_sign_too() {
        let query = Query::parse(Some("$Top=2&%24ORDERBY=id&startDateTime=x&select=id"));
        assert_eq!((query.get("$top"), query.get("$orderby")), (Some("2"), Some("id")));
        assert_eq!((query.get("startDateTime"), query.get("$select")), (Some("x"), None));
        assert_eq!(query.in_beta().get("$select"), Some("id"));
    }

    #[test]
    fn unsupported_options_are_named() {
        let query = Query::parse(Some("$top=2&$search=x&debug=1"));
        assert!(query.allow(&["$top", "$search"]).is_ok());
        assert!(query.allow(&["$top"]).unwrap_err().message.contains("'$search'"));
        assert!(query.refuse(&["$skip"]).is_ok());
        assert!(query.refuse(&["$top"]).unwrap_err().message.contains("'$top'"));
    }
}
