//! Step 2: keep the operations of the surface and the types they reach; cut before following.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::budget::{self, Copies, LONGEST_CHAIN};
use crate::names;
use crate::near;
use crate::problem::{Problem, Problems, Result};
use crate::source::{Source, loose};
use crate::surface::{METHODS, Operation, Surface};

mod cost;
mod cut;
mod prose;
mod shape;

pub use cost::{Costs, uncut};
pub use cut::{Cut, gather_parts, own_parts};

/// What a slice says of itself: its operations have the ids of the surface, and no others are to be derived.
pub const IDS_ARE_OURS: &str = "x-ids-of-surface";

/// Where a schema says which of its properties the document lacks, though the service knows them: so nobody takes such a name for a
/// misspelling.
const LEFT_OUT: &str = "x-left-out";

/// A value of a document takes at least so many bytes of its text, its key and its place in it included.
const BYTES_OF_A_VALUE: usize = 4;

/// What is left of the upstream document, and how it came about.
#[derive(Debug)]
pub struct Trimmed {
    /// The document: upstream's paths, names and types, without a sentence of its prose.
    pub document: Value,
    /// For each kept schema, what pulled it in first.
    pub pulled_in_by: BTreeMap<String, String>,
    /// For each cut schema, what was cut from it.
    pub cuts: BTreeMap<String, Cut>,
}

/// Trims `source` to `surface`. A line of the surface that matches nothing is a fault.
pub fn trim(source: &Source, surface: &Surface) -> std::result::Result<Trimmed, Problems> {
    cut_down(source, surface, true)
}

/// Trims `source` to what it has of `surface`.
pub fn trim_what_exists(source: &Source, surface: &Surface) -> std::result::Result<Trimmed, Problems> {
    cut_down(source, surface, false)
}

fn cut_down(source: &Source, surface: &Surface, whole: bool) -> std::result::Result<Trimmed, Problems> {
    let mut trimmer = Trimmer {
        source,
        surface,
        components: BTreeMap::from([("schemas".to_owned(), BTreeMap::new())]),
        cutter: cut::Cutter::new(source, surface),
        copies: Copies::of(source.bytes() / BYTES_OF_A_VALUE),
    };
    let mut problems = trimmer.twice();
    let mut paths = Map::new();
    for operation in surface.upstream() {
        if let Err(problem) = trimmer.keep_operation(operation, &mut paths) {
            problems.push(problem);
            if trimmer.copies.are_spent() {
                break;
            }
        }
    }
    let pulled_in_by = match trimmer.close(&paths) {
        Ok(pulled_in_by) => pulled_in_by,
        Err(problem) => {
            problems.push(problem);
            BTreeMap::new()
        }
    };
    if whole && problems.is_empty() {
        problems.extend(trimmer.cutter.unmatched());
    }
    let mut document = json!({
        "openapi": "3.0.4",
        "info": { "version": trimmer.version()? },
        IDS_ARE_OURS: true,
        "servers": trimmer.servers()?,
        "paths": paths,
        "components": trimmer.components,
    });
    document.sort_all_objects();
    Problems::unless(problems, Trimmed { document, pulled_in_by, cuts: trimmer.cutter.into_cuts() })
}

struct Trimmer<'a> {
    source: &'a Source,
    surface: &'a Surface,
    components: BTreeMap<String, BTreeMap<String, Value>>,
    cutter: cut::Cutter<'a>,
    copies: Copies,
}

