//! A checkout moves on to a new upstream document.

use std::path::Path;

use super::gaps::Handwritten;
use super::{GENERATED, SURFACE, Workspace};
use crate::lock::Document;
use crate::output::{self, Outputs};
use crate::problem::{Problem, Problems, Result};
use crate::source::Source;
use crate::surface::Surface;
use crate::update::{self, Inputs, Review, Update, changelog};

const CHANGELOG: &str = "CHANGELOG.md";

/// What people call the new document and where it is from; by default what it calls itself, and the origin of the old one.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Its title.
    pub title: Option<String>,
    /// Where it is to be had.
    pub origin: Option<String>,
}

impl Workspace {
    /// Moves on to the upstream document in `file`: nothing is written here, and nothing is to be written while people have to
    /// do something first.
    pub fn update(&self, file: &Path, named: &Named) -> std::result::Result<Update, Problems> {
        let (source, mut lock) = (Source::open(file)?, self.lock()?);
        update::expect_news(&source, &lock.document.sha256)?;
        let committed = self.committed()?;
        lock.expect_slice(committed.file(), &self.read(super::SLICE)?)?;
        let (surface, overlay, docs) = (self.read(SURFACE)?, self.overlay()?, self.docs()?);
        let mut review = Review::new(&Inputs {
            committed: &committed,
            source: &source,
            surface: (SURFACE, &surface),
            overlay: &overlay,
            docs: Some(&docs),
        })?;
        let version = review.trimmed.document["info"]["version"].as_str().unwrap_or_default().to_owned();
        let title = named.title.clone().map_or_else(|| update::title_of(&source, &version), Ok)?;
        let origin = named.origin.clone().unwrap_or(lock.document.origin);
        lock.document = Document { title, origin, version, sha256: source.sha256() };
        let entry = changelog::entry(&review.diff, &lock.document.title);
        let mut outputs = review.outputs(|review| {
            self.outputs_of(lock, &source, &review.surface, &review.trimmed, &review.contract)
        });
        let code = outputs.as_ref().map(|outputs| update::code_of(outputs, GENERATED));
        let class = review.class(&output::rust_files(&self.root.join(GENERATED)), code)?;
        let mut report = review.report(&self.version()?, class, "spec/docs.yaml");
        if let (Some(outputs), Some(entry)) = (&mut outputs, entry) {
            report.push_str(&self.draft(&entry, outputs));
        }
        report.push_str(&self.afterwards(&review.surface));
        Ok(Update { report, outputs })
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
