//! Conditions on the items of a list.

use std::fmt::{self, Write as _};
use std::ops::{BitAnd, BitOr, Not};

use super::literal::Literal;
use super::name::{Fault, check_text};
use super::path::{PropertyPath, Variable};
use crate::error::Error;

/// A condition that every item of a list meets: `$filter`.
///
/// It is built from [`field`](crate::field) and put together with `&`, `|` and `!`; values are quoted and escaped. A text
/// counts as a condition that was written by hand, and is sent as it is.
///
/// ```
/// use graph_client::{Filter, field};
///
/// let named = field("displayName").starts_with("P") | field("displayName").eq("O'Brien's");
/// let filter = named & field("mailEnabled").eq(true) & Filter::raw("securityEnabled eq false");
/// assert_eq!(
///     filter.to_odata()?,
///     "(startswith(displayName,'P') or displayName eq 'O''Brien''s') and mailEnabled eq true and (securityEnabled eq false)"
/// );
/// # Ok::<(), graph_client::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a filter does nothing until a list gets it"]
pub struct Filter(pub(super) Node);

#[derive(Clone)]
pub(super) enum Node {
    Compare(PropertyPath, Comparison, Literal),
    In(PropertyPath, Vec<Literal>),
    Call(Function, PropertyPath, Literal),
    Lambda(Quantifier, PropertyPath, Variable, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Raw(String),
}

#[derive(Clone, Copy)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Clone, Copy)]
pub(super) enum Function {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Clone, Copy)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// How tightly the parts of an expression hang together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    Or,
    And,
    Comparison,
    Call,
}

impl Filter {
    /// A condition in OData's language, sent as it is: nothing is quoted or checked but for control characters.
    pub fn raw(condition: impl Into<String>) -> Self {
        Self(Node::Raw(condition.into()))
    }

    /// Both conditions hold; `&` does the same.
    pub fn and(self, other: impl Into<Self>) -> Self {
        let mut parts = match self.0 {
            Node::And(parts) => parts,
            node => vec![node],
        };
        match other.into().0 {
            Node::And(others) => parts.extend(others),
            node => parts.push(node),
        }
        Self(Node::And(parts))
    }

    /// At least one of the conditions holds; `|` does the same.
    pub fn or(self, other: impl Into<Self>) -> Self {
        let mut parts = match self.0 {
            Node::Or(parts) => parts,
            node => vec![node],
        };
        match other.into().0 {
            Node::Or(others) => parts.extend(others),
            node => parts.push(node),
        }
        Self(Node::Or(parts))
    }

    /// The condition as it is sent, or why it can't be.
    pub fn to_odata(&self) -> Result<String, Error> {
        self.render().map_err(Error::refused)
    }

    pub(super) fn render(&self) -> Result<String, Fault> {
        let mut text = String::new();
        Writer { text: &mut text, variables: Vec::new() }.node(&self.0)?;
        Ok(text)
    }
}

impl From<&str> for Filter {
    fn from(condition: &str) -> Self {
        Self::raw(condition)
    }
}

impl From<String> for Filter {
    fn from(condition: String) -> Self {
        Self::raw(condition)
    }
}

impl From<&String> for Filter {
    fn from(condition: &String) -> Self {
        Self::raw(condition)
    }
}

impl<T: Into<Filter>> BitAnd<T> for Filter {
    type Output = Self;

    fn bitand(self, other: T) -> Self {
        self.and(other)
    }
}

impl<T: Into<Filter>> BitOr<T> for Filter {
    type Output = Self;

    fn bitor(self, other: T) -> Self {
        self.or(other)
    }
}

impl Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.render() {
            Ok(text) => write!(f, "Filter({text})"),
            Err(fault) => write!(f, "Filter(refused: {fault})"),
        }
    }
}

