//! The command on a checkout with the project's own specification.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What generating reads, and what it writes beside it.
const SPEC: [&str; 10] = [
    "docs.yaml",
    "graph-v1.0.receipt.json",
    "graph-v1.0.receipt.txt",
    "graph-v1.0.upstream.yaml",
    "graph-v1.0.yaml",
    "limits.toml",
    "overlay.toml",
    "permissions.json",
    "surface.toml",
    "upstream.toml",
];

/// The project that this test is of.
pub(crate) fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A checkout with the project's own `spec/` and nothing generated.
pub(crate) fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("spec")).unwrap();
    for file in SPEC {
        fs::copy(project().join("spec").join(file), folder.path().join("spec").join(file)).unwrap();
    }
    folder
}

/// The same with all that is generated, as it is committed.
pub(crate) fn generated_checkout() -> TempDir {
    let folder = checkout();
    let lowered = "spec/graph-v1.0.lowered.json";
    fs::copy(project().join(lowered), folder.path().join(lowered)).unwrap();
    let generated = "crates/graph-models/src/generated";
    for (name, text) in super::content(&project().join(generated)) {
        let file = folder.path().join(generated).join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// Runs the command on a checkout.
pub(crate) fn codegen(checkout: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegen"));
    command.args(arguments).arg("--workspace").arg(checkout).output().unwrap()
}

/// Replaces `from` in a file of a checkout.
pub(crate) fn edit(checkout: &Path, file: &str, from: &str, to: &str) {
    let path = checkout.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}
