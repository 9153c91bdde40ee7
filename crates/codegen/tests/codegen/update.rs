//! A checkout moves on to a new document: as a whole, or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{content, snapshot, text};
use codegen::lock;
use tempfile::TempDir;

const OLD: &str = include_str!("../support/diff.yaml");

const SURFACE: &str = "
[[keep]]
id = 'groups.list'
method = 'GET'
path = '/groups'

[[keep]]
id = 'groups.get'
method = 'GET'
path = '/groups/{group-id}'
";

const OVERLAY: &str = "
[[correct]]
schema = 'group'
at = 'properties/size/readOnly'
now = true
reason = 'The service counts.'
source = 'seen'
";

const DOCS: &str = "
title: Groups
common:
  unknownFutureValue: Never sent.
operations:
  groups.list: Lists groups.
  groups.get: Reads a group.
parameters:
  $top: How many.
  $select: What.
  group-id: The group.
responses:
  2XX: Success.
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
  level:
    is: A level.
    members:
      low: Low.
      high: High.
  operationStatus:
    is: A status.
    members:
      running: It runs.
      done: It is done.
";

/// A checkout that follows from [`OLD`], with a facade that has one method.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let checkout = Self(tempfile::tempdir().unwrap());
        let pinned =
            format!("[document]\ntitle = 'Old'\norigin = 'there'\nsha256 = '{}'\n", lock::sha256([OLD]));
        let files = [
            ("spec/surface.toml", SURFACE),
            ("spec/overlay.toml", OVERLAY),
            ("spec/docs.yaml", DOCS),
            ("spec/limits.toml", ""),
            ("spec/upstream.toml", &pinned),
            ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n### Added\n- This.\n"),
            ("Cargo.toml", "[workspace.package]\nversion = \"0.3.1\"\n"),
            ("crates/graph-facade/src/groups.rs", "#[doc = facts!(GROUPS_LIST)]\npub fn list() {}\n"),
            ("crates/graph-sim/src/behavior.rs", "(\"groups.list\", list), (\"groups.get\", get)"),
            ("docs/operations.md", "| `groups.list` | list |\n| `groups.purge` | purge |\n"),
            ("old.yaml", OLD),
        ];
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout.told("trim --upstream old.yaml");
        checkout.told("generate");
        checkout
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let before = self.read(path);
        assert!(before.contains(from), "{path} has no {from}");
        self.write(path, &before.replacen(from, to, 1));
    }

    /// A later document, with these edits.
    fn later(&self, edits: &[(&str, &str)]) {
        let later = edits.iter().fold(OLD.to_owned(), |document, (from, to)| {
            assert_eq!(document.matches(from).count(), 1, "{from}");
            document.replacen(from, to, 1)
        });
        self.write("new.yaml", &later);
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codegen"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).output().unwrap()
    }

    /// What a command that succeeds prints.
    fn told(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{arguments}: {out}{err}");
        out
    }

    /// What a command says that refuses; it must have changed nothing.
    fn refusal(&self, arguments: &str) -> String {
        let before = content(self.0.path());
        let output = self.run(arguments);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
        assert_eq!(content(self.0.path()), before, "{arguments}");
        said
    }
}

const MOTTO: (&str, &str) = ("        tags:", "        motto: {type: string, nullable: true}\n        tags:");
const SIZE_IS_TEXT: (&str, &str) = ("size: {type: integer, format: int32}", "size: {type: string}");

#[test]
fn a_checkout_moves_on_with_all_that_follows() {
    let checkout = Checkout::new();
    checkout.later(&[SIZE_IS_TEXT]);
    let before = content(checkout.0.path());
    checkout.told("update --upstream new.yaml --dry-run");
    assert_eq!(content(checkout.0.path()), before);

    snapshot!(checkout.told("update --upstream new.yaml --title New"));
    checkout.told("check");
    checkout.told("check --upstream new.yaml");
    let pinned = checkout.read("spec/upstream.toml");
    assert!(pinned.contains("title = \"New\"\norigin = \"there\"\nversion = \"v1.0\"\n"), "{pinned}");
    assert!(pinned.contains(&lock::sha256([checkout.read("new.yaml")])), "{pinned}");
    assert!(checkout.read("CHANGELOG.md").starts_with(
        "# Changelog\n\n## Unreleased\n\n### Moved to New\n\nBreaking\n\n- `group.size` was int32, is text\n\n### Added"
    ));
    assert!(checkout.read("spec/graph-v1.0.receipt.txt").contains(" of any number of lines"));
}