impl Node {
    fn precedence(&self) -> Precedence {
        match self {
            // What somebody else wrote may hang together in any way.
            Self::Or(_) | Self::Raw(_) => Precedence::Or,
            Self::And(_) => Precedence::And,
            Self::Call(..) => Precedence::Call,
            Self::Compare(..) | Self::In(..) | Self::Lambda(..) | Self::Not(_) => Precedence::Comparison,
        }
    }
}

impl Comparison {
    const fn word(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

impl Function {
    const fn name(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
        }
    }
}

impl Quantifier {
    const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}

/// Writes an expression with no more parentheses than it needs.
struct Writer<'a> {
    text: &'a mut String,
    /// Those of the lambdas around the place that is being written, outermost first.
    variables: Vec<&'a Variable>,
}

impl<'a> Writer<'a> {
    fn node(&mut self, node: &'a Node) -> Result<(), Fault> {
        match node {
            Node::Compare(path, comparison, literal) => {
                let (path, value) = (self.path(path)?, literal.text()?);
                self.push(format_args!("{path} {} {value}", comparison.word()));
            }
            Node::In(path, values) => {
                let (path, values) = (self.path(path)?, list(values)?);
                self.push(format_args!("{path} in ({values})"));
            }
            Node::Call(function, path, literal) => {
                let (path, value) = (self.path(path)?, literal.text()?);
                self.push(format_args!("{}({path},{value})", function.name()));
            }
            Node::Lambda(quantifier, path, variable, condition) => {
                let path = self.path(path)?;
                let name = variable_name(self.variables.len());
                self.push(format_args!("{path}/{}({name}:", quantifier.name()));
                self.variables.push(variable);
                self.node(condition)?;
                self.variables.pop();
                self.text.push(')');
            }
            Node::And(parts) => self.joined(parts, " and ", Precedence::And)?,
            Node::Or(parts) => self.joined(parts, " or ", Precedence::Or)?,
            Node::Not(condition) if condition.precedence() == Precedence::Call => {
                self.text.push_str("not ");
                self.node(condition)?;
            }
            Node::Not(condition) => {
                self.text.push_str("not");
                self.parenthesised(condition)?;
            }
            Node::Raw(condition) if condition.trim().is_empty() => {
                return Err("`filter` is empty: give a condition, or leave it out".into());
            }
            Node::Raw(condition) => {
                check_text("filter", condition)?;
                self.text.push_str(condition);
            }
        }
        Ok(())
    }

    fn joined(&mut self, parts: &'a [Node], word: &str, precedence: Precedence) -> Result<(), Fault> {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push_str(word);
            }
            if part.precedence() < precedence {
                self.parenthesised(part)?;
            } else {
                self.node(part)?;
            }
        }
        Ok(())
    }

    fn parenthesised(&mut self, node: &'a Node) -> Result<(), Fault> {
        self.text.push('(');
        self.node(node)?;
        self.text.push(')');
        Ok(())
    }

    fn path(&self, path: &PropertyPath) -> Result<String, Fault> {
        let names = path.path.clone()?;
        let Some(root) = &path.root else { return Ok(names) };
        let depth = self.variables.iter().position(|variable| variable.is(root)).ok_or(
            "`filter` uses the item of an `any` or `all` outside of it: use it in the condition that gets it",
        )?;
        let variable = variable_name(depth);
        Ok(if names.is_empty() { variable } else { format!("{variable}/{names}") })
    }

    fn push(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a text can't fail.
        let _ = self.text.write_fmt(text);
    }
}

fn list(values: &[Literal]) -> Result<String, Fault> {
    if values.is_empty() {
        return Err("`in` has no values, so that nothing could meet it: give some, or leave it out".into());
    }
    let texts: Vec<_> = values.iter().map(Literal::text).collect::<Result<_, _>>()?;
    Ok(texts.join(","))
}

fn variable_name(depth: usize) -> String {
    if depth == 0 { "x".to_owned() } else { format!("x{depth}") }
}

#[cfg(test)]
mod tests;
