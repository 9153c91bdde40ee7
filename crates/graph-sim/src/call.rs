//! One authenticated, routed, checked request, as a behaviour sees it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::builder::Settings;
use crate::error::Refusal;
use crate::ids;
use crate::query::Query;
use crate::router::{self, Parameters};
use crate::shape::Shape;
use crate::store::Store;
use crate::token::Caller;
use crate::types::Types;

/// Everything a behaviour may read, and the store it may change.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) settings: &'a Settings,
    /// Scheme and host, such as `https://graph.microsoft.com`.
    pub(crate) root: &'a str,
    /// The version's path, such as `/v1.0`.
    pub(crate) base_path: &'a str,
    pub(crate) at: Duration,
    pub(crate) caller: &'a Caller,
    /// What the token is good for.
    pub(crate) permissions: &'a BTreeSet<String>,
    /// The path as sent.
    pub(crate) path: &'a str,
    pub(crate) parameters: Parameters,
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
    /// The JSON body; null if the operation takes none.
    pub(crate) body: Value,
    /// The body as it came, for operations that take another than JSON.
    pub(crate) content: &'a Bytes,
    /// What the objects in the answer may have, if it holds any.
    pub(crate) properties: Option<&'a BTreeSet<String>>,
    pub(crate) types: &'a Types,
    /// The type of those objects, as the specification declares it.
    pub(crate) declared: &'a str,
}

/// What a collection calls itself and how it pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collection<'a> {
    /// The part of `@odata.context` after `$metadata#`.
    pub(crate) context: &'a str,
    pub(crate) page_size: usize,
    /// How many make a page at most, whatever `$top` says.
    pub(crate) most: Option<usize>,
    /// Whether `$count` counts without the header for eventual consistency.
    pub(crate) counts_plainly: bool,
}

impl<'a> Collection<'a> {
    pub(crate) fn new(context: &'a str, page_size: usize) -> Self {
        Self { context, page_size, most: None, counts_plainly: false }
    }
}

const LARGEST_PAGE: usize = 999;

/// The collections whose objects belong to another one, as their contexts say.
const CONTAINED: [&str; 10] = [
    "calendar",
    "conversations",
    "events",
    "learningContents",
    "notebooks",
    "pages",
    "posts",
    "sectionGroups",
    "sections",
    "threads",
];

