//! Who may call what: the second upstream source, Microsoft's file of permissions.
//!
//! `upstream` reads it, [`Table::trim`] keeps what the surface asks for, [`corrections`] are the overlay's, and [`assign`] gives
//! each operation its lists. A slice is a table like the whole file, so that trimming it again changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::near;
use crate::problem::{Problem, Problems, Result};
use crate::surface::Surface;

pub mod changes;
pub mod corrections;
mod path;
mod upstream;

use corrections::Corrections;

/// What is kept of the file, in a checkout.
pub const FILE: &str = "spec/permissions.json";
/// What to give where the file itself is asked for.
pub const SOURCE: &str = "Microsoft's permissions.json, as spec/upstream.toml names it";
/// What the contract says of each operation.
const ANNOTATION: &str = "x-permissions";

/// The permissions of each method of each path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// By path in its plain form: lower case, every parameter `{id}`; then by method, in lower case.
    paths: BTreeMap<String, BTreeMap<String, Offer>>,
    /// How much each permission gives away.
    permissions: BTreeMap<String, Levels>,
}

/// How much a permission gives away for each kind of access, from 1 to 4, where upstream says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delegated: Option<u8>,
}

/// The permissions of which one suffices, by kind of access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Offer {
    #[serde(default, skip_serializing_if = "Choice::is_empty")]
    application: Choice,
    #[serde(default, skip_serializing_if = "Choice::is_empty")]
    delegated: Choice,
    /// Consented to for one group, team or chat; for an app alone.
    #[serde(default, skip_serializing_if = "Choice::is_empty")]
    resource_specific: Choice,
}

/// Permissions of which one suffices, in the order in which to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// Those that upstream marks as the least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    least: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<String>,
    /// What some of them need beside themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    with: BTreeMap<String, BTreeSet<String>>,
}

impl Choice {
    fn is_empty(&self) -> bool {
        self.least.is_empty() && self.others.is_empty()
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.least.iter().chain(&self.others)
    }

    fn list(&self) -> Vec<String> {
        self.names().cloned().collect()
    }
}

impl Offer {
    fn choices(&self) -> [&Choice; 3] {
        [&self.delegated, &self.application, &self.resource_specific]
    }
}

impl Table {
    /// Reads the text of Microsoft's file.
    pub fn of_upstream(file: &str, text: &str) -> Result<Self> {
        upstream::read(file, text)
    }

    /// Reads what [`text`](Self::text) wrote.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Problem::at(file, error))
    }

    /// For review: sorted, a name to a line.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Problem::at(FILE, error))?;
        Ok(text + "\n")
    }

    /// What `surface` and the corrections ask for.
    #[must_use]
    pub fn trim(&self, surface: &Surface, corrections: &Corrections) -> Self {
        let mut kept = Self::default();
        let own = surface.operations.iter().map(|it| (it.method.clone(), path::plain(&it.path)));
        for (method, path) in own.chain(corrections.models()) {
            let Some((path, offer)) = self.find(&method, &path) else { continue };
            for name in offer.choices().into_iter().flat_map(Choice::names) {
                let levels = self.permissions.get(name).copied().unwrap_or_default();
                kept.permissions.insert(name.clone(), levels);
            }
            kept.paths.entry(path.to_owned()).or_default().insert(method, offer.clone());
        }
        kept
    }

    /// Refuses lists of `surface` with a permission that this table, which came from `file`, doesn't know.
    pub fn expect_names(&self, file: &str, surface: &Surface) -> std::result::Result<(), Problems> {
        let mut problems = Vec::new();
        for operation in &surface.operations {
            let listed = operation.delegated.iter().chain(&operation.application);
            for name in listed.filter(|name| !self.permissions.contains_key(*name)) {
                let known = self.permissions.keys().map(String::as_str);
                let otherwise =
                    "correct it; if Microsoft has it and the file does not, leave out --permissions";
                let problem = Problem::at(&operation.place, format!("{file} has no permission `{name}`"))
                    .help(near::help(name, known, otherwise));
                // A wildcard is many operations.
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        Problems::unless(problems, ())
    }

    /// What is offered at exactly this path, given in its plain form.
    fn exactly(&self, method: &str, path: &str) -> Option<&Offer> {
        self.paths.get(path)?.get(method)
    }

    /// What is offered at this path, or else at the one that it belongs to, and where that is.
    fn find<'p>(&self, method: &str, path: &'p str) -> Option<(&'p str, &Offer)> {
        let mut ways = std::iter::successors(Some(path), |path| path::owner(path));
        ways.find_map(|path| Some((path, self.exactly(method, path)?)))
    }
}

/// Gives each operation of `surface` its permissions.
pub fn assign(
    surface: &mut Surface,
    table: &Table,
    corrections: &Corrections,
) -> std::result::Result<(), Problems> {
    let mut problems: Vec<_> = by_hand(surface);
    problems.extend(corrections.idle(surface));
    for operation in &mut surface.operations {
        match corrections.resolve(table, operation) {
            Ok(offer) => {
                operation.knows_scopes = true;
                operation.delegated = offer.delegated.list();
                operation.application = offer.application.list();
                operation.resource_specific = offer.resource_specific.list();
                operation.beside = corrections.beside(&operation.id);
            }
            Err(finding) => problems.push(finding.problem),
        }
    }
    Problems::unless(problems, ())
}

/// Lists in the surface, which nobody would keep up to date.
fn by_hand(surface: &Surface) -> Vec<Problem> {
    let listed =
        surface.operations.iter().filter(|it| !it.delegated.is_empty() || !it.application.is_empty());
    let problem = |place: &String| {
        let what = format!("the permissions of an operation come from {FILE}");
        Problem::at(place, what).help(
            "leave out `delegated` and `application`; a correction is a `[[permissions]]` of the overlay",
        )
    };
    listed.map(|operation| problem(&operation.place)).collect()
}

/// Says in the contract who may call what, for those who know nothing but the contract.
pub(crate) fn annotate(contract: &mut Value, surface: &Surface) {
    for operation in &surface.operations {
        let path = contract.get_mut("paths").and_then(|paths| paths.get_mut(&operation.path));
        let Some(entry) = path.and_then(|item| item.get_mut(&operation.method)) else { continue };
        let mut permissions = serde_json::Map::new();
        let lists = [
            ("application", &operation.application),
            ("delegated", &operation.delegated),
            ("resourceSpecific", &operation.resource_specific),
        ];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            permissions.insert(key.to_owned(), json!(list));
        }
        if !operation.beside.is_empty() {
            permissions.insert("beside".to_owned(), json!(operation.beside));
        }
        if !permissions.is_empty() {
            entry[ANNOTATION] = Value::Object(permissions);
        }
    }
    contract.sort_all_objects();
}

#[cfg(test)]
mod tests;
