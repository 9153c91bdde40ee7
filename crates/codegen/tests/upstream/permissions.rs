//! The project's own permissions, held against the file that they follow from.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::checkout::{checkout, codegen, edit, generated_checkout, project};
use crate::support::text;
use crate::{pinned_permissions, text_of};

const FILE: &str = "spec/permissions.json";

#[test]
#[ignore = "needs the upstream file of permissions: set GRAPH_PERMISSIONS to the one that spec/upstream.toml names"]
fn trimming_the_file_reproduces_what_is_committed() {
    let upstream = pinned_permissions();
    let checkout = checkout();
    fs::remove_file(checkout.path().join(FILE)).unwrap();
    let output = codegen(checkout.path(), &["trim", "--permissions", &upstream]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let [committed, trimmed] =
        [project(), checkout.path()].map(|root| fs::read_to_string(root.join(FILE)).unwrap());
    assert_eq!(committed, trimmed);
    let output = codegen(project(), &["check", "--permissions", &upstream]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
#[ignore = "needs the upstream file of permissions: set GRAPH_PERMISSIONS to the one that spec/upstream.toml names"]
fn the_project_moves_on_to_a_later_file() {
    let upstream = text_of(&pinned_permissions());
    let checkout = generated_checkout();
    let later = checkout.path().join("later.json");
    // A new name for what lists groups, and one path less.
    fs::write(&later, upstream.replace("\"Group.ReadBasic.All\"", "\"Group.ReadLittle.All\"")).unwrap();
    let later = later.to_str().unwrap();
    let gone = "takes `Group.ReadBasic.All` on behalf of a user";
    let output = codegen(checkout.path(), &["diff", "--permissions", later]);
    let said = text(&output.stdout);
    assert!(said.contains(&format!("GET /groups no longer {gone}")), "{said}");

    let output = codegen(checkout.path(), &["update", "--permissions", later]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("permissions that are not known, or corrected in vain: 1"), "{said}");
    let first = "first = \"Group.ReadBasic.All\"";
    edit(checkout.path(), "spec/overlay.toml", first, &first.replace("Basic", "Little"));
    let output = codegen(checkout.path(), &["update", "--permissions", later, "--title", "Later"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.contains(&format!("GET /groups no longer {gone}")), "{said}");
    let output = codegen(checkout.path(), &["check", "--permissions", later]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
#[ignore = "needs the upstream file of permissions: set GRAPH_PERMISSIONS to the one that spec/upstream.toml names"]
fn none_of_the_files_sentences_is_in_the_specification() {
    let upstream: Value = serde_json::from_str(&text_of(&pinned_permissions())).unwrap();
    let schemes = upstream["permissions"].as_object().unwrap().values().flat_map(|permission| {
        permission["schemes"].as_object().into_iter().flat_map(serde_json::Map::values)
    });
    let sentences: BTreeSet<&str> = schemes
        .flat_map(|scheme| scheme.as_object().into_iter().flat_map(serde_json::Map::values))
        .filter_map(Value::as_str)
        .filter(|text| text.contains(' '))
        .collect();
    assert!(sentences.len() > 100, "the file describes its permissions");
    let ours = ["permissions.json", "graph-v1.0.yaml", "overlay.toml"]
        .map(|file| fs::read_to_string(project().join("spec").join(file)).unwrap())
        .concat();
    let copied: Vec<_> = sentences.into_iter().filter(|sentence| ours.contains(sentence)).collect();
    assert!(copied.is_empty(), "{copied:?}");
}
