//! Related objects along with an item.

use super::filter::Filter;
use super::name::{Fault, check_path, check_text};
use super::order_by::{self, OrderBy};
use super::select_list;

/// A relation whose objects come along with each item, and what is wanted of them: `$expand`.
///
/// The name of a relation is enough where they are wanted as they are. A text with parentheses counts as written by hand.
///
/// ```
/// use graph_client::{Expand, field};
///
/// let members = Expand::new("members").select(["id", "displayName"]).filter(field("mail").ne("")).top(5);
/// assert_eq!(members.to_odata()?, "members($select=id,displayName;$filter=mail ne '';$top=5)");
/// # Ok::<(), graph_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expansion does nothing until a read gets it"]
pub struct Expand {
    relation: Result<String, Fault>,
    options: Vec<Result<String, Fault>>,
}

impl Expand {
    /// The objects of `relation`, by its name in Graph: `members`.
    pub fn new(relation: &str) -> Self {
        Self { relation: check_path("expand", relation).map(|()| relation.to_owned()), options: Vec::new() }
    }

    /// Only these properties of them.
    pub fn select<I: IntoIterator<Item: AsRef<str>>>(self, properties: I) -> Self {
        let list = select_list("select", properties);
        self.option(list.map(|list| format!("$select={list}")))
    }

    /// Their relations in turn.
    pub fn expand<I: IntoIterator<Item: Into<Self>>>(self, relations: I) -> Self {
        let list = render(relations);
        self.option(list.map(|list| format!("$expand={list}")))
    }

    /// Only those that meet this condition.
    pub fn filter(self, condition: impl Into<Filter>) -> Self {
        let condition = condition.into().render();
        self.option(condition.map(|condition| format!("$filter={condition}")))
    }

    /// Sorted by these properties.
    pub fn order_by<I: IntoIterator<Item: Into<OrderBy>>>(self, properties: I) -> Self {
        let list = order_by::render(properties);
        self.option(list.map(|list| format!("$orderby={list}")))
    }

    /// At most this many of them for each item.
    pub fn top(self, objects: u32) -> Self {
        self.option(match objects {
            0 => Err("`top(0)` in `expand` asks for nothing: ask for at least one, or leave it out".into()),
            _ => Ok(format!("$top={objects}")),
        })
    }

    /// The expansion as it is sent, or why it can't be.
    pub fn to_odata(&self) -> Result<String, crate::Error> {
        self.clone().render().map_err(crate::Error::refused)
    }

    fn option(mut self, option: Result<String, Fault>) -> Self {
        self.options.push(option);
        self
    }

    fn render(self) -> Result<String, Fault> {
        let relation = self.relation?;
        let options: Vec<_> = self.options.into_iter().collect::<Result<_, _>>()?;
        Ok(if options.is_empty() { relation } else { format!("{relation}({})", options.join(";")) })
    }
}

impl From<&str> for Expand {
    fn from(text: &str) -> Self {
        if text.contains('(') {
            let relation = check_text("expand", text).map(|()| text.to_owned());
            return Self { relation, options: Vec::new() };
        }
        Self::new(text)
    }
}

impl From<String> for Expand {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Expand {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

/// The relations as they are sent.
pub(super) fn render<I: IntoIterator<Item: Into<Expand>>>(relations: I) -> Result<String, Fault> {
    let relations: Vec<_> = relations.into_iter().map(|it| it.into().render()).collect::<Result<_, _>>()?;
    match relations.join(",") {
        none if none.is_empty() => Err("`expand` names no relation: name some, or leave it out".into()),
        list => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::{Expand, render};
    use crate::query::{desc, field};

    #[test]
    fn options_nest() {
        let deep = Expand::new("team").select(["id"]).expand([Expand::new("channels")
            .filter(field("name").eq("a;b)'"))
            .order_by([desc("id")])
            .top(2)]);
        assert_eq!(
            render([deep, "owners".into(), "members($select=id)".into()]).as_deref(),
            Ok(
                "team($select=id;$expand=channels($filter=name eq 'a;b)''';$orderby=id desc;$top=2)),owners,members($select=id)"
            )
        );
    }

    #[test]
    fn what_can_not_be_expanded_is_refused() {
        let none: [Expand; 0] = [];
        assert!(render(none).unwrap_err().contains("no relation"));
        for (expand, reason) in [
            (Expand::new(""), "`expand` names no property"),
            (Expand::new("a,b"), "`a,b` in `expand`"),
            (Expand::from("a(\n)"), "control character"),
            (Expand::new("a").top(0), "`top(0)`"),
            (Expand::new("a").select(["b c"]), "`b c` in `select`"),
            (Expand::new("a").expand(["b c"]), "`b c` in `expand`"),
            (Expand::new("a").filter(""), "`filter` is empty"),
        ] {
            assert!(render([expand]).unwrap_err().contains(reason), "{reason}");
        }
    }
}
