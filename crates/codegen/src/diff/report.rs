//! A diff for people and for machines.

use std::fmt::Write as _;

use super::{Change, Class, Diff};
use crate::escape;

mod html;

/// The classes in the order of reports.
const CLASSES: [Class; 4] = [Class::Major, Class::Minor, Class::Behavioural, Class::Patch];

/// For a terminal, in colour where it has any. Of what no program can see, it tells the number alone unless `all` is wanted.
pub fn text(diff: &Diff, colour: bool, all: bool) -> String {
    let mut text = String::new();
    for class in CLASSES {
        let changes: Vec<_> = diff.changes.iter().filter(|change| change.class == class).collect();
        if changes.is_empty() {
            continue;
        }
        let (on, off) = if colour { (colour_of(class), "\x1b[0m") } else { ("", "") };
        line(&mut text, &format!("{on}{class}: {}{off}", changes.len()));
        if class == Class::Patch && !all {
            line(&mut text, "  --all shows them");
            continue;
        }
        for Change { place, what, why, .. } in changes {
            let (place, what) = (escape::line(place), escape::line(what));
            line(&mut text, &format!("  {on}{place}{off} {what} ({why})"));
        }
    }
    line(&mut text, &summary(diff));
    text
}

/// For a changelog: what a program can see, by class.
pub fn markdown(diff: &Diff) -> String {
    let mut text = String::new();
    for (class, title) in
        [(Class::Major, "Breaking"), (Class::Minor, "Added"), (Class::Behavioural, "Changed on the wire")]
    {
        let changes: Vec<_> = diff.changes.iter().filter(|change| change.class == class).collect();
        if !changes.is_empty() {
            line(&mut text, &format!("### {title}\n"));
            for Change { place, what, .. } in changes {
                line(&mut text, &format!("- {} {}", escape::code(place), escape::markdown(what)));
            }
            line(&mut text, "");
        }
    }
    let unseen = diff.count(Class::Patch);
    if unseen > 0 {
        line(&mut text, &format!("{unseen} more that no program can see."));
    }
    if text.is_empty() { "Nothing changed.\n".to_owned() } else { text }
}

/// For machines: the diff with its class and its numbers.
pub fn json(diff: &Diff) -> String {
    let counts = CLASSES.map(|class| (class.name().to_owned(), diff.count(class).into()));
    let report = serde_json::json!({
        "version": 1,
        "old": diff.old,
        "new": diff.new,
        "class": diff.class().map(Class::name),
        "counts": serde_json::Map::from_iter(counts),
        "changes": diff.changes,
    });
    format!("{report:#}\n")
}

/// For a browser: one page that needs nothing else, with a filter.
pub fn html(diff: &Diff) -> String {
    html::page(diff)
}

fn summary(diff: &Diff) -> String {
    match diff.class() {
        None => "no differences".to_owned(),
        Some(class) => {
            let counts: Vec<_> =
                CLASSES.iter().map(|&class| format!("{} {class}", diff.count(class))).collect();
            format!("{}: {}", verdict(class), counts.join(", "))
        }
    }
}

fn verdict(class: Class) -> &'static str {
    match class {
        Class::Major => "a major version",
        Class::Minor => "a minor version",
        Class::Behavioural => "a minor version, and a word to the users",
        Class::Patch => "a patch version",
    }
}

fn colour_of(class: Class) -> &'static str {
    match class {
        Class::Major => "\x1b[31m",
        Class::Minor => "\x1b[32m",
        Class::Behavioural => "\x1b[33m",
        Class::Patch => "\x1b[2m",
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}
