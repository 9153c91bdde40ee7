//! From the document that is pinned to a new one: what it changes, and what people have to do first.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::diff::{self, Class, Diff, report};
use crate::docs::Docs;
use crate::output::Outputs;
use crate::overlay::Overlay;
use crate::permissions::{self, Table};
use crate::problem::{Problem, Problems, Result};
use crate::source::Source;
use crate::surface::Surface;
use crate::trim::{self, Trimmed};
use crate::yaml;

pub mod changelog;
pub mod version;

/// What an update goes by, whoever's it is.
pub(crate) struct Inputs<'a> {
    /// What is kept of the old document.
    pub(crate) committed: &'a Source,
    /// The new document.
    pub(crate) source: &'a Source,
    /// The surface's file and text.
    pub(crate) surface: (&'a str, &'a str),
    /// What is kept of the old file of permissions, and the new file or that again; nothing where none is pinned.
    pub(crate) permissions: Option<(&'a Table, &'a Table)>,
    pub(crate) overlay: &'a Overlay,
    pub(crate) docs: Option<&'a Docs>,
}

/// What a new document comes to, before any code is generated from it.
pub(crate) struct Review {
    pub(crate) diff: Diff,
    pub(crate) surface: Surface,
    pub(crate) trimmed: Trimmed,
    pub(crate) contract: Value,
    /// What is kept of the permissions.
    pub(crate) permissions: Option<Table>,
    pub(crate) todo: Todo,
}

/// What has to be done by hand before code can be generated.
#[derive(Debug, Default)]
pub(crate) struct Todo {
    /// What the surface keeps and the new document lacks.
    surface: Vec<Problem>,
    /// What the overlay says and upstream now says by itself.
    needless: Vec<Problem>,
    /// What in the overlay no longer applies.
    broken: Vec<Problem>,
    /// Permissions that are not known, or corrected in vain.
    permissions: Vec<Problem>,
    /// What nobody has described.
    undescribed: Vec<Problem>,
    /// What is described and not there; with broken corrections, perhaps only as long as they are.
    idle: Vec<Problem>,
    /// Lines to paste into the descriptions.
    stubs: String,
    /// What generating itself refuses.
    generating: Vec<Problem>,
}

/// An update: what to tell, and what to write; nothing where people have to do something first.
#[derive(Debug)]
pub struct Update {
    /// For people.
    pub report: String,
    /// The files as they have to be, all at once.
    pub outputs: Option<Outputs>,
}

impl Review {
    /// Trims, compares, corrects and describes, and goes on after what is wrong, so that all of it is said at once.
    pub(crate) fn new(inputs: &Inputs<'_>) -> std::result::Result<Self, Problems> {
        let Inputs { committed, source, surface: (file, text), permissions, overlay, docs } = *inputs;
        let mut todo = Todo::default();
        let whole = Surface::read(file, text, source).and_then(|surface| {
            let trimmed = trim::trim(source, &surface)?;
            Ok((surface, trimmed))
        });
        let (mut surface, trimmed) = whole.or_else(|problems| {
            todo.surface.extend(problems);
            let surface = Surface::read_what_exists(file, text, source)?;
            let trimmed = trim::trim_what_exists(source, &surface)?;
            Ok::<_, Problems>((surface, trimmed))
        })?;
        let new = Source::read(source.file(), yaml::write(&trimmed.document)?)?;
        let mut contract = trimmed.document.clone();
        for finding in overlay.review(&mut contract, &surface) {
            let of = if finding.is_needless { &mut todo.needless } else { &mut todo.broken };
            of.push(finding.problem);
        }
        if let Some(docs) = docs {
            let review = docs.review(&mut contract);
            todo.stubs = review.stubs()?;
            (todo.undescribed, todo.idle) = (review.missing, review.idle);
        }
        let mut diff = diff::compare(committed, &new, &[])?;
        let permissions = permissions.map(|(old, new)| {
            let kept = new.trim(&surface, overlay.permissions());
            diff.changes.extend(permissions::changes::between(old, &kept));
            diff.changes.sort();
            let problems = permissions::assign(&mut surface, &kept, overlay.permissions()).err();
            todo.permissions.extend(problems.into_iter().flatten());
            kept
        });
        crate::versions::annotate(&mut contract, &surface);
        permissions::annotate(&mut contract, &surface);
        Ok(Self { diff, surface, trimmed, contract, permissions, todo })
    }

