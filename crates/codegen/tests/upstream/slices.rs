//! Crates of every kind of document compile.

use std::fs;

use crate::document;
use crate::support::{compile, told};

/// The documents to try, with what is kept of each.
const DOCUMENTS: [(&str, &[&str]); 6] = [
    ("graph-v1.0.openapi.yaml", &["/groups/{group-id}/**", "/employeeExperience/**", "/planner/**"]),
    ("microsoft-2023/v1.0/Groups.yml", &["/**"]),
    ("microsoft-2023/v1.0/Users.yml", &["/**"]),
    ("microsoft-2023/v1.0/Planner.yml", &["/**"]),
    ("microsoft-2023/beta/Notes.yml", &["/**"]),
    ("microsoft-2023/beta/Sites.yml", &["/sites/**"]),
];

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn slices_of_every_kind_of_document_compile() {
    for (name, patterns) in DOCUMENTS {
        let folder = tempfile::tempdir().unwrap();
        let keeps: Vec<_> =
            patterns.iter().map(|pattern| format!("[[keep]]\npath = '{pattern}'\n")).collect();
        let keeps = keeps.concat();
        fs::write(folder.path().join("surface.toml"), keeps).unwrap();
        let upstream = document(name).display().to_string();
        told(folder.path(), &format!("generate --surface surface.toml --out slice --upstream {upstream}"));
        compile(&folder.path().join("slice")).unwrap_or_else(|errors| panic!("{name}: {errors}"));
    }
}
