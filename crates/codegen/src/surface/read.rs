//! From the text of a surface to the operations it means.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::ids::{self, Target};
use super::pattern::{is_wildcard, matches_path};
use super::{
    Budget, CloudName, LongRunning, METHODS, Operation, ResultOf, StatusForm, Surface, TypeSurface, Version,
    View,
};
use crate::names;
use crate::problem::{Problem, Problems, Result};
use crate::source::Source;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    budget: Budget,
    #[serde(default)]
    keep: Vec<Spanned<Keep>>,
    #[serde(default)]
    types: BTreeMap<String, TypeSurface>,
    #[serde(default)]
    results: BTreeMap<String, ResultOf>,
    #[serde(default)]
    statuses: BTreeMap<String, StatusForm>,
}

/// What a `[[keep]]` says. It means each of its methods of each path that matches.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    id: Option<String>,
    path: String,
    method: Option<String>,
    methods: Option<Vec<String>>,
    body: Option<View>,
    idempotent: Option<bool>,
    #[serde(default)]
    starts_operation: bool,
    delegated: Option<Vec<String>>,
    application: Option<Vec<String>>,
    #[serde(default = "everywhere")]
    clouds: Vec<CloudName>,
    versions: Option<Vec<Version>>,
    beta_path: Option<String>,
    #[serde(default)]
    added: bool,
}

fn everywhere() -> Vec<CloudName> {
    vec![CloudName::Global, CloudName::UsGov, CloudName::UsGovDod, CloudName::China]
}

impl Surface {
    /// Reads `text`, which came from `file`, and looks up in `source` what it leaves open: the paths that a wildcard
    /// matches, the methods of a path, and ids.
    pub fn read(file: &str, text: &str, source: &Source) -> std::result::Result<Self, Problems> {
        Self::build(file, text, source, |_| true)
    }

    /// The same, leaving out what `source` doesn't have.
    pub fn read_what_exists(file: &str, text: &str, source: &Source) -> std::result::Result<Self, Problems> {
        Self::build(file, text, source, |keep| {
            let method = keep.method.as_deref().map(str::to_lowercase);
            let mut paths = source.paths().filter(|path| matches_path(&keep.path, path));
            keep.added
                || paths
                    .any(|path| method.as_deref().is_none_or(|method| source.methods(path).contains(&method)))
        })
    }

    fn build(
        file: &str,
        text: &str,
        source: &Source,
        wanted: impl Fn(&Keep) -> bool,
    ) -> std::result::Result<Self, Problems> {
        let parsed: File = crate::parse_toml(file, text, "spec/surface.toml").map_err(|problem| {
            if !Source::is_one(text) {
                return problem;
            }
            let what = "this is an OpenAPI document, and no surface";
            Problem::at(file, what).help("give the surface with --surface, and the document with --upstream")
        })?;
        if parsed.keep.is_empty() {
            let problem = Problem::at(file, "the surface is empty");
            return Err(problem.help("add a `[[keep]]` table with a `path`").into());
        }
        let mut reader = Reader { source, kept: Vec::new(), problems: Vec::new() };
        for keep in parsed.keep.into_iter().filter(|keep| wanted(keep.get_ref())) {
            let line = text[..keep.span().start].matches('\n').count() + 1;
            if let Err(problem) = reader.keep(&format!("{file}:{line}"), &keep.into_inner()) {
                reader.problems.push(problem);
            }
        }
        let operations = reader.finish()?;
        let long_running = LongRunning { results: parsed.results, statuses: parsed.statuses };
        let File { budget, types, .. } = parsed;
        Ok(Self { file: file.to_owned(), operations, budget, types, long_running })
    }
}

/// An operation, and whether its `[[keep]]` gives it its id.
struct Kept {
    operation: Operation,
    named: bool,
}

