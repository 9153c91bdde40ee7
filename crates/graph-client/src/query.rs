//! OData's query options.

use graph_runtime::OperationInfo;
use http::HeaderMap;

use crate::error::Error;

mod consistency;
mod expand;
mod filter;
mod literal;
mod name;
mod order_by;
mod path;
mod search;

pub use consistency::Consistency;
pub(crate) use consistency::continue_query;
pub use expand::Expand;
pub use filter::Filter;
pub use literal::Literal;
use name::{Fault, check_path};
pub use order_by::{OrderBy, asc, desc};
pub use path::{PropertyPath, field};
pub use search::Search;

/// What a caller asks of a read, as the generated client takes it.
#[derive(Clone, Debug, Default)]
pub struct Query {
    select: Option<String>,
    expand: Option<String>,
    filter: Option<String>,
    order_by: Option<String>,
    search: Option<String>,
    top: Option<i64>,
    count: bool,
    consistency: Consistency,
    /// The first thing that is wrong.
    fault: Option<Fault>,
}

impl Query {
    /// What an earlier query, already checked, asked for.
    pub(crate) fn of_scope(select: Option<String>, filter: Option<String>) -> Self {
        Self { select, filter, ..Self::default() }
    }

    /// Says what is wrong with something that never became part of the query.
    pub(crate) fn refuse(&mut self, fault: &str) {
        self.fault.get_or_insert_with(|| fault.into());
    }

    pub(crate) fn set_select<I: IntoIterator<Item: AsRef<str>>>(&mut self, properties: I) {
        self.select = self.sound(select_list("select", properties));
    }

    pub(crate) fn set_expand<I: IntoIterator<Item: Into<Expand>>>(&mut self, relations: I) {
        self.expand = self.sound(expand::render(relations));
    }

    pub(crate) fn set_order_by<I: IntoIterator<Item: Into<OrderBy>>>(&mut self, properties: I) {
        self.order_by = self.sound(order_by::render(properties));
    }

    /// Asks for what meets this condition.
    pub fn set_filter(&mut self, condition: impl Into<Filter>) {
        self.filter = self.sound(condition.into().render());
    }

    pub(crate) fn set_search(&mut self, words: impl Into<Search>) {
        self.search = self.sound(words.into().render());
    }

    pub(crate) fn set_top(&mut self, items: u32) {
        let top = match items {
            0 => Err("`top(0)` asks for pages without items: ask for at least one".into()),
            _ => Ok(i64::from(items)),
        };
        self.top = self.sound(top);
    }

    pub(crate) fn set_count(&mut self) {
        self.count = true;
    }

    pub(crate) fn set_consistency(&mut self, consistency: Consistency) {
        self.consistency = consistency;
    }

    /// Makes the query one that `operation` answers as it was meant, with the headers that it needs.
    ///
    /// Fails if the service would refuse it.
    pub(crate) fn prepare(
        &mut self,
        operation: &OperationInfo,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        if let Some(fault) = &self.fault {
            return Err(Error::refused(fault.clone()));
        }
        let asked = self.asked();
        let eventual = match self.consistency {
            Consistency::AsNeeded => consistency::is_advanced(operation, asked),
            Consistency::Eventual => true,
            Consistency::Session => false,
        };
        if !eventual {
            return Ok(());
        }
        if self.expand.is_some() {
            return Err(Error::refused(
                "the directory doesn't `expand` in a query that it answers from its index (one with `count`, `search`, \
                 `order_by`, or a filter with `ne`, `not` or `ends_with`): read the related objects on their own",
            ));
        }
        self.count |= consistency::wants_count(operation, asked);
        consistency::ask_for_eventual(headers);
        Ok(())
    }

    /// The value of `$select`, if it is asked for.
    pub fn select(&self) -> Option<&str> {
        self.select.as_deref()
    }

    /// The value of `$expand`, if it is asked for.
    pub fn expand(&self) -> Option<&str> {
        self.expand.as_deref()
    }

    /// The value of `$filter`, if it is asked for.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// The value of `$orderby`, if it is asked for.
    pub fn order_by(&self) -> Option<&str> {
        self.order_by.as_deref()
    }

    /// The value of `$search`, if it is asked for.
    pub fn search(&self) -> Option<&str> {
        self.search.as_deref()
    }

    /// The value of `$top`, if it is asked for.
    pub fn top(&self) -> Option<i64> {
        self.top
    }

    /// The value of `$count`, if it is asked for.
    pub fn count(&self) -> Option<bool> {
        self.count.then_some(true)
    }

