//! The budget in a receipt: what is allowed, and how much of it is used as soon as that is known.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::problem::{Problem, Result};
use crate::surface::{Budget, Used};

/// What the lines for people begin with.
const WORD: &str = "budget";

/// The receipt for people in `text`, with what is used now.
pub fn in_text(text: &str, budget: &Budget, used: Used) -> String {
    // The title and the figures end with a blank line each; types may be called anything.
    let end = text.match_indices("\n\n").nth(1).map_or(text.len(), |(end, _)| end + 1);
    let (head, rest) = text.split_at(end);
    let head = head.split_inclusive('\n').filter(|line| !line.starts_with(WORD));
    head.collect::<String>() + &lines(budget, Some(used)) + rest
}

/// The receipt for machines in `text`, which came from `file`, with what is used now.
pub fn in_json(file: &str, text: &str, budget: &Budget, used: Used) -> Result<String> {
    let receipt = serde_json::from_str(text).ok().filter(Value::is_object);
    let mut receipt = receipt.ok_or_else(|| {
        Problem::at(file, "this is no receipt").help("write it with `cargo codegen trim --upstream FILE`")
    })?;
    receipt[WORD] = value(budget, Some(used));
    Ok(format!("{receipt:#}\n"))
}

pub(super) fn lines(budget: &Budget, used: Option<Used>) -> String {
    let mut lines = String::new();
    for (what, used, allowed) in figures(budget, used) {
        let used = used.map_or_else(|| "?".to_owned(), |used| used.to_string());
        let allowed = allowed.map_or_else(|| "any number of".to_owned(), |allowed| format!("{allowed}"));
        let _ = writeln!(lines, "{WORD:<12}{used} of {allowed} {what}");
    }
    lines
}

pub(super) fn value(budget: &Budget, used: Option<Used>) -> Value {
    let figures = figures(budget, used).map(|(what, used, allowed)| {
        let figure = json!({ "used": used, "allowed": allowed });
        (what.to_owned(), figure)
    });
    Value::Object(figures.into_iter().collect())
}

type Figure = (&'static str, Option<usize>, Option<usize>);

fn figures(budget: &Budget, used: Option<Used>) -> [Figure; 2] {
    [
        ("schemas", used.map(|used| used.schemas), budget.schemas),
        ("lines", used.map(|used| used.lines), budget.lines),
    ]
}
