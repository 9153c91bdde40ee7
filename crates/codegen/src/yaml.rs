//! YAML 1.2 to JSON values, and back.

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

use crate::problem::{Problem, Result};

/// Deeper documents are refused: nothing of this kind nests so far, and recursion has to end somewhere.
const MAX_DEPTH: usize = 128;

/// Where a text begins in its file; both are counted from 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Reads one YAML 1.2 document: `Yes`, `no`, `n` and `y` are texts, and a key that stands twice is refused.
///
/// `first_line` is the line of `text`'s beginning in `file`, counted from 0, for the places in error messages.
pub fn parse(file: &str, text: &str, first_line: usize) -> Result<Value> {
    parse_at(file, text, Origin { line: first_line, column: 0 })
}

/// Like [`parse`], for a text that begins inside of a line.
pub fn parse_at(file: &str, text: &str, origin: Origin) -> Result<Value> {
    let mut builder = Builder { file, origin, open: Vec::new(), done: None };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| broken(file, origin, &error))?;
        builder.take(event, &span)?;
    }
    Ok(builder.done.unwrap_or(Value::Null))
}

/// What the parser refuses.
pub fn broken(file: &str, origin: Origin, error: &granit_parser::ScanError) -> Problem {
    // The anchor may well stand elsewhere in the file; entries are read one by one.
    if error.info().contains("unknown anchor") {
        return alias(file, origin, error.marker());
    }
    if error.info().contains("recursion limit") {
        return too_deep(place(file, origin, error.marker()));
    }
    Problem::at(place(file, origin, error.marker()), format!("this is no YAML: {}", error.info()))
}

fn too_deep(place: String) -> Problem {
    Problem::at(place, format!("can't use more than {MAX_DEPTH} levels of nesting"))
        .help("no document of Graph's nests so far: it is broken here, or was made to break its readers")
}

fn alias(file: &str, origin: Origin, marker: &granit_parser::Marker) -> Problem {
    Problem::at(place(file, origin, marker), "can't use a YAML alias")
        .help("write the aliased value out; OpenAPI has `$ref` for sharing")
}

/// `file:line:column` of a marker.
pub fn place(file: &str, origin: Origin, marker: &granit_parser::Marker) -> String {
    let before = if marker.line() <= 1 { origin.column } else { 0 };
    format!("{file}:{}:{}", origin.line + marker.line(), before + marker.col() + 1)
}

struct Builder<'a> {
    file: &'a str,
    origin: Origin,
    open: Vec<Open>,
    done: Option<Value>,
}

enum Open {
    Map(Map<String, Value>, Option<String>),
    List(Vec<Value>),
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<()> {
        match event {
            Event::MappingStart(..) => self.push(Open::Map(Map::new(), None), span)?,
            Event::SequenceStart(..) => self.push(Open::List(Vec::new()), span)?,
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(Open::Map(map, _)) => self.value(Value::Object(map)),
                Some(Open::List(list)) => self.value(Value::Array(list)),
                None => {}
            },
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain;
                if let Some(Open::Map(map, key @ None)) = self.open.last_mut() {
                    if plain && text == "<<" {
                        return Err(self.refuse(span, "a merge key").help("write out what it merges"));
                    }
                    if map.contains_key(text.as_ref()) {
                        return Err(self.refuse(span, &format!("the key `{text}`, which stands here twice")));
                    }
                    *key = Some(text.into_owned());
                    return Ok(());
                }
                let text_by_tag = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                self.value(if plain && !text_by_tag {
                    scalar(&text)
                } else {
                    Value::String(text.into_owned())
                });
            }
            Event::Alias(..) => return Err(alias(self.file, self.origin, &span.start)),
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, open: Open, span: &Span) -> Result<()> {
        if matches!(self.open.last(), Some(Open::Map(_, None))) {
            return Err(self.refuse(span, "a key that is no text"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(too_deep(place(self.file, self.origin, &span.start)));
        }
        self.open.push(open);
        Ok(())
    }

    fn value(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => drop(map.insert(key.take().unwrap_or_default(), value)),
            None => self.done = Some(value),
        }
    }

    fn refuse(&self, span: &Span, what: &str) -> Problem {
        Problem::at(place(self.file, self.origin, &span.start), format!("can't use {what}"))
    }
}

/// The core schema of YAML 1.2 for a plain scalar.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || digits == "." {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    let float_only = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    float_only.then(|| text.parse::<f64>().ok().and_then(Number::from_f64)).flatten()
}

/// Writes `value` in block style, keys in the order they have.
pub fn write(value: &Value) -> Result<String> {
    serde_saphyr::to_string(value).map_err(|error| Problem::at("YAML", error))
}
