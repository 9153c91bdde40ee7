//! `spec/upstream.toml`: the files that the slices were trimmed from, and what the slices have been since.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::escape;
use crate::problem::{Problem, Result};
use crate::source::Source;

/// The file, in a checkout.
pub const FILE: &str = "spec/upstream.toml";

const ABOUT: &str = "\
# The files that spec/graph-v1.0.upstream.yaml and spec/permissions.json were trimmed from, and what these slices have to be.
# `cargo codegen trim` refuses other files, `generate` and `check` refuse other slices. `cargo codegen update` moves on to new ones.
";

/// What is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The upstream document.
    pub document: Document,
    /// What is kept of it; nothing before the first trim.
    #[serde(default)]
    pub slice: Option<SliceLock>,
    /// The file of permissions; without it, the surface lists them.
    #[serde(default)]
    pub permissions: Option<Permissions>,
}

/// The file of permissions by its content, and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// What it is, for people.
    pub title: String,
    /// Where it comes from, for people.
    pub origin: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What is kept of it; nothing before the first trim.
    #[serde(default)]
    pub slice: Option<SliceLock>,
}

/// A document by its content, and where it is to be had.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is, for people.
    pub title: String,
    /// Where it comes from, for people.
    pub origin: String,
    /// The API's version, as the document says it.
    #[serde(default)]
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A slice by its content.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceLock {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Lock {
    /// Reads the text of the file.
    pub fn read(text: &str) -> Result<Self> {
        crate::parse_toml(FILE, text, "the committed one, or restore it")
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut out = format!("{ABOUT}\n[document]\n");
        let Document { title, origin, version, sha256 } = &self.document;
        for (key, value) in [("title", title), ("origin", origin), ("version", version), ("sha256", sha256)] {
            let _ = writeln!(out, "{key} = {}", escape::toml(value));
        }
        if let Some(slice) = &self.slice {
            let _ = writeln!(out, "\n[slice]\nsha256 = {}", escape::toml(&slice.sha256));
        }
        if let Some(Permissions { title, origin, sha256, slice }) = &self.permissions {
            out.push_str("\n[permissions]\n");
            for (key, value) in [("title", title), ("origin", origin), ("sha256", sha256)] {
                let _ = writeln!(out, "{key} = {}", escape::toml(value));
            }
            if let Some(slice) = slice {
                let _ = writeln!(out, "\n[permissions.slice]\nsha256 = {}", escape::toml(&slice.sha256));
            }
        }
        out
    }

    /// The same for another slice of a document that calls its version `version`.
    #[must_use]
    pub fn with_slice(mut self, slice: &str, version: &str) -> Self {
        version.clone_into(&mut self.document.version);
        self.slice = Some(SliceLock { sha256: sha256([slice]) });
        self
    }

    /// The same for another slice of the file of permissions.
    #[must_use]
    pub fn with_permissions(mut self, slice: &str) -> Self {
        if let Some(permissions) = &mut self.permissions {
            permissions.slice = Some(SliceLock { sha256: sha256([slice]) });
        }
        self
    }

    /// Refuses a file of permissions other than the one that is pinned.
    pub fn expect_permissions(&self, file: &str, text: &str) -> Result<()> {
        let Some(pinned) = &self.permissions else {
            let help = "name it there, in a `[permissions]` with `title`, `origin` and `sha256`";
            return Err(Problem::at(FILE, "no file of permissions is pinned").help(help));
        };
        let found = sha256([text]);
        if pinned.sha256 == found {
            return Ok(());
        }
        let what = format!("its sha256 is {found}, and {FILE} names {}", pinned.sha256);
        Err(Problem::at(file, what).help("to move on to this file: cargo codegen update --permissions FILE"))
    }

    /// Refuses a slice of the file of permissions that was changed by hand.
    pub fn expect_permissions_slice(&self, file: &str, slice: &str) -> Result<()> {
        let pinned = self.permissions.as_ref().and_then(|permissions| permissions.slice.as_ref());
        let help = "restore it, or write it with `cargo codegen trim --permissions FILE`; \
                    what upstream gets wrong belongs into spec/overlay.toml";
        expect(pinned, file, slice).map_err(|problem| problem.help(help))
    }

    /// Refuses a document other than the one that is pinned.
    pub fn expect_document(&self, source: &Source) -> Result<()> {
        let (expected, found) = (&self.document.sha256, source.sha256());
        if *expected == found {
            return Ok(());
        }
        let what = format!("its sha256 is {found}, and {FILE} names {expected}");
        Err(Problem::at(source.file(), what)
            .help("to move on to this document: cargo codegen update --upstream FILE"))
    }

    /// Refuses a slice that was changed by hand.
    pub fn expect_slice(&self, file: &str, slice: &str) -> Result<()> {
        let help = "restore it, or write it with `cargo codegen trim --upstream FILE`; \
                    what upstream gets wrong belongs into spec/overlay.toml";
        expect(self.slice.as_ref(), file, slice).map_err(|problem| problem.help(help))
    }

    /// Refuses a receipt for another document than the one that is pinned.
    pub fn expect_receipt(&self, file: &str, receipt: &str) -> Result<()> {
        let receipt: Value = serde_json::from_str(receipt).unwrap_or_default();
        let (expected, found) = (&self.document.sha256, receipt["upstream"]["sha256"].as_str());
        if found == Some(expected) {
            return Ok(());
        }
        let found = found.unwrap_or("no document");
        let what = format!("it is the receipt of {found}, and {FILE} names {expected}");
        Err(Problem::at(file, what)
            .help("restore both, or write it with `cargo codegen trim --upstream FILE`"))
    }
}

fn expect(pinned: Option<&SliceLock>, file: &str, slice: &str) -> Result<()> {
    let found = sha256([slice]);
    match pinned {
        Some(pinned) if pinned.sha256 == found => Ok(()),
        Some(pinned) => {
            Err(Problem::at(file, format!("its sha256 is {found}, and {FILE} names {}", pinned.sha256)))
        }
        None => Err(Problem::at(FILE, format!("no slice is pinned for {file}"))),
    }
}

/// SHA-256 of a text in parts, in hexadecimal.
pub fn sha256<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut digest = Sha256::new();
    parts.into_iter().for_each(|part| digest.update(part));
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
