//! Documents that somebody has written to get something else than types out of the generator.

use std::collections::BTreeSet;
use std::str::FromStr;

use codegen::diff::{compare, report};
use codegen::emit;
use codegen::limits::Limits;
use codegen::lower;
use codegen::problem::Problems;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

/// What no name of the generator's holds, since it never writes two underscores in a row.
const EVIL: &str = "__evil";

/// A document with `text` wherever a document says something; `in_path` is a part of its paths.
fn document(text: &str, in_path: &str) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    // What a reference would have to escape is in no name of a component here.
    let named = text.replace(['~', '/'], "-");
    let (thing, level) = (format!("microsoft.graph.{named}"), format!("{named}Level"));
    let page = format!("{named}CollectionResponse");
    let words = json!({ "description": text, "title": text, "summary": text, "x-rust-name": text, "x-kind": "support", "x-aliases": [text] });
    let described = |mut value: Value| {
        for (key, word) in words.as_object().unwrap() {
            value[key] = word.clone();
        }
        value
    };
    let answer = |schema: Value| json!({ "2XX": described(json!({ "content": { "application/json": { "schema": schema } } })) });
    let things = format!("/things{in_path}/{{{text}}}");
    json!({
        "openapi": "3.0.4",
        "info": { "title": text, "version": text, "description": text },
        "servers": [{ "url": text, "description": text }],
        "paths": {
            "/list": { "get": described(json!({
                "operationId": text, "tags": [text],
                "parameters": [
                    described(json!({ "name": text, "in": "query", "schema": { "type": "string" } })),
                    described(json!({ "name": text, "in": "header", "required": true, "schema": { "type": "string" } })),
                ],
                "responses": answer(of(&page)),
            })) },
            "/inline": { "post": described(json!({
                "requestBody": { "content": { text: { "schema": { "type": "string" } } } },
                "responses": answer(json!({ "type": "object", "properties": { text: { "type": "string", "enum": [text] } } })),
            })) },
            things: { "get": described(json!({ "responses": answer(of(&thing)) })) },
        },
        "components": { "schemas": {
            thing.clone(): described(json!({
                "type": "object", "x-ms-discriminator-value": text,
                "properties": {
                    "@odata.type": { "type": "string", "default": text },
                    text: described(json!({ "type": "object", "properties": { text: described(json!({ "type": "string" })) } })),
                    "level": of(&level),
                },
            })),
            level: described(json!({ "type": "string", "enum": [text, "low"] })),
            page: described(json!({ "type": "object", "properties": { "value": { "type": "array", "items": of(&thing) } } })),
        } },
    })
}

/// The files of a crate, and what the facade says of the operations.
fn generated(document: &Value) -> Result<emit::Files, Problems> {
    let source = Source::read("hostile.json", document.to_string())?;
    let surface = Surface::read("surface.toml", "[[keep]]\npath = '/**'\n", &source)?;
    let limits = Limits::read("limits.toml", "", &surface)?;
    let mut contract = trim::trim(&source, &surface)?.document;
    contract.sort_all_objects();
    let lowered = lower::lower(&contract, &surface)?;
    let mut files = emit::emit_crate(&lowered, &surface, &limits, "About.")?;
    files.insert("facts.rs".to_owned(), emit::emit(&lowered, &surface, &limits)?["facts.rs"].clone());
    Ok(files)
}

/// Fails unless all that `text` became is names, strings and words.
fn assert_harmless(files: &emit::Files) {
    for (path, text) in files {
        syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        let mut found = Found::default();
        found.look(TokenStream::from_str(text).unwrap());
        found.texts.extend(if path == "facts.rs" {
            std::mem::take(&mut found.strings)
        } else {
            BTreeSet::new()
        });
        for text in &found.texts {
            assert_plain(path, text);
        }
    }
}

/// Fails if rustdoc would make code or HTML of a part of `markdown`.
fn assert_plain(path: &str, markdown: &str) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        let code = matches!(
            event,
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Image { .. } | Tag::FootnoteDefinition(_))
                | Event::Html(_)
                | Event::InlineHtml(_)
        );
        assert!(!code, "{path}: {event:?} in\n{markdown}");
    }
}

/// Doc comments, each as a whole, and all other strings.
#[derive(Default)]
struct Found {
    texts: BTreeSet<String>,
    strings: BTreeSet<String>,
}

impl Found {
    fn look(&mut self, tokens: TokenStream) {
        let mut comment: Vec<String> = Vec::new();
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(name) => {
                    assert!(!name.to_string().contains(EVIL), "code of the document's: {name}");
                }
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.strings.insert(text.value());
                    }
                }
                TokenTree::Group(group) => {
                    let said = doc_of(&group.stream()).filter(|_| group.delimiter() == Delimiter::Bracket);
                    match said {
                        Some(said) => comment.push(said.strip_prefix(' ').unwrap_or(&said).to_owned()),
                        None => self.look(group.stream()),
                    }
                }
                TokenTree::Punct(_) => {}
            }
            // An attribute is `#[…]` or `#![…]`; anything else ends the comment.
            let goes_on = matches!(token, TokenTree::Punct(mark) if matches!(mark.as_char(), '#' | '!'))
                || matches!(token, TokenTree::Group(group) if doc_of(&group.stream()).is_some());
            if (!goes_on || at + 1 == tokens.len()) && !comment.is_empty() {
                self.texts.insert(comment.join("\n"));
                comment.clear();
            }
        }
    }
}

