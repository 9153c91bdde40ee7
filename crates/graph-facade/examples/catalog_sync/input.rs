//! A catalogue in a file: JSON Lines, or CSV whose columns are called as in Graph.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use graph_facade::models::{LearningContent, NewLearningContent};
use graph_facade::sync::{Row, Synced as _, json_lines};
use serde::Deserialize as _;
use serde_json::{Map, Value};

pub(crate) type Rows = BoxStream<'static, Row<NewLearningContent>>;

/// The rows of a file.
pub(crate) fn rows(path: &Path) -> Result<Rows, Box<dyn Error>> {
    let reader = BufReader::new(File::open(path).map_err(|error| format!("{}: {error}", path.display()))?);
    Ok(match path.extension() {
        Some(extension) if extension == "jsonl" => stream::iter(json_lines(reader)).boxed(),
        _ => stream::iter(csv(reader)?).boxed(),
    })
}

/// Rows of CSV. A wrong row is one row; if the file can't be read any further, it broke off.
fn csv(reader: impl Read) -> Result<impl Iterator<Item = Row<NewLearningContent>>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(reader);
    let names = reader.headers()?.clone();
    Ok(reader.into_records().map(move |record| match record {
        Ok(record) => {
            let line = record.position().map_or(0, csv::Position::line);
            let cells = names.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
            let properties: Map<_, _> =
                cells.map(|(name, cell)| (name.to_owned(), value(name, cell))).collect();
            let key = properties.get(NewLearningContent::KEY).and_then(Value::as_str).map(str::to_owned);
            match LearningContent::deserialize(Value::Object(properties)) {
                Ok(read) => Row::new(line, NewLearningContent::from_read(read)),
                Err(error) => Row::unreadable(line, key.as_deref(), error.to_string()),
            }
        }
        Err(error) if error.is_io_error() => Err(error).into(),
        Err(error) => {
            Row::unreadable(error.position().map_or(0, csv::Position::line), None, error.to_string())
        }
    }))
}

/// A cell in the type of its column. Lists are separated by semicolons.
fn value(name: &str, cell: &str) -> Value {
    match name {
        "isActive" | "isPremium" | "isSearchable" => cell.parse::<bool>().map_or(cell.into(), Value::from),
        "numberOfPages" => cell.parse::<i32>().map_or(cell.into(), Value::from),
        "additionalTags" | "contributors" | "skillTags" => cell.split(';').map(str::trim).collect(),
        _ => cell.into(),
    }
}