impl Call<'_> {
    /// The version's root, such as `https://graph.microsoft.com/v1.0`.
    pub(crate) fn version_root(&self) -> String {
        format!("{}{}", self.root, self.base_path)
    }

    /// The one of two names that the version of the request goes by.
    pub(crate) fn in_version<'n>(&self, name: &'n str, in_beta: &'n str) -> &'n str {
        if self.base_path == router::BETA { in_beta } else { name }
    }

    /// Whether the request asks for the directory's advanced queries.
    pub(crate) fn is_advanced(&self) -> bool {
        let level = self.headers.get("consistencylevel").and_then(|value| value.to_str().ok());
        level.is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    /// Whether the request has this wish in `Prefer`.
    pub(crate) fn prefers(&self, wish: &str) -> bool {
        prefers(self.headers, wish)
    }

    pub(crate) fn wants_count(&self) -> bool {
        self.query.get("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// One object, in the shape that the request asks for.
    pub(crate) fn entity(&self, context: &str, object: Value) -> Result<Value, Refusal> {
        let shape = self.shape()?;
        let context = self.contained(context);
        let context = format!("{}/$metadata#{context}{}/$entity", self.version_root(), shape.context());
        let mut envelope = Map::from_iter([("@odata.context".to_owned(), Value::String(context))]);
        if let Value::Object(properties) = shape.show(self, self.declared, object)? {
            envelope.extend(properties);
        }
        Ok(Value::Object(envelope))
    }

    /// One page of `objects`, which are in their final order.
    pub(crate) fn page(&self, collection: Collection<'_>, objects: Vec<Value>) -> Result<Value, Refusal> {
        let total = objects.len();
        self.window(collection, total, |at| objects.into_iter().skip(at.start).take(at.len()).collect())
    }

    /// One page of `total` objects, of which `cut` makes those at the places it is given.
    pub(crate) fn window(
        &self,
        collection: Collection<'_>,
        total: usize,
        cut: impl FnOnce(Range<usize>) -> Vec<Value>,
    ) -> Result<Value, Refusal> {
        let shape = self.shape()?;
        let context = self.contained(collection.context);
        let context = format!("{}/$metadata#{context}{}", self.version_root(), shape.context());
        let start = self.skipped()?;
        let size = self.top()?.unwrap_or(collection.page_size).min(collection.most.unwrap_or(usize::MAX));

        let mut envelope = Map::from_iter([("@odata.context".to_owned(), Value::String(context))]);
        let counts = self.wants_count() && (collection.counts_plainly || self.is_advanced());
        if counts && self.query.get("$skiptoken").is_none() {
            envelope.insert("@odata.count".to_owned(), total.into());
        }
        let end = start.saturating_add(size);
        if end < total {
            envelope.insert("@odata.nextLink".to_owned(), self.next_link(end).into());
        }
        let items = cut(start..end).into_iter();
        let shown = items.map(|item| shape.show(self, self.declared, item)).collect::<Result<_, _>>()?;
        envelope.insert("value".to_owned(), shown);
        Ok(Value::Object(envelope))
    }

    /// What a collection is called that another object contains: `groups('ID')/events`. The names come from the path, and the ids from what it leads
    /// to.
    fn contained(&self, context: &str) -> String {
        if !CONTAINED.contains(&context) {
            return context.to_owned();
        }
        let below = self.path.get(self.base_path.len()..).unwrap_or_default();
        let mut called: Vec<String> = Vec::new();
        for segment in below.split('/').filter(|segment| !segment.is_empty()) {
            let text = percent_decode_str(segment).decode_utf8_lossy();
            let name = text.split('(').next().unwrap_or_default();
            let is_id = self.parameters.values().any(|value| value == text);
            match called.last_mut() {
                Some(last) if is_id => last.extend(["('", &text, "')"]),
                _ if name.eq_ignore_ascii_case(context) => {
                    called.push(context.to_owned());
                    break;
                }
                None if name.eq_ignore_ascii_case("employeeExperience") => {}
                _ => called.push(text.into_owned()),
            }
        }
        if called.last().is_some_and(|last| last == context) {
            return called.join("/");
        }
        context.to_owned()
    }

    fn next_link(&self, start: usize) -> String {
        let token = ids::opaque(&format!("{}#{start}", self.path));
        format!("{}{}?{}", self.root, self.path, self.query.with_skip_token(&token))
    }

    /// How many items earlier pages held, from a token that [`Self::next_link`] made for this collection.
    fn skipped(&self) -> Result<usize, Refusal> {
        let Some(token) = self.query.get("$skiptoken") else { return self.number("$skip") };
        let revealed = ids::reveal(token).unwrap_or_default();
        let start = revealed.strip_prefix(self.path).and_then(|rest| rest.strip_prefix('#')?.parse().ok());
        start.ok_or_else(|| Refusal::directory("The '$skiptoken' is not one that this collection gave out."))
    }

    fn number(&self, option: &str) -> Result<usize, Refusal> {
        let Some(text) = self.query.get(option) else { return Ok(0) };
        text.parse().map_err(|_| Refusal::directory(format!("'{option}' must be a number, not '{text}'.")))
    }

    fn top(&self) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.query.get("$top") else { return Ok(None) };
        match text.parse() {
            Ok(top) if (1..=LARGEST_PAGE).contains(&top) => Ok(Some(top)),
            _ => Err(Refusal::directory(format!("'$top' must be from 1 to {LARGEST_PAGE}, not '{text}'."))),
        }
    }

    fn shape(&self) -> Result<Shape<'_>, Refusal> {
        let shape = Shape::asked(self.query)?;
        self.check_names(shape.selected())?;
        Ok(shape)
    }

    /// The refusal of a name that objects of the type `of` don't have here: whether that is the service's word or a gap of the simulator's.
    pub(crate) fn unknown(&self, of: &str, name: &str, otherwise: &str) -> Refusal {
        if self.types.is_left_out(of, name) {
            return Refusal::not_simulated(format!(
                "The simulator doesn't know '{name}' of '{of}', though Graph does: spec/graph-v1.0.yaml leaves it out."
            ));
        }
        Refusal::bad_request(format!("{otherwise} '{name}' here."))
    }

    /// Refuses names of properties that the operation's objects don't have.
    pub(crate) fn check_names<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> Result<(), Refusal> {
        let Some(known) = self.properties else { return Ok(()) };
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        match names.find(|name| !is_known(name)) {
            None => Ok(()),
            Some(unknown) => Err(self.unknown(self.declared, unknown, "There is no property")),
        }
    }
}

/// Whether a request has this wish in `Prefer`.
pub(crate) fn prefers(headers: &HeaderMap, wish: &str) -> bool {
    let wishes = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    wishes.flat_map(|value| value.split([',', ';'])).any(|other| other.trim().eq_ignore_ascii_case(wish))
}
