//! What is wrong with a scenario, and where.

use std::fmt;

use serde_saphyr::Error as Yaml;

use super::nearest::nearest;
use super::place::Place;

/// What is wrong with a scenario: where, what was found and expected, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScenarioError {
    place: Place,
    text: String,
}

impl ScenarioError {
    pub(super) fn new(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text.into() }
    }

    /// A word that is none of those that are known.
    pub(super) fn unknown<'k>(
        place: Place,
        what: &str,
        found: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let expected = match known.len() {
            1..=12 => format!("; expected one of '{}'", known.join("', '")),
            _ => String::new(),
        };
        let meant = nearest(found, known).map(|word| format!("; did you mean '{word}'?")).unwrap_or_default();
        Self::new(place, format!("unknown {what} '{found}'{expected}{meant}"))
    }

    /// The line at fault, from one; none if the text ended too soon.
    pub fn line(&self) -> Option<u64> {
        Some(self.place.line).filter(|line| *line > 0)
    }

    /// The column at fault, from one.
    pub fn column(&self) -> Option<u64> {
        Some(self.place.column).filter(|column| *column > 0)
    }

    pub(super) fn syntax(error: &Yaml) -> Self {
        let place = error.location().map(Place::from).unwrap_or_default();
        let found = |unexpected: &str, expected: &str| format!("found {unexpected}, expected {expected}");
        match error {
            Yaml::SerdeUnknownField { field, expected, .. } => {
                Self::unknown(place, "key", field, expected.iter().copied())
            }
            Yaml::SerdeUnknownVariant { variant, expected, .. } => {
                Self::unknown(place, "word", variant, expected.iter().copied())
            }
            Yaml::SerdeMissingField { field, .. } => {
                Self::new(place, format!("the key '{field}' is missing"))
            }
            Yaml::SerdeInvalidType { unexpected, expected, .. }
            | Yaml::SerdeInvalidValue { unexpected, expected, .. } => {
                Self::new(place, found(unexpected, expected))
            }
            Yaml::Unexpected { expected, .. } => Self::new(place, format!("expected {expected}")),
            Yaml::InvalidScalar { ty, .. } => Self::new(place, format!("expected a value of the type {ty}")),
            Yaml::Message { msg, .. } => Self::new(place, msg.clone()),
            other => {
                // The place is told already.
                let text = other.to_string();
                Self::new(place, text.split(" at line ").next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line(), self.column()) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.text)
    }
}

impl std::error::Error for ScenarioError {}
