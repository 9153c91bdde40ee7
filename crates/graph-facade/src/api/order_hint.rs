//! Where things stand in a list that people sort by hand.

use std::fmt;

use graph_client::Error;
use graph_models::Field;

/// Where something is to stand among others, as Planner wants it told: between two neighbours.
///
/// What the service makes of it comes with the next reading, as text to be compared byte by byte, and serves as a neighbour
/// in further hints. So does a hint that was sent and of which nothing was read yet. What was read is itself no hint: sent back as
/// it is, the service refuses it, and so does this client.
///
/// ```
/// use graph_facade::OrderHint;
/// use graph_facade::models::PlannerTaskPatch;
///
/// let to_the_top = PlannerTaskPatch::new().order_hint(OrderHint::before("8585375037"));
/// assert_eq!(OrderHint::between("8585269235", "8585375037").to_string(), "8585269235 8585375037!");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderHint(String);

impl OrderHint {
    /// In a list of which nothing is known: at its end.
    pub fn anywhere() -> Self {
        Self::between("", "")
    }

    /// Before what has this hint now.
    pub fn before(next: &str) -> Self {
        Self::between("", next)
    }

    /// After what has this hint now.
    pub fn after(previous: &str) -> Self {
        Self::between(previous, "")
    }

    /// Between two that are neighbours now.
    pub fn between(previous: &str, next: &str) -> Self {
        Self(format!("{previous} {next}!"))
    }
}

impl fmt::Display for OrderHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<OrderHint> for String {
    fn from(hint: OrderHint) -> Self {
        hint.0
    }
}

/// Whether a text says between what something is to stand. What the service made of a hint has neither sign in it.
pub(super) fn is_hint(text: &str) -> bool {
    text.contains(' ') && text.ends_with('!')
}

/// Refuses a place as it was read, where a hint is due.
pub(super) fn check_hint(property: &str, text: Option<&String>) -> Result<(), Error> {
    match text {
        Some(text) if !is_hint(text) => Err(Error::refused(format!(
            "`{property}` is `{text}`, which is a place as it is read and no hint: leave it out, or say with `OrderHint` between what it is to stand"
        ))),
        _ => Ok(()),
    }
}

/// The same of a change.
pub(super) fn check_changed_hint(property: &str, field: &Field<String>) -> Result<(), Error> {
    check_hint(property, field.as_ref().into_set())
}

#[cfg(test)]
mod tests {
    use super::{OrderHint, is_hint};

    #[test]
    fn hints_are_told_from_places() {
        let anywhere = OrderHint::anywhere().to_string();
        for hint in [&*anywhere, "a b!", " a!", "a !", &OrderHint::before(&anywhere).to_string()] {
            assert!(is_hint(hint), "{hint}");
        }
        for place in ["", "8585269235", "9223370550899070129\",", "a b", "!"] {
            assert!(!is_hint(place), "{place}");
        }
    }
}
