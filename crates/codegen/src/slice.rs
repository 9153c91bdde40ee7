//! A crate of one's own: any selection of paths of any of Graph's documents.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::docs::Docs;
use crate::emit;
use crate::limits::Limits;
use crate::names;
use crate::output::{self, Folder, MARK, Outputs};
use crate::overlay::Overlay;
use crate::permissions::{self, Table};
use crate::problem::{Problem, Problems, Result, read_named};
use crate::receipt::Receipt;
use crate::source::Source;
use crate::surface::{self, Surface, Used};
use crate::trim::Trimmed;
use crate::{lower, trim, yaml};

mod edits;
mod manifest;
mod update;

/// What is kept of the document, uncorrected: what a later document is compared with.
const UPSTREAM: &str = "upstream.yaml";
const RECEIPT: &str = "receipt.json";

/// What generated code stands on, and the manifest's lines for it besides `graph-runtime`'s.
pub const DEPENDENCIES: [&str; 3] = [
    r#"schemars = { version = "1", default-features = false, optional = true }"#,
    r#"serde = "1""#,
    r#"serde_json = "1""#,
];

/// What to do where nothing can be written.
const OUT: &str = "give with --out a folder for the crate that can be written, or that can be made";

/// Names of crates that mean another one, in every crate or in those that are generated, and the folders of a build.
const TAKEN: [&str; 15] = [
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "graph-runtime",
    "graph_runtime",
    "incremental",
    "proc-macro",
    "proc_macro",
    "schemars",
    "serde",
    "serde_json",
    "std",
    "test",
];

/// As crates.io has it.
const LONGEST_NAME: usize = 64;

/// What to generate a crate from, and where to put it.
#[derive(Debug)]
pub struct Slice {
    /// What is kept of the document.
    pub surface: PathBuf,
    /// The document.
    pub upstream: PathBuf,
    /// The folder of the crate.
    pub out: PathBuf,
    /// The crate's name; otherwise that of its folder.
    pub name: Option<String>,
    /// Corrections of the document.
    pub overlay: Option<PathBuf>,
    /// Descriptions. A gap is refused, as everywhere; without the file nothing is described.
    pub docs: Option<PathBuf>,
    /// Request quotas.
    pub limits: Option<PathBuf>,
    /// Microsoft's file of permissions, which has to have those that the surface lists; without it, they are believed.
    pub permissions: Option<PathBuf>,
    /// Whether files that somebody has edited are written over.
    pub overwrite: bool,
}

impl Slice {
    /// Undoes what an interrupted command has left of the crate, before anything is read; gives whether there was any.
    pub fn recover(&self) -> Result<bool> {
        if self.out.is_file() {
            return Err(Problem::at(self.out.display(), "this is a file, and no folder").help(OUT));
        }
        output::recover(&self.out)
    }

    /// The files of the crate.
    pub fn generate(&self) -> std::result::Result<Outputs, Problems> {
        let name = self.crate_name()?;
        let source = Source::open(&self.upstream)?;
        let surface =
            Surface::read(&name_of(&self.surface), &read_named(&self.surface, surface::FILE)?, &source)?;
        self.expect_permissions(&surface)?;
        let trimmed = trim::trim(&source, &surface)?;
        let mut contract = trimmed.document.clone();
        self.overlay()?.apply(&mut contract, &surface)?;
        if let Some(docs) = self.docs()? {
            docs.describe(&mut contract)?;
        }
        crate::versions::annotate(&mut contract, &surface);
        self.outputs(&name, &source, &surface, &trimmed, &contract)
    }

