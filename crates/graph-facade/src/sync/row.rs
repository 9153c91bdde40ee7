//! The desired state, row by row.

use graph_client::BoxError;
use std::io::BufRead;

use super::synced::Synced;

/// One row of the desired state.
///
/// An item turns into a row by itself, and a `Result` too: its error is an input that [broke off](Row::Broken).
#[derive(Debug)]
#[non_exhaustive]
pub enum Row<T> {
    /// What there should be.
    Item {
        /// Its line in the source; otherwise rows are counted from 1.
        line: Option<u64>,
        /// The item.
        item: T,
    },
    /// A row that can't be read; the next can. If its key is not known, nothing is removed in this run, since it might be
    /// that of any item.
    Unreadable {
        /// Its line in the source; otherwise rows are counted from 1.
        line: Option<u64>,
        /// Its key, as far as that can be read.
        key: Option<Box<str>>,
        /// What is wrong with it.
        reason: Box<str>,
    },
    /// The input can't be read any further. What would have followed is not known, so nothing is removed.
    Broken {
        /// Why.
        reason: Box<str>,
    },
}

impl<T> Row<T> {
    /// An item, and its line in the source.
    pub fn new(line: u64, item: T) -> Self {
        Self::Item { line: Some(line), item }
    }

    /// A line that can't be read.
    pub fn unreadable(line: u64, key: Option<&str>, reason: impl Into<Box<str>>) -> Self {
        Self::Unreadable { line: Some(line), key: key.map(Into::into), reason: reason.into() }
    }
}

impl<T> From<T> for Row<T> {
    fn from(item: T) -> Self {
        Self::Item { line: None, item }
    }
}

impl<T, E: Into<BoxError>> From<Result<T, E>> for Row<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(item) => item.into(),
            Err(error) => Self::Broken { reason: error.into().to_string().into() },
        }
    }
}

/// Reads JSON Lines: one object in each line, with Graph's names of properties. Empty lines are passed over.
///
/// It reads as it goes and holds one line. Reading blocks the thread that polls the run.
///
/// ```
/// use graph_facade::models::NewLearningContent;
/// use graph_facade::sync::{Row, json_lines};
///
/// let text = r#"{"externalId": "a", "title": "Taxiing", "contentWebUrl": "https://example.com/a", "languageTag": "en-us"}"#;
/// let mut rows = json_lines::<NewLearningContent>(text.as_bytes());
/// assert!(matches!(rows.next(), Some(Row::Item { line: Some(1), item }) if item.title == "Taxiing"));
/// assert!(rows.next().is_none());
/// ```
pub fn json_lines<T: Synced>(mut reader: impl BufRead) -> impl Iterator<Item = Row<T>> {
    let (mut line, mut text, mut broken) = (0, String::new(), false);
    std::iter::from_fn(move || {
        while !broken {
            text.clear();
            line += 1;
            match reader.read_line(&mut text) {
                Ok(0) => return None,
                Ok(_) if text.trim().is_empty() => {}
                Ok(_) => return Some(parse(line, &text)),
                Err(error) => {
                    broken = true;
                    return Some(Row::Broken { reason: format!("line {line}: {error}").into() });
                }
            }
        }
        None
    })
}

fn parse<T: Synced>(line: u64, text: &str) -> Row<T> {
    match serde_json::from_str(text) {
        Ok(read) => Row::new(line, T::from_read(read)),
        Err(error) => {
            let value = serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
            let key = T::key_in(&value);
            // The error's own line is always the first.
            let (text, column) = (error.to_string(), error.column());
            let text = text.rsplit_once(" at line ").map_or(&*text, |(what, _)| what);
            Row::unreadable(line, key.as_deref(), format!("can't be read: {text} (column {column})"))
        }
    }
}
