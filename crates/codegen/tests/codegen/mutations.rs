//! Whatever is done to a document, the generator says what is wrong with it; it never panics.

use std::path::Path;

use codegen::docs::Docs;
use codegen::emit;
use codegen::limits::Limits;
use codegen::lower;
use codegen::overlay::Overlay;
use codegen::problem::Problems;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;
use proptest::prelude::*;

fn spec(file: &str) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec"));
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// A document in the dialect of 2023: shared parameters and answers, inheritance, unions, functions, odd bodies.
const OLD_DIALECT: &str = include_str!("../support/dialect-2023.yaml");

/// Trims, lowers and emits; what is said is not looked at.
fn run_old(document: String) -> Result<emit::Files, Problems> {
    let source = Source::read("dialect-2023.yaml", document)?;
    let surface = Surface::read("surface.toml", "[[keep]]\npath = '/**'\n", &source)?;
    let limits = Limits::read("limits.toml", "", &surface)?;
    let slice = trim::trim(&source, &surface)?.document;
    Ok(emit::emit(&lower::lower(&slice, &surface)?, &surface, &limits)?)
}

/// All steps; what they say is not looked at.
fn run(document: String) -> Result<(), Problems> {
    let source = Source::read("upstream.yaml", document)?;
    let surface = Surface::read("surface.toml", &spec("surface.toml"), &source)?;
    let limits = Limits::read("limits.toml", &spec("limits.toml"), &surface)?;
    let mut contract = trim::trim(&source, &surface)?.document;
    // Corrections and descriptions complain about most mutations; lowering goes on with what they leave.
    let corrected = Overlay::read("overlay.toml", &spec("overlay.toml"))?.apply(&mut contract, &surface);
    let described = Docs::read("docs.yaml", &spec("docs.yaml"))?.describe(&mut contract);
    emit::emit(&lower::lower(&contract, &surface)?, &surface, &limits)?;
    corrected.and(described)
}

#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Repeat,
    /// Puts this behind the line's key, or in place of the list item.
    Value(&'static str),
    Indent(usize),
    Insert(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let values = [
        "",
        " null",
        " 7",
        " true",
        " text",
        " []",
        " {}",
        " [1, {a: b}]",
        " {$ref: '#/components/schemas/microsoft.graph.user'}",
        " *alias",
        " {$ref: '#/components/schemas/microsoft.graph.thing'}",
        " {$ref: '#/components/parameters/top'}",
        " {anyOf: [{type: string}, {type: number}]}",
        " [string, 'null']",
    ];
    let lines = [
        "}",
        "\u{0}",
        "- x",
        "$ref: 7",
        "type: 7",
        "enum: [1]",
        "allOf: {}",
        "properties: []",
        "'unclosed: x",
        "\t- x",
    ];
    prop_oneof![
        Just(Edit::Remove),
        Just(Edit::Repeat),
        prop::sample::select(values.to_vec()).prop_map(Edit::Value),
        (0_usize..12).prop_map(Edit::Indent),
        prop::sample::select(lines.to_vec()).prop_map(Edit::Insert),
    ]
}

fn mutate(document: &str, edits: &[(prop::sample::Index, Edit)]) -> String {
    let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
    for (index, edit) in edits {
        let at = index.index(lines.len());
        let indent = lines[at].len() - lines[at].trim_start().len();
        match edit {
            Edit::Remove => drop(lines.remove(at)),
            Edit::Repeat => lines.insert(at, lines[at].clone()),
            Edit::Value(value) => {
                let key = lines[at]
                    .split_once(": ")
                    .map_or(lines[at].trim_end_matches(':').to_owned(), |(key, _)| key.to_owned());
                lines[at] = format!("{key}:{value}");
            }
            Edit::Indent(by) => lines[at] = format!("{:by$}{}", "", lines[at].trim_start()),
            Edit::Insert(line) => lines.insert(at, format!("{:indent$}{line}", "")),
        }
    }
    lines.join("\n")
}

#[test]
fn the_untouched_document_passes() {
    run(spec("graph-v1.0.upstream.yaml")).unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn the_older_dialect_passes() {
    let files = run_old(OLD_DIALECT.to_owned()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(files.keys().any(|path| path == "models/thing.rs"), "{:?}", files.keys());
}

/// As many cases as `PROPTEST_CASES` says: each runs all five steps, and 3000 and some minutes look further.
fn cases(by_default: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(by_default))
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn a_mutated_document_is_generated_from_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..4),
    ) {
        drop(run(mutate(&spec("graph-v1.0.upstream.yaml"), &edits)));
    }

}

proptest! {
    #![proptest_config(cases(50))]

    #[test]
    fn so_is_one_in_an_older_dialect(
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..6),
    ) {
        drop(run_old(mutate(OLD_DIALECT, &edits)));
    }
}