    fn asked(&self) -> consistency::Asked<'_> {
        consistency::Asked {
            count: self.count,
            search: self.search(),
            order_by: self.order_by(),
            filter: self.filter(),
            shape: self.select.is_some() || self.top.is_some(),
        }
    }

    /// What can be sent; the first fault is kept for the refusal.
    fn sound<T>(&mut self, part: Result<T, Fault>) -> Option<T> {
        part.map_err(|fault| self.fault.get_or_insert(fault).len()).ok()
    }
}

/// Names of properties with commas between them.
fn select_list<I: IntoIterator<Item: AsRef<str>>>(option: &str, properties: I) -> Result<String, Fault> {
    let mut list = String::new();
    for property in properties {
        let property = property.as_ref();
        if property != "*" {
            check_path(option, property)?;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(property);
    }
    if list.is_empty() { check_path(option, "").map(|()| list) } else { Ok(list) }
}

#[cfg(test)]
mod tests {
    use graph_runtime::OperationInfo;
    use http::{HeaderMap, HeaderValue};

    use super::{Consistency, Query, Search, desc, field};

    static GROUPS_LIST: OperationInfo = OperationInfo::new("groups.list", "groups_list", "GET", "/groups");
    static THINGS_LIST: OperationInfo = OperationInfo::new("things.list", "things_list", "GET", "/things");

    type Set = fn(&mut Query);

    #[test]
    fn lists_are_joined_with_commas() {
        let mut query = Query::default();
        query.set_select(["id", "displayName"]);
        query.set_order_by([desc("displayName")]);
        assert_eq!(query.select(), Some("id,displayName"));
        assert_eq!(query.order_by(), Some("displayName desc"));
        query.prepare(&GROUPS_LIST, &mut HeaderMap::new()).unwrap();
    }

    #[test]
    fn what_would_break_is_refused_with_the_remedy() {
        let refusals: [(Set, &str); 10] = [
            (|query| query.set_select::<[&str; 0]>([]), "`select` names no property"),
            (|query| query.set_select(["id", ""]), "`select` names no property"),
            (|query| query.set_select(["id,mail"]), "`id,mail` in `select` is no name"),
            (|query| query.set_expand([" "]), "`expand` names no property"),
            (|query| query.set_filter(String::new()), "`filter` is empty"),
            (|query| query.set_filter(field("a b").eq(1)), "`a b` in `filter`"),
            (|query| query.set_search(String::new()), "`search` is empty"),
            (|query| query.set_top(0), "`top(0)`"),
            (
                |query| {
                    query.set_top(0);
                    query.set_filter("");
                },
                "`top(0)`",
            ),
            (
                |query| {
                    query.set_expand(["members"]);
                    query.set_count();
                },
                "doesn't `expand`",
            ),
        ];
        for (set, reason) in refusals {
            let mut query = Query::default();
            set(&mut query);
            let error = query.prepare(&GROUPS_LIST, &mut HeaderMap::new()).unwrap_err();
            assert!(error.message().contains(reason), "{error}");
        }
    }

    /// The header and `$count` that a query is sent with.
    fn sent(set: Set, headers: &[(&'static str, &'static str)]) -> (Option<HeaderValue>, Option<bool>) {
        let mut query = Query::default();
        let mut headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        set(&mut query);
        query.prepare(&GROUPS_LIST, &mut headers).unwrap();
        (headers.get("ConsistencyLevel").cloned(), query.count())
    }

    #[test]
    fn what_the_index_alone_can_answer_is_asked_of_it() {
        let eventual = Some(HeaderValue::from_static("eventual"));
        assert_eq!(sent(Query::set_count, &[]), (eventual.clone(), Some(true)));
        assert_eq!(sent(|query| query.set_search(Search::words("P")), &[]), (eventual.clone(), None));
        assert_eq!(sent(|query| query.set_filter(field("mail").ne("x")), &[]), (eventual, Some(true)));
        assert_eq!(sent(|query| query.set_filter(field("mail").eq("x")), &[]), (None, None));
        assert_eq!(sent(|query| query.set_top(5), &[]), (None, None));
    }

    #[test]
    fn callers_have_the_last_word() {
        let session = |query: &mut Query| {
            query.set_filter(field("mail").ne("x"));
            query.set_consistency(Consistency::Session);
        };
        assert_eq!(sent(session, &[]), (None, None));
        let eventual = |query: &mut Query| query.set_consistency(Consistency::Eventual);
        assert_eq!(sent(eventual, &[]), (Some(HeaderValue::from_static("eventual")), Some(true)));
        let own = [("consistencylevel", "session")];
        assert_eq!(sent(Query::set_count, &own).0, Some(HeaderValue::from_static("session")));
    }

    #[test]
    fn other_services_have_no_such_levels() {
        let (mut query, mut headers) = (Query::default(), HeaderMap::new());
        query.set_count();
        query.set_expand(["owners"]);
        query.prepare(&THINGS_LIST, &mut headers).unwrap();
        assert!(headers.is_empty());
    }
}
