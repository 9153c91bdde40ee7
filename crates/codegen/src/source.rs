//! Step 1: the upstream document, read by events; only what the surface needs becomes values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::path::Path;

use granit_parser::Parser;
use serde_json::Value;

use crate::near;
use crate::problem::{Problem, Result, read_named};
use crate::surface::{self, METHODS, pattern::is_wildcard};
use crate::trim::IDS_ARE_OURS;
use crate::yaml::{self, Origin};

mod cursor;
use cursor::Cursor;

/// An OpenAPI 3.0 document that knows where each path and component stands, and parses them one by one.
#[derive(Debug)]
pub struct Source {
    file: String,
    text: String,
    /// Whether the file began with a byte order mark, which is no part of `text`.
    marked: bool,
    heads: BTreeMap<String, Entry>,
    paths: BTreeMap<String, Entry>,
    methods: BTreeMap<String, Vec<&'static str>>,
    components: BTreeMap<(String, String), Entry>,
    kinds: BTreeMap<String, usize>,
}

/// The keys by which documents say which version of OpenAPI they are in.
const VERSIONS: [&str; 2] = ["openapi", "swagger"];

/// A byte order mark.
const MARK: &str = "\u{feff}";

/// Where a key and its value stand.
#[derive(Clone, Debug)]
struct Entry {
    bytes: Range<usize>,
    /// Where that begins, for messages; both are counted from 0.
    origin: Origin,
    /// The line of the key, counted from 1.
    line: usize,
    /// Whether braces are around, not lines.
    flow: bool,
}

impl Source {
    /// Finds every path and component of `text`, which came from `file`.
    pub fn read(file: &str, text: String) -> Result<Self> {
        let unmarked = text.strip_prefix(MARK).map(str::to_owned);
        let marked = unmarked.is_some();
        let text = unmarked.unwrap_or(text);
        let mut source = Self {
            file: file.to_owned(),
            text: String::new(),
            marked,
            heads: BTreeMap::new(),
            paths: BTreeMap::new(),
            methods: BTreeMap::new(),
            components: BTreeMap::new(),
            kinds: BTreeMap::new(),
        };
        source.index(&text)?;
        source.text = text;
        source.require_openapi_3_0()?;
        Ok(source)
    }

    /// Whether `text` is a document of OpenAPI, in whatever version.
    pub(crate) fn is_one(text: &str) -> bool {
        // Its key comes first, as a rule; then what follows may be broken.
        let words = text.trim_start_matches(|it: char| it.is_whitespace() || "\u{feff}{\"'".contains(it));
        if VERSIONS
            .iter()
            .any(|key| words.strip_prefix(key).is_some_and(|rest| rest.starts_with([':', '"', '\''])))
        {
            return true;
        }
        let mut cursor = Cursor::default();
        Parser::new_from_str(text.trim_start_matches(MARK)).map_while(std::result::Result::ok).any(
            |(event, span)| {
                let found = cursor.step(event, &span).ok().flatten();
                found.is_some_and(
                    |(path, _)| matches!(path.as_slice(), [key] if VERSIONS.contains(&key.as_str())),
                )
            },
        )
    }

    /// Reads the document in `file`.
    pub fn open(file: &Path) -> Result<Self> {
        let name = file.display().to_string();
        let text = read_named(file, "one of Microsoft Graph's OpenAPI documents, in YAML or JSON")?;
        if surface::is_one(&text) {
            let what = "this is a surface, and no OpenAPI document";
            return Err(Problem::at(name, what)
                .help("give the surface with --surface; the document with --upstream, or as it is in the call of `diff`"));
        }
        Self::read(&name, text).map_err(|problem| {
            problem.or_help(
                "correct it there, or give one of Microsoft Graph's OpenAPI documents, in YAML or JSON",
            )
        })
    }

    /// The path item at exactly `path`.
    pub fn path(&self, path: &str) -> Result<Option<Value>> {
        self.paths.get(path).map(|entry| self.parse(entry)).transpose()
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }

    /// The component `name` of `kind`: `schemas`, `parameters`, `responses` or `requestBodies`.
    pub fn component(&self, kind: &str, name: &str) -> Result<Option<Value>> {
        self.entry(kind, name).map(|entry| self.parse(entry)).transpose()
    }

    /// Whether there is a schema `name`.
    pub fn declares(&self, name: &str) -> bool {
        self.entry("schemas", name).is_some()
    }

