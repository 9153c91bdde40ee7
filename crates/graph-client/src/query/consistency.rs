//! Which queries the directory answers from its index only.

use graph_runtime::OperationInfo;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use url::Url;

const CONSISTENCY_LEVEL: HeaderName = HeaderName::from_static("consistencylevel");

/// From what the directory answers: users, groups and their relations.
///
/// Its index knows more queries than the directory proper, and is some seconds behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Consistency {
    /// The index where the query needs it, the directory proper otherwise.
    #[default]
    AsNeeded,
    /// The index: `ConsistencyLevel: eventual` and `$count=true`, also for a query that would do without.
    Eventual,
    /// The directory proper. It refuses some queries, and ignores `count`.
    Session,
}

/// What the rules look at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) count: bool,
    pub(super) search: Option<&'a str>,
    pub(super) order_by: Option<&'a str>,
    pub(super) filter: Option<&'a str>,
    /// `$select` or `$top`.
    pub(super) shape: bool,
}

impl Asked<'_> {
    /// Asked for more than the objects as they are, in whatever order.
    fn anything(self) -> bool {
        self.shape || self.count || self.search.or(self.order_by).or(self.filter).is_some()
    }
}

/// What a collection is to the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collection {
    /// Another service's.
    Foreign,
    Directory,
    /// Of the directory, and what one of its objects is related to.
    Relation,
    /// Cut down to one type: `/members/graph.user`.
    Cast,
}

/// Whether the directory answers the query from its index only, as Graph documents it.
///
/// It documents a few orders that work without. They are not told apart here, as they work with it too.
pub(super) fn is_advanced(operation: &OperationInfo, asked: Asked<'_>) -> bool {
    if !asked.anything() && !is_count(operation.template) {
        return false;
    }
    match Collection::of(operation.template) {
        Collection::Foreign => false,
        Collection::Cast => asked.anything(),
        Collection::Relation if asked.filter.is_some() => true,
        Collection::Directory | Collection::Relation => {
            asked.count
                || asked.search.is_some()
                || asked.order_by.is_some()
                || asked.filter.is_some_and(filter_is_advanced)
                || is_count(operation.template)
        }
    }
}

/// Whether the query wants `$count=true` along with the header.
pub(super) fn wants_count(operation: &OperationInfo, asked: Asked<'_>) -> bool {
    !is_count(operation.template)
        && (asked.search.is_none()
            || asked.order_by.is_some()
            || Collection::of(operation.template) == Collection::Relation && asked.filter.is_some()
            || asked.filter.is_some_and(filter_is_advanced))
}

fn is_count(template: &str) -> bool {
    template.ends_with("/$count")
}

impl Collection {
    fn of(template: &str) -> Self {
        let path = template.trim_end_matches("/$count");
        let (path, is_cast) = match path.rsplit_once('/') {
            Some((path, last)) if last.contains("graph.") => (path, true),
            _ => (path, false),
        };
        let mut segments = path.rsplit('/');
        let last = segments.next().unwrap_or_default();
        let owner = segments.find(|segment| !segment.starts_with('{')).unwrap_or_default();
        let is_relation = RELATIONS.contains(&last) && WITH_RELATIONS.contains(&owner);
        let is_own = matches!(last, "groups" | "users" | "directoryObjects");
        match (is_own || is_relation, is_cast, is_relation) {
            (false, ..) => Self::Foreign,
            (true, true, _) => Self::Cast,
            (true, false, true) => Self::Relation,
            (true, false, false) => Self::Directory,
        }
    }
}

const RELATIONS: [&str; 5] = ["members", "owners", "memberOf", "transitiveMembers", "transitiveMemberOf"];

/// What such a relation must be of: teams, chats and roles of Engage have members of their own, which are no objects of the directory.
const WITH_RELATIONS: [&str; 11] = [
    "administrativeUnits",
    "applications",
    "communities",
    "contacts",
    "devices",
    "directoryObjects",
    "directoryRoles",
    "groups",
    "me",
    "servicePrincipals",
    "users",
];

/// How many alternatives the directory proper looks for; its index takes as many as a URL holds.
const MOST_ALTERNATIVES: usize = 15;