/// The text of `doc = "…"`.
fn doc_of(tokens: &TokenStream) -> Option<String> {
    let doc: syn::MetaNameValue = syn::parse2(tokens.clone()).ok()?;
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = doc.value else { return None };
    doc.path.is_ident("doc").then(|| text.value())
}

/// Texts that have been code, or would be in a generator that trusts them.
const TEXTS: [&str; 12] = [
    "x\n```\nfn __evil() {}\n```\n",
    "x ``` fn __evil() {} ```",
    "```rust\n__evil!()\n```",
    "~~~\n__evil()\n~~~",
    "    __evil()",
    "x\n\n    __evil()",
    "*/ pub fn __evil() {} /*",
    "\"; pub fn __evil() {} //",
    "x\"] pub fn __evil() {} #[doc = \"",
    "<script>__evil()</script>",
    "`</code><img src=x onerror=__evil()>`",
    "r\r\n/// ```\u{2028}__evil()\u{0}{}",
];

#[test]
fn names_that_are_code_become_names_and_strings() {
    for text in TEXTS {
        let files = generated(&document(text, "")).map(|files| assert_harmless(&files));
        // Braces end a parameter of a path, and of some texts nothing is left that an address has.
        if let Err(problems) = files {
            assert!(problems.to_string().contains("which no address has"), "{text:?}: {problems}");
            let mut document = document(text, "");
            document["paths"].as_object_mut().unwrap().retain(|path, _| !path.starts_with("/things"));
            assert_harmless(&generated(&document).unwrap_or_else(|problems| panic!("{text:?}: {problems}")));
        }
    }
}

#[test]
fn a_path_that_is_no_address_is_refused_by_its_character() {
    let problems = generated(&document("x", "/`\n```\nfn __evil() {}\n```")).unwrap_err().to_string();
    assert!(problems.contains("its path has '`', which no address has"), "{problems}");
    assert!(problems.contains("help: leave the path out of the surface"), "{problems}");
    assert_eq!(problems.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{problems}");
}

#[test]
fn reports_of_a_change_are_text_whatever_is_called_how() {
    for text in TEXTS {
        let text = format!("{text}\u{1b}[2J\u{202e}");
        let (old, new) = (document("plain", ""), document(&text, ""));
        let read = |document: &Value| Source::read("hostile.json", document.to_string()).unwrap();
        let diff = compare(&read(&old), &read(&new), &[]).unwrap();
        assert!(diff.changes.len() > 5);
        let markdown = report::markdown(&diff);
        assert_plain("the report for a changelog", &markdown);
        assert!(
            markdown
                .lines()
                .all(|line| line.is_empty() || line.starts_with(['#', '-']) || line.ends_with("see.")),
            "{markdown}"
        );
        for told in [report::text(&diff, false, true), markdown] {
            assert!(!told.contains(['\u{1b}', '\u{202e}', '\r', '\0']), "{told:?}");
        }
        let html = report::html(&diff);
        assert!(!html.contains("<script>__evil") && !html.contains("<img"), "{html}");
        let entry = codegen::update::changelog::entry(&diff, &text).unwrap();
        assert_plain("the draft", &entry);
        assert!(entry.lines().next().unwrap().starts_with("### Moved to "), "{entry}");
    }
}

fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = [
        "```",
        "~~~",
        "`",
        "\n",
        "\r",
        "\t",
        "    ",
        " ",
        "*/",
        "/*",
        "//",
        "///",
        "\"",
        "'",
        "\\",
        "#",
        "]",
        "[",
        "(",
        ")",
        "{",
        "}",
        "<pre>",
        "<!--",
        "&",
        ";",
        "fn __evil() {}",
        "__evil!()",
        "\u{2028}",
        "\u{85}",
        "\u{1b}",
        "\0",
        "r#",
        "\"#",
        "- ",
        "1. ",
        "> ",
        "é",
        "漢",
        "_",
        ".",
        "/",
        "~1",
        "%",
        "$",
        "@",
        "x",
        "Y",
        "7",
        "self",
        "Self",
        "type",
        "con",
        "aux",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 1..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)))]

    #[test]
    fn no_text_of_a_document_gets_out_of_its_place(text in hostile_text(), in_path in hostile_text()) {
        // What is refused, most of the paths, generates nothing.
        for in_path in ["", in_path.as_str()] {
            let mut document = document(&text, in_path);
            if let Ok(files) = generated(&document) {
                assert_harmless(&files);
            }
            document["paths"].as_object_mut().unwrap().retain(|path, _| path == "/list" || path == "/inline");
            match generated(&document) {
                Ok(files) => assert_harmless(&files),
                Err(problems) => prop_assert!(problems.to_string().starts_with("error: "), "{problems}"),
            }
        }
    }
}
