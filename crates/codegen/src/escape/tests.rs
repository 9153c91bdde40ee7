//! Whatever is said, it stays text.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;

/// Text made of what Markdown, HTML, TOML and terminals give a meaning.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "```",
        "````rust",
        "~~~",
        "`",
        "``",
        "    ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\u{2028}",
        "\u{85}",
        "\u{1b}[31m",
        "\u{7}",
        "\u{202e}",
        "<script>",
        "</code>",
        "<!--",
        "-->",
        "<pre>",
        "fn main() {}",
        "#",
        "# ",
        "> ",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "[^1]: ",
        "[a]: b",
        "[x](javascript:0)",
        "![x](y)",
        "***",
        "---",
        "===",
        "| a |",
        "|---|",
        "&lt;",
        "\\",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "word",
        "a",
        "0",
        "é",
        " ",
        "*/",
        "/*",
        "//",
        "\0",
        "{",
        "}",
        "_x_",
        "**b**",
        "\u{feff}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

fn events(markdown: &str) -> Vec<Event<'_>> {
    // What rustdoc understands.
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    Parser::new_ext(markdown, options).collect()
}

proptest! {
    #[test]
    fn a_doc_comment_is_one_paragraph(text in hostile()) {
        let comment = doc_lines(&text).join("\n");
        for event in events(&comment) {
            if let Event::Start(tag) = &event {
                let inline = matches!(
                    tag,
                    Tag::Paragraph | Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
                );
                prop_assert!(inline, "{tag:?} in {comment:?}");
            }
            prop_assert!(!matches!(event, Event::Html(_) | Event::Rule), "{event:?} in {comment:?}");
        }
    }

    #[test]
    fn a_name_in_a_doc_comment_is_nothing_but_code(text in hostile()) {
        let comment = doc_lines(&format!("The {} of this.", code(&text))).join("\n");
        for event in events(&comment) {
            let inert = matches!(
                event,
                Event::Start(Tag::Paragraph) | Event::End(_) | Event::Text(_) | Event::Code(_) | Event::SoftBreak
            );
            prop_assert!(inert, "{event:?} in {comment:?}");
        }
    }

    #[test]
    fn a_line_of_markdown_has_code_spans_and_text(text in hostile()) {
        let list = format!("- `place` {}\n", markdown(&text));
        prop_assert_eq!(list.lines().count(), 1);
        for event in events(&list) {
            let inert = matches!(
                event,
                Event::Start(Tag::List(None) | Tag::Item) | Event::End(_) | Event::Text(_) | Event::Code(_)
            );
            prop_assert!(inert, "{:?} in {:?}", event, list);
        }
    }

    #[test]
    fn a_string_of_toml_is_that_string(text in hostile()) {
        let table: toml::Table = ::toml::from_str(&format!("key = {}\n", toml(&text))).unwrap();
        prop_assert_eq!(table["key"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn html_has_no_mark_up(text in hostile()) {
        let html = html(&text);
        prop_assert!(!html.contains(['<', '>', '"', '\'', '\n', '\u{1b}']), "{}", html);
    }

    #[test]
    fn a_terminal_is_told_nothing_but_text(text in hostile()) {
        let told = terminal(&text);
        prop_assert!(told.chars().all(|c| c == '\n' || c == '\t' || !is_invisible(c)), "{:?}", told);
        prop_assert!(!line(&text).contains(is_invisible));
    }
}

#[test]
fn what_is_harmless_stays_as_it_is() {
    let text = "Its name, at most `255` characters; see [`Group`] and _this_ (1.5 times).";
    assert_eq!(doc_lines(text), [text]);
    assert_eq!(
        markdown("`group.motto` is a text_of words, was `a < b`"),
        "`group.motto` is a text_of words, was `a < b`"
    );
    assert_eq!(toml("Microsoft Graph – v1.0"), "\"Microsoft Graph – v1.0\"");
    assert_eq!(line("größe"), "größe");
}

#[test]
fn a_long_text_is_broken_before_words_that_may_begin_a_line() {
    let text = format!("{} {}", "x".repeat(60), "y".repeat(60));
    assert_eq!(doc_lines(&text), ["x".repeat(60), "y".repeat(60)]);
    let list = format!("{} - {}", "x".repeat(120), "y");
    assert_eq!(doc_lines(&list), [format!("{} -", "x".repeat(120)), "y".to_owned()]);
}

#[test]
fn what_is_not_is_seen() {
    assert_eq!(doc_lines("```rust fn main() {}"), ["\\```rust fn main() {}"]);
    assert_eq!(doc_lines("1. one"), ["1\\. one"]);
    assert_eq!(code("a`\n```rust"), "`a'\\n'''rust`");
    assert_eq!(markdown("a *b* <i>`c"), "a \\*b\\* \\<i\\>\\`c");
    assert_eq!(terminal("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\nc");
}
