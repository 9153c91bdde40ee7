//! A checkout moves on to a new upstream document.

use std::path::Path;

use super::gaps::Handwritten;
use super::{GENERATED, SURFACE, Workspace};
use crate::lock::{Document, Lock, sha256};
use crate::output::{self, Outputs};
use crate::permissions::{FILE, SOURCE, Table};
use crate::problem::{Problem, Problems, Result, read_named};
use crate::source::Source;
use crate::surface::Surface;
use crate::update::{self, Inputs, Review, Update, changelog, version};

const CHANGELOG: &str = "CHANGELOG.md";

/// Upstream files: the OpenAPI document, and the file of permissions.
#[derive(Clone, Copy, Debug, Default)]
pub struct News<'a> {
    /// The document.
    pub document: Option<&'a Path>,
    /// Who may call what.
    pub permissions: Option<&'a Path>,
}

/// What people call the new document, or the new file of permissions if it comes alone, and where it is from; by default what
/// the document calls itself, and what is known of the old one.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Its title.
    pub title: Option<String>,
    /// Where it is to be had.
    pub origin: Option<String>,
}

impl Workspace {
    /// Moves on to the upstream files that are given: nothing is written here, and nothing is to be written while people have to
    /// do something first.
    pub fn update(&self, news: &News<'_>, named: &Named) -> std::result::Result<Update, Problems> {
        let (committed, mut lock) = (self.committed()?, self.lock()?);
        lock.expect_slice(committed.file(), &self.read(super::SLICE)?)?;
        let fresh = news.document.map(Source::open).transpose()?;
        if let Some(fresh) = &fresh {
            update::expect_news(fresh, &lock.document.sha256)?;
        }
        let permissions = self.permissions_of(&mut lock, news, named)?;
        let source = fresh.as_ref().unwrap_or(&committed);
        let (surface, overlay, docs) = (self.read(SURFACE)?, self.overlay()?, self.docs()?);
        let mut review = Review::new(&Inputs {
            committed: &committed,
            source,
            permissions: permissions.as_ref().map(|(old, new)| (old, new)),
            surface: (SURFACE, &surface),
            overlay: &overlay,
            docs: Some(&docs),
        })?;
        if let Some(fresh) = &fresh {
            let version = review.trimmed.document["info"]["version"].as_str().unwrap_or_default().to_owned();
            let title = named.title.clone().map_or_else(|| update::title_of(fresh, &version), Ok)?;
            let origin = named.origin.clone().unwrap_or(lock.document.origin);
            lock.document = Document { title, origin, version, sha256: fresh.sha256() };
        } else if let Some(file) = news.permissions {
            FILE.clone_into(&mut review.diff.old);
            review.diff.new = file.display().to_string();
        }
        let title = match &lock.permissions {
            Some(permissions) if fresh.is_none() => &permissions.title,
            _ => &lock.document.title,
        };
        let entry = changelog::entry(&review.diff, title);
        let mut outputs = review.outputs(|review| self.moved(lock, fresh.as_ref(), review));
        let code = outputs.as_ref().map(|outputs| update::code_of(outputs, GENERATED));
        let class = review.class(&output::rust_files(&self.root.join(GENERATED)), code)?;
        let mut report = review.report(&self.version()?, class, "spec/docs.yaml");
        if let (Some(outputs), Some(entry)) = (&mut outputs, entry) {
            report.push_str(&self.draft(&entry, outputs));
        }
        report.push_str(&self.afterwards(&review.surface));
        Ok(Update { report, outputs })
    }

    /// The version that `outputs` make of the crates that are there, as a line; nothing where the public API stays as it is.
    pub fn proposal(&self, outputs: &Outputs) -> Result<Option<String>> {
        let old = output::rust_files(&self.root.join(GENERATED));
        version::of_code(&self.version()?, &old, &update::code_of(outputs, GENERATED))
    }

    /// What `lock` pins of permissions and what the news have, which are pinned from now on; nothing if none are pinned.
    fn permissions_of(
        &self,
        lock: &mut Lock,
        news: &News<'_>,
        named: &Named,
    ) -> Result<Option<(Table, Table)>> {
        let old = self.permissions(lock, None)?;
        let (Some(file), Some(pinned)) = (news.permissions, &mut lock.permissions) else {
            return match news.permissions {
                Some(file) => self.permissions(lock, Some(file)).map(|_| None),
                None => Ok(old.map(|old| (old.clone(), old))),
            };
        };
        let (name, text) = (file.display().to_string(), read_named(file, SOURCE)?);
        let new = Table::of_upstream(&name, &text)?;
        let sha256 = sha256([&text]);
        if pinned.sha256 == sha256 && news.document.is_none() {
            let what = "this is the file that the permissions follow from already";
            return Err(Problem::at(name, what).help("to generate anew: cargo codegen generate"));
        }
        pinned.sha256 = sha256;
        if news.document.is_none() {
            let Named { title, origin } = named.clone();
            pinned.title = title.unwrap_or_else(|| std::mem::take(&mut pinned.title));
            pinned.origin = origin.unwrap_or_else(|| std::mem::take(&mut pinned.origin));
        }
        Ok(old.map(|old| (old, new)))
    }

    /// Everything that follows from what a review found, with the receipt of the document if it is a new one.
    fn moved(
        &self,
        lock: Lock,
        fresh: Option<&Source>,
        review: &Review,
    ) -> std::result::Result<Outputs, Problems> {
        let Review { surface, trimmed, contract, permissions, .. } = review;
        let text = permissions.as_ref().map(Table::text).transpose()?;
        let lock = text.iter().fold(lock, |lock, text| lock.with_permissions(text));
        let mut outputs = match fresh {
            Some(fresh) => self.outputs_of(lock, fresh, surface, trimmed, contract)?,
            None => self.outputs_of_slice(lock, surface, &trimmed.document, contract)?,
        };
        outputs.extend(text.map(|text| (FILE.to_owned(), text)));
        Ok(outputs)
    }

    /// Puts the changelog's entry among `outputs`; gives it as text where the changelog has no place for it.
    fn draft(&self, entry: &str, outputs: &mut Outputs) -> String {
        match changelog::insert(&self.read(CHANGELOG).unwrap_or_default(), entry) {
            Some(changelog) => {
                outputs.insert(CHANGELOG.to_owned(), changelog);
                String::new()
            }
            None => format!("\n{CHANGELOG} has no `## Unreleased`; the draft is\n\n{entry}"),
        }
    }

    /// What the hand-written crates lack for the operations that are kept.
    fn afterwards(&self, surface: &Surface) -> String {
        let lacking = Handwritten::read(&self.root).map_or_else(Vec::new, |present| present.lacking(surface));
        if lacking.is_empty() {
            return String::new();
        }
        format!("\nto do by hand afterwards: {}\n- {}\n", lacking.len(), lacking.join("\n- "))
    }

    /// The version that the crates have.
    fn version(&self) -> Result<String> {
        let manifest: toml::Table = toml::from_str(&self.read("Cargo.toml").unwrap_or_default())
            .map_err(|error| Problem::at("Cargo.toml", error.message()))?;
        let version = manifest.get("workspace").and_then(|it| it.get("package")?.get("version")?.as_str());
        Ok(version.unwrap_or("unknown").to_owned())
    }
}
