//! Documents as files come: broken, marked, minified, in other styles. Each is read rightly, or refused where it is wrong.

use std::path::Path;

use crate::support::{GET_THING, KEEP_THING, document, generated, snapshot};
use codegen::source::Source;

const THING: &str = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}, name: {type: string, nullable: true}}}";

fn plain_document() -> String {
    document(GET_THING, THING)
}

/// What is generated from `text`, or why nothing is.
fn outcome(text: &str) -> String {
    match generated(text, KEEP_THING, "") {
        Ok(files) => {
            files.iter().map(|(path, text)| format!("{path}\n{text}\n")).collect::<Vec<_>>().concat()
        }
        Err(problems) => problems.to_string(),
    }
}

fn json() -> serde_json::Value {
    let text = plain_document();
    let mut options = serde_saphyr::Options::default();
    options.budget = None;
    serde_saphyr::from_str_with_options(&text, options).unwrap()
}

#[test]
fn every_style_of_the_same_document_gives_the_same() {
    let expected = outcome(&plain_document());
    assert!(expected.contains("pub struct Thing"), "{expected}");
    let styles = [
        ("JSON on one line", json().to_string()),
        ("JSON on many lines", format!("{:#}", json())),
        ("with a byte order mark", format!("\u{feff}{}", plain_document())),
        ("JSON with a byte order mark", format!("\u{feff}{}", json())),
        ("with CRLF", plain_document().replace('\n', "\r\n")),
        ("JSON with tabs and CRLF", format!("{:#}", json()).replace("  ", "\t").replace('\n', "\r\n")),
        ("with a start and an end", format!("%YAML 1.2\n---\n{}...\n", plain_document())),
        ("with comments", plain_document().replace('\n', " # a comment\n")),
        (
            "with anchors that nothing uses",
            plain_document().replace("schemas:", "schemas: &all").replace("get:", "get: &get"),
        ),
        (
            "with tags",
            plain_document()
                .replace("version: v1.0", "version: !!str v1.0")
                .replace("openapi: ", "openapi: !!str "),
        ),
        (
            "with quoted keys",
            plain_document().replace("paths:", "\"paths\":").replace("  schemas:", "  'schemas':"),
        ),
    ];
    for (style, text) in styles {
        assert_eq!(outcome(&text), expected, "{style}");
    }
}

#[test]
fn what_is_no_document_is_refused_where_it_is_wrong() {
    let keyed = |what: &str| document(GET_THING, &format!("    microsoft.graph.thing: {what}"));
    let deep = format!("{}x{}", "[".repeat(200), "]".repeat(200));
    let minified =
        json().to_string().replace("\"type\":\"object\"", "\"type\":\"object\",\"type\":\"object\"");
    let cases = [
        ("nothing", String::new()),
        ("only a mark", "\u{feff}".to_owned()),
        ("only comments", "# nothing\n".to_owned()),
        ("a list", "- openapi: 3.0.4\n".to_owned()),
        ("bytes", "\u{0}\u{1}ELF\u{7f}\u{0}\u{0}".to_owned()),
        ("HTML", "<!DOCTYPE html>\n<html><body>404: not found</body></html>\n".to_owned()),
        ("a tab for indentation", plain_document().replace("  /things", "\t/things")),
        ("an alias", format!("x: &shared {{type: object}}\n{}", keyed("*shared"))),
        ("an alias inside", keyed("{type: object, properties: {a: &a {type: string}, b: *a}}")),
        ("a merge key", keyed("\n      a: &base {type: object}\n      <<: *base")),
        ("a merge key of a mapping", keyed("{<<: {type: object}}")),
        ("a key that is no text", plain_document().replace("paths:", "? [a, b]\n: c\npaths:")),
        ("a key that is no text, inside", keyed("{properties: {[a]: {type: string}}}")),
        ("a key twice at the top", format!("{}openapi: 3.0.4\n", plain_document())),
        ("a kind of component twice", format!("{}  schemas: {{}}\n", plain_document())),
        ("a component twice", document(GET_THING, &format!("{THING}\n{THING}"))),
        ("a method twice", document(&GET_THING.replace("    get:", "    get: {}\n    get:"), THING)),
        ("a property twice", keyed("{properties: {a: {type: string}, b: {}, a: {type: string}}}")),
        ("a key twice on the only line", minified),
        ("deep nesting", keyed(&format!("{{x: {deep}}}"))),
        ("two documents", format!("{}---\n{}", plain_document(), plain_document())),
        ("an end in the middle", plain_document()[..plain_document().len() - 20].to_owned()),
    ];
    let outcomes = cases.map(|(name, text)| {
        let outcome = outcome(&text);
        let outcome = if outcome.contains("pub struct") { "generated" } else { outcome.as_str() };
        format!("# {name}\n{outcome}\n")
    });
    snapshot!(outcomes.concat());
}

/// A document of about `megabytes`, on many lines or on one.
fn large(megabytes: usize, lines: bool) -> String {
    let filler = "x".repeat(900);
    let paths = (0..megabytes * 1000)
        .map(|number| format!("/things/{number}: {{get: {{responses: {{}}, description: {filler}}}}}"));
    if lines {
        format!(
            "openapi: 3.0.4\npaths:\n{}",
            paths.map(|path| format!("  {path}\n")).collect::<Vec<_>>().concat()
        )
    } else {
        format!("{{openapi: 3.0.4, paths: {{{}}}}}", paths.collect::<Vec<_>>().join(", "))
    }
}

#[test]
fn one_long_line_takes_no_longer_than_many() {
    // Where entries were found by going back to the beginning of their line, this took hours.
    let source = Source::read("large.json", large(20, false)).unwrap();
    assert_eq!(source.operations(), 20_000);
    assert!(source.path("/things/19999").unwrap().unwrap().get("get").is_some());
}

#[test]
#[ignore = "takes a quarter of a gigabyte and some seconds; run it by hand after changes to source.rs"]
fn a_document_of_200_megabytes_is_read() {
    for lines in [true, false] {
        let source = Source::read("large.yaml", large(200, lines)).unwrap();
        assert_eq!(source.operations(), 200_000);
        assert!(source.path("/things/199999").unwrap().is_some());
    }
}

#[test]
fn a_file_that_is_not_there_is_named_with_what_belongs_there() {
    let missing = Path::new("/nowhere/at-all.yaml");
    let document = Source::open(missing).err().unwrap();
    let surface = codegen::diff::of_surface(missing, missing, missing).err().unwrap();
    for (problem, what) in [
        (document.to_string(), "one of Microsoft Graph's OpenAPI documents"),
        (surface.to_string(), "a surface, such as spec/surface.toml"),
    ] {
        assert!(problem.contains("/nowhere/at-all.yaml: "), "{problem}");
        assert!(problem.contains(&format!("\n  help: give the path of {what}")), "{problem}");
    }
}
