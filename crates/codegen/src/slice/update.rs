//! A crate of one's own moves on to a new upstream document.

use std::fs;

use serde_json::Value;

use super::{RECEIPT, Slice, UPSTREAM, name_of};
use crate::output::{self, Outputs};
use crate::problem::{Problem, Problems, Result, read_named};
use crate::source::Source;
use crate::surface;
use crate::update::{self, Inputs, Review, Update, changelog, version};

impl Slice {
    /// Moves the crate on to its `upstream`. Nothing is written here, and nothing is to be written while people have to do
    /// something first. The changelog is theirs: the report ends with a draft for it.
    pub fn update(&self) -> std::result::Result<Update, Problems> {
        let name = self.crate_name()?;
        let source = Source::open(&self.upstream)?;
        update::expect_news(&source, &self.pinned()?)?;
        let committed = self.committed()?;
        let (surface_file, surface) = (name_of(&self.surface), read_named(&self.surface, surface::FILE)?);
        let (overlay, docs) = (self.overlay()?, self.docs()?);
        let mut review = Review::new(&Inputs {
            committed: &committed,
            source: &source,
            permissions: None,
            surface: (&surface_file, &surface),
            overlay: &overlay,
            docs: docs.as_ref(),
        })?;
        let outputs = review.outputs(|review| {
            self.expect_permissions(&review.surface)?;
            self.outputs(&name, &source, &review.surface, &review.trimmed, &review.contract)
        });
        let docs = self.docs.as_ref().map_or_else(String::new, |file| name_of(file));
        let code = outputs.as_ref().map(|outputs| update::code_of(outputs, "src"));
        let class = review.class(&output::rust_files(&self.out.join("src")), code)?;
        let mut report = review.report(&self.version()?, class, &docs);
        let api = review.trimmed.document["info"]["version"].as_str().unwrap_or_default();
        let title = update::title_of(&source, api)?;
        if let Some(entry) = changelog::entry(&review.diff, &title).filter(|_| outputs.is_some()) {
            report.push_str("\na draft for your changelog:\n\n");
            report.push_str(&entry);
        }
        Ok(Update { report, outputs })
    }

    /// The version that `outputs` make of the crate that is there, as a line; nothing where its public API stays as it is.
    pub fn proposal(&self, outputs: &Outputs) -> Result<Option<String>> {
        let old = output::rust_files(&self.out.join("src"));
        version::of_code(&self.version()?, &old, &update::code_of(outputs, "src"))
    }

    /// What is kept of the document that the crate was generated from.
    fn committed(&self) -> Result<Source> {
        Source::open(&self.out.join(UPSTREAM)).map_err(|problem| problem.help(GENERATE))
    }

    /// The SHA-256 of that document.
    fn pinned(&self) -> Result<String> {
        let file = self.out.join(RECEIPT);
        let text =
            fs::read_to_string(&file).map_err(|error| Problem::at(file.display(), error).help(GENERATE))?;
        let receipt: Value =
            serde_json::from_str(&text).map_err(|error| Problem::at(file.display(), error).help(BROKEN))?;
        Ok(receipt["upstream"]["sha256"].as_str().unwrap_or_default().to_owned())
    }
}

const BROKEN: &str =
    "restore it, or generate the crate from the old document again: cargo codegen generate --overwrite";
const GENERATE: &str =
    "generate the crate first: cargo codegen generate, with the same arguments and the old document";
