//! What somebody has edited among the files of a crate.

use std::fmt::Write as _;
use std::fs;

use super::{Slice, manifest, marked};
use crate::lock::sha256;
use crate::output::Outputs;
use crate::problem::{Problem, Result};

/// Which text each file was generated with: a SHA-256 and a path to a line. That of the manifest is of all but its version.
pub(super) const CHECKSUMS: &str = "generated.sha256";

/// The file of checksums of `outputs`.
pub(super) fn checksums(outputs: &Outputs) -> String {
    let mut lines = marked("");
    for (path, text) in outputs {
        let _ = writeln!(lines, "{}  {path}", sum(path, text));
    }
    lines
}

fn sum(path: &str, text: &str) -> String {
    // The version is its owner's, and raising it no edit.
    if path == manifest::FILE { sha256([manifest::without_version(text)]) } else { sha256([text]) }
}

impl Slice {
    /// Refuses to write over files that are neither as they were generated nor as they are about to be. Of a crate that lists no checksums,
    /// nothing is known.
    pub(super) fn refuse_edits(&self, outputs: &Outputs) -> Result<()> {
        if self.overwrite {
            return Ok(());
        }
        let known = fs::read_to_string(self.out.join(CHECKSUMS)).unwrap_or_default();
        let known = known.lines().filter_map(|line| line.split_once("  "));
        let is_edited = |(known, path): &(&str, &str)| {
            let Ok(present) = fs::read_to_string(self.out.join(path)) else { return false };
            sum(path, &present) != *known && outputs.get(*path) != Some(&present)
        };
        let edited: Vec<&str> = known.filter(is_edited).map(|(_, path)| path).collect();
        if edited.is_empty() {
            return Ok(());
        }
        let what = format!("edited since they were generated: {}", edited.join(", "));
        Err(Problem::at(self.out.display(), what)
            .help("take the edits out of these files, into corrections (--overlay) or code of your own, or give --overwrite to lose them"))
    }
}