/// The properties of users and groups that the directory proper compares with nothing, or not with everything. The index does.
const OF_THE_INDEX: [&str; 16] = [
    "businessPhones",
    "companyName",
    "createdDateTime",
    "deletedDateTime",
    "description",
    "employeeHireDate",
    "employeeType",
    "expirationDateTime",
    "faxNumber",
    "mobilePhone",
    "officeLocation",
    "onPremisesDistinguishedName",
    "onPremisesSamAccountName",
    "postalCode",
    "preferredLanguage",
    "streetAddress",
];

/// What the directory proper alone compares, also with nothing.
const OF_THE_DIRECTORY: [&str; 3] =
    ["hasMembersWithLicenseErrors", "identities", "isLicenseReconciliationNeeded"];

/// Whether a condition uses what only the index knows: `ne`, `not`, `endswith`, `contains`, `$count`, `null`, some properties, many alternatives.
fn filter_is_advanced(condition: &str) -> bool {
    // Every second part stands in quotes; a doubled quote leaves an empty one outside, which says nothing.
    let outside: String = condition.split('\'').step_by(2).collect::<Vec<_>>().join("'");
    let has =
        |of: &[&str]| words(&outside).any(|word| of.iter().any(|other| word.eq_ignore_ascii_case(other)));
    has(&["ne", "not", "endswith", "contains", "$count"])
        || has(&OF_THE_INDEX)
        || (has(&["null"]) && !has(&OF_THE_DIRECTORY))
        || alternatives(&outside) > MOST_ALTERNATIVES
}

/// How many conditions stand beside each other, joined by `or` or listed after `in`.
fn alternatives(outside: &str) -> usize {
    let joined = words(outside).filter(|word| word.eq_ignore_ascii_case("or")).count();
    let parts: Vec<&str> = outside.split('(').collect();
    let lists = parts
        .windows(2)
        .filter(|pair| words(pair[0]).last().is_some_and(|word| word.eq_ignore_ascii_case("in")));
    let listed: usize =
        lists.map(|pair| pair[1].split(')').next().unwrap_or_default().matches(',').count()).sum();
    1 + joined + listed
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric() && it != '$' && it != '_').filter(|word| !word.is_empty())
}

/// Adds the header, unless the caller has set one.
pub(super) fn ask_for_eventual(headers: &mut HeaderMap) {
    if !headers.contains_key(CONSISTENCY_LEVEL) {
        headers.insert(CONSISTENCY_LEVEL, HeaderValue::from_static("eventual"));
    }
}

/// Adds the header if an address that the service handed out continues a query that needs it: the address does not carry it.
pub(crate) fn continue_query(operation: &OperationInfo, address: &Url, headers: &mut HeaderMap) {
    if Collection::of(operation.template) == Collection::Foreign {
        return;
    }
    let mut options = address.query_pairs();
    if options
        .any(|(name, value)| name == "$search" || (name == "$count" && value.eq_ignore_ascii_case("true")))
    {
        ask_for_eventual(headers);
    }
}

#[cfg(test)]
mod tests {
    use graph_runtime::OperationInfo;

    use super::{Asked, alternatives, filter_is_advanced, is_advanced, wants_count};
    use crate::{Filter, field};

    const fn row(template: &'static str) -> OperationInfo {
        OperationInfo::new(template, template, "GET", template)
    }

    static GROUPS_LIST: OperationInfo = row("/groups");
    static GROUPS_COUNT: OperationInfo = row("/groups/$count");
    static GROUPS_DELTA: OperationInfo = row("/groups/delta()");
    static MEMBERS_LIST: OperationInfo = row("/groups/{group-id}/members");
    static MEMBERS_USERS_LIST: OperationInfo = row("/groups/{group-id}/members/graph.user");
    static OWNERS_LIST: OperationInfo = row("/groups/{group-id}/owners");
    static TRANSITIVE_COUNT: OperationInfo = row("/groups/{group-id}/transitiveMembers/$count");
    static TEAM_MEMBERS_LIST: OperationInfo = row("/teams/{team-id}/members");
    static THINGS_LIST: OperationInfo = row("/things");

