//! Properties in a filter, and what can be said of them.

use std::sync::Arc;

use super::filter::{Comparison, Filter, Function, Node, Quantifier};
use super::literal::Literal;
use super::name::{Fault, check_path};

/// A property that a filter looks at; [`field`] makes one.
#[derive(Clone, Debug)]
pub struct PropertyPath {
    pub(super) root: Option<Variable>,
    pub(super) path: Result<String, Fault>,
}

/// The variable of an `any` or `all`; the names are given when the filter is written.
#[derive(Clone, Debug)]
pub(super) struct Variable(Arc<()>);

impl Variable {
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The property `path` of an item, by its name in Graph; a nested one as `manager/displayName`.
///
/// ```
/// use graph_client::field;
///
/// let filter = field("groupTypes").any(|kind| kind.eq("Unified")) & !field("mail").ends_with("@example.com");
/// assert_eq!(
///     filter.to_odata()?,
///     "groupTypes/any(x:x eq 'Unified') and not endswith(mail,'@example.com')"
/// );
/// # Ok::<(), graph_client::Error>(())
/// ```
pub fn field(path: impl AsRef<str>) -> PropertyPath {
    let path = path.as_ref();
    PropertyPath { root: None, path: check_path("filter", path).map(|()| path.to_owned()) }
}

impl PropertyPath {
    /// The property `name` of this one.
    pub fn field(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.path = self.path.and_then(|path| check_path("filter", name).map(|()| join(&path, name)));
        self
    }

    /// How many values the collection has; the directory compares that with 0 and 1 only.
    pub fn count(mut self) -> Self {
        self.path = self.path.map(|path| join(&path, "$count"));
        self
    }

    /// It equals `value`.
    pub fn eq(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::Equal, value)
    }

    /// It differs from `value`. In an [`any`](Self::any), Graph wants a `not` around it instead.
    pub fn ne(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::NotEqual, value)
    }

    /// It is greater than `value`, or later.
    pub fn gt(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::Greater, value)
    }

    /// It is `value`, greater or later.
    pub fn ge(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// It is less than `value`, or earlier.
    pub fn lt(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::Less, value)
    }

    /// It is `value`, less or earlier.
    pub fn le(self, value: impl Into<Literal>) -> Filter {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// It is one of `values`, of which there must be at least one. The directory proper takes 15, its index as many as an
    /// address of 2,048 characters holds.
    pub fn is_in<I: IntoIterator<Item: Into<Literal>>>(self, values: I) -> Filter {
        Filter(Node::In(self, values.into_iter().map(Into::into).collect()))
    }

    /// Its text begins with `text`.
    pub fn starts_with(self, text: impl AsRef<str>) -> Filter {
        self.call(Function::StartsWith, text.as_ref())
    }

    /// Its text ends with `text`. The directory allows it for `mail`, `otherMails`, `userPrincipalName` and `proxyAddresses`.
    pub fn ends_with(self, text: impl AsRef<str>) -> Filter {
        self.call(Function::EndsWith, text.as_ref())
    }

    /// Its text has `text` in it. The directory doesn't know this; see [`Search`](crate::Search).
    pub fn contains(self, text: impl AsRef<str>) -> Filter {
        self.call(Function::Contains, text.as_ref())
    }

    /// At least one value of this collection meets a condition.
    pub fn any(self, condition: impl FnOnce(Self) -> Filter) -> Filter {
        self.lambda(Quantifier::Any, condition)
    }

    /// All values of this collection meet a condition. OData knows it, and most of Graph does not.
    pub fn all(self, condition: impl FnOnce(Self) -> Filter) -> Filter {
        self.lambda(Quantifier::All, condition)
    }

    fn compare(self, comparison: Comparison, value: impl Into<Literal>) -> Filter {
        Filter(Node::Compare(self, comparison, value.into()))
    }

    fn call(self, function: Function, text: &str) -> Filter {
        Filter(Node::Call(function, self, text.into()))
    }

    fn lambda(self, quantifier: Quantifier, condition: impl FnOnce(Self) -> Filter) -> Filter {
        let variable = Variable(Arc::new(()));
        let item = Self { root: Some(variable.clone()), path: Ok(String::new()) };
        Filter(Node::Lambda(quantifier, self, variable, Box::new(condition(item).0)))
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
