//! The command on a checkout: what it writes, what it leaves alone, how it ends.

use std::fs;
use std::path::Path;

use crate::support::checkout::{checkout, codegen, edit, generated_checkout, project};
use crate::support::text;

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
fn generating_again_changes_nothing_and_an_edit_by_hand_is_shown_as_a_diff() {
    let checkout = generated_checkout();
    assert_eq!(text(&codegen(checkout.path(), &["generate"]).stdout), "nothing changed\n");

    let model = "crates/graph-models/src/generated/models/community.rs";
    edit(checkout.path(), model, "pub privacy: Option<CommunityPrivacy>", "pub privacy: Option<String>");
    let output = codegen(checkout.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout) + &text(&output.stderr));
}

#[test]
fn a_generated_file_that_no_longer_belongs_goes_and_a_foreign_one_stops_everything() {
    let checkout = generated_checkout();
    let models = checkout.path().join("crates/graph-models/src/generated/models");
    fs::copy(models.join("user.rs"), models.join("ghost.rs")).unwrap();
    fs::remove_file(models.join("community.rs")).unwrap();
    let told = text(&codegen(checkout.path(), &["generate"]).stdout);
    assert!(told.ends_with(", as there is more than before; to be set with the release\n"), "{told}");
    assert!(!models.join("ghost.rs").exists());
    assert!(models.join("community.rs").exists());

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
        ("spec/surface.toml", "schemas = 180", "schemas = 20", "there are 165 schemas, and 20 are allowed"),
        ("spec/limits.toml", "communities.*", "comunities.*", "spec/limits.toml:"),
        (
            "spec/permissions.json",
            "Group.Read.All",
            "Group.Read.More",
            "spec/permissions.json: its sha256 is",
        ),
        (
            "spec/overlay.toml",
            "first = \"Group.ReadBasic.All\"",
            "first = \"Group.Guess.All\"",
            "does not suffice",
        ),
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