struct Reader<'a> {
    source: &'a Source,
    kept: Vec<Kept>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn keep(&mut self, place: &str, keep: &Keep) -> Result<()> {
        if let Some(id) = &keep.id {
            check_id(place, id)?;
        }
        if let Some(name) =
            keep.delegated.iter().chain(&keep.application).flatten().find(|name| !is_permission(name))
        {
            let what = format!("`{name}` is no name of a permission");
            return Err(Problem::at(place, what)
                .help("write it as Microsoft does, without an address before it, such as `Mail.Send`"));
        }
        let nowhere = [
            ("clouds", keep.clouds.is_empty()),
            ("versions", keep.versions.as_ref().is_some_and(Vec::is_empty)),
        ];
        if let Some((key, _)) = nowhere.iter().find(|(_, is_empty)| *is_empty) {
            return Err(
                Problem::at(place, format!("`{key}` names none")).help("name some, or leave it out for all")
            );
        }
        let methods = methods(place, keep)?;
        if let (Some(id), [method]) = (&keep.id, methods.as_slice())
            && !is_wildcard(&keep.path)
        {
            // Named in full; whether it exists is the trim's to say.
            let operation = self.operation(place, keep, id.clone(), &keep.path, method);
            self.kept.push(Kept { operation, named: true });
            return Ok(());
        }
        let paths: Vec<_> = self.source.paths().filter(|path| matches_path(&keep.path, path)).collect();
        if paths.is_empty() {
            return Err(self.source.no_such_path(place, &keep.path));
        }
        let wanted = |method: &&str| methods.is_empty() || methods.iter().any(|wanted| wanted == method);
        let of =
            |path| self.source.methods(path).iter().copied().filter(wanted).map(move |method| (path, method));
        let found: Vec<_> = paths.into_iter().flat_map(of).collect();
        if found.is_empty() {
            let what = format!("what `{}` matches has no {}", keep.path, list(&methods));
            return Err(Problem::at(place, what).help("remove `methods`, or correct it"));
        }
        if let (Some(id), [_, _, ..]) = (&keep.id, found.as_slice()) {
            let what = format!("`{id}` would be the id of {} operations", found.len());
            return Err(Problem::at(place, what)
                .help("name one operation by its path and method, or leave out `id`: ids are derived"));
        }
        for (path, method) in found {
            let id = keep.id.clone().unwrap_or_default();
            let operation = self.operation(place, keep, id, path, method);
            self.kept.push(Kept { operation, named: keep.id.is_some() });
        }
        Ok(())
    }

    fn operation(&self, place: &str, keep: &Keep, id: String, path: &str, method: &str) -> Operation {
        Operation {
            // RFC 9110 names the idempotent methods; Graph's PATCH merges, so that sending it twice changes nothing more.
            idempotent: keep.idempotent.unwrap_or(method != "post"),
            id,
            path: path.to_owned(),
            method: method.to_owned(),
            body: keep.body,
            starts_operation: keep.starts_operation,
            knows_scopes: keep.delegated.is_some() || keep.application.is_some(),
            delegated: keep.delegated.clone().unwrap_or_default(),
            application: keep.application.clone().unwrap_or_default(),
            resource_specific: Vec::new(),
            beside: Vec::new(),
            clouds: keep.clouds.clone(),
            versions: keep.versions.clone().unwrap_or_else(|| self.versions()),
            beta_path: keep.beta_path.clone(),
            added: keep.added,
            place: place.to_owned(),
        }
    }

    /// What is in v1.0 is in beta as well; the reverse doesn't hold.
    fn versions(&self) -> Vec<Version> {
        if self.source.is_beta() { vec![Version::Beta] } else { vec![Version::V1, Version::Beta] }
    }

    fn finish(mut self) -> std::result::Result<Vec<Operation>, Problems> {
        let named: BTreeSet<_> =
            self.kept.iter().filter(|kept| kept.named).map(|kept| target(&kept.operation)).collect();
        let mut matched = BTreeSet::new();
        // What has an id of its own stays; of several others that match, the first says what is known of it.
        self.kept.retain(|kept| {
            kept.named || !named.contains(&target(&kept.operation)) && matched.insert(target(&kept.operation))
        });
        let mut operations: Vec<_> = self.kept.into_iter().map(|kept| kept.operation).collect();
        self.problems.extend(give_ids(&mut operations, self.source));
        self.problems.extend(duplicates(&operations));
        self.problems.extend(crate::versions::problems(&operations));
        Problems::unless(self.problems, operations)
    }
}

/// Whether `text` is a surface and no document: by its first line, since the rest may be broken, or as a whole. Neither YAML nor
/// JSON that is a mapping begins like TOML.
pub(crate) fn is_one(text: &str) -> bool {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let Some(first) = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return false;
    };
    let first: String = first.chars().filter(|it| !it.is_whitespace()).collect();
    if first.starts_with("[[keep]]") {
        return true;
    }
    (first.starts_with('[') || first.contains('='))
        && toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("keep"))
}

/// Whether a permission can be called so: `Group-Conversation.Read.All`, `offline_access`.
fn is_permission(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_'))
    };
    name.split('.').all(is_word)
}

