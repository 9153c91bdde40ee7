//! Breaches of the contract, in words that name the property.

use std::fmt;

use http::StatusCode;
use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;

/// One thing that the specification doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    /// The JSON pointer of the value at fault; empty for the whole.
    pointer: String,
    text: String,
    /// Whether it is a property of an open type that only an extension could have declared: allowed, and yet unknown.
    pub(crate) is_undeclared: bool,
}

impl Breach {
    fn new(text: impl Into<String>) -> Self {
        Self::at("", text)
    }

    fn at(pointer: &str, text: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), text: text.into(), is_undeclared: false }
    }

    pub(crate) fn unknown_option(name: &str) -> Self {
        Self::new(format!("the query option '{name}' is not allowed here"))
    }

    pub(crate) fn missing_header(name: &str) -> Self {
        Self::new(format!("the header '{name}' is missing"))
    }

    pub(crate) fn missing_body() -> Self {
        Self::new("the body is missing")
    }

    pub(crate) fn unexpected_body() -> Self {
        Self::new("there should be no body")
    }

    pub(crate) fn unexpected_status(status: StatusCode) -> Self {
        Self::new(format!("the status {} is not documented", status.as_u16()))
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.pointer, self.text)
        }
    }
}

/// What `validator` finds in `json`, but for the values that `deliberate` points to.
pub(super) fn of(validator: &Validator, json: &Value, deliberate: &[&str]) -> Vec<Breach> {
    let found = validator.iter_errors(json).flat_map(|error| describe(&error));
    found.filter(|breach| !deliberate.contains(&breach.pointer.as_str())).collect()
}

fn describe(error: &ValidationError<'_>) -> Vec<Breach> {
    let pointer = error.instance_path().as_str();
    let breach = |text: String| Breach::at(pointer, text);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|name| breach(format!("the property '{name}' is unknown"))).collect()
        }
        ValidationErrorKind::FalseSchema => {
            let name = pointer.rsplit('/').next().unwrap_or_default();
            vec![breach(format!("the property '{name}' is read-only"))]
        }
        // As the dialect writes it of an open type.
        ValidationErrorKind::Not { .. } => {
            let undeclared = breach("only an extension could have declared this property".to_owned());
            vec![Breach { is_undeclared: true, ..undeclared }]
        }
        // The alternative to null is what was meant.
        ValidationErrorKind::AnyOf { context } => {
            context.first().into_iter().flatten().flat_map(describe).collect()
        }
        _ => vec![breach(error.to_string())],
    }
}
