//! The receipt of a trim: what was kept, why, and what was cut.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::names;
use crate::source::Source;
use crate::surface::Surface;
use crate::trim::Trimmed;

/// Writes the receipt as text, the same for the same document and surface.
pub fn write(source: &Source, surface: &Surface, trimmed: &Trimmed) -> String {
    let mut out = String::new();
    let paths: BTreeSet<_> = surface.operations.iter().map(|operation| &operation.path).collect();
    let _ = writeln!(out, "Receipt of the trim. Written by `cargo codegen trim`; not edited by hand.\n");
    let _ = writeln!(out, "upstream    sha256 {}", source.sha256());
    let _ = writeln!(out, "paths       {} of {}", paths.len(), source.paths().count());
    let _ = writeln!(out, "operations  {} of {}", surface.operations.len(), source.operations());
    let _ = writeln!(out, "schemas     {} of {}", trimmed.pulled_in_by.len(), source.count("schemas"));
    let _ = writeln!(out, "\n{:<40}pulled in by", "kept schema");
    for (name, referrer) in &trimmed.pulled_in_by {
        let _ = writeln!(out, "{:<40}{}", names::short(name), names::short(referrer));
    }
    let _ = writeln!(out, "\nwhat was cut, by schema (N: navigation, S: structural)");
    for (name, cut) in &trimmed.cuts {
        for (kind, cut) in [("N", &cut.navigation), ("S", &cut.structural)] {
            if !cut.is_empty() {
                let cut: Vec<_> = cut.iter().map(String::as_str).collect();
                let _ = writeln!(out, "{} {kind} {}: {}", names::short(name), cut.len(), cut.join(" "));
            }
        }
    }
    out
}
