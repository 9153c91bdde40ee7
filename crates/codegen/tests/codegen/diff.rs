//! What a change of the document is called is what becomes of the generated code.

use crate::support::{generated, snapshot};
use codegen::diff::symbols::Symbols;
use codegen::diff::{Class, Diff, compare, report};
use codegen::emit;
use codegen::source::Source;

/// One operation of each kind, and one type of each.
const DOCUMENT: &str = include_str!("../support/diff.yaml");

const SURFACE: &str = r#"
[[keep]]
path = "/**"

[types.group]
navigation = ["owner"]
"#;

/// What is done to the document, what its change is called, and the class it has.
const EDITS: &[(&str, &str, &str, Class)] = &[
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, nullable: true, description: x}",
        "words-changed",
        Class::Patch,
    ),
    (
        "name: {type: string, nullable: true}",
        "name: {type: boolean, nullable: true}",
        "property-type-changed",
        Class::Major,
    ),
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, format: uuid, nullable: true}",
        "format-changed",
        Class::Patch,
    ),
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, format: date-time, nullable: true}",
        "property-type-changed",
        Class::Major,
    ),
    ("        name: {type: string, nullable: true}\n", "", "property-removed", Class::Major),
    (
        "name: {type: string, nullable: true}",
        "name: {type: string, nullable: true}\n        mail: {type: string}",
        "property-added",
        Class::Minor,
    ),
    (
        "name: {type: string, nullable: true}",
        "nameOf: {type: string, nullable: true}",
        "property-renamed",
        Class::Major,
    ),
    ("size: {type: integer, format: int32}", "size: {type: number, format: int32}", "spelling", Class::Patch),
    (
        "size: {type: integer, format: int32}",
        "size: {type: integer, format: int64}",
        "property-type-changed",
        Class::Major,
    ),
    (
        "tags: {type: array, items: {type: string}}",
        "tags: {type: string}",
        "property-type-changed",
        Class::Major,
    ),
    (
        "owner: {$ref: '#/components/schemas/microsoft.graph.user', x-ms-navigationProperty: true}",
        "owner: {$ref: '#/components/schemas/microsoft.graph.level', x-ms-navigationProperty: true}",
        "property-type-changed",
        Class::Major,
    ),
    (
        "enum: [low, high, unknownFutureValue]",
        "enum: [low, high, middle, unknownFutureValue]",
        "member-added",
        Class::Minor,
    ),
    (
        "enum: [low, high, unknownFutureValue]",
        "enum: [low, high, unknownFutureValue, middle]",
        "member-added",
        Class::Minor,
    ),
    (
        "enum: [low, high, unknownFutureValue]",
        "enum: [low, unknownFutureValue]",
        "member-removed",
        Class::Major,
    ),
    (
        "enum: [low, high, unknownFutureValue]",
        "enum: [high, low, unknownFutureValue]",
        "members-reordered",
        Class::Patch,
    ),
    ("enum: [running, done]", "enum: [running, done, skipped]", "status-added", Class::Minor),
    ("      x-of-get: 1\n", "      x-of-get: 2\n", "annotation-changed", Class::Patch),
    (
        "- {name: $top, in: query, schema: {type: integer, format: int32}}",
        "- {name: $skip, in: query, schema: {type: integer, format: int32}}",
        "parameter-added",
        Class::Major,
    ),
    (
        "- {name: $top, in: query, schema: {type: integer, format: int32}}",
        "- {name: $top, in: query, required: true, schema: {type: integer, format: int32}}",
        "parameter-required-changed",
        Class::Behavioural,
    ),
    (
        "- {name: $top, in: query, schema: {type: integer, format: int32}}",
        "- {name: $top, in: query, schema: {type: string}}",
        "parameter-type-changed",
        Class::Major,
    ),
    (
        "- {name: If-Match, in: header, schema: {type: string}}",
        "- {name: If-Match, in: header, required: true, schema: {type: string}}",
        "parameter-required-changed",
        Class::Behavioural,
    ),
    ("'204': {description: gone}", "'202': {description: gone}", "answer-added", Class::Behavioural),
    (
        "schema: {$ref: '#/components/schemas/microsoft.graph.group'}}}}\n      x-of-get",
        "schema: {$ref: '#/components/schemas/microsoft.graph.user'}}}}\n      x-of-get",
        "body-type-changed",
        Class::Major,
    ),
    ("    delete:", "    put:", "operation-removed", Class::Major),
    ("/groups/{group-id}:", "/groups/{group-key}:", "parameter-of-path-renamed", Class::Patch),
];

fn source(file: &str, text: &str) -> Source {
    Source::read(file, text.to_owned()).unwrap_or_else(|problem| panic!("{problem}"))
}

fn diff(old: &str, new: &str) -> Diff {
    compare(&source("old.yaml", old), &source("new.yaml", new), &[]).unwrap()
}

fn code(document: &str) -> emit::Files {
    generated(document, SURFACE, "").unwrap_or_else(|problems| panic!("{problems}"))
}

fn edited((old, new, ..): &(&str, &str, &str, Class)) -> String {
    assert_eq!(DOCUMENT.matches(old).count(), 1, "{old}");
    DOCUMENT.replacen(old, new, 1)
}

#[test]
fn the_class_of_a_change_is_what_becomes_of_the_code() {
    let before = Symbols::read(&code(DOCUMENT)).unwrap();
    for edit in EDITS {
        let (_, new, kind, class) = edit;
        let document = edited(edit);
        let diff = diff(DOCUMENT, &document);
        assert!(diff.changes.iter().any(|change| change.kind == *kind), "{new}: {:#?}", diff.changes);
        assert_eq!(diff.class(), Some(*class), "{new}: {:#?}", diff.changes);
        let after = Symbols::read(&code(&document)).unwrap();
        let of_code = before.class_to(&after).unwrap_or(Class::Patch);
        // What the service does with a call is not always in the code.
        let same = of_code == *class || (*class, of_code) == (Class::Behavioural, Class::Patch);
        let differing: Vec<_> =
            after.facts.iter().filter(|(name, fact)| before.facts.get(*name) != Some(*fact)).collect();
        assert!(same, "{of_code}: {new}: {:#?} {differing:#?}", diff.changes);
    }
}

#[test]
fn nothing_changed_is_no_change() {
    assert_eq!(diff(DOCUMENT, DOCUMENT).changes, []);
    assert_eq!(report::markdown(&diff(DOCUMENT, DOCUMENT)), "Nothing changed.\n");
}

/// All edits that don't touch the same line, in one document.
fn many() -> Diff {
    let mut document = DOCUMENT.to_owned();
    for (old, new, ..) in EDITS {
        document = document.replacen(old, new, 1);
    }
    diff(DOCUMENT, &document)
}

#[test]
fn the_report_for_a_terminal() {
    snapshot!(report::text(&many(), false, true));
}

#[test]
fn the_report_for_a_changelog() {
    snapshot!(report::markdown(&many()));
}

#[test]
fn the_report_for_machines() {
    snapshot!(report::json(&many()));
}

#[test]
fn the_page_stands_alone_and_trusts_no_text() {
    let document = DOCUMENT.replacen("size:", "\"<script>alert(1)</script>\":", 1);
    let page = report::html(&diff(DOCUMENT, &document));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("http"), "{page}");
}
