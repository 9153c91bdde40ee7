//! A crate of a document of 2023 on its way to one of 2026.

use std::fs;

use crate::support::{compile, told};
use crate::{document, pinned};

#[test]
#[ignore = "needs the upstream documents: set GRAPH_UPSTREAM to the one that spec/upstream.toml names, others beside it"]
fn a_crate_of_a_document_of_2023_moves_on_to_one_of_2026_in_another_dialect() {
    let new = pinned();
    let old = document("microsoft-2023/v1.0/Groups.yml").display().to_string();
    let keep = |path: &str| format!("[[keep]]\npath = '/groups/{{group-id}}/{path}/**'\n");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("surface.toml"), keep("conversations") + &keep("settings")).unwrap();
    let slice = "--surface surface.toml --out groups --upstream";
    told(folder, &format!("generate {slice} {old}"));
    let report = told(folder, &format!("update {slice} {new}"));
    assert!(report.contains("version: 0.1.0 → 0.2.0"), "{report}");
    assert!(report.contains("wrote src/models/attachment.rs (removed)"), "{report}");
    told(folder, &format!("check {slice} {new}"));
    compile(&folder.join("groups")).unwrap_or_else(|errors| panic!("{errors}"));
}
