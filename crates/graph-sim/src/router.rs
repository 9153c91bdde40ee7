//! Finds the operation of a request by the specification's own path templates, in each version of the API.

mod parts;

use std::collections::BTreeSet;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::document::{Document, Endpoint};

pub(crate) use parts::Part;

/// The operations of the specification, ready to match.
#[derive(Debug, Default)]
pub(crate) struct Router {
    versions: Vec<Version>,
}

/// What one version of the API offers.
#[derive(Debug)]
struct Version {
    /// Such as `/v1.0`.
    base_path: String,
    base: Vec<String>,
    routes: Vec<Route>,
}

/// The path of beta, which the specification only mentions.
pub(crate) const BETA: &str = "/beta";

#[derive(Debug)]
struct Route {
    id: String,
    method: Method,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(Literal),
    /// `{id}`, or `name(key='{id}')` with something around the braces.
    Parameter {
        before: String,
        name: String,
        after: String,
    },
}

/// A segment that stands for itself, in whatever case.
#[derive(Debug)]
struct Literal {
    text: String,
    /// A type, a function or an action may be called by its full name, and a function without its parentheses.
    has_full_name: bool,
}

/// The namespace of every name here, and its alias.
const NAMESPACES: [&str; 2] = ["microsoft.graph.", "graph."];

/// The parameters that a path holds, decoded, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The parameter's value; empty if the template has none of that name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }
}

/// What a method and path lead to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    Operation(Target<'a>),
    WrongMethod { allowed: Vec<Method> },
    Nothing,
}

/// The operation that a method and path are about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) id: &'a str,
    /// The path of the version that was asked, such as `/v1.0`.
    pub(crate) base_path: &'a str,
    /// By their names in v1.0, whatever the version.
    pub(crate) parameters: Parameters,
}

impl Router {
    /// The document describes one version, and says where an operation differs in beta.
    pub(crate) fn new(document: &Document) -> Self {
        let described = Version::new(document.base_path(), document.endpoints().filter_map(Route::described));
        let beta = Version::new(BETA, document.endpoints().filter_map(Route::in_beta));
        Self { versions: vec![described, beta] }
    }

    /// The ids of all operations.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        let ids = self.versions.iter().flat_map(|it| &it.routes).map(|route| route.id.as_str());
        ids.filter(move |id| seen.insert(*id))
    }

    /// The path that the described operations are under, such as `/v1.0`.
    #[cfg(test)]
    pub(crate) fn base_path(&self) -> &str {
        self.versions.first().map_or("", |version| &version.base_path)
    }

    /// Follows an encoded path. A key may be a segment of its own or stand in brackets: `/communities('ID')`.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Some(segments) = decode(path) else { return Found::Nothing };
        let mut versions = self.versions.iter();
        let below = versions.find_map(|it| Some((it, it.below(&segments)?)));
        below.map_or(Found::Nothing, |(version, segments)| match version.find(method, segments) {
            Found::Nothing => version.find(method, without_reference(method, segments)),
            found => found,
        })
    }
}

impl Version {
    fn new(base_path: &str, routes: impl Iterator<Item = Route>) -> Self {
        let mut routes: Vec<Route> = routes.collect();
        // `/members/$ref` is no member with the id `$ref`.
        routes.sort_by_key(Route::parameter_count);
        let base = base_path.split('/').skip(1).map(str::to_owned).collect();
        Self { base_path: base_path.to_owned(), base, routes }
    }

    /// The segments after the version's own.
    fn below<'s>(&self, segments: &'s [String]) -> Option<&'s [String]> {
        let (base, rest) = segments.split_at_checked(self.base.len())?;
        let is_own = base.iter().zip(&self.base).all(|(text, own)| text.eq_ignore_ascii_case(own));
        is_own.then_some(rest)
    }

    fn find(&self, method: &Method, segments: &[String]) -> Found<'_> {
        let spread = spread_keys(segments);
        let matched = |route: &Route| route.parameters(&spread).or_else(|| route.parameters(segments));

        let mut allowed = Vec::new();
        for route in &self.routes {
            let Some(parameters) = matched(route) else { continue };
            if route.method == *method {
                return Found::Operation(Target { id: &route.id, base_path: &self.base_path, parameters });
            }
            allowed.push(route.method.clone());
        }
        if allowed.is_empty() { Found::Nothing } else { Found::WrongMethod { allowed } }
    }
}

impl Route {
    fn described(endpoint: Endpoint<'_>) -> Option<Self> {
        let is_offered = endpoint.versions().is_none_or(|mut versions| versions.any(|it| it != "beta"));
        is_offered.then(|| Self::new(&endpoint, endpoint.path))
    }

