//! What a running client met, held against a document. `support/drift.json` is what a client writes: its contract test says so.

use crate::support::{document, snapshot};
use codegen::diff::drift::{Report, of_report};
use codegen::diff::{Class, report};
use codegen::source::Source;

const REPORT: &str = include_str!("../support/drift.json");

const PATHS: &str = "
  /operations:
    get:
      responses:
        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.engagementAsyncOperation'}}}}
";

/// The types that the report is about, with these lines in them.
fn schemas(member: &str, property: &str, others: &str) -> String {
    format!(
        "
    microsoft.graph.communityPrivacy: {{type: string, enum: [public, private, unknownFutureValue{member}]}}
    microsoft.graph.longRunningOperation: {{type: object, properties: {{id: {{type: string}}{property}}}}}
    microsoft.graph.engagementAsyncOperation:
      allOf:
      - $ref: '#/components/schemas/microsoft.graph.longRunningOperation'
      - {{type: object, properties: {{resourceId: {{type: string}}}}}}
    microsoft.graph.directoryObject: {{type: object, properties: {{id: {{type: string}}}}}}
{others}"
    )
}

/// What is said of the report with a document of these schemas and a surface with these `[types.…]`.
fn said(schemas: &str, types: &str) -> (Vec<Class>, String) {
    let source = Source::read("new.yaml", document(PATHS, schemas)).unwrap();
    let surface = format!("[[keep]]\npath = '/operations'\n{types}");
    let drift = Report::read("drift.json", REPORT).unwrap();
    let diff = of_report("drift.json", &drift, &source, ("surface.toml", &surface)).unwrap();
    let classes = diff.changes.iter().map(|change| change.class).collect();
    (classes, report::text(&diff, false, true))
}

#[test]
fn what_the_document_knows_is_to_be_kept() {
    let robot = "    microsoft.graph.robot: {type: object, properties: {id: {type: string}}}";
    let known = schemas(", secret", ", progress: {type: integer, format: int32}", robot);
    let (classes, text) = said(&known, "[types.longRunningOperation]\nproperties = ['id']\n");
    assert_eq!(classes, [Class::Minor; 3]);
    snapshot!(text);
    let (_, text) = said(&known, "");
    assert!(text.contains("`longRunningOperation`: int32; it comes with this document"), "{text}");
}

#[test]
fn a_relation_has_a_list_of_its_own() {
    let relation = ", progress: {$ref: '#/components/schemas/microsoft.graph.directoryObject', x-ms-navigationProperty: true}";
    for (types, expected) in [
        ("", "add it to `navigation` of `[types.longRunningOperation]` in surface.toml"),
        (
            "[types.longRunningOperation]\nnavigation = ['progress']\n",
            "directoryObject; it comes with this document",
        ),
    ] {
        let (_, text) = said(&schemas("", relation, ""), types);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn what_the_document_does_not_know_is_on_the_wire_all_the_same() {
    let (classes, text) = said(&schemas("", "", ""), "");
    assert_eq!(classes, [Class::Behavioural; 3]);
    snapshot!(text);
    let unknown =
        "    microsoft.graph.engagementAsyncOperation: {type: object, properties: {id: {type: string}}}";
    let (_, text) = said(unknown, "");
    assert!(text.contains("the document has no type `CommunityPrivacy` to look in"), "{text}");
}

#[test]
fn what_is_no_report_is_refused_with_the_way_to_one() {
    insta::assert_snapshot!(Report::read("drift.json", "{}").unwrap_err(), @r"
    drift.json: this is no report of drift: missing field `entries` at line 1 column 2
      help: write one with serde_json::to_string(&client.drift())
    ");
    let cut_off = Report::read("drift.json", r#"{"entries": [], "truncated": true}"#).unwrap();
    let source = Source::read("new.yaml", document(PATHS, &schemas("", "", ""))).unwrap();
    let diff =
        of_report("drift.json", &cut_off, &source, ("surface.toml", "[[keep]]\npath = '/operations'\n"))
            .unwrap();
    assert_eq!(
        report::text(&diff, false, true).lines().nth(1),
        Some("  drift.json holds less than there was (a client keeps 1,000 names)")
    );
}

#[test]
fn the_command_takes_a_report_in_the_place_of_a_second_document() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("drift.json", REPORT);
    write("new.yaml", &document(PATHS, &schemas(", secret", "", "")));
    write("surface.toml", "[[keep]]\npath = '/operations'\n");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_codegen"));
    let arguments = [
        "diff",
        "new.yaml",
        "--drift",
        "drift.json",
        "--surface",
        "surface.toml",
        "--format",
        "json",
        "--exit-code",
    ];
    let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", crate::support::text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["changes"][0]["kind"], "drift-member-known");
    assert_eq!(report["counts"]["behavioural"], 2);
}
