//! What is looked for by words.

use std::ops::{BitAnd, BitOr};

use super::name::{Fault, check_path, check_text};

/// Words that every item of a list has somewhere: `$search`.
///
/// A text counts as written by hand, and is sent as it is.
///
/// ```
/// use graph_client::Search;
///
/// let search = Search::term("displayName", "Pilots") & (Search::term("mail", "a") | Search::term("mail", "b"));
/// assert_eq!(search.to_odata()?, r#""displayName:Pilots" AND ("mail:a" OR "mail:b")"#);
/// # Ok::<(), graph_client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a search does nothing until a list gets it"]
pub struct Search {
    text: Result<String, Fault>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Term,
    And,
    /// An alternative, or what was written by hand.
    Or,
}

impl Search {
    /// `words` in the property `property`. The directory matches whole words of `displayName` and `description`, and the
    /// beginning of other properties; upper and lower case count the same.
    pub fn term(property: &str, words: &str) -> Self {
        Self::quoted(
            check_path("search", property)
                .and_then(|()| inside(words))
                .map(|words| format!("{property}:{words}")),
        )
    }

    /// `words` in any property that the service looks into. The directory wants a property named: [`term`](Self::term).
    pub fn words(words: &str) -> Self {
        Self::quoted(inside(words))
    }

    /// A search as the service reads it, with its quotes: `"displayName:P" OR "mail:p"`. It is sent as it is.
    pub fn raw(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text: check(&text).map(|()| text), shape: Shape::Or }
    }

    /// Both are found; `&` does the same.
    pub fn and(self, other: impl Into<Self>) -> Self {
        self.joined("AND", Shape::And, other.into())
    }

    /// At least one is found; `|` does the same.
    pub fn or(self, other: impl Into<Self>) -> Self {
        self.joined("OR", Shape::Or, other.into())
    }

    /// The search as it is sent, or why it can't be.
    pub fn to_odata(&self) -> Result<String, crate::Error> {
        self.render().map_err(crate::Error::refused)
    }

    pub(super) fn render(&self) -> Result<String, Fault> {
        self.text.clone()
    }

    fn quoted(text: Result<String, Fault>) -> Self {
        Self { text: text.map(|text| format!("\"{text}\"")), shape: Shape::Term }
    }

    fn joined(self, word: &str, shape: Shape, other: Self) -> Self {
        let part = |search: Self| {
            // Nothing says which of the two binds tighter here.
            let loose = search.shape != Shape::Term && search.shape != shape;
            search.text.map(|text| if loose { format!("({text})") } else { text })
        };
        let text = part(self).and_then(|left| Ok(format!("{left} {word} {}", part(other)?)));
        Self { text, shape }
    }
}

/// Words as they stand between double quotes.
fn inside(words: &str) -> Result<String, Fault> {
    check(words).map(|()| words.replace('\\', "\\\\").replace('"', "\\\""))
}

fn check(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err("`search` is empty: give words, or leave it out".into());
    }
    check_text("search", text)
}

impl From<&str> for Search {
    fn from(text: &str) -> Self {
        Self::raw(text)
    }
}

impl From<String> for Search {
    fn from(text: String) -> Self {
        Self::raw(text)
    }
}

impl From<&String> for Search {
    fn from(text: &String) -> Self {
        Self::raw(text.as_str())
    }
}

impl<T: Into<Search>> BitAnd<T> for Search {
    type Output = Self;

    fn bitand(self, other: T) -> Self {
        self.and(other)
    }
}

impl<T: Into<Search>> BitOr<T> for Search {
    type Output = Self;

    fn bitor(self, other: T) -> Self {
        self.or(other)
    }
}

#[cfg(test)]
mod tests {
    use super::Search;

    #[test]
    fn searches_as_graph_reads_them() {
        let (a, b, c) =
            (|| Search::term("displayName", "a"), || Search::term("mail", "b"), || Search::words("c"));
        for (search, expected) in [
            (a(), r#""displayName:a""#),
            (c(), r#""c""#),
            (Search::term("displayName", r#"say "hi" \o/"#), r#""displayName:say \"hi\" \\o/""#),
            (a() & b() & c(), r#""displayName:a" AND "mail:b" AND "c""#),
            (a() | b() | c(), r#""displayName:a" OR "mail:b" OR "c""#),
            (a() & (b() | c()), r#""displayName:a" AND ("mail:b" OR "c")"#),
            (a() | b() & c(), r#""displayName:a" OR ("mail:b" AND "c")"#),
            (a() & r#""x" OR "y""#, r#""displayName:a" AND ("x" OR "y")"#),
            (Search::raw(r#""displayName:P""#), r#""displayName:P""#),
        ] {
            assert_eq!(search.render().as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_can_not_be_searched_is_refused() {
        for (search, reason) in [
            (Search::raw(" "), "`search` is empty"),
            (Search::words(""), "`search` is empty"),
            (Search::term("display name", "x"), "`display name` in `search`"),
            (Search::term("mail", "x\u{7f}"), "control character"),
            (Search::words("x") & Search::words("\n"), "is empty"),
        ] {
            assert!(search.render().unwrap_err().contains(reason), "{search:?}");
        }
    }
}