    fn in_beta(endpoint: Endpoint<'_>) -> Option<Self> {
        let is_offered = endpoint.versions().is_none_or(|mut versions| versions.any(|it| it == "beta"));
        let mut route =
            is_offered.then(|| Self::new(&endpoint, endpoint.beta_path().unwrap_or(endpoint.path)))?;
        let described = Self::new(&endpoint, endpoint.path);
        route.rename(described.segments.iter().filter_map(Segment::name));
        Some(route)
    }

    fn new(endpoint: &Endpoint<'_>, path: &str) -> Self {
        let method = endpoint.method.to_ascii_uppercase();
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let mut segments: Vec<_> = path.split('/').skip(1).map(Segment::new).collect();
        if let Some(Segment::Literal(last)) = segments.last_mut() {
            last.has_full_name |= endpoint.is_post_only() && !last.text.starts_with('$');
        }
        Self { id: endpoint.id.to_owned(), method, segments }
    }

    /// Calls the parameters by `names`, in order.
    fn rename<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let own = self.segments.iter_mut().filter_map(|segment| match segment {
            Segment::Parameter { name, .. } => Some(name),
            Segment::Literal(_) => None,
        });
        own.zip(names).for_each(|(own, name)| name.clone_into(own));
    }

    fn parameter_count(&self) -> usize {
        self.segments.iter().filter_map(Segment::name).count()
    }

    fn parameters(&self, path: &[String]) -> Option<Parameters> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut parameters = Parameters::default();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal.is(text) => {}
                Segment::Literal(_) => return None,
                Segment::Parameter { before, name, after } => {
                    let value = without_prefix(text, before)?.strip_suffix(after.as_str())?;
                    let value = if before.ends_with("='") { unquote(value)? } else { value.to_owned() };
                    // `/users/$count` is no user.
                    if before.is_empty() && value.starts_with('$') {
                        return None;
                    }
                    parameters.0.push((name.clone(), value));
                }
            }
        }
        parameters.0.iter().all(|(_, value)| !value.is_empty()).then_some(parameters)
    }
}

impl Segment {
    fn new(template: &str) -> Self {
        let parameter = template.split_once('{').and_then(|(before, rest)| {
            let (name, after) = rest.split_once('}')?;
            Some((before.to_owned(), name.to_owned(), after.to_owned()))
        });
        match parameter {
            Some((before, name, after)) => Self::Parameter { before, name, after },
            None => Self::Literal(Literal::new(template)),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter { name, .. } => Some(name),
        }
    }
}

impl Literal {
    fn new(text: &str) -> Self {
        let is_type = NAMESPACES.iter().any(|namespace| text.starts_with(namespace));
        Self { text: text.to_owned(), has_full_name: is_type || text.ends_with("()") }
    }

    fn is(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(&self.text) || (self.has_full_name && has_full_form(text, &self.text))
    }
}

/// Whether `text` is a name with its namespace, or a function's without parentheses.
fn has_full_form(text: &str, name: &str) -> bool {
    let is_qualified = NAMESPACES.iter().any(|namespace| without_prefix(text, namespace).is_some());
    (is_qualified || name.ends_with("()")) && short(text).eq_ignore_ascii_case(short(name))
}

/// A name without its namespace and without parentheses.
fn short(name: &str) -> &str {
    let name = name.strip_suffix("()").unwrap_or(name);
    NAMESPACES.iter().find_map(|namespace| without_prefix(name, namespace)).unwrap_or(name)
}

/// What follows a prefix in whatever case.
fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn decode(path: &str) -> Option<Vec<String>> {
    let decode = |segment| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
    // Empty segments, of doubled slashes and of one at the end, count for nothing.
    path.strip_prefix('/')?.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

/// The documentation deletes the contents of a learning provider by `/$ref`, and the metadata without.
fn without_reference<'s>(method: &Method, segments: &'s [String]) -> &'s [String] {
    let is_content = |segment: &String| segment.to_ascii_lowercase().starts_with("learningcontents");
    match segments.split_last() {
        Some((last, above))
            if *method == Method::DELETE
                && last.eq_ignore_ascii_case("$ref")
                && above.iter().rev().take(2).any(is_content) =>
        {
            above
        }
        _ => segments,
    }
}

/// The text that stands between quotes. One of its own is doubled; alone, it would end the text.
fn unquote(text: &str) -> Option<String> {
    let is_whole = text.split("''").all(|part| !part.contains('\''));
    is_whole.then(|| text.replace("''", "'"))
}