#[test]
fn what_people_have_to_do_first_is_said_at_once_and_the_lines_to_paste_are_enough() {
    let checkout = Checkout::new();
    checkout.later(&[
        MOTTO,
        ("size: {type: integer, format: int32}", "size: {type: integer, format: int32, readOnly: true}"),
    ]);
    let said = checkout.refusal("update --upstream new.yaml");
    snapshot!(said.clone());

    // Pasted and not filled in, they are no descriptions.
    let stubs = said.split("merged and filled in:\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(stubs, "types:\n  group:\n    properties:\n      motto:");
    checkout.edit("spec/docs.yaml", "      tags:", "      motto:\n      tags:");
    checkout.write("spec/overlay.toml", "");
    assert!(checkout.refusal("update --upstream new.yaml").contains("types / group / properties / motto"));
    checkout.edit("spec/docs.yaml", "motto:", "motto: Its motto.");
    let told = checkout.told("update --upstream new.yaml");
    assert!(told.contains("version: 0.3.1 → 0.3.2"), "{told}");
    checkout.told("check");
}

#[test]
fn the_code_decides_the_version_where_the_documents_only_could() {
    let checkout = Checkout::new();
    // Nothing is sent with this property, so that no code knows whether it may be null.
    checkout.later(&[(
        "size: {type: integer, format: int32}",
        "size: {type: integer, format: int32, nullable: true}",
    )]);
    let told = checkout.told("update --upstream new.yaml");
    assert!(told.contains("major: 1\n") && told.contains("version: 0.3.1 → 0.3.2"), "{told}");
}

#[test]
fn a_draft_has_no_place_in_a_changelog_without_the_heading() {
    let checkout = Checkout::new();
    checkout.write("CHANGELOG.md", "# Changes\n");
    checkout.later(&[SIZE_IS_TEXT]);
    let told = checkout.told("update --upstream new.yaml");
    assert!(
        told.contains("no `## Unreleased`; the draft is\n\n### Moved to OpenAPI document v1.0, new.yaml"),
        "{told}"
    );
    assert_eq!(checkout.read("CHANGELOG.md"), "# Changes\n");
}

#[test]
fn the_same_document_is_no_news() {
    assert!(
        Checkout::new().refusal("update --upstream old.yaml").contains("everything follows from already")
    );
}

#[test]
fn a_budget_that_the_new_document_exceeds_is_to_be_raised_first() {
    let checkout = Checkout::new();
    let surface = format!("budget = {{ schemas = 3 }}\n{SURFACE}");
    checkout.write("spec/surface.toml", &surface);
    checkout.later(&[(
        "        owner: {$ref: '#/components/schemas/microsoft.graph.user', x-ms-navigationProperty: true}",
        "        owner: {$ref: '#/components/schemas/microsoft.graph.user'}",
    )]);
    let said = checkout.refusal("update --upstream new.yaml");
    assert!(said.contains("types / user / is"), "{said}");
    checkout.edit(
        "spec/docs.yaml",
        "  level:\n    is",
        "  user:\n    is: A user.\n    properties: {id: Its id., displayName: Its name.}\n  level:\n    is",
    );
    checkout.edit("spec/docs.yaml", "      tags:", "      owner: Who owns it.\n      tags:");
    let said = checkout.refusal("update --upstream new.yaml");
    assert!(
        said.contains("refused by the generator: 1\n- spec/surface.toml: [budget]: there are 4 schemas"),
        "{said}"
    );
}

#[test]
fn a_slice_that_was_changed_by_hand_is_refused() {
    let checkout = Checkout::new();
    checkout.edit("spec/graph-v1.0.upstream.yaml", "format: int32", "format: int64");
    checkout.later(&[SIZE_IS_TEXT]);
    for command in ["check", "generate", "update --upstream new.yaml"] {
        let said = checkout.refusal(command);
        assert!(said.contains("spec/graph-v1.0.upstream.yaml: its sha256 is "), "{command}: {said}");
    }
    checkout.told("trim --upstream old.yaml");
    checkout.told("generate");
    checkout.told("check");
}

#[test]
fn a_slice_and_its_lock_that_were_changed_by_hand_don_t_follow_from_the_document() {
    let checkout = Checkout::new();
    let pinned = lock::sha256([checkout.read("spec/graph-v1.0.upstream.yaml")]);
    checkout.edit("spec/graph-v1.0.upstream.yaml", "format: int32", "format: int64");
    let changed = lock::sha256([checkout.read("spec/graph-v1.0.upstream.yaml")]);
    checkout.edit("spec/upstream.toml", &pinned, &changed);
    checkout.told("generate");
    checkout.told("check");
    let output = checkout.run("check --upstream old.yaml");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("-          format: int64\n+          format: int32\n"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn another_document_is_pinned_by_no_hand_alone() {
    let checkout = Checkout::new();
    let pinned = lock::sha256([OLD]);
    checkout.later(&[SIZE_IS_TEXT]);
    assert!(checkout.refusal("check --upstream new.yaml").contains(&format!("names {pinned}")));
    checkout.edit("spec/upstream.toml", &pinned, &lock::sha256([checkout.read("new.yaml")]));
    for command in ["check", "generate"] {
        let said = checkout.refusal(command);
        assert!(
            said.contains(&format!("it is the receipt of {pinned}, and spec/upstream.toml names")),
            "{said}"
        );
    }
}

#[test]
fn whatever_command_comes_next_undoes_an_interrupted_one() {
    let checkout = Checkout::new();
    let before = content(checkout.0.path());
    let model = "crates/graph-models/src/generated/models/group.rs";
    let step = |path: &str, was: Option<String>, is: &str| serde_json::json!({ "path": path, "was": was, "is": lock::sha256([is]) });
    let steps =
        [step(model, Some(lock::sha256([checkout.read(model)])), "half"), step("docs/new.md", None, "new")];
    checkout.write(&format!(".codegen-stage/old/{model}"), &checkout.read(model));
    checkout.write(
        ".codegen-stage/journal.json",
        &serde_json::json!({ "steps": steps, "folders": [] }).to_string(),
    );
    checkout.write(model, "half");
    checkout.write("docs/new.md", "new");
    let output = checkout.run("check");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "a command was interrupted here; what it had changed is undone\n");
    assert_eq!(content(checkout.0.path()), before);
}

/// A file of permissions for [`SURFACE`], with what takes groups besides.
fn permissions(more: &str) -> String {
    let permission = |name: &str, path: &str, says: &str| {
        format!(
            r#""{name}": {{ "authorizationType": "oAuth2", "schemes": {{ "Application": {{ "privilegeLevel": 3 }} }},
                "pathSets": [{{ "schemeKeys": ["Application"], "methods": ["GET"], "paths": {{ "{path}": "{says}" }} }}] }}"#
        )
    };
    let all = [permission("Group.Read.All", "/groups", "least=Application"), permission(more, "/Groups", "")];
    format!("{{ \"permissions\": {{ {} }} }}", all.join(", "))
}

