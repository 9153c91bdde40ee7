//! `$expand`: which related objects come along, and how they are to be shown.

use crate::query::Query;

/// The relations that a request wants expanded, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expand(Vec<Relation>);

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub(crate) name: String,
    /// The options in the parentheses after the name.
    pub(crate) options: Query,
}

impl Expand {
    /// Reads `members($select=id;$top=5),owners`, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let relations = split(text, ',')?.into_iter().map(str::trim).filter(|part| !part.is_empty());
        relations.map(Relation::parse).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn relations(&self) -> &[Relation] {
        &self.0
    }

    /// As `@odata.context` shows it: `members(id),owners()`.
    pub(crate) fn context(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|relation| {
            let nested = relation.options.select().unwrap_or_default().join(",");
            format!("{}({nested})", relation.name)
        })
    }
}

impl Relation {
    fn parse(text: &str) -> Result<Self, String> {
        let Some((name, rest)) = text.split_once('(') else {
            return Ok(Self { name: text.to_owned(), options: Query::default() });
        };
        let inside = rest.strip_suffix(')').ok_or_else(|| format!("'{text}' has no ')' at its end"))?;
        let options = split(inside, ';')?.into_iter().map(str::trim).filter(|part| !part.is_empty());
        let options = options.map(|option| {
            option.split_once('=').ok_or_else(|| format!("'{option}' should look like '$select=id'"))
        });
        Ok(Self { name: name.trim().to_owned(), options: Query::decoded(options.collect::<Result<_, _>>()?) })
    }
}

/// The parts between the separators that are neither in parentheses nor in quotes.
fn split(text: &str, separator: char) -> Result<Vec<&str>, String> {
    let (mut parts, mut depth, mut quoted, mut start) = (Vec::new(), 0_u32, false, 0);
    for (at, character) in text.char_indices() {
        match character {
            // A doubled quote closes the text and opens it again.
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(|| format!("a ')' too many in '{text}'"))?,
            _ if character == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    if quoted || depth > 0 {
        return Err(format!("'{text}' is not closed"));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_and_their_options() {
        let text = "members($select=id,displayName;$filter=displayName eq 'a;b''),(c';$expand=manager($top=1)), owners";
        let expand = Expand::parse(text).unwrap();
        let [members, owners] = expand.relations() else { panic!("{expand:?}") };
        assert_eq!((members.name.as_str(), owners.name.as_str()), ("members", "owners"));
        assert_eq!(members.options.get("$filter"), Some("displayName eq 'a;b''),(c'"));
        assert_eq!(members.options.get("$expand"), Some("manager($top=1)"));
        assert_eq!(expand.context().collect::<Vec<_>>(), ["members(id,displayName)", "owners()"]);
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        for text in ["members(", "members)", "members($select=id", "members($filter=a eq 'b)", "members(id)"]
        {
            assert!(Expand::parse(text).is_err(), "{text}");
        }
    }
}