/// `communities('a''b')` becomes the two segments `communities` and `a'b`; named keys stay as they are.
fn spread_keys(segments: &[String]) -> Vec<String> {
    let mut spread = Vec::with_capacity(segments.len());
    for segment in segments {
        let key = segment.strip_suffix("')").and_then(|rest| rest.split_once("('"));
        match key {
            Some((name, key)) => spread.extend([name.to_owned(), key.replace("''", "'")]),
            None => spread.push(segment.clone()),
        }
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r"
servers: [{ url: https://graph.microsoft.com/v1.0/ }]
paths:
  /groups: { get: { operationId: groups.list } }
  /groups/{group-id}: { get: { operationId: groups.get }, patch: { operationId: groups.update } }
  /groups/{group-id}/members/{member-id}: { get: { operationId: members.get } }
  /groups/{group-id}/members/$ref: { post: { operationId: members.add }, get: { operationId: members.refs } }
  /contents(externalId='{externalId}'): { get: { operationId: contents.get } }
  /groupSettings/{groupSetting-id}:
    get: { operationId: settings.get, x-beta-path: '/settings/{directorySetting-id}' }
  /groups/delta(): { get: { operationId: groups.delta } }
  /groups/{group-id}/members/graph.user: { get: { operationId: members.users } }
  /groups/{group-id}/renew: { post: { operationId: groups.renew } }
  /old: { get: { operationId: old.get, x-versions: [v1.0] } }
  /new: { get: { operationId: new.get, x-versions: [beta] } }
";

    fn find(method: &Method, path: &str) -> String {
        let router = Router::new(&Document::parse(DOCUMENT).unwrap());
        match router.find(method, path) {
            Found::Operation(Target { id, base_path, parameters }) => {
                assert!(without_prefix(path, base_path).is_some(), "{path}");
                let values = parameters.0.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("{id}{}", values.collect::<String>())
            }
            Found::WrongMethod { allowed } => format!("only {allowed:?}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn paths() {
        for (path, expected) in [
            ("/v1.0/groups", "groups.list"),
            ("/v1.0/groups/g%2F1", "groups.get group-id=g/1"),
            ("/v1.0/groups('g''1')", "groups.get group-id=g'1"),
            ("/v1.0/groups(%27g1%27)", "groups.get group-id=g1"),
            ("/v1.0/groups('g1')/members/m1", "members.get group-id=g1 member-id=m1"),
            ("/v1.0/groups/g1/members/$ref", "members.refs group-id=g1"),
            ("/v1.0/groups/g1/members/%24ref", "members.refs group-id=g1"),
            ("/v1.0/contents(externalId='x')", "contents.get externalId=x"),
            ("/v1.0/contents(externalId='O''Brien''')", "contents.get externalId=O'Brien'"),
            ("/v1.0/contents(externalId='O'Brien')", "nothing"),
            ("/v1.0/groups/", "groups.list"),
            ("/v1.0//groups//g1", "groups.get group-id=g1"),
            ("/v1.0/groups('')", "nothing"),
            ("/v1.0/groups/$count", "nothing"),
            ("/beta/groups", "groups.list"),
            ("/beta/groups('g1')", "groups.get group-id=g1"),
            ("/beta/settings/s1", "settings.get groupSetting-id=s1"),
            ("/beta/groupSettings/s1", "nothing"),
            ("/v1.0/groupSettings/s1", "settings.get groupSetting-id=s1"),
            ("/v1.0/settings/s1", "nothing"),
            ("/v1.0/old", "old.get"),
            ("/beta/old", "nothing"),
            ("/v1.0/new", "nothing"),
            ("/beta/new", "new.get"),
            ("/V1.0/Groups/g1/MEMBERS/m1", "members.get group-id=g1 member-id=m1"),
            ("/v1.0/GROUPS('G1')/Members/$REF", "members.refs group-id=G1"),
            ("/v1.0/Contents(externalID='X')", "contents.get externalId=X"),
            ("/v1.0/groups/delta", "groups.delta"),
            ("/v1.0/groups/Delta()", "groups.delta"),
            ("/v1.0/groups/microsoft.graph.delta()", "groups.delta"),
            ("/v1.0/groups/microsoft.graph.delta", "groups.delta"),
            ("/v1.0/groups/g1/members/graph.user", "members.users group-id=g1"),
            ("/v1.0/groups/g1/members/Microsoft.Graph.User", "members.users group-id=g1"),
            ("/v1.0/groups/g1/members/user", "members.get group-id=g1 member-id=user"),
            ("/v1.0/microsoft.graph.groups", "nothing"),
            ("/v1.0/groups/g1/microsoft.graph.renew", "only [POST]"),
            ("/v2.0/groups", "nothing"),
            ("/groups", "nothing"),
            ("/v1.0/groups/g1/owners", "nothing"),
            ("/v1.0/groups/%ff", "nothing"),
        ] {
            assert_eq!(find(&Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn a_known_path_says_which_methods_it_has() {
        assert_eq!(find(&Method::DELETE, "/v1.0/groups/g1"), "only [GET, PATCH]");
        assert_eq!(find(&Method::PATCH, "/v1.0/groups/g1"), "groups.update group-id=g1");
    }
}
