//! `$filter`: conditions in OData's language, held against the JSON of an object.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::Refusal;
use crate::query::member;

mod parse;
#[cfg(test)]
mod tests;
mod token;

/// A condition that can be held against an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Or(Vec<Self>),
    And(Vec<Self>),
    Not(Box<Self>),
    Compare(Path, Comparison, Literal),
    In(Path, Vec<Literal>),
    Call(Function, Path, String),
    Lambda { quantifier: Quantifier, collection: Path, variable: String, condition: Box<Self> },
}

/// The names of a property and of those it is nested in; the first may be the variable of a lambda.
pub(crate) type Path = Vec<String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
    Moment(OffsetDateTime),
    /// What stands without quotes and is compared as text: a GUID, a duration.
    Bare(String),
}

/// How a condition looks at a property, as far as the directory tells such conditions apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `eq` and `in`.
    Equal,
    EqualNull,
    StartsWith,
    /// `gt`, `ge`, `lt`, `le`.
    Order,
    /// What takes an advanced query whatever the property.
    Advanced,
}

impl Operator {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::EqualNull => "eq null",
            Self::StartsWith => "startswith",
            Self::Order => "an order",
            Self::Advanced => "it",
        }
    }

    fn of(condition: &Filter) -> Self {
        match condition {
            Filter::Compare(path, ..) if path.last().is_some_and(|last| last == "$count") => Self::Advanced,
            Filter::Compare(_, Comparison::Equal, Literal::Null) => Self::EqualNull,
            Filter::Compare(_, Comparison::Equal, _) | Filter::In(..) => Self::Equal,
            Filter::Compare(_, Comparison::NotEqual, _) => Self::Advanced,
            Filter::Compare(..) => Self::Order,
            Filter::Call(Function::StartsWith, ..) => Self::StartsWith,
            _ => Self::Advanced,
        }
    }
}

/// Why an expression can't be held against anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilterError {
    Wrong(String),
    /// OData has it, and the simulator doesn't.
    NotSimulated(String),
}

impl From<String> for FilterError {
    fn from(fault: String) -> Self {
        Self::Wrong(fault)
    }
}

impl FilterError {
    /// The refusal of a request that has the expression, as its service writes it.
    pub(crate) fn refusal(self, expression: &str, refuse: fn(String) -> Refusal) -> Refusal {
        match self {
            Self::Wrong(fault) => refuse(format!("Invalid filter clause '{expression}': {fault}.")),
            Self::NotSimulated(what) => {
                Refusal::not_simulated(format!("The simulator doesn't know {what} in '$filter' yet."))
            }
        }
    }
}

/// The variables of the lambdas around a condition, with the items that they stand for.
type Scope<'a> = Vec<(&'a str, &'a Value)>;

impl Filter {
    /// Reads an expression, or says what is wrong with it and where.
    pub(crate) fn parse(expression: &str) -> Result<Self, FilterError> {
        parse::parse(expression)
    }

    /// Whether the object fulfils the condition; text is compared without regard to case, as the directory does.
    pub(crate) fn accepts(&self, object: &Value) -> bool {
        self.holds(object, &Vec::new())
    }

    /// The properties of the objects themselves that it looks at.
    pub(crate) fn properties(&self) -> Vec<&str> {
        let mut properties = Vec::new();
        self.visit(&mut Vec::new(), &mut |path, variables| {
            properties.extend(path.first().map(String::as_str).filter(|first| !variables.contains(first)));
        });
        properties
    }

