//! Step 3: correct what upstream gets wrong, and add what it lacks.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::names;
use crate::problem::{Problem, Problems, Result};
use crate::surface::{METHODS, Surface};
use crate::trim::own_parts;

mod add;
use add::Addition;

/// `spec/overlay.toml`: the additions and corrections, each with its reason.
#[derive(Debug, Default)]
pub struct Overlay {
    file: String,
    additions: Vec<(usize, Addition)>,
    corrections: Vec<(usize, Correction)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    add: Vec<Spanned<Addition>>,
    #[serde(default)]
    correct: Vec<Spanned<Correction>>,
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
        let parsed: File = crate::parse_toml(file, text)?;
        let line = |span: std::ops::Range<usize>| text[..span.start].matches('\n').count() + 1;
        let additions = parsed.add.into_iter().map(|add| (line(add.span()), add.into_inner()));
        let corrections =
            parsed.correct.into_iter().map(|correct| (line(correct.span()), correct.into_inner()));
        Ok(Self { file: file.to_owned(), additions: additions.collect(), corrections: corrections.collect() })
    }

    /// Makes every addition to `document`, the slice of `surface`, then every correction, or says which no longer applies.
    pub fn apply(&self, document: &mut Value, surface: &Surface) -> std::result::Result<(), Problems> {
        let mut problems = Vec::new();
        for (line, addition) in &self.additions {
            if let Err(problem) = addition.apply(&format!("{}:{line}", self.file), document, surface) {
                problems.push(problem);
            }
        }
        problems.extend(add::missing(document, surface));
        for (line, correction) in &self.corrections {
            let place = format!("{}:{line}", self.file);
            if let Err(problem) = correction.apply(&place, document) {
                problems.push(problem);
            }
        }
        document.sort_all_objects();
        Problems::unless(problems, ())
    }
}

impl Correction {
    fn apply(&self, place: &str, document: &mut Value) -> Result<()> {
        let (target, key) = self.spot(place, document)?;
        let found = target.get(&key);
        if found != self.was.as_ref() {
            let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
            let expected = self.was.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
            let what = format!("this correction no longer applies: `{}` is {found}, not {expected}", self.at);
            return Err(Problem::at(place, what)
                .help("see whether upstream was corrected; then remove it or adapt `was`"));
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
            target = target.get_mut(step).and_then(Value::as_object_mut).ok_or_else(|| {
                Problem::at(
                    place,
                    format!(
                        "this correction no longer applies: there is no `{step}` on the way to `{}`",
                        self.at
                    ),
                )
                .help("remove the correction, or correct its `at`")
            })?;
        }
        Ok((target, key.to_owned()))
    }

    /// The object that `at` starts from: the operation, or the part of the schema that declares its own properties.
    fn target<'a>(&self, place: &str, document: &'a mut Value) -> Result<&'a mut Map<String, Value>> {
        let (what, found) = match (&self.operation, &self.schema) {
            (Some(id), None) => (format!("operation `{id}`"), find_operation(document, id)),
            (None, Some(name)) => (format!("schema `{name}`"), find_schema(document, name)),
            _ => return Err(Problem::at(place, "a correction needs either `operation` or `schema`")),
        };
        found.ok_or_else(|| {
            Problem::at(
                place,
                format!("this correction no longer applies: there is no {what} in the trimmed document"),
            )
            .help("remove the correction, or keep what it corrects in surface.toml")
        })
    }
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
