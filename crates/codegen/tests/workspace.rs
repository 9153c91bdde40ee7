//! The command on a checkout: what it writes, what it leaves alone, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SPEC: [&str; 9] = [
    "docs.yaml",
    "graph-v1.0.receipt.json",
    "graph-v1.0.receipt.txt",
    "graph-v1.0.upstream.yaml",
    "graph-v1.0.yaml",
    "limits.toml",
    "overlay.toml",
    "surface.toml",
    "upstream.toml",
];

/// What `trim` writes.
const SLICED: [&str; 4] =
    ["graph-v1.0.upstream.yaml", "graph-v1.0.yaml", "graph-v1.0.receipt.txt", "graph-v1.0.receipt.json"];

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A checkout with the project's own `spec/` and nothing generated.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("spec")).unwrap();
    for file in SPEC {
        fs::copy(project().join("spec").join(file), folder.path().join("spec").join(file)).unwrap();
    }
    folder
}

fn codegen(checkout: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codegen"));
    command.args(arguments).arg("--workspace").arg(checkout).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn edit(checkout: &Path, file: &str, from: &str, to: &str) {
    let path = checkout.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().display().to_string());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn what_is_committed_is_what_would_be_generated() {
    let output = codegen(project(), &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn generating_twice_changes_nothing_and_an_edit_by_hand_is_shown_as_a_diff() {
    let checkout = checkout();
    assert_eq!(codegen(checkout.path(), &["generate"]).status.code(), Some(0));
    assert_eq!(text(&codegen(checkout.path(), &["generate"]).stdout), "nothing changed\n");

    let model = "crates/graph-models/src/generated/models/community.rs";
    edit(checkout.path(), model, "pub privacy: Option<CommunityPrivacy>", "pub privacy: Option<String>");
    let output = codegen(checkout.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout) + &text(&output.stderr));
}

#[test]
fn a_generated_file_that_no_longer_belongs_goes_and_a_foreign_one_stops_everything() {
    let checkout = checkout();
    codegen(checkout.path(), &["generate"]);
    let models = checkout.path().join("crates/graph-models/src/generated/models");
    fs::copy(models.join("user.rs"), models.join("ghost.rs")).unwrap();
    codegen(checkout.path(), &["generate"]);
    assert!(!models.join("ghost.rs").exists());

    fs::write(models.join("mine.rs"), "// by hand\n").unwrap();
    fs::remove_file(models.join("user.rs")).unwrap();
    let output = codegen(checkout.path(), &["generate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("models/mine.rs: this file was not generated"),
        "{}",
        text(&output.stderr)
    );
    assert!(!models.join("user.rs").exists(), "nothing is written when something is refused");
}

#[test]
fn a_fault_in_any_input_ends_with_2_and_writes_nothing() {
    let faults = [
        ("spec/surface.toml", "path = \"/groups\"", "path = \"/grups\"", "spec/surface.toml:"),
        ("spec/overlay.toml", "now = 255", "was = 7\nnow = 255", "spec/overlay.toml:"),
        (
            "spec/docs.yaml",
            "  communities.list:",
            "  communities.lst:",
            "nothing is said about operations / communities.list",
        ),
        ("spec/surface.toml", "schemas = 180", "schemas = 20", "there are 162 schemas, and 20 are allowed"),
        ("spec/limits.toml", "communities.*", "comunities.*", "spec/limits.toml:"),
        ("spec/graph-v1.0.upstream.yaml", "openapi: \"3.0.4\"", "openapi: 3.1.0", "its sha256 is"),
    ];
    for (file, from, to, said) in faults {
        let checkout = checkout();
        edit(checkout.path(), file, from, to);
        let before = files_in(checkout.path());
        let output = codegen(checkout.path(), &["generate"]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(text(&output.stderr).contains(said), "{file}: {}", text(&output.stderr));
        assert_eq!(files_in(checkout.path()), before, "{file}");
    }
}

#[test]
fn another_upstream_document_is_refused_by_its_hash() {
    let checkout = checkout();
    let slice = checkout.path().join("spec/graph-v1.0.upstream.yaml");
    let output = codegen(checkout.path(), &["trim", "--upstream", slice.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("spec/upstream.toml names 6c81de16"), "{}", text(&output.stderr));
}

#[test]
#[ignore = "needs the upstream document: set GRAPH_UPSTREAM to the file that spec/upstream.toml names"]
fn trimming_the_upstream_document_reproduces_what_is_committed() {
    let upstream = std::env::var("GRAPH_UPSTREAM").expect("GRAPH_UPSTREAM names the upstream document");
    let checkout = checkout();
    for file in SLICED {
        fs::remove_file(checkout.path().join("spec").join(file)).unwrap();
    }
    for step in [&["trim", "--upstream", &upstream][..], &["generate"]] {
        let output = codegen(checkout.path(), step);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    for file in SLICED {
        let [committed, trimmed] = [project(), checkout.path()]
            .map(|root| fs::read_to_string(root.join("spec").join(file)).unwrap());
        assert_eq!(committed, trimmed, "spec/{file}");
    }
}

#[test]
#[ignore = "needs the upstream document: set GRAPH_UPSTREAM to the file that spec/upstream.toml names"]
fn the_project_moves_on_to_a_later_document() {
    let upstream = std::env::var("GRAPH_UPSTREAM").expect("GRAPH_UPSTREAM names the upstream document");
    let (before, community) = {
        let text = fs::read_to_string(upstream).unwrap();
        let at = text.find("\n    microsoft.graph.community:\n").unwrap();
        (text[..at].to_owned(), text[at..].to_owned())
    };
    let community = community.replacen("groupId:", "mood:\n            type: string\n          groupId:", 1);
    let checkout = checkout();
    codegen(checkout.path(), &["generate"]);
    let later = checkout.path().join("later.yaml");
    fs::write(&later, before + &community).unwrap();
    let later = later.to_str().unwrap();

    let output = codegen(checkout.path(), &["update", "--upstream", later]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.ends_with("filled in:\n\ntypes:\n  community:\n    properties:\n      mood:\n\n"), "{said}");
    let of_community = "      displayName: Its name, at most 255 characters.\n";
    let with_mood = format!("{of_community}      mood: How it feels.\n");
    edit(checkout.path(), "spec/docs.yaml", of_community, &with_mood);
    let output = codegen(checkout.path(), &["update", "--upstream", later]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(
        said.contains("community.mood is new: text") && said.contains("as there is more than before"),
        "{said}"
    );
    let output = codegen(checkout.path(), &["check", "--upstream", later]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
#[ignore = "needs the upstream document: set GRAPH_UPSTREAM to the file that spec/upstream.toml names"]
fn none_of_upstreams_sentences_is_in_the_specification() {
    let upstream = fs::read_to_string(std::env::var("GRAPH_UPSTREAM").unwrap()).unwrap();
    let ours = fs::read_to_string(project().join("spec/graph-v1.0.yaml")).unwrap();
    let descriptions = ours.lines().filter_map(|line| line.trim_start().strip_prefix("description: "));
    let sentences: Vec<_> =
        descriptions.map(|text| text.trim_matches('"')).filter(|text| text.len() > 20).collect();
    assert!(sentences.len() > 50, "the contract is described");
    let copied: Vec<_> = sentences.iter().filter(|sentence| upstream.contains(**sentence)).collect();
    assert!(copied.is_empty(), "{copied:?}");
}
