//! The files of the workspace: what the steps read, and what is written of their results.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::diff::{self, Diff};
use crate::docs::Docs;
use crate::emit;
use crate::limits::Limits;
use crate::lock::{self, Lock};
use crate::output::{self, Folder, Outputs};
use crate::overlay::Overlay;
use crate::problem::{Problem, Problems, Result};
use crate::receipt::{self, Receipt};
use crate::source::Source;
use crate::surface::{Budget, Surface, Used};
use crate::trim::Trimmed;
use crate::{lower, trim, yaml};

mod gaps;
mod permissions;
mod update;
pub use update::{Named, News};

const SURFACE: &str = "spec/surface.toml";

/// What upstream says about our surface, as `trim` left it.
const SLICE: &str = "spec/graph-v1.0.upstream.yaml";
/// The slice, corrected and described: the contract.
const CONTRACT: &str = "spec/graph-v1.0.yaml";
/// What progenitor is given.
const LOWERED: &str = "spec/graph-v1.0.lowered.json";
const RECEIPT: &str = "spec/graph-v1.0.receipt.txt";
const RECEIPT_JSON: &str = "spec/graph-v1.0.receipt.json";
const GENERATED: &str = "crates/graph-models/src/generated";

/// A checkout of the project.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that `start` is in: the nearest folder around it with a `spec/surface.toml`.
    pub fn around(start: &Path) -> Result<Self> {
        let root = start.ancestors().find(|folder| folder.join("spec/surface.toml").is_file());
        let root = root.ok_or_else(|| {
            Problem::at(start.display(), "there is no spec/surface.toml in this folder or around it")
                .help("run it inside a checkout, or name one with --workspace DIR")
        })?;
        Ok(Self { root: root.to_owned() })
    }

    /// Undoes what an interrupted command has left here, before anything is read; gives whether there was any.
    pub fn recover(&self) -> Result<bool> {
        output::recover(&self.root)
    }

    /// Trims the upstream files that are given: the slices, their lock, the receipt and the contract. Without a document, only
    /// what is kept of the permissions.
    pub fn trim(&self, files: &News<'_>) -> std::result::Result<Outputs, Problems> {
        let Some(file) = files.document else {
            let mut surface = self.surface(&self.committed()?)?;
            let (lock, permissions) = self.permit(&mut surface, self.lock()?, files.permissions)?;
            return Ok(permissions.into_iter().chain([(lock::FILE.to_owned(), lock.text())]).collect());
        };
        let source = Source::open(file)?;
        let lock = self.lock()?;
        lock.expect_document(&source)?;
        let mut surface = self.surface(&source)?;
        let (lock, permissions) = self.permit(&mut surface, lock, files.permissions)?;
        let trimmed = trim::trim(&source, &surface)?;
        let receipt = Receipt::new(&source, &surface, &trimmed)?;
        let contract = self.contract(&trimmed.document, &surface)?;
        let files = slice_outputs(lock, &trimmed.document, &contract)?.into_iter();
        Ok(files.chain(receipt_outputs(&receipt)).chain(permissions).collect())
    }

    /// Everything that follows from the committed slices.
    pub fn generate(&self) -> std::result::Result<Outputs, Problems> {
        self.generate_from(&News::default())
    }

    /// Everything that follows from the upstream files that are given, which have to be those that are pinned, and for the
    /// others from what is committed.
    pub fn generate_from(&self, files: &News<'_>) -> std::result::Result<Outputs, Problems> {
        let lock = self.lock()?;
        let Some(file) = files.document else { return self.generate_of_slice(lock, files.permissions) };
        let source = Source::open(file)?;
        lock.expect_document(&source)?;
        let mut surface = self.surface(&source)?;
        let (lock, permissions) = self.permit(&mut surface, lock, files.permissions)?;
        let trimmed = trim::trim(&source, &surface)?;
        let contract = self.contract(&trimmed.document, &surface)?;
        let mut outputs = self.outputs_of(lock, &source, &surface, &trimmed, &contract)?;
        outputs.extend(permissions);
        Ok(outputs)
    }

    fn generate_of_slice(
        &self,
        lock: Lock,
        permissions: Option<&Path>,
    ) -> std::result::Result<Outputs, Problems> {
        let text = self.read(SLICE)?;
        lock.expect_slice(SLICE, &text)?;
        lock.expect_receipt(RECEIPT_JSON, &self.read(RECEIPT_JSON)?)?;
        let source = Source::read(SLICE, text)?;
        let mut surface = self.surface(&source)?;
        let (lock, permissions) = self.permit(&mut surface, lock, permissions)?;
        let slice = trim::trim(&source, &surface)?.document;
        let contract = self.contract(&slice, &surface)?;
        let mut outputs = self.outputs_of_slice(lock, &surface, &slice, &contract)?;
        outputs.extend(permissions);
        Ok(outputs)
    }

    /// The same as [`outputs_of`](Self::outputs_of) for a slice of a document that the receipt is of already.
    fn outputs_of_slice(
        &self,
        lock: Lock,
        surface: &Surface,
        slice: &Value,
        contract: &Value,
    ) -> std::result::Result<Outputs, Problems> {
        let (mut outputs, used) = self.derive(contract, surface)?;
        outputs.extend(slice_outputs(lock, slice, contract)?);
        outputs.extend(self.receipt_of_use(&surface.budget, used)?);
        Ok(outputs)
    }

    /// The contract's own files, the code, the lock and the receipt.
    fn outputs_of(
        &self,
        lock: Lock,
        source: &Source,
        surface: &Surface,
        trimmed: &Trimmed,
        contract: &Value,
    ) -> std::result::Result<Outputs, Problems> {
        let (mut outputs, used) = self.derive(contract, surface)?;
        outputs.extend(slice_outputs(lock, &trimmed.document, contract)?);
        outputs.extend(receipt_outputs(&Receipt::new(source, surface, trimmed)?.used(used)));
        Ok(outputs)
    }

    /// The code that follows from the contract, and how much it is.
    fn derive(&self, contract: &Value, surface: &Surface) -> std::result::Result<(Outputs, Used), Problems> {
        let limits = Limits::read("spec/limits.toml", &self.read("spec/limits.toml")?, surface)?;
        let lowered = lower::lower(contract, surface)?;
        let files = emit::emit(&lowered, surface, &limits)?;
        let schemas = contract["components"]["schemas"].as_object().map_or(0, serde_json::Map::len);
        let used = Used { schemas, lines: files.values().map(|text| text.lines().count()).sum() };
        surface.check_budget(used)?;
        let mut outputs: Outputs =
            files.into_iter().map(|(path, text)| (format!("{GENERATED}/{path}"), text)).collect();
        outputs.insert(LOWERED.to_owned(), format!("{lowered:#}\n"));
        Ok((outputs, used))
    }

    /// Writes what differs. Gives the paths that changed.
    pub fn write(&self, outputs: &Outputs) -> Result<Vec<String>> {
        Folder::new(&self.root, GENERATED).write(outputs)
    }

    /// Differences between `outputs` and what is there, as unified diffs; empty if there are none.
    pub fn diff(&self, outputs: &Outputs) -> Result<String> {
        Folder::new(&self.root, GENERATED).diff(outputs)
    }

    /// What the upstream document in `file` changes of what is committed, as far as the surface keeps it, and what the file of
    /// permissions does: of the one before it, if there are two, or of what is committed.
    pub fn upstream_diff(
        &self,
        file: Option<&Path>,
        permissions: &[PathBuf],
    ) -> std::result::Result<Diff, Problems> {
        let changes = self.permission_changes(permissions)?;
        let name = |file: &PathBuf| file.display().to_string();
        let Some(file) = file else {
            let old = permissions.iter().rev().nth(1).map_or(crate::permissions::FILE.to_owned(), name);
            let new = permissions.last().map(name).unwrap_or_default();
            return Ok(Diff { old, new, changes });
        };
        let surface = self.read(SURFACE)?;
        let slice = |of: &Source| diff::slice_of(of, SURFACE, &surface);
        let (fresh, committed) = (Source::open(file)?, self.committed()?);
        let mut diff = diff::compare(&slice(&committed)?, &slice(&fresh)?, &[])?;
        diff.changes.extend(changes);
        diff.changes.sort();
        Ok(diff)
    }

    /// What the upstream document in `document` knows of a report of drift.
    pub fn drift_diff(&self, report: &Path, document: &Path) -> std::result::Result<Diff, Problems> {
        diff::drift::of_files(report, document, SURFACE, &self.read(SURFACE)?)
    }

    /// The committed slice.
    fn committed(&self) -> Result<Source> {
        Source::read(SLICE, self.read(SLICE)?)
    }

    /// The operations with their permissions, as they are committed.
    pub fn permitted_surface(&self) -> std::result::Result<Surface, Problems> {
        let mut surface = self.surface(&self.committed()?)?;
        self.permit(&mut surface, self.lock()?, None)?;
        Ok(surface)
    }

    fn contract(&self, slice: &Value, surface: &Surface) -> std::result::Result<Value, Problems> {
        let mut contract = slice.clone();
        self.overlay()?.apply(&mut contract, surface)?;
        self.docs()?.describe(&mut contract)?;
        crate::versions::annotate(&mut contract, surface);
        crate::permissions::annotate(&mut contract, surface);
        Ok(contract)
    }

    fn overlay(&self) -> std::result::Result<Overlay, Problems> {
        Overlay::read("spec/overlay.toml", &self.read("spec/overlay.toml")?)
    }

    fn docs(&self) -> Result<Docs> {
        Docs::read("spec/docs.yaml", &self.read("spec/docs.yaml")?)
    }

    /// The receipt that `trim` wrote, with what is used of the budget now.
    fn receipt_of_use(&self, budget: &Budget, used: Used) -> Result<[(String, String); 2]> {
        let text = receipt::in_text(&self.read(RECEIPT)?, budget, used);
        let json = receipt::in_json(RECEIPT_JSON, &self.read(RECEIPT_JSON)?, budget, used)?;
        Ok([(RECEIPT.to_owned(), text), (RECEIPT_JSON.to_owned(), json)])
    }

    fn surface(&self, source: &Source) -> std::result::Result<Surface, Problems> {
        Surface::read(SURFACE, &self.read(SURFACE)?, source)
    }

    fn lock(&self) -> Result<Lock> {
        Lock::read(&self.read(lock::FILE)?)
    }

    fn read(&self, path: &str) -> Result<String> {
        let help = match path {
            SLICE | RECEIPT | RECEIPT_JSON => "write it with `cargo codegen trim --upstream FILE`",
            crate::permissions::FILE => "write it with `cargo codegen trim --permissions FILE`",
            _ => "it is part of the project: restore it",
        };
        fs::read_to_string(self.root.join(path)).map_err(|error| io(path, &error).help(help))
    }
}

/// What upstream says and what is made of it, with the lock on it.
fn slice_outputs(lock: Lock, slice: &Value, contract: &Value) -> Result<[(String, String); 3]> {
    let text = yaml::write(slice)?;
    let version = slice["info"]["version"].as_str().unwrap_or_default();
    Ok([
        (lock::FILE.to_owned(), lock.with_slice(&text, version).text()),
        (CONTRACT.to_owned(), yaml::write(contract)?),
        (SLICE.to_owned(), text),
    ])
}

fn receipt_outputs(receipt: &Receipt<'_>) -> [(String, String); 2] {
    [(RECEIPT.to_owned(), receipt.text()), (RECEIPT_JSON.to_owned(), receipt.json())]
}

fn io(path: &str, error: &std::io::Error) -> Problem {
    Problem::at(path, error)
}
