//! `$search`: clauses such as `"displayName:video"`, put together with `AND`, `OR` and parentheses.

use serde_json::Value;

use crate::query::member;

/// What is looked for in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Search {
    Or(Vec<Self>),
    And(Vec<Self>),
    Clause { property: String, words: String },
}

impl Search {
    /// Reads a search, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let search = alternatives(&mut rest, 0)?;
        if rest.is_empty() { Ok(search) } else { Err(format!("'{rest}' is left over")) }
    }

    /// The properties that it looks at.
    pub(crate) fn properties(&self) -> Vec<&str> {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().flat_map(Self::properties).collect(),
            Self::Clause { property, .. } => vec![property],
        }
    }

    /// Whether it is found in the object: in any order of the words in names and descriptions, at the beginning of other
    /// properties.
    pub(crate) fn finds(&self, object: &Value) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.finds(object)),
            Self::And(parts) => parts.iter().all(|part| part.finds(object)),
            Self::Clause { property, words } => {
                let Some(value) = member(object, property).and_then(Value::as_str) else { return false };
                let is_tokenised =
                    ["displayName", "description"].iter().any(|name| name.eq_ignore_ascii_case(property));
                if !is_tokenised {
                    return value.to_lowercase().starts_with(&words.to_lowercase());
                }
                let value = tokens(value);
                tokens(words).iter().all(|word| value.iter().any(|other| other.starts_with(word.as_str())))
            }
        }
    }
}

/// Words, split at spaces and signs, before digits, and where a capital follows a small letter.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = ' ';
    for character in text.chars().filter(|it| !it.is_control()) {
        let begins = !last.is_alphanumeric()
            || last.is_numeric() != character.is_numeric()
            || (last.is_lowercase() && character.is_uppercase());
        if character.is_alphanumeric() {
            if begins {
                tokens.push(String::new());
            }
            if let Some(token) = tokens.last_mut() {
                token.extend(character.to_lowercase());
            }
        }
        last = character;
    }
    tokens
}

fn alternatives(rest: &mut &str, depth: usize) -> Result<Search, String> {
    chain(rest, depth, "OR", conjunction, Search::Or)
}

fn conjunction(rest: &mut &str, depth: usize) -> Result<Search, String> {
    chain(rest, depth, "AND", clause, Search::And)
}

fn chain(
    rest: &mut &str,
    depth: usize,
    word: &str,
    part: fn(&mut &str, usize) -> Result<Search, String>,
    join: fn(Vec<Search>) -> Search,
) -> Result<Search, String> {
    let first = part(rest, depth)?;
    let mut parts = Vec::new();
    while let Some(after) = rest.strip_prefix(word) {
        *rest = after.trim_start();
        parts.push(part(rest, depth)?);
    }
    if parts.is_empty() {
        return Ok(first);
    }
    parts.insert(0, first);
    Ok(join(parts))
}

fn clause(rest: &mut &str, depth: usize) -> Result<Search, String> {
    if let Some(after) = rest.strip_prefix('(') {
        if depth > 32 {
            return Err("it nests too deep".to_owned());
        }
        *rest = after.trim_start();
        let search = alternatives(rest, depth + 1)?;
        *rest = rest.strip_prefix(')').ok_or("a parenthesis is not closed")?.trim_start();
        return Ok(search);
    }
    let quoted =
        rest.strip_prefix('"').ok_or("a clause stands in double quotes, with AND or OR between two")?;
    let (mut text, mut escaped) = (String::new(), false);
    for (at, character) in quoted.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => {
                *rest = quoted[at + 1..].trim_start();
                let (property, words) =
                    text.split_once(':').ok_or("a clause names a property: \"property:words\"")?;
                return Ok(Search::Clause { property: property.to_owned(), words: words.to_owned() });
            }
            _ => {
                text.push(character);
                escaped = false;
            }
        }
    }
    Err("a double quote is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Search;

    #[test]
    fn searches() {
        let group = json!({ "displayName": "OneVideo Tech-talks 2026 \"x\"", "mail": "onevideo@contoso.example", "description": null });
        for (text, expected) in [
            (r#""displayName:video""#, true),
            (r#""displayName:One tal""#, true),
            (r#""displayName:2026 tech""#, true),
            (r#""displayName:\"X\"""#, true),
            (r#""displayName:ideo""#, false),
            (r#""mail:onevid""#, true),
            (r#""mail:video""#, false),
            (r#""description:x""#, false),
            (r#""displayName:video" AND "mail:x""#, false),
            (r#""displayName:video" OR "mail:x""#, true),
            (r#"("displayName:x" OR "displayName:video") AND "mail:one""#, true),
            (r#""displayName:video" OR "displayName:x" AND "mail:x""#, true),
        ] {
            assert_eq!(Search::parse(text).map(|search| search.finds(&group)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for text in [
            "",
            "video",
            r#""video""#,
            r#""a:b" "c:d""#,
            r#""a:b" and "c:d""#,
            r#"("a:b""#,
            r#""a:b"#,
            r#""a:b" OR"#,
        ] {
            assert!(Search::parse(text).is_err(), "{text}");
        }
    }
}