    /// What `generate` gives, unless something has to be done first; what it refuses has to be done, too.
    pub(crate) fn outputs(
        &mut self,
        generate: impl FnOnce(&Self) -> std::result::Result<Outputs, Problems>,
    ) -> Option<Outputs> {
        if !self.todo.is_empty() {
            return None;
        }
        match generate(self) {
            Ok(outputs) => Some(outputs),
            Err(problems) => {
                self.todo.generating.extend(problems);
                None
            }
        }
    }

    /// What becomes of the public API: by the code in `old` and `new`, or while there is no new code, by the documents.
    pub(crate) fn class(&self, old: &Outputs, new: Option<Outputs>) -> Result<Option<Class>> {
        match new {
            Some(new) => version::class_of_code(old, &new, self.diff.class()),
            None => Ok(self.diff.class()),
        }
    }

    /// What the document changes, which version `class` makes, and what has to be done. `docs` is where descriptions belong.
    pub(crate) fn report(&self, version: &str, class: Option<Class>, docs: &str) -> String {
        let mut out =
            format!("{} → {}\n{}", self.diff.old, self.diff.new, report::text(&self.diff, false, false));
        out.push_str(&version::proposal(version, class));
        out.push_str(&self.todo.report(docs));
        out
    }
}

/// Those of `outputs` below `folder`, by their paths there.
pub(crate) fn code_of(outputs: &Outputs, folder: &str) -> Outputs {
    let code = outputs.iter().filter_map(|(path, text)| {
        let name = path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((name.to_owned(), text.clone()))
    });
    code.collect()
}

impl Todo {
    fn is_empty(&self) -> bool {
        self.sections().iter().all(|(_, problems)| problems.is_empty())
    }

    fn sections(&self) -> [(&'static str, &[Problem]); 7] {
        [
            ("the surface keeps what is no longer there", &self.surface),
            ("corrections that became needless", &self.needless),
            ("corrections that broke", &self.broken),
            ("permissions that are not known, or corrected in vain", &self.permissions),
            ("what nobody has described", &self.undescribed),
            ("descriptions of what is not there, or not before the corrections are mended", &self.idle),
            ("refused by the generator", &self.generating),
        ]
    }

    fn report(&self, docs: &str) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut out = "\nto do by hand first; nothing was written\n".to_owned();
        for (title, problems) in self.sections().iter().filter(|(_, problems)| !problems.is_empty()) {
            let _ = writeln!(out, "\n{title}: {}", problems.len());
            for problem in *problems {
                let _ = writeln!(out, "- {problem}");
            }
        }
        if !self.stubs.is_empty() {
            let _ = write!(out, "\nlines for {docs}, to be merged and filled in:\n\n{}", self.stubs);
        }
        out
    }
}

/// Refuses to move on to where things are already.
pub(crate) fn expect_news(source: &Source, pinned: &str) -> Result<()> {
    if source.sha256() != pinned {
        return Ok(());
    }
    let what = "this is the document that everything follows from already";
    Err(Problem::at(source.file(), what).help("to generate anew: cargo codegen generate"))
}

/// The title of a document, for people.
pub(crate) fn title_of(source: &Source, version: &str) -> Result<String> {
    let info = source.head("info")?.unwrap_or_default();
    let title = info["title"].as_str().map(str::trim).filter(|title| !title.is_empty());
    let file = Path::new(source.file()).file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("{} {version}, {file}", title.unwrap_or("OpenAPI document")))
}
