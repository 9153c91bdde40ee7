//! A crate of somebody's own, from the first line of its surface to a later document, as a stranger would do it.

use std::fs;

use crate::support::{codegen, compile, content, snapshot, text, told};

const OLD: &str = include_str!("../support/diff.yaml");

/// What a later document says instead.
const LATER: &[(&str, &str)] = &[
    ("        tags:", "        motto: {type: string, nullable: true}\n        tags:"),
    ("enum: [low, high,", "enum: [low, middle, high,"),
    ("    delete:", "    put:"),
];

fn later() -> String {
    LATER.iter().fold(OLD.to_owned(), |document, (from, to)| {
        assert_eq!(document.matches(from).count(), 1, "{from}");
        document.replacen(from, to, 1)
    })
}

/// A new folder with two documents of different age and a surface.
fn folder(surface: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("2025.yaml"), OLD).unwrap();
    fs::write(folder.path().join("2026.yaml"), later()).unwrap();
    fs::write(folder.path().join("surface.toml"), surface).unwrap();
    folder
}

#[test]
fn a_crate_is_generated_compared_with_a_later_document_and_moved_on_to_it() {
    let folder = folder("[[keep]]\npath = '/groups'\n[[keep]]\npath = '/groups/{group-id}'\n");
    let folder = folder.path();
    let slice = "--surface surface.toml --out groups --upstream";
    told(folder, &format!("generate {slice} 2025.yaml"));
    told(folder, &format!("check {slice} 2025.yaml"));
    let before = content(&folder.join("groups"));

    // What would become of it; the old document isn't needed for that.
    let diff = told(folder, "diff groups/upstream.yaml 2026.yaml --surface surface.toml");
    assert!(diff.contains("group.motto is new"), "{diff}");
    let report = told(folder, &format!("update {slice} 2026.yaml --dry-run"));
    assert!(report.ends_with("nothing was written: --dry-run\n"), "{report}");
    assert_eq!(content(&folder.join("groups")), before);

    snapshot!(told(folder, &format!("update {slice} 2026.yaml")));
    told(folder, &format!("check {slice} 2026.yaml"));
    let model = fs::read_to_string(folder.join("groups/src/models/group.rs")).unwrap();
    assert!(model.contains("motto"), "{model}");
    compile(&folder.join("groups")).unwrap_or_else(|errors| panic!("{errors}"));

    let again = codegen(folder, &format!("update {slice} 2026.yaml"));
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("everything follows from already"), "{}", text(&again.stderr));
}

#[test]
fn what_the_later_document_lacks_is_said_and_the_crate_stays() {
    let folder = folder(
        "[[keep]]\nid = 'groups.delete'\nmethod = 'DELETE'\npath = '/groups/{group-id}'\n[[keep]]\npath = '/groups'\n",
    );
    let folder = folder.path();
    let slice = "--surface surface.toml --out groups --docs docs.yaml --overlay overlay.toml --upstream";
    fs::write(folder.join("docs.yaml"), DOCS).unwrap();
    fs::write(folder.join("overlay.toml"), OVERLAY).unwrap();
    told(folder, &format!("generate {slice} 2025.yaml"));
    let before = content(folder);
    let output = codegen(folder, &format!("update {slice} 2026.yaml"));
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(content(folder), before);
    snapshot!(text(&output.stdout));
}

#[test]
fn a_method_that_is_called_something_else_breaks_whoever_calls_it() {
    let folder = folder(
        "[[keep]]\nid = 'groups.all'\nmethod = 'GET'\npath = '/groups'\n[[keep]]\npath = '/groups/**'\n",
    );
    let folder = folder.path();
    fs::write(folder.join("2026.yaml"), OLD.replacen("description: gone", "description: went", 1)).unwrap();
    let slice = "--surface surface.toml --out groups --upstream";
    told(folder, &format!("generate {slice} 2025.yaml"));
    // A slice keeps the ids that were derived from all of the document.
    let same = told(folder, "diff groups/upstream.yaml 2025.yaml --surface surface.toml --all");
    assert_eq!(same, "no differences\n");
    fs::write(folder.join("surface.toml"), "[[keep]]\npath = '/**'\n").unwrap();
    let report = told(folder, &format!("update {slice} 2026.yaml"));
    assert!(report.contains("GET /groups its method was `groups_all`, is `groups_list`"), "{report}");
    assert!(report.contains("version: 0.1.0 → 0.2.0"), "{report}");
}

#[test]
fn a_crate_that_was_never_generated_can_t_move_on() {
    let folder = folder("[[keep]]\npath = '/groups'\n");
    let output = codegen(folder.path(), "update --surface surface.toml --out groups --upstream 2026.yaml");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("help: generate the crate first"), "{}", text(&output.stderr));
    assert!(!folder.path().join("groups").exists());
}

const OVERLAY: &str = "
[[correct]]
schema = 'group'
at = 'properties/motto'
now = { type = 'string', nullable = true }
reason = 'The service sends it.'
source = 'seen'

[[correct]]
schema = 'level'
at = 'enum'
was = ['low', 'high', 'unknownFutureValue']
now = ['low', 'high', 'higher', 'unknownFutureValue']
reason = 'The service sends it.'
source = 'seen'
";

const DOCS: &str = "
title: Groups
common:
  unknownFutureValue: Never sent.
operations:
  groups.list: Lists groups.
  groups.create: Makes a group.
  groups.delete: Deletes a group.
parameters:
  $top: How many.
  group-id: The group.
  If-Match: The etag.
responses:
  2XX: Success.
  '201': Made.
  '204': Gone.
types:
  group:
    is: A group.
    properties:
      id: Its id.
      name: Its name.
      size: How large it is.
      tags: Its tags.
      level: Its level.
      status: Its status.
      motto: Its motto.
  level:
    is: A level.
    members:
      low: Low.
      high: High.
      higher: Higher.
  operationStatus:
    is: A status.
    members:
      running: It runs.
      done: It is done.
";