    /// The schemas that the schema `name` refers to, and with `derived` those that its discriminator names. They are found
    /// in its text: figures are not worth parsing for.
    pub fn schemas_in(&self, name: &str, derived: bool) -> impl Iterator<Item = &str> {
        let text = self.entry("schemas", name).and_then(|entry| self.text.get(entry.bytes.clone()));
        let mut places = text.unwrap_or_default().split("#/components/schemas/");
        let mut before = places.next().unwrap_or_default();
        places.filter_map(move |place| {
            let key = before.trim_end_matches(['"', '\'', ':', ' ']);
            before = place;
            let name = place.split(['"', '\'', '\n', '\r', '}', ',', ' ']).next()?;
            let refers = derived || key.ends_with("$ref");
            (refers && self.entry("schemas", name).is_some()).then_some(name)
        })
    }

    /// The text of the path item at `path`, as it stands there.
    pub fn path_text(&self, path: &str) -> Option<&str> {
        self.paths.get(path).and_then(|entry| self.text.get(entry.bytes.clone()))
    }

    /// The text of a component, as it stands there.
    pub fn component_text(&self, kind: &str, name: &str) -> Option<&str> {
        self.entry(kind, name).and_then(|entry| self.text.get(entry.bytes.clone()))
    }

    /// Kind and name of every component, sorted.
    pub fn components(&self) -> impl Iterator<Item = (&str, &str)> {
        self.components.keys().map(|(kind, name)| (kind.as_str(), name.as_str()))
    }

