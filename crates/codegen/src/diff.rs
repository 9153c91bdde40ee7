//! What changed from one OpenAPI document to another, and what it means for the code that is generated from them.
//!
//! Every path and every component of both documents is compared. What reads the same is skipped, and what doesn't is never
//! passed over: it becomes at least one [`Change`]. Each has a [`Class`], which says what becomes of the public API of the
//! generated crate, and a reason.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::problem::{Problems, Result, read_named};
use crate::source::Source;
use crate::surface::pattern::matches_path;
use crate::surface::{self, Surface};
use crate::{trim, yaml};

mod bodies;
mod components;
pub mod drift;
mod enums;
mod form;
mod objects;
mod operations;
mod paths;
mod remainder;
mod rename;
pub mod report;
pub mod symbols;

/// What a change does to the public API of the generated crate, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Code that compiled may not any more.
    Major,
    /// There is more than before, and all that was there stays.
    Minor,
    /// The types are the same, and other values are on the wire.
    Behavioural,
    /// Nothing that a program can see: descriptions, what no code is generated from.
    Patch,
}

impl Class {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Behavioural => "behavioural",
            Self::Patch => "patch",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What it does to the generated API.
    pub class: Class,
    /// What kind of change it is: `property-added`.
    pub kind: &'static str,
    /// The operation, type or component that it is about: `GET /groups/{group-id}`, `community.displayName`.
    pub place: String,
    /// What was and what is.
    pub what: String,
    /// Why it has this class.
    pub why: &'static str,
    /// What a thing that came or went is like, by which it is known again under another name.
    #[serde(skip)]
    shape: String,
}

/// All differences between two documents, sorted by class and place.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The older document.
    pub old: String,
    /// The newer document.
    pub new: String,
    /// The differences.
    pub changes: Vec<Change>,
}

impl Change {
    /// A change that isn't known again under another name.
    pub(crate) fn new(
        class: Class,
        kind: &'static str,
        place: &str,
        what: String,
        why: &'static str,
    ) -> Self {
        Self { class, kind, place: place.to_owned(), what, why, shape: String::new() }
    }
}

impl Diff {
    /// The worst class of all; none if there are no changes.
    pub fn class(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).min()
    }

    /// How many changes have this class.
    pub fn count(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class == class).count()
    }
}

/// Compares two documents. Of `paths`, if there are any, one has to match a path for it to count, and a schema counts if a
/// path that does leads to it.
pub fn compare(old: &Source, new: &Source, paths: &[String]) -> Result<Diff> {
    let sides = Sides { old, new };
    for pattern in paths {
        if !old.paths().chain(new.paths()).any(|path| matches_path(pattern, path)) {
            return Err(new.no_such_path("--path", pattern));
        }
    }
    let scope = Scope::new(sides, paths);
    let mut changes = Changes::default();
    paths::compare(sides, &scope, &mut changes)?;
    components::compare(sides, &scope, &mut changes)?;
    let mut changes = rename::recognise(changes.0);
    changes.sort();
    changes.dedup();
    Ok(Diff { old: old.file().to_owned(), new: new.file().to_owned(), changes })
}

/// Compares what the surface in the file `kept` keeps of two documents. What only one of them has is kept of that one.
pub fn of_surface(old: &Path, new: &Path, kept: &Path) -> std::result::Result<Diff, Problems> {
    let (file, text) = (kept.display().to_string(), read_named(kept, surface::FILE)?);
    let slice = |document: &Path| slice_of(&Source::open(document)?, &file, &text);
    Ok(compare(&slice(old)?, &slice(new)?, &[])?)
}

/// What a surface keeps of a document, as a document.
pub(crate) fn slice_of(
    document: &Source,
    file: &str,
    surface: &str,
) -> std::result::Result<Source, Problems> {
    let surface = Surface::read_what_exists(file, surface, document)?;
    let trimmed = trim::trim_what_exists(document, &surface)?;
    Ok(Source::read(document.file(), yaml::write(&trimmed.document)?)?)
}

/// The two documents.
#[derive(Clone, Copy)]
struct Sides<'a> {
    old: &'a Source,
    new: &'a Source,
}

/// The changes found so far.
#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn push(
        &mut self,
        class: Class,
        kind: &'static str,
        place: &str,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.shaped(class, kind, place, what, why, String::new());
    }

    /// The same for what may be known again under another name.
    fn shaped(
        &mut self,
        class: Class,
        kind: &'static str,
        place: &str,
        what: impl Into<String>,
        why: &'static str,
        shape: String,
    ) {
        self.0.push(Change { class, kind, place: place.to_owned(), what: what.into(), why, shape });
    }
}

/// What of the documents counts.
struct Scope<'p> {
    paths: &'p [String],
    /// The schemas that count; all if there are no patterns.
    schemas: Option<BTreeSet<String>>,
}

impl<'p> Scope<'p> {
    fn new(sides: Sides<'_>, paths: &'p [String]) -> Self {
        let mut scope = Self { paths, schemas: None };
        if !paths.is_empty() {
            let reached = [sides.old, sides.new].map(|side| {
                let kept: Vec<_> = side.paths().filter(|path| scope.has_path(path)).collect();
                side.reached_from(&kept)
            });
            scope.schemas = Some(reached.into_iter().flatten().collect());
        }
        scope
    }

    fn has_path(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|pattern| matches_path(pattern, path))
    }

    /// Components other than schemas count where everything does, or where a path leads to them.
    fn has_component(&self, kind: &str, name: &str) -> bool {
        self.schemas.as_ref().is_none_or(|reached| reached.contains(&format!("{kind}/{name}")))
    }
}