/// Refuses an id of which no method can be named.
fn check_id(place: &str, id: &str) -> Result<()> {
    let is_word = |word: &str| {
        word.starts_with(|it: char| it.is_ascii_lowercase())
            && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
    };
    if id.split('.').all(is_word) {
        return Ok(());
    }
    let word = |word: &str| {
        let word = names::snake(word);
        if word.starts_with(|it: char| it.is_ascii_digit()) { format!("n{word}") } else { word }
    };
    let words = id.split('.').map(word).collect::<Vec<_>>().join(".");
    let example = if words.split('.').all(is_word) { &words } else { "users.list" };
    let help = format!(
        "write words of small letters, digits and underscores, each beginning with a letter, with dots between them: `{example}`"
    );
    Err(Problem::at(place, format!("`{id}` is no id for an operation")).help(help))
}

fn target(operation: &Operation) -> (String, String) {
    (operation.path.clone(), operation.method.clone())
}

/// The methods that `keep` asks for, in lower case; none stands for all there are.
fn methods(place: &str, keep: &Keep) -> Result<Vec<String>> {
    let named: Vec<_> = match (&keep.method, &keep.methods) {
        (Some(_), Some(_)) => {
            return Err(
                Problem::at(place, "it has both `method` and `methods`").help("leave out one of them")
            );
        }
        (Some(method), None) => vec![method],
        (None, Some(methods)) if methods.is_empty() => {
            return Err(Problem::at(place, "`methods` names none").help("name some, or leave it out for all"));
        }
        (None, methods) => methods.iter().flatten().collect(),
    };
    match named.iter().find(|method| !METHODS.contains(&method.to_lowercase().as_str())) {
        Some(odd) => Err(Problem::at(place, format!("`{odd}` is no HTTP method"))
            .help("one of GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS")),
        None => Ok(named.into_iter().map(|method| method.to_lowercase()).collect()),
    }
}

fn list(methods: &[String]) -> String {
    if methods.is_empty() { "operation".to_owned() } else { methods.join(", ").to_uppercase() }
}

/// Derives the ids that the surface leaves out.
fn give_ids(operations: &mut [Operation], source: &Source) -> Vec<Problem> {
    let taken = operations.iter().filter(|operation| !operation.id.is_empty());
    let taken = taken.map(|operation| Surface::method_name(&operation.id)).collect();
    let (mut nameless, mut problems) = (Vec::new(), Vec::new());
    for operation in operations.iter_mut().filter(|operation| operation.id.is_empty()) {
        match source.path(&operation.path) {
            Ok(Some(item)) if source.is_slice() => {
                let id = item[&operation.method]["operationId"].as_str();
                id.unwrap_or_default().clone_into(&mut operation.id);
            }
            Ok(item) => nameless.push((item.unwrap_or_default(), operation)),
            Err(problem) => problems.push(problem),
        }
    }
    let targets: Vec<_> =
        nameless.iter().map(|(item, operation)| target_of(item, operation, source)).collect();
    let ids = ids::derive(&targets, &taken);
    for ((_, operation), id) in nameless.into_iter().zip(ids) {
        match id {
            Some(id) => operation.id = id,
            None => problems.push(ambiguous(operation)),
        }
    }
    problems
}

fn target_of<'a>(item: &Value, operation: &'a Operation, source: &Source) -> Target<'a> {
    let details = &item[&operation.method];
    let path = operation.path.as_str();
    Target {
        path,
        method: &operation.method,
        lists: details.get("x-ms-pageable").is_some() || source.has_items(path),
        call: matches!(details["x-ms-docs-operation-type"].as_str(), Some("action" | "function")),
    }
}

fn ambiguous(operation: &Operation) -> Problem {
    let what = format!(
        "{} {} can't be told by its id from another operation that is kept",
        operation.method.to_uppercase(),
        operation.path
    );
    Problem::at(&operation.place, what).help("keep it in a `[[keep]]` of its own, with an `id`")
}

/// Two operations must differ in what they address and in what the client calls them.
fn duplicates(operations: &[Operation]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for operation in operations.iter().filter(|operation| !operation.id.is_empty()) {
        let name = Surface::method_name(&operation.id);
        if let Some(first) = names.insert(name.clone(), operation) {
            let what = format!(
                "`{}` and `{}` ({}) are both the method `{name}`",
                operation.id, first.id, first.place
            );
            problems.push(Problem::at(&operation.place, what).help("give one of them another id"));
        }
        if let Some(first) = targets.insert((&operation.path, &operation.method), operation) {
            let what = format!("`{}` is kept already, as `{}` ({})", operation.path, first.id, first.place);
            problems.push(Problem::at(&operation.place, what).help("remove one of the two"));
        }
    }
    problems
}