    /// What it uses that the directory answers in advanced queries only.
    pub(crate) fn advanced(&self) -> Option<&'static str> {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().find_map(Self::advanced),
            Self::Not(_) => Some("not"),
            Self::Compare(_, Comparison::NotEqual, _) => Some("ne"),
            Self::Compare(path, ..) if path.last().is_some_and(|last| last == "$count") => Some("$count"),
            Self::Call(Function::EndsWith, ..) => Some("endswith"),
            Self::Lambda { condition, .. } => condition.advanced(),
            Self::Compare(..) | Self::In(..) | Self::Call(..) => None,
        }
    }

    /// The properties that it holds against something, and how; one of a collection's items stands behind the collection.
    pub(crate) fn uses(&self) -> Vec<(String, Operator)> {
        let mut uses = Vec::new();
        self.collect_uses(&[], &mut uses);
        uses
    }

    fn collect_uses<'a>(&'a self, around: &[(&'a str, String)], uses: &mut Vec<(String, Operator)>) {
        match self {
            Self::Or(parts) | Self::And(parts) => {
                for part in parts {
                    part.collect_uses(around, uses);
                }
            }
            Self::Not(part) => part.collect_uses(around, uses),
            Self::Compare(path, ..) | Self::In(path, _) | Self::Call(_, path, _) => {
                uses.push((outside(path, around), Operator::of(self)));
            }
            Self::Lambda { collection, variable, condition, .. } => {
                let mut inner = around.to_vec();
                inner.push((variable, outside(collection, around)));
                condition.collect_uses(&inner, uses);
            }
        }
    }

    /// How many conditions stand beside each other, joined by `or` or listed after `in`.
    pub(crate) fn alternatives(&self) -> usize {
        match self {
            Self::Or(parts) => parts.iter().map(Self::alternatives).sum(),
            Self::And(parts) => parts.iter().map(Self::alternatives).max().unwrap_or(1),
            Self::In(_, values) => values.len(),
            Self::Not(part) => part.alternatives(),
            Self::Lambda { condition, .. } => condition.alternatives(),
            Self::Compare(..) | Self::Call(..) => 1,
        }
    }

    /// Whether it uses `contains`, which the directory never answers.
    pub(crate) fn uses_contains(&self) -> bool {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().any(Self::uses_contains),
            Self::Not(part) => part.uses_contains(),
            Self::Lambda { condition, .. } => condition.uses_contains(),
            Self::Call(function, ..) => *function == Function::Contains,
            Self::Compare(..) | Self::In(..) => false,
        }
    }

    fn visit<'a>(&'a self, variables: &mut Vec<&'a str>, look: &mut impl FnMut(&'a Path, &[&str])) {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().for_each(|part| part.visit(variables, look)),
            Self::Not(part) => part.visit(variables, look),
            Self::Compare(path, ..) | Self::In(path, _) | Self::Call(_, path, _) => look(path, variables),
            Self::Lambda { collection, variable, condition, .. } => {
                look(collection, variables);
                variables.push(variable);
                condition.visit(variables, look);
                variables.pop();
            }
        }
    }

    fn holds<'a>(&'a self, object: &'a Value, scope: &Scope<'a>) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(object, scope)),
            Self::And(parts) => parts.iter().all(|part| part.holds(object, scope)),
            Self::Not(part) => !part.holds(object, scope),
            Self::Compare(path, comparison, literal) => {
                comparison.holds(literal, &look_up(object, path, scope))
            }
            Self::In(path, literals) => {
                let value = look_up(object, path, scope);
                literals.iter().any(|literal| literal.equals(&value))
            }
            Self::Call(function, path, text) => {
                look_up(object, path, scope).as_str().is_some_and(|value| function.holds(value, text))
            }
            Self::Lambda { quantifier, collection, variable, condition } => {
                let items = find(object, collection, scope).and_then(Value::as_array);
                let meets = |item: &'a Value| {
                    let mut inner = scope.clone();
                    inner.push((variable, item));
                    condition.holds(object, &inner)
                };
                let mut items = items.into_iter().flatten();
                match quantifier {
                    Quantifier::Any => items.any(meets),
                    Quantifier::All => items.all(meets),
                }
            }
        }
    }
}

impl Comparison {
    fn holds(self, literal: &Literal, value: &Value) -> bool {
        let order = literal.order_of(value);
        match self {
            Self::Equal => literal.equals(value),
            Self::NotEqual => !literal.equals(value),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

impl Function {
    fn holds(self, value: &str, text: &str) -> bool {
        let (value, text) = (value.to_lowercase(), text.to_lowercase());
        match self {
            Self::StartsWith => value.starts_with(&text),
            Self::EndsWith => value.ends_with(&text),
            Self::Contains => value.contains(&text),
        }
    }
}

impl Literal {
    fn equals(&self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Bool(expected) => value.as_bool() == Some(*expected),
            _ => self.order_of(value) == Some(Ordering::Equal),
        }
    }

    /// How the value stands to this literal, where they can be compared.
    fn order_of(&self, value: &Value) -> Option<Ordering> {
        match self {
            Self::Text(text) | Self::Bare(text) => {
                Some(value.as_str()?.to_lowercase().cmp(&text.to_lowercase()))
            }
            Self::Number(number) => value.as_f64()?.partial_cmp(number),
            Self::Moment(moment) => Some(OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?.cmp(moment)),
            Self::Bool(_) | Self::Null => None,
        }
    }
}

/// A path from the objects themselves, whatever variable it begins with.
fn outside(path: &Path, around: &[(&str, String)]) -> String {
    let first = path.first().map(String::as_str).unwrap_or_default();
    match around.iter().rev().find(|(variable, _)| *variable == first) {
        Some((_, collection)) => std::iter::once(collection.as_str())
            .chain(path.iter().skip(1).map(String::as_str))
            .collect::<Vec<_>>()
            .join("/"),
        None => path.join("/"),
    }
}

/// The value at a path; null where there is none.
fn look_up<'a>(object: &'a Value, path: &'a [String], scope: &Scope<'a>) -> Cow<'a, Value> {
    if let Some((last, collection)) = path.split_last()
        && last == "$count"
    {
        let items = find(object, collection, scope).and_then(Value::as_array);
        return Cow::Owned(items.map_or(0, Vec::len).into());
    }
    find(object, path, scope).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
}

fn find<'a>(object: &'a Value, path: &'a [String], scope: &Scope<'a>) -> Option<&'a Value> {
    let variable = path.first().and_then(|first| scope.iter().rev().find(|(name, _)| name == first));
    let (start, rest) = match variable {
        Some((_, item)) => (*item, &path[1..]),
        None => (object, path),
    };
    rest.iter().try_fold(start, |value, name| member(value, name))
}
