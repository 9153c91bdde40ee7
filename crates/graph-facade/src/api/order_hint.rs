//! Where things stand in a list that people sort by hand.

use std::fmt;

/// Where something is to stand among others, as Planner wants it told: between two neighbours.
///
/// What the service makes of it comes with the next reading, as text to be compared byte by byte, and serves as a neighbour
/// in further hints.
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
