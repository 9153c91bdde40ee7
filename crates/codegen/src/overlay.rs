//! Step 3: correct what upstream gets wrong, and add what it lacks.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::names;
use crate::near;
use crate::permissions::corrections::{self, Corrections};
use crate::problem::{Problem, Problems};
use crate::surface::{METHODS, Surface};
use crate::trim::own_parts;

mod add;
use add::Addition;

/// The outcome of an addition or a correction.
type Result<T> = std::result::Result<T, Finding>;

/// `spec/overlay.toml`: the additions and corrections, each with its reason.
#[derive(Debug, Default)]
pub struct Overlay {
    file: String,
    additions: Vec<(usize, Addition)>,
    corrections: Vec<(usize, Correction)>,
    permissions: Corrections,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    add: Vec<Spanned<Addition>>,
    #[serde(default)]
    correct: Vec<Spanned<Correction>>,
    #[serde(default)]
    permissions: Vec<Spanned<corrections::Correction>>,
}

/// One correction. It applies only where the document says `was`, or nothing if there is no `was`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    operation: Option<String>,
    schema: Option<String>,
    at: String,
    was: Option<Value>,
    now: Option<Value>,
    #[allow(dead_code, reason = "required, so that nobody corrects without one; read by people")]
    reason: String,
    #[allow(dead_code, reason = "required, so that nobody corrects without one; read by people")]
    source: String,
}

impl Overlay {
    /// Reads `text`, which came from `file`.
    pub fn read(file: &str, text: &str) -> std::result::Result<Self, Problems> {
        let parsed: File = crate::parse_toml(file, text, "spec/overlay.toml")?;
        let line = |span: std::ops::Range<usize>| text[..span.start].matches('\n').count() + 1;
        let additions = parsed.add.into_iter().map(|add| (line(add.span()), add.into_inner()));
        let corrections =
            parsed.correct.into_iter().map(|correct| (line(correct.span()), correct.into_inner()));
        let permissions = parsed.permissions.into_iter().map(|it| (line(it.span()), it.into_inner()));
        let permissions = Corrections { file: file.to_owned(), list: permissions.collect() };
        Ok(Self {
            file: file.to_owned(),
            additions: additions.collect(),
            corrections: corrections.collect(),
            permissions,
        })
    }

    /// What it says of permissions.
    pub fn permissions(&self) -> &Corrections {
        &self.permissions
    }

    /// Makes every addition to `document`, the slice of `surface`, then every correction, or says which no longer applies.
    pub fn apply(&self, document: &mut Value, surface: &Surface) -> std::result::Result<(), Problems> {
        let findings = self.review(document, surface);
        Problems::unless(findings.into_iter().map(|finding| finding.problem).collect(), ())
    }

    /// The same, leaving out what doesn't apply; gives it with the reason.
    pub fn review(&self, document: &mut Value, surface: &Surface) -> Vec<Finding> {
        let place = |line: &usize| format!("{}:{line}", self.file);
        let additions =
            self.additions.iter().map(|(line, addition)| addition.apply(&place(line), document, surface));
        let mut findings: Vec<_> = additions.filter_map(Result::err).collect();
        findings.extend(add::missing(document, surface).into_iter().map(Finding::broken));
        let corrections =
            self.corrections.iter().map(|(line, correction)| correction.apply(&place(line), document));
        findings.extend(corrections.filter_map(Result::err));
        document.sort_all_objects();
        findings
    }
}

/// A part of the overlay that doesn't apply.
#[derive(Debug)]
pub struct Finding {
    /// Upstream says by itself what it would make it say.
    pub is_needless: bool,
    /// Where it is, and what to do about it.
    pub problem: Problem,
}

impl Finding {
    pub(crate) fn broken(problem: Problem) -> Self {
        Self { is_needless: false, problem }
    }

    pub(crate) fn needless(problem: Problem) -> Self {
        Self { is_needless: true, problem }
    }
}