#[test]
fn a_checkout_moves_on_to_other_permissions_alone_and_with_a_document() {
    let checkout = Checkout::new();
    checkout.write("old.json", &permissions("Directory.Read.All"));
    let pinned = lock::sha256([checkout.read("old.json")]);
    let pin = format!("\n[permissions]\ntitle = 'Old'\norigin = 'there'\nsha256 = '{pinned}'\n");
    let upstream = checkout.read("spec/upstream.toml") + &pin;
    checkout.write("spec/upstream.toml", &upstream);
    assert!(checkout.refusal("generate").contains("spec/permissions.json: No such file"));
    checkout.told("trim --permissions old.json");
    checkout.told("generate");
    checkout.told("check --permissions old.json");
    assert!(
        checkout.refusal("update --permissions old.json").contains("the permissions follow from already")
    );

    checkout.write("new.json", &permissions("Group.Write.All"));
    assert!(
        checkout.refusal("trim --permissions new.json").contains("cargo codegen update --permissions FILE")
    );
    snapshot!(checkout.told("diff --permissions new.json"));
    assert_eq!(
        checkout.told("diff --permissions new.json --permissions old.json").lines().next(),
        Some("behavioural: 2")
    );
    let told = checkout.told("update --permissions new.json --title New");
    assert!(told.starts_with("spec/permissions.json → new.json\nbehavioural: 2\n"), "{told}");
    assert!(
        checkout.read("spec/upstream.toml").contains("[permissions]\ntitle = \"New\"\norigin = \"there\"")
    );
    assert!(
        checkout.read("CHANGELOG.md").contains("### Moved to New\n\nChanged on the wire\n\n- `GET /groups`")
    );
    let table = checkout.read("crates/graph-models/src/generated/operations.rs");
    assert!(table.contains("&[\"Group.Read.All\", \"Group.Write.All\"]"), "{table}");
    checkout.told("check --permissions new.json");

    checkout.later(&[SIZE_IS_TEXT]);
    let told = checkout.told("update --upstream new.yaml --permissions old.json");
    assert!(told.contains("no longer takes `Group.Write.All`") && told.contains("group.size"), "{told}");
    checkout.told("check --upstream new.yaml --permissions old.json");
}

/// Kills real updates at moments all over their time.
#[test]
fn a_killed_update_has_happened_or_has_not() {
    let before = Checkout::new();
    before.later(&[SIZE_IS_TEXT]);
    let untouched = content(before.0.path());
    before.told("update --upstream new.yaml");
    let after = content(before.0.path());
    for wait in 0..25 {
        let checkout = Checkout(tempfile::tempdir().unwrap());
        for (path, text) in &untouched {
            checkout.write(path, text);
        }
        let mut update = Command::new(env!("CARGO_BIN_EXE_codegen"));
        update.args(["update", "--upstream", "new.yaml"]).current_dir(checkout.0.path());
        let mut child = update.stdout(std::process::Stdio::null()).spawn().unwrap();
        kill_in_stage(&mut child, &checkout.path(".codegen-stage"), wait);
        checkout.run("check");
        let now = content(checkout.0.path());
        assert!(now == untouched || now == after, "{wait}: {:?}", differing(&now, &untouched));
    }
}

/// Kills the child once `stage` has held something for `wait` looks at it, or lets it end.
fn kill_in_stage(child: &mut std::process::Child, stage: &Path, wait: u32) {
    let mut looks = 0;
    while child.try_wait().unwrap().is_none() {
        looks += u32::from(stage.exists());
        if looks > wait {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
    }
}

type Content = std::collections::BTreeMap<String, String>;

fn differing<'a>(one: &'a Content, other: &'a Content) -> Vec<&'a String> {
    let names = one.keys().chain(other.keys());
    names.filter(|name| one.get(*name) != other.get(*name)).collect()
}
