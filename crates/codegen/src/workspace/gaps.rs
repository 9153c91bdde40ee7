//! Operations of the surface that the hand-written crates lack something for.

use std::fs;
use std::path::Path;

use crate::names;
use crate::output;
use crate::surface::Surface;

/// What is there besides rows: the methods and the simulator as sources, and the page that the contract tests write of what
/// they have sent.
pub(super) struct Handwritten {
    facade: String,
    simulator: String,
    tested: String,
}

impl Handwritten {
    /// Reads the crates of the checkout at `root`; nothing where it has none.
    pub(super) fn read(root: &Path) -> Option<Self> {
        let sources = |folder: &str| {
            let files = output::rust_files(&root.join(folder));
            Some(files.into_values().collect::<String>()).filter(|text| !text.is_empty())
        };
        Some(Self {
            facade: sources("crates/graph-facade/src")?,
            simulator: sources("crates/graph-sim/src")?,
            tested: fs::read_to_string(root.join("docs/operations.md")).unwrap_or_default(),
        })
    }

    /// A line for each operation that lacks something; and one for each that is tested and no longer kept.
    pub(super) fn lacking(&self, surface: &Surface) -> Vec<String> {
        let mut lines = Vec::new();
        for id in surface.operations.iter().map(|operation| operation.id.as_str()) {
            let has_method = self.facade.contains(&format!("facts!({})", names::screaming(id)));
            let has_behaviour = self.simulator.contains(&format!("\"{id}\""));
            let has_test = self.tested.contains(&format!("| `{id}` |"));
            let has = [
                ("method", has_method),
                ("behaviour in the simulator", has_behaviour),
                ("contract test", has_test),
            ];
            let lacks: Vec<_> = has.into_iter().filter(|(_, has)| !has).map(|(what, _)| what).collect();
            if !lacks.is_empty() {
                lines.push(format!("`{id}` has no {}", lacks.join(", no ")));
            }
        }
        let tested = self.tested.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let gone = tested.filter(|(id, _)| !surface.operations.iter().any(|kept| kept.id == *id));
        lines.extend(gone.map(|(id, _)| format!("`{id}` has a test, and is no longer kept")));
        lines
    }
}
