//! The files of the workspace: what the steps read, and what is written of their results.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::diff::{self, Diff};
use crate::docs::Docs;
use crate::emit;
use crate::limits::Limits;
use crate::output::{Folder, Outputs};
use crate::overlay::Overlay;
use crate::problem::{Problem, Problems, Result};
use crate::receipt::{self, Receipt};
use crate::source::Source;
use crate::surface::{Budget, Surface, Used};
use crate::{lower, trim, yaml};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upstream {
    document: UpstreamDocument,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamDocument {
    #[allow(dead_code, reason = "for people")]
    title: String,
    #[allow(dead_code, reason = "for people")]
    origin: String,
    sha256: String,
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

    /// Trims the upstream document in `file`: the slice, the receipt and the contract.
    pub fn trim(&self, file: &Path) -> std::result::Result<Outputs, Problems> {
        let source = Source::open(file)?;
        self.expect_upstream(&source)?;
        let surface = self.surface(&source)?;
        let trimmed = trim::trim(&source, &surface)?;
        let receipt = Receipt::new(&source, &surface, &trimmed)?;
        Ok(Outputs::from([
            (RECEIPT.to_owned(), receipt.text()),
            (RECEIPT_JSON.to_owned(), receipt.json()),
            (CONTRACT.to_owned(), yaml::write(&self.contract(&trimmed.document, &surface)?)?),
            (SLICE.to_owned(), yaml::write(&trimmed.document)?),
        ]))
    }

    /// Everything that follows from the committed slice.
    pub fn generate(&self) -> std::result::Result<Outputs, Problems> {
        let source = Source::read(SLICE, self.read(SLICE)?)?;
        let surface = self.surface(&source)?;
        let limits = Limits::read("spec/limits.toml", &self.read("spec/limits.toml")?, &surface)?;
        let slice = trim::trim(&source, &surface)?.document;
        let contract = self.contract(&slice, &surface)?;
        let lowered = lower::lower(&contract, &surface)?;
        let files = emit::emit(&lowered, &surface, &limits)?;
        let schemas = contract["components"]["schemas"].as_object().map_or(0, serde_json::Map::len);
        let used = Used { schemas, lines: files.values().map(|text| text.lines().count()).sum() };
        surface.check_budget(used)?;
        let mut outputs: Outputs =
            files.into_iter().map(|(path, text)| (format!("{GENERATED}/{path}"), text)).collect();
        outputs.insert(SLICE.to_owned(), yaml::write(&slice)?);
        outputs.insert(CONTRACT.to_owned(), yaml::write(&contract)?);
        outputs.insert(LOWERED.to_owned(), format!("{lowered:#}\n"));
        outputs.extend(self.receipt_of_use(&surface.budget, used)?);
        Ok(outputs)
    }

    /// Writes what differs. Gives the paths that changed.
    pub fn write(&self, outputs: &Outputs) -> Result<Vec<String>> {
        Folder::new(&self.root, GENERATED).write(outputs)
    }

    /// Differences between `outputs` and what is there, as unified diffs; empty if there are none.
    pub fn diff(&self, outputs: &Outputs) -> Result<String> {
        Folder::new(&self.root, GENERATED).diff(outputs)
    }

    /// What the upstream document in `file` changes of what is committed, as far as the surface keeps it.
    pub fn upstream_diff(&self, file: &Path) -> std::result::Result<Diff, Problems> {
        let surface = self.read("spec/surface.toml")?;
        let fresh = diff::slice_of(&Source::open(file)?, "spec/surface.toml", &surface)?;
        let committed =
            diff::slice_of(&Source::read(SLICE, self.read(SLICE)?)?, "spec/surface.toml", &surface)?;
        Ok(diff::compare(&committed, &fresh, &[])?)
    }

    /// The least privileged permissions that the operations called `ids` need, as text.
    pub fn scopes(&self, ids: &[String]) -> std::result::Result<String, Problems> {
        let source = Source::read(SLICE, self.read(SLICE)?)?;
        crate::scopes::report(&self.surface(&source)?, ids)
    }

    fn contract(&self, slice: &Value, surface: &Surface) -> std::result::Result<Value, Problems> {
        let mut contract = slice.clone();
        Overlay::read("spec/overlay.toml", &self.read("spec/overlay.toml")?)?
            .apply(&mut contract, surface)?;
        Docs::read("spec/docs.yaml", &self.read("spec/docs.yaml")?)?.describe(&mut contract)?;
        crate::versions::annotate(&mut contract, surface);
        Ok(contract)
    }

    /// The receipt that `trim` wrote, with what is used of the budget now.
    fn receipt_of_use(&self, budget: &Budget, used: Used) -> Result<[(String, String); 2]> {
        let text = receipt::in_text(&self.read(RECEIPT)?, budget, used);
        let json = receipt::in_json(RECEIPT_JSON, &self.read(RECEIPT_JSON)?, budget, used)?;
        Ok([(RECEIPT.to_owned(), text), (RECEIPT_JSON.to_owned(), json)])
    }

    fn surface(&self, source: &Source) -> std::result::Result<Surface, Problems> {
        Surface::read("spec/surface.toml", &self.read("spec/surface.toml")?, source)
    }

    fn expect_upstream(&self, source: &Source) -> Result<()> {
        let upstream: Upstream = crate::parse_toml("spec/upstream.toml", &self.read("spec/upstream.toml")?)?;
        let (expected, found) = (upstream.document.sha256, source.sha256());
        if expected == found {
            return Ok(());
        }
        let what = format!("its sha256 is {found}, and spec/upstream.toml names {expected}");
        let help = "to move on to this document, put its sha256 and origin into spec/upstream.toml";
        Err(Problem::at(source.file(), what).help(help))
    }

    fn read(&self, path: &str) -> Result<String> {
        let help = match path {
            SLICE | RECEIPT | RECEIPT_JSON => "write it with `cargo codegen trim --upstream FILE`",
            _ => "it is part of the project: restore it",
        };
        fs::read_to_string(self.root.join(path)).map_err(|error| io(path, &error).help(help))
    }
}

fn io(path: &str, error: &std::io::Error) -> Problem {
    Problem::at(path, error)
}
