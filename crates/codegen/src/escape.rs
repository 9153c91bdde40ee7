//! Text of a document or a file on its way into something that gives characters a meaning: one function for each language.

use std::fmt::Write as _;

/// How long a line of a doc comment becomes where a word allows it.
const WIDTH: usize = 109;

/// For a terminal, on many lines: what would move the cursor, colour, hide or reorder what people read is written as its code.
pub fn terminal(text: &str) -> String {
    written_out(text, |c| c != '\n' && c != '\t' && is_invisible(c))
}

/// The same on one line.
pub fn line(text: &str) -> String {
    written_out(text, is_invisible)
}

fn written_out(text: &str, apart: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if apart(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, line separators, and what has no width or changes the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A code span of Markdown. A backtick in `text`, which would end it, becomes an apostrophe.
pub fn code(text: &str) -> String {
    format!("`{}`", line(text).replace('`', "'"))
}

/// Markdown that says `text` within a line: its code spans stay, and nothing else of it means anything.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find('`') {
        let (before, spans) = rest.split_at(start);
        let ticks = spans.len() - spans.trim_start_matches('`').len();
        plain_markdown(before, &mut out);
        let (open, inner) = spans.split_at(ticks);
        match end_of_span(inner, ticks) {
            Some(end) => {
                out.push_str(&spans[..ticks + end]);
                rest = &inner[end..];
            }
            None => {
                plain_markdown(open, &mut out);
                rest = inner;
            }
        }
    }
    plain_markdown(rest, &mut out);
    out
}

/// Where a code span ends that `ticks` backticks have begun: behind the next run of exactly as many.
fn end_of_span(inner: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = inner[at..].find('`') {
        let run = &inner[at + next..];
        let length = run.len() - run.trim_start_matches('`').len();
        at += next + length;
        if length == ticks {
            return Some(at);
        }
    }
    None
}

fn plain_markdown(text: &str, out: &mut String) {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let inside_of_a_word = before.is_alphanumeric() && after.is_alphanumeric();
        if matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '~' | '|')
            || c == '_' && !inside_of_a_word
        {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

/// Text in HTML, inside of an element or of an attribute in quotes.
pub fn html(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A string of TOML, with its quotes, on one line.
pub fn toml(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a string does not fail.
            c if is_invisible(c) => drop(write!(out, "\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The lines of a doc comment that says `text`. It is one paragraph whatever is in it: rustdoc compiles and runs code blocks, so
/// that no line begins with what begins a block of Markdown.
pub fn doc_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().map(line) {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < WIDTH || !begins_no_block(&word) => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) => lines.push(word),
            None if begins_no_block(&word) => lines.push(word),
            None => lines.push(defused(&word)),
        }
    }
    lines
}

/// Whether a line that begins with this word is part of a paragraph.
fn begins_no_block(word: &str) -> bool {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return true };
    match first {
        '`' => !word.starts_with("```"),
        '[' => !word.starts_with("[^"),
        '*' | '_' => word.trim_start_matches(first).starts_with(char::is_alphanumeric),
        '(' | '"' | '\'' | '/' => true,
        '0'..='9' => !is_list_number(word),
        _ => first.is_ascii_alphabetic() || !first.is_ascii(),
    }
}

fn is_list_number(word: &str) -> bool {
    word.strip_suffix(['.', ')']).is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

/// The word with a backslash that makes it one.
fn defused(word: &str) -> String {
    if is_list_number(word) {
        let (number, mark) = word.split_at(word.len() - 1);
        format!("{number}\\{mark}")
    } else {
        format!("\\{word}")
    }
}

#[cfg(test)]
mod tests;
