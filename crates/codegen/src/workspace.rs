//! The files of the workspace: what the steps read, and what is written of their results.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::docs::Docs;
use crate::emit::{self, HEADER};
use crate::limits::Limits;
use crate::overlay::Overlay;
use crate::problem::{Problem, Problems, Result};
use crate::source::Source;
use crate::surface::Surface;
use crate::{lower, receipt, trim, yaml};

/// What upstream says about our surface, as `trim` left it.
const SLICE: &str = "spec/graph-v1.0.upstream.yaml";
/// The slice, corrected and described: the contract.
const CONTRACT: &str = "spec/graph-v1.0.yaml";
/// What progenitor is given.
const LOWERED: &str = "spec/graph-v1.0.lowered.json";
const RECEIPT: &str = "spec/graph-v1.0.receipt.txt";
const GENERATED: &str = "crates/graph-models/src/generated";

/// A checkout of the project.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// Files to be written, by their path in the workspace.
pub type Outputs = BTreeMap<String, String>;

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
        let source = Source::read(&file.display().to_string(), read(file)?)?;
        self.expect_upstream(&source)?;
        let surface = self.surface()?;
        let trimmed = trim::trim(&source, &surface)?;
        Ok(Outputs::from([
            (RECEIPT.to_owned(), receipt::write(&source, &surface, &trimmed)),
            (CONTRACT.to_owned(), yaml::write(&self.contract(&trimmed.document)?)?),
            (SLICE.to_owned(), yaml::write(&trimmed.document)?),
        ]))
    }

    /// Everything that follows from the committed slice.
    pub fn generate(&self) -> std::result::Result<Outputs, Problems> {
        let source = Source::read(SLICE, self.read(SLICE)?)?;
        let surface = self.surface()?;
        let limits = Limits::read("spec/limits.toml", &self.read("spec/limits.toml")?, &surface)?;
        let slice = trim::trim(&source, &surface)?.document;
        let contract = self.contract(&slice)?;
        let lowered = lower::lower(&contract, &surface)?;
        let files = emit::emit(&lowered, &surface, &limits)?;
        let schemas = contract["components"]["schemas"].as_object().map_or(0, serde_json::Map::len);
        surface.check_budget(schemas, files.values().map(|text| text.lines().count()).sum())?;
        let mut outputs: Outputs =
            files.into_iter().map(|(path, text)| (format!("{GENERATED}/{path}"), text)).collect();
        outputs.insert(SLICE.to_owned(), yaml::write(&slice)?);
        outputs.insert(CONTRACT.to_owned(), yaml::write(&contract)?);
        outputs.insert(LOWERED.to_owned(), format!("{lowered:#}\n"));
        Ok(outputs)
    }

    /// Writes what differs; removes generated files that no longer belong. Gives the paths that changed.
    pub fn write(&self, outputs: &Outputs) -> Result<Vec<String>> {
        let stale = self.stale(outputs)?;
        let mut changed = Vec::new();
        for (path, text) in outputs {
            let file = self.root.join(path);
            if fs::read_to_string(&file).is_ok_and(|present| present == *text) {
                continue;
            }
            let folder = file.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&file, text))
                .map_err(|error| io(path, &error))?;
            changed.push(path.clone());
        }
        for path in stale {
            fs::remove_file(self.root.join(&path)).map_err(|error| io(&path, &error))?;
            changed.push(format!("{path} (removed)"));
        }
        Ok(changed)
    }

    /// Differences between `outputs` and what is there, as unified diffs; empty if there are none.
    pub fn diff(&self, outputs: &Outputs) -> Result<String> {
        let mut report = String::new();
        for (path, text) in outputs {
            let present = fs::read_to_string(self.root.join(path)).unwrap_or_default();
            if present != *text {
                let diff = similar::TextDiff::from_lines(present.as_str(), text.as_str());
                let diff = diff
                    .unified_diff()
                    .context_radius(2)
                    .header(path, "as `cargo codegen generate` writes it")
                    .to_string();
                shorten(&mut report, &diff);
            }
        }
        for path in self.stale(outputs)? {
            let _ = writeln!(report, "{path} no longer belongs to the generated code");
        }
        Ok(report)
    }

    /// Generated files that are not among `outputs`. A file there that was not generated is nobody's to remove.
    fn stale(&self, outputs: &Outputs) -> Result<Vec<String>> {
        if !outputs.keys().any(|path| path.starts_with(GENERATED)) {
            return Ok(Vec::new());
        }
        let mut stale = Vec::new();
        let mut folders = vec![self.root.join(GENERATED)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let file = entry.path();
                let path =
                    file.strip_prefix(&self.root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                if file.is_dir() {
                    folders.push(file);
                } else if !fs::read_to_string(&file).is_ok_and(|text| text.starts_with(HEADER)) {
                    let what = "this file was not generated, and stands where generated code goes";
                    return Err(
                        Problem::at(path, what).help("move it out of this folder; nothing was written")
                    );
                } else if !outputs.contains_key(&path) {
                    stale.push(path);
                }
            }
        }
        stale.sort();
        Ok(stale)
    }

    /// The least privileged permissions that the operations called `ids` need, as text.
    pub fn scopes(&self, ids: &[String]) -> std::result::Result<String, Problems> {
        crate::scopes::report(&self.surface()?, ids)
    }

    fn contract(&self, slice: &Value) -> std::result::Result<Value, Problems> {
        let mut contract = slice.clone();
        Overlay::read("spec/overlay.toml", &self.read("spec/overlay.toml")?)?.apply(&mut contract)?;
        Docs::read("spec/docs.yaml", &self.read("spec/docs.yaml")?)?.describe(&mut contract)?;
        crate::versions::annotate(&mut contract, &self.surface()?);
        Ok(contract)
    }

    fn surface(&self) -> std::result::Result<Surface, Problems> {
        Surface::read("spec/surface.toml", &self.read("spec/surface.toml")?)
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
            SLICE => "write it with `cargo codegen trim --upstream FILE`",
            _ => "it is part of the project: restore it",
        };
        fs::read_to_string(self.root.join(path)).map_err(|error| io(path, &error).help(help))
    }
}

fn read(file: &Path) -> Result<String> {
    let bytes = fs::read(file).map_err(|error| io(&file.display().to_string(), &error))?;
    String::from_utf8(bytes).map_err(|_| Problem::at(file.display(), "this is no UTF-8 text"))
}

fn io(path: &str, error: &std::io::Error) -> Problem {
    Problem::at(path, error)
}

/// The beginning of a diff says what kind of change it is; the rest can be read in git.
fn shorten(report: &mut String, diff: &str) {
    const LINES: usize = 40;
    let count = diff.lines().count();
    diff.lines().take(LINES).for_each(|line| {
        let _ = writeln!(report, "{line}");
    });
    if count > LINES {
        let _ = writeln!(report, "… and {} more lines", count - LINES);
    }
}
