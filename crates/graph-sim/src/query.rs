//! The query string, as OData reads it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::Refusal;

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

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|option| option.name == name).map(|option| option.value.as_str())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|option| option.name.as_str())
    }

    /// Refuses system options other than these.
    pub(crate) fn allow(&self, allowed: &[&str]) -> Result<(), Refusal> {
        match self.names().find(|name| name.starts_with('$') && !allowed.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Refusal::unsupported_query(format!(
                "The simulator doesn't support '{name}' here, only {}.",
                allowed.join(", ")
            ))),
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
        Self { raw: raw.to_owned(), name: decode(name), value: decode(value) }
    }
}

fn decode(text: &str) -> String {
    let spaced: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
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
    fn unsupported_options_are_named() {
        let query = Query::parse(Some("$top=2&$search=x&debug=1"));
        assert!(query.allow(&["$top", "$search"]).is_ok());
        assert!(query.allow(&["$top"]).unwrap_err().message.contains("'$search'"));
    }
}