    fn asked(option: &str) -> Asked<'_> {
        let nothing = Asked::default();
        match option {
            "" => nothing,
            "select" => Asked { shape: true, ..nothing },
            "count" => Asked { count: true, ..nothing },
            "search" => Asked { search: Some("\"a:b\""), ..nothing },
            "orderby" => Asked { order_by: Some("a"), ..nothing },
            filter => Asked { filter: Some(filter), ..nothing },
        }
    }

    /// The header and `$count=true`, the header alone, or nothing.
    #[test]
    fn what_graph_documents() {
        for (operation, option, expected) in [
            (&GROUPS_LIST, "", ""),
            (&GROUPS_LIST, "select", ""),
            (&GROUPS_LIST, "count", "header, count"),
            (&GROUPS_LIST, "search", "header"),
            (&GROUPS_LIST, "orderby", "header, count"),
            (&GROUPS_LIST, "displayName eq 'x'", ""),
            (&GROUPS_LIST, "id in ('1','2')", ""),
            (&GROUPS_LIST, "startswith(displayName,'x') and mail eq 'y'", ""),
            (&GROUPS_LIST, "createdDateTime ge 2026-01-31T08:00:00Z", "header, count"),
            (&GROUPS_LIST, "renewedDateTime ge 2026-01-31T08:00:00Z", ""),
            (&GROUPS_LIST, "description eq 'x'", "header, count"),
            (&GROUPS_LIST, "mail eq null", "header, count"),
            (&GROUPS_LIST, "hasMembersWithLicenseErrors eq null", ""),
            (&MEMBERS_LIST, "displayName eq 'x'", "header, count"),
            (&GROUPS_LIST, "displayName ne 'x'", "header, count"),
            (&GROUPS_LIST, "NOT startsWith(displayName,'x')", "header, count"),
            (&GROUPS_LIST, "not(a eq 1)", "header, count"),
            (&GROUPS_LIST, "endsWith(mail,'x')", "header, count"),
            (&GROUPS_LIST, "members/$count eq 0", "header, count"),
            (&MEMBERS_LIST, "displayName ne 'x'", "header, count"),
            (&OWNERS_LIST, "count", "header, count"),
            (&TEAM_MEMBERS_LIST, "count", ""),
            (&TEAM_MEMBERS_LIST, "id eq '1'", ""),
            (&MEMBERS_USERS_LIST, "", ""),
            (&MEMBERS_USERS_LIST, "displayName eq 'x'", "header, count"),
            (&GROUPS_COUNT, "", "header"),
            (&GROUPS_COUNT, "displayName eq 'x'", "header"),
            (&TRANSITIVE_COUNT, "", "header"),
            (&THINGS_LIST, "orderby", ""),
            (&THINGS_LIST, "count", ""),
            (&GROUPS_DELTA, "id eq '1'", ""),
        ] {
            let asked = asked(option);
            let answer = match (is_advanced(operation, asked), wants_count(operation, asked)) {
                (false, _) => "",
                (true, false) => "header",
                (true, true) => "header, count",
            };
            assert_eq!(answer, expected, "{} {option}", operation.id);
        }
    }

    #[test]
    fn the_directory_proper_looks_for_fifteen_alternatives() {
        for (condition, expected) in [
            ("a eq 1", 1),
            ("a eq 1 or b eq 2 OR c eq 'x or y'", 3),
            ("a in ('1','2','3')", 3),
            ("a in ('1','2') or (b in (3,4) and startswith(c,'d'))", 4),
            ("a in ('1,2')", 1),
        ] {
            let outside = condition.split('\'').step_by(2).collect::<Vec<_>>().join("'");
            assert_eq!(alternatives(&outside), expected, "{condition}");
        }
        for (values, expected) in [(15, false), (16, true)] {
            let ids = (0..values).map(|id| id.to_string());
            let list = field("id").is_in(ids.clone()).to_odata().unwrap();
            let joined = ids.map(|id| field("id").eq(id)).reduce(Filter::or).unwrap().to_odata().unwrap();
            assert_eq!((filter_is_advanced(&list), filter_is_advanced(&joined)), (expected, expected));
        }
    }

    #[test]
    fn what_stands_in_quotes_is_no_operator() {
        for condition in
            ["a eq 'x ne y'", "a eq 'it''s not'", "a eq '' and b eq 'ne'", "note eq 1", "a eq 'not''not'"]
        {
            assert!(!filter_is_advanced(condition), "{condition}");
        }
        for condition in
            ["a eq '''' and b ne 'x'", "a eq 'x' and not(b eq 1)", "a NE 1", "x/any(y:endsWith(y,'z'))"]
        {
            assert!(filter_is_advanced(condition), "{condition}");
        }
    }
}