    fn outputs(
        &self,
        name: &str,
        source: &Source,
        surface: &Surface,
        trimmed: &Trimmed,
        contract: &Value,
    ) -> std::result::Result<Outputs, Problems> {
        let limits = match &self.limits {
            Some(file) => {
                Limits::read(&name_of(file), &read_named(file, "quotas, such as spec/limits.toml")?, surface)?
            }
            None => Limits::default(),
        };
        let lowered = lower::lower(contract, surface)?;
        let files = emit::emit_crate(&lowered, surface, &limits, &about(source, surface))?;
        let lines = files.values().map(|text| text.lines().count()).sum();
        let used = Used { schemas: trimmed.pulled_in_by.len(), lines };
        surface.check_budget(used)?;
        let mut outputs: Outputs =
            files.into_iter().map(|(path, text)| (format!("src/{path}"), text)).collect();
        outputs.insert(manifest::FILE.to_owned(), self.manifest(name)?);
        outputs.insert("openapi.yaml".to_owned(), marked(&yaml::write(contract)?));
        outputs.insert(UPSTREAM.to_owned(), marked(&yaml::write(&trimmed.document)?));
        let receipt = Receipt::new(source, surface, trimmed)?.used(used);
        outputs.insert("receipt.txt".to_owned(), receipt.text());
        outputs.insert(RECEIPT.to_owned(), receipt.json());
        outputs.insert(edits::CHECKSUMS.to_owned(), edits::checksums(&outputs));
        Ok(outputs)
    }

    fn expect_permissions(&self, surface: &Surface) -> std::result::Result<(), Problems> {
        let Some(file) = &self.permissions else { return Ok(()) };
        let name = name_of(file);
        Table::of_upstream(&name, &read_named(file, permissions::SOURCE)?)?.expect_names(&name, surface)
    }

    fn overlay(&self) -> std::result::Result<Overlay, Problems> {
        let Some(file) = &self.overlay else { return Ok(Overlay::default()) };
        let text = read_named(file, "corrections, such as spec/overlay.toml")?;
        let overlay = Overlay::read(&name_of(file), &text)?;
        match overlay.permissions().first() {
            Some(place) => {
                let what =
                    "a `[[permissions]]` corrects the file of permissions, from which this crate takes none";
                let help =
                    "list what suffices in the surface, as `delegated` and `application` of a `[[keep]]`";
                Err(Problem::at(place, what).help(help).into())
            }
            None => Ok(overlay),
        }
    }

    fn docs(&self) -> Result<Option<Docs>> {
        self.docs
            .as_ref()
            .map(|file| {
                Docs::read(&name_of(file), &read_named(file, "descriptions, such as spec/docs.yaml")?)
            })
            .transpose()
    }

    /// Writes what differs. Gives the paths that changed. Refused if somebody has edited a file, unless that is to be written over.
    pub fn write(&self, outputs: &Outputs) -> Result<Vec<String>> {
        self.refuse_edits(outputs)?;
        self.folder().write(outputs).map_err(|problem| problem.or_help(OUT))
    }

    /// Differences between `outputs` and what is there, as unified diffs; empty if there are none.
    pub fn diff(&self, outputs: &Outputs) -> Result<String> {
        self.folder().diff(outputs)
    }

    fn folder(&self) -> Folder {
        Folder::new(&self.out, "")
    }

    fn crate_name(&self) -> Result<String> {
        let name = self.name.clone().unwrap_or_else(|| {
            let folder = std::path::absolute(&self.out).unwrap_or_else(|_| self.out.clone());
            let folder = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            folder.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-")
        });
        let sound = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            && syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_ok();
        if sound && name.len() <= LONGEST_NAME && !TAKEN.contains(&name.as_str()) && !names::is_device(&name)
        {
            return Ok(name);
        }
        let help = "give one with --name NAME: letters, digits, `-` and `_`, and no name that Rust, Windows or a \
                    dependency of the crate has";
        Err(Problem::at("--out", format!("`{name}` is no name for a crate")).help(help))
    }
}

fn about(source: &Source, surface: &Surface) -> String {
    let count = surface.operations.len();
    let operations = if count == 1 { "operation" } else { "operations" };
    let version = if source.is_beta() { "beta" } else { "v1.0" };
    format!("Typed models and a raw client for {count} {operations} of Microsoft Graph {version}.")
}

/// `text` under a comment that says who wrote it.
fn marked(text: &str) -> String {
    format!("# {MARK} generate`. DO NOT EDIT.\n\n{text}")
}

fn name_of(file: &Path) -> String {
    file.display().to_string()
}