impl Trimmer<'_> {
    fn keep_operation(&mut self, operation: &Operation, paths: &mut Map<String, Value>) -> Result<()> {
        let Some((mut item, elsewhere)) = self.path_item(&operation.path)? else {
            return Err(self.source.no_such_path(&operation.place, &operation.path));
        };
        let Some(mut kept) = item.get_mut(&operation.method).map(Value::take) else {
            let offered: Vec<_> = METHODS.into_iter().filter(|method| item.get(method).is_some()).collect();
            return Err(Problem::at(
                &operation.place,
                format!(
                    "`{}` has no {} in {}",
                    operation.path,
                    operation.method.to_uppercase(),
                    self.source.file()
                ),
            )
            .help(format!("it has: {}", offered.join(", ").to_uppercase())));
        };
        if elsewhere {
            let copied = std::iter::once(&kept).chain(item.get("parameters"));
            self.copies.take(&operation.path, copied)?;
        }
        shape::operation(&format!("{}: {}", self.source.file(), operation.id), &kept)?;
        prose::strip(&mut kept);
        if let Some(kept) = kept.as_object_mut() {
            kept.retain(|key, _| {
                matches!(key.as_str(), "parameters" | "requestBody" | "responses" | "x-ms-pageable")
            });
            kept.insert("operationId".to_owned(), operation.id.clone().into());
        }
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if let Some(mut parameters) = item.get_mut("parameters").map(Value::take) {
            shape::parameters(&format!("{}: {}", self.source.file(), operation.path), &parameters)?;
            prose::strip(&mut parameters);
            path["parameters"] = parameters;
        }
        path[&operation.method] = kept;
        Ok(())
    }

    /// Operations that differ in nothing that the service sees: case, and the names of parameters.
    fn twice(&self) -> Vec<Problem> {
        let mut first = BTreeMap::new();
        let mut problems = Vec::new();
        for operation in self.surface.upstream() {
            let Some(earlier) = first.insert((loose(&operation.path), &operation.method), operation) else {
                continue;
            };
            let [one, other] = [&earlier.path, &operation.path].map(|path| self.source.place_of_path(path));
            let what = format!(
                "`{}` ({other}) is `{}` ({one}), kept as `{}` ({}), in other words",
                operation.path, earlier.path, earlier.id, earlier.place
            );
            if earlier.path != operation.path {
                problems.push(Problem::at(&operation.place, what).help("keep one of the two"));
            }
        }
        problems
    }

    /// The path item at `path`, and whether it stands elsewhere: one that is only a reference to another is that other.
    fn path_item(&self, path: &str) -> Result<Option<(Value, bool)>> {
        let broken = "the upstream document is broken: correct the reference there";
        let (mut way, mut at): (Vec<String>, _) = (Vec::new(), path.to_owned());
        let mut led_here = String::new();
        loop {
            let Some(item) = self.source.path(&at)? else {
                let Some(last) = way.last() else { return Ok(None) };
                let what = format!("{led_here}, which does not exist");
                return Err(Problem::at(self.source.place_of_path(last), what).help(broken));
            };
            let Some(reference) = item.get("$ref").and_then(Value::as_str) else {
                return Ok(Some((item, !way.is_empty())));
            };
            let place = self.source.place_of_path(&at);
            let what = format!("`{at}` refers to `{reference}`");
            let Some(target) = reference.strip_prefix("#/paths/").map(unescape) else {
                return Err(Problem::at(place, format!("{what}, outside of the paths"))
                    .help("bundle the document into one file first"));
            };
            way.push(at);
            led_here.clone_from(&what);
            if way.contains(&target) {
                return Err(Problem::at(place, format!("{what}, which leads back to it")).help(broken));
            }
            if way.len() == LONGEST_CHAIN {
                return Err(budget::too_long(self.source.place_of_path(path), "references from this path"));
            }
            at = target;
        }
    }

    /// Follows every `$ref` from `paths` on; gives what pulled in each schema.
    fn close(&mut self, paths: &Map<String, Value>) -> Result<BTreeMap<String, String>> {
        let mut pulled_in_by = BTreeMap::new();
        let mut queue: Vec<(String, String)> = Vec::new();
        for item in paths.values() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let referrer = operation["operationId"].as_str().unwrap_or(method).to_owned();
                queue
                    .extend(references(operation).into_iter().map(|reference| (reference, referrer.clone())));
            }
        }
        queue.reverse();
        let mut seen = BTreeSet::new();
        while let Some((reference, referrer)) = queue.pop() {
            if !seen.insert(reference.clone()) {
                continue;
            }
            let (kind, name) = self.split(&reference, &referrer)?;
            let mut component = self
                .source
                .component(&kind, &name)?
                .ok_or_else(|| self.missing(&reference, &name, &referrer))?;
            shape::component(&kind, &name, &component)
                .map_err(|problem| problem.inside(self.source.file()))?;
            prose::strip(&mut component);
            // A shared parameter or response stands for the operation that uses it.
            let referrer = if kind == "schemas" {
                self.cutter.cut(&name, &mut component)?;
                pulled_in_by.insert(name.clone(), referrer);
                name.clone()
            } else {
                referrer
            };
            let mut next = references(&component);
            next.extend(self.declared_of(&name).map(|member| format!("#/components/schemas/{member}")));
            queue.extend(next.into_iter().rev().map(|reference| (reference, referrer.clone())));
            self.components.entry(kind).or_default().insert(name, component);
        }
        Ok(pulled_in_by)
    }

    /// What to say of a reference that leads nowhere: the document's, or a name in the surface.
    fn missing(&self, reference: &str, name: &str, referrer: &str) -> Problem {
        let (short, of) = (names::short(name), names::short(referrer));
        let family = self.surface.types.get(of).map(|of_type| of_type.family.as_slice()).unwrap_or_default();
        if family.iter().any(|member| member == short) {
            let schemas = self.source.components().filter(|(kind, _)| *kind == "schemas");
            let known = schemas.map(|(_, name)| names::short(name));
            let what = format!(
                "`[types.{of}]` has `{short}` in its `family`, and {} has no such type",
                self.source.file()
            );
            return Problem::at(&self.surface.file, what).help(near::help(
                short,
                known,
                "take the name of a type without `microsoft.graph.`, or remove it",
            ));
        }
        let place = self.source.place_of("schemas", referrer);
        Problem::at(place, format!("`{referrer}` refers to `{reference}`, which does not exist"))
            .help("the upstream document is broken, or was cut too far: trim from a whole one")
    }

    fn split(&self, reference: &str, referrer: &str) -> Result<(String, String)> {
        reference
            .strip_prefix("#/components/")
            .and_then(|rest| rest.split_once('/'))
            .map(|(kind, name)| (kind.to_owned(), unescape(name)))
            .ok_or_else(|| {
                Problem::at(
                    self.source.file(),
                    format!("`{referrer}` refers to `{reference}`, outside of the components"),
                )
                .help("bundle the document into one file first")
            })
    }

    /// The types that only the surface says belong to `name`: the members of a family, the entries of a map.
    fn declared_of(&self, name: &str) -> impl Iterator<Item = String> {
        let surface = self.surface.types.get(names::short(name));
        let members =
            surface.into_iter().flat_map(|surface| &surface.family).map(|member| names::full(member));
        let entry = surface.and_then(|surface| surface.map.as_ref()).map(|entry| names::full(entry));
        // What upstream doesn't declare is plain, or the overlay declares it; lowering misses it if not.
        members.chain(entry.filter(|entry| self.source.declares(entry)))
    }

    fn version(&self) -> Result<Value> {
        let info = self.source.head("info")?.unwrap_or_default();
        Ok(info.get("version").cloned().unwrap_or_else(|| "v1.0".into()))
    }

    fn servers(&self) -> Result<Value> {
        let servers = self.source.head("servers")?.unwrap_or_default();
        let urls = servers.as_array().into_iter().flatten().filter_map(|server| server.get("url"));
        Ok(urls.map(|url| json!({ "url": url })).collect())
    }
}

/// A name as it stands in the document, from its form in a `$ref`.
fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// Every `$ref` in `value`, in the order of the document.
pub fn references(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect_references(value, &mut found);
    found
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                found.push(reference.clone());
            }
            map.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}