    /// The kinds of components that the document has a place for, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// The top-level keys besides paths and components.
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        let keys = self.heads.keys().map(String::as_str);
        keys.filter(|key| !matches!(*key, "paths" | "components"))
    }

    /// The components that `paths` lead to, as `kind/name`. They are found in the text: what only derives from them is not
    /// among them.
    pub fn reached_from(&self, paths: &[&str]) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut texts: Vec<&str> = paths.iter().filter_map(|path| self.path_text(path)).collect();
        while let Some(text) = texts.pop() {
            for place in text.split("#/components/").skip(1) {
                let name = place.split(['"', '\'', '\n', '\r', '}', ',', ' ']).next().unwrap_or_default();
                let Some((kind, component)) = name.split_once('/') else { continue };
                if reached.insert(name.to_owned()) {
                    texts.extend(self.component_text(kind, component));
                }
            }
        }
        reached
    }

    /// How many components of `kind` there are.
    pub fn count(&self, kind: &str) -> usize {
        self.components.keys().filter(|(of, _)| of == kind).count()
    }

    /// How long the document is.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// How many operations there are.
    pub fn operations(&self) -> usize {
        self.methods.values().map(Vec::len).sum()
    }

    /// The methods of `path`, in lower case, in the order of the document.
    pub fn methods(&self, path: &str) -> &[&'static str] {
        self.methods.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether `path` is that of a collection: below it, its items are named by their ids.
    pub fn has_items(&self, path: &str) -> bool {
        let below = format!("{path}/{{");
        let mut paths = self.paths.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded));
        paths.next().is_some_and(|(next, _)| next.starts_with(&below))
    }

    /// Whether it is a slice: its operations have ids that a surface gave them.
    pub fn is_slice(&self) -> bool {
        self.heads.contains_key(IDS_ARE_OURS)
    }

    /// Whether the document is one of the API's beta version.
    pub fn is_beta(&self) -> bool {
        let servers = self.head("servers").ok().flatten().unwrap_or_default();
        let urls = servers.as_array().into_iter().flatten().filter_map(|server| server["url"].as_str());
        urls.map(|url| url.trim_end_matches('/')).any(|url| url.ends_with("/beta"))
    }

    /// What to say where `path` is asked for and does not exist.
    pub fn no_such_path(&self, place: &str, path: &str) -> Problem {
        if is_wildcard(path) {
            return Problem::at(place, format!("no path of {} matches `{path}`", self.file))
                .help("`*` stands for any characters within a segment, `**` for any number of segments");
        }
        let problem = Problem::at(place, format!("{} has no path `{path}`", self.file));
        let wanted = loose(path);
        let same = self.paths().find(|path| loose(path) == wanted);
        match same.or_else(|| near::closest_by(path, self.paths(), loose)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => {
                problem.help("take the path from the document as it stands there, parameter names included")
            }
        }
    }

    /// A top-level value besides paths and components.
    pub fn head(&self, key: &str) -> Result<Option<Value>> {
        self.heads.get(key).map(|entry| self.parse(entry)).transpose()
    }

    /// `file:line` of a component, for messages.
    pub fn place_of(&self, kind: &str, name: &str) -> String {
        match self.entry(kind, name) {
            Some(entry) => format!("{}:{}", self.file, entry.line),
            None => self.file.clone(),
        }
    }

    /// `file:line` of a path, for messages.
    pub fn place_of_path(&self, path: &str) -> String {
        self.paths
            .get(path)
            .map_or_else(|| self.file.clone(), |entry| format!("{}:{}", self.file, entry.line))
    }

    /// The name of the document.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The document's SHA-256, in hexadecimal.
    pub fn sha256(&self) -> String {
        crate::lock::sha256([if self.marked { MARK } else { "" }, &self.text])
    }

    fn entry(&self, kind: &str, name: &str) -> Option<&Entry> {
        self.components.get(&(kind.to_owned(), name.to_owned()))
    }

    fn parse(&self, entry: &Entry) -> Result<Value> {
        let slice = self.text.get(entry.bytes.clone()).unwrap_or_default();
        let parsed = if entry.flow {
            let before_brace = Origin { column: entry.origin.column.saturating_sub(1), ..entry.origin };
            yaml::parse_at(&self.file, &format!("{{{slice}}}"), before_brace)?
        } else {
            yaml::parse_at(&self.file, slice, entry.origin)?
        };
        match parsed {
            Value::Object(pair) => Ok(pair.into_iter().next().map_or(Value::Null, |(_, value)| value)),
            _ => Err(Problem::at(format!("{}:{}", self.file, entry.line), "expected a key and its value")),
        }
    }

    fn index(&mut self, text: &str) -> Result<()> {
        let file = self.file.clone();
        let mut cursor = Cursor::default();
        for next in Parser::new_from_str(text) {
            let (event, span) = next.map_err(|error| yaml::broken(&file, Origin::default(), &error))?;
            let at_span = |what| Problem::at(yaml::place(&file, Origin::default(), &span.start), what);
            let Some((path, key)) = cursor.step(event, &span).map_err(at_span)? else { continue };
            let end = span.end.byte_offset().unwrap_or(text.len());
            let entry = key.entry(text, end);
            if let Some(first) = self.insert(&path, entry) {
                return Err(Problem::at(
                    format!("{file}:{}", key.line),
                    format!("`{}` stands here again; it is declared first on line {first}", path.join(" / ")),
                ));
            }
        }
        if self.heads.is_empty() {
            return Err(Problem::at(&file, "this is no OpenAPI document: its top level is not a mapping"));
        }
        Ok(())
    }

    /// Files the entry; gives the line of an earlier one at the same place.
    fn insert(&mut self, path: &[String], entry: Entry) -> Option<usize> {
        let line = entry.line;
        let earlier = match path {
            [top, path] if top == "paths" => self.paths.insert(path.clone(), entry),
            [top, kind, name] if top == "components" => {
                self.components.insert((kind.clone(), name.clone()), entry)
            }
            [top, kind] if top == "components" => {
                return self.kinds.insert(kind.clone(), line).map(|earlier| earlier.min(line));
            }
            [top, path, method] if top == "paths" => {
                let known = METHODS.into_iter().find(|known| known == method);
                self.methods.entry(path.clone()).or_default().extend(known);
                None
            }
            [key] => self.heads.insert(key.clone(), entry),
            _ => None,
        };
        earlier.map(|earlier| earlier.line.min(line))
    }

    fn require_openapi_3_0(&self) -> Result<()> {
        let help = "the generator reads OpenAPI 3.0; convert the document, or take Microsoft Graph's own";
        let problem = match self.head("openapi")? {
            Some(Value::String(version)) if version.starts_with("3.0.") => return Ok(()),
            Some(version) => format!("`openapi` is {version}, not 3.0.x"),
            None => "there is no `openapi` key".to_owned(),
        };
        Err(Problem::at(&self.file, format!("this is no OpenAPI 3.0 document: {problem}")).help(help))
    }
}

/// A path without what people mistype: case, and the names of its parameters.
pub(crate) fn loose(path: &str) -> String {
    let mut pieces = path.split('{');
    let mut loose = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        loose.push_str("{}");
        loose.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    loose.to_lowercase()
}
