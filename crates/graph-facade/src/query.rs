//! OData's query options.

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

use crate::error::Error;

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

/// What a caller asks of a read, as the generated client takes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    select: Option<String>,
    expand: Option<String>,
    filter: Option<String>,
    order_by: Option<String>,
    search: Option<String>,
    top: Option<i64>,
    count: bool,
    refusal: Option<&'static str>,
}

impl Query {
    pub(crate) fn set_select<I: IntoIterator<Item: AsRef<str>>>(&mut self, properties: I) {
        self.select = Some(self.list(properties, "`select` names no property: name some, or leave it out"));
    }

    pub(crate) fn set_expand<I: IntoIterator<Item: AsRef<str>>>(&mut self, relations: I) {
        self.expand = Some(self.list(relations, "`expand` names no relation: name some, or leave it out"));
    }

    pub(crate) fn set_order_by<I: IntoIterator<Item: AsRef<str>>>(&mut self, properties: I) {
        self.order_by =
            Some(self.list(properties, "`order_by` names no property: name some, or leave it out"));
    }

    pub(crate) fn set_filter(&mut self, condition: String) {
        self.require(&condition, "`filter` is empty: give a condition, or leave it out");
        self.filter = Some(condition);
    }

    pub(crate) fn set_search(&mut self, words: String) {
        self.require(&words, "`search` is empty: give words, or leave it out");
        self.search = Some(words);
    }

    pub(crate) fn set_top(&mut self, items: u32) {
        if items == 0 {
            self.refusal = Some("`top(0)` asks for pages without items: ask for at least one");
        }
        self.top = Some(i64::from(items));
    }

    pub(crate) fn set_count(&mut self) {
        self.count = true;
    }

    /// Fails if the service would refuse the query, or answer another one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.refusal.map_or(Ok(()), |refusal| Err(Error::refused(refusal)))
    }

    /// Adds the headers that the query needs: the directory ignores `$count` and refuses `$search` without.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap) {
        if self.count || self.search.is_some() {
            headers.insert(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
        }
    }

    pub(crate) fn select(&self) -> Option<&str> {
        self.select.as_deref()
    }

    pub(crate) fn expand(&self) -> Option<&str> {
        self.expand.as_deref()
    }

    pub(crate) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    pub(crate) fn order_by(&self) -> Option<&str> {
        self.order_by.as_deref()
    }

    pub(crate) fn search(&self) -> Option<&str> {
        self.search.as_deref()
    }

    pub(crate) fn top(&self) -> Option<i64> {
        self.top
    }

    pub(crate) fn count(&self) -> Option<bool> {
        self.count.then_some(true)
    }

    /// Joins `names`, none of which may be empty.
    fn list<I: IntoIterator<Item: AsRef<str>>>(&mut self, names: I, refusal: &'static str) -> String {
        let names: Vec<_> = names.into_iter().collect();
        let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
        if names.iter().any(|name| name.trim().is_empty()) {
            self.refusal = Some(refusal);
        }
        let list = names.join(",");
        self.require(&list, refusal);
        list
    }

    fn require(&mut self, text: &str, refusal: &'static str) {
        if text.trim().is_empty() {
            self.refusal = Some(refusal);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Query;

    #[test]
    fn lists_are_joined_with_commas() {
        let mut query = Query::default();
        query.set_select(["id", "displayName"]);
        query.set_order_by(vec!["displayName desc".to_owned()]);
        assert_eq!(query.select(), Some("id,displayName"));
        assert_eq!(query.order_by(), Some("displayName desc"));
        query.check().unwrap();
    }

    #[test]
    fn what_would_break_is_refused_with_the_remedy() {
        let refusals: [fn(&mut Query); 6] = [
            |query| query.set_select::<[&str; 0]>([]),
            |query| query.set_select(["id", ""]),
            |query| query.set_expand([" "]),
            |query| query.set_filter(String::new()),
            |query| query.set_search(String::new()),
            |query| query.set_top(0),
        ];
        for set in refusals {
            let mut query = Query::default();
            set(&mut query);
            assert!(query.check().is_err(), "{query:?}");
        }
    }

    #[test]
    fn counting_and_searching_ask_for_eventual_consistency() {
        let headers = |set: fn(&mut Query)| {
            let (mut query, mut headers) = (Query::default(), HeaderMap::new());
            set(&mut query);
            query.add_headers(&mut headers);
            headers
        };
        assert_eq!(headers(Query::set_count)["ConsistencyLevel"], "eventual");
        assert_eq!(
            headers(|query| query.set_search("\"displayName:P\"".into()))["ConsistencyLevel"],
            "eventual"
        );
        assert!(headers(|query| query.set_top(5)).is_empty());
    }
}