impl Correction {
    fn apply(&self, place: &str, document: &mut Value) -> Result<()> {
        let (target, key) = self.spot(place, document)?;
        let found = target.get(&key);
        if found != self.was.as_ref() {
            let found_is_now = found == self.now.as_ref();
            let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
            if found_is_now {
                let what = format!("this correction is needless: `{}` is {found} already", self.at);
                return Err(Finding::needless(
                    Problem::at(place, what).help("upstream says it by itself now: remove it"),
                ));
            }
            let expected = self.was.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
            let what = format!("this correction no longer applies: `{}` is {found}, not {expected}", self.at);
            let help = "see whether upstream was corrected; then remove it or adapt `was`";
            return Err(Finding::broken(Problem::at(place, what).help(help)));
        }
        match &self.now {
            Some(now) => target.insert(key, now.clone()),
            None => target.remove(&key),
        };
        Ok(())
    }

    /// What holds the corrected value, and the name of the value in it.
    fn spot<'a>(&self, place: &str, document: &'a mut Value) -> Result<(&'a mut Map<String, Value>, String)> {
        let mut target = self.target(place, document)?;
        let (parents, key) = self.at.rsplit_once('/').unwrap_or(("", &self.at));
        for step in parents.split('/').filter(|step| !step.is_empty()) {
            let keys = target.keys().filter(|_| !target.contains_key(step)).cloned().collect::<Vec<_>>();
            target = target.get_mut(step).and_then(Value::as_object_mut).ok_or_else(|| {
                let what = format!(
                    "this correction no longer applies: there is no `{step}` on the way to `{}`",
                    self.at
                );
                let otherwise = "remove the correction, or correct its `at`";
                let help = near::help(step, keys.iter().map(String::as_str), otherwise);
                Finding::broken(Problem::at(place, what).help(help))
            })?;
        }
        Ok((target, key.to_owned()))
    }

    /// The object that `at` starts from: the operation, or the part of the schema that declares its own properties.
    fn target<'a>(&self, place: &str, document: &'a mut Value) -> Result<&'a mut Map<String, Value>> {
        let (kind, name, find): (_, _, Find) = match (&self.operation, &self.schema) {
            (Some(id), None) => ("operation", id, find_operation),
            (None, Some(name)) => ("schema", name, find_schema),
            _ => {
                let problem = Problem::at(place, "a correction needs either `operation` or `schema`");
                return Err(Finding::broken(problem.help("give the one that is corrected")));
            }
        };
        let others = if find(document, name).is_none() { names_of(kind, document) } else { Vec::new() };
        find(document, name).ok_or_else(|| {
            let what = format!(
                "this correction no longer applies: there is no {kind} `{name}` in the trimmed document"
            );
            let otherwise = "remove the correction, or keep what it corrects in surface.toml";
            let help = near::help(name, others.iter().map(String::as_str), otherwise);
            Finding::broken(Problem::at(place, what).help(help))
        })
    }
}

/// Finds what is corrected by its name.
type Find = for<'d> fn(&'d mut Value, &str) -> Option<&'d mut Map<String, Value>>;

/// The names of everything of this kind.
fn names_of(kind: &str, document: &Value) -> Vec<String> {
    if kind == "schema" {
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
        return schemas.into_iter().flat_map(Map::keys).map(|name| names::short(name).to_owned()).collect();
    }
    let items = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = items.filter_map(Value::as_object).flat_map(Map::values);
    operations.filter_map(|operation| operation["operationId"].as_str().map(str::to_owned)).collect()
}

fn find_operation<'a>(document: &'a mut Value, id: &str) -> Option<&'a mut Map<String, Value>> {
    let items = document.get_mut("paths")?.as_object_mut()?.values_mut();
    let operations = items.filter_map(Value::as_object_mut).flatten();
    operations
        .filter(|(key, _)| METHODS.contains(&key.as_str()))
        .find(|(_, operation)| operation["operationId"] == id)
        .and_then(|(_, operation)| operation.as_object_mut())
}

fn find_schema<'a>(document: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    let schemas = document.pointer_mut("/components/schemas")?.as_object_mut()?;
    let full = if schemas.contains_key(name) { name.to_owned() } else { names::full(name) };
    let schema = schemas.get_mut(&full)?;
    own_parts(schema).last()
}
