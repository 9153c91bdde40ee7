//! Names of properties, checked before they become part of a query.

/// Why a part of a query can't be sent; it names the part and the remedy.
pub(crate) type Fault = Box<str>;

/// Accepts the name of a property, or a path of names with slashes between them.
///
/// What OData gives a meaning to, such as spaces, quotes and commas, can't be part of a name; let through, it would change what the
/// query asks.
pub(super) fn check_path(option: &str, path: &str) -> Result<(), Fault> {
    let is_name = |name: &str| {
        let mut characters = name.chars();
        let begins =
            characters.next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '@'));
        begins && characters.all(|it| it.is_alphanumeric() || matches!(it, '_' | '.' | '@'))
    };
    if path.split('/').all(is_name) {
        return Ok(());
    }
    Err(match path.trim() {
        "" => format!("`{option}` names no property: name some, or leave it out"),
        _ => format!("`{}` in `{option}` is no name of a property: {REMEDY}", path.escape_debug()),
    }
    .into())
}

const REMEDY: &str = "write it as Graph does, such as displayName, or manager/displayName for a nested one";

/// Refuses what no query may hold, as it would cut the query short or hide in it.
pub(super) fn check_text(option: &str, text: &str) -> Result<(), Fault> {
    match text.chars().find(|character| character.is_control()) {
        None => Ok(()),
        Some(character) => {
            Err(format!("`{option}` holds the control character {}: remove it", character.escape_unicode())
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{check_path, check_text};

    #[test]
    fn names_and_paths() {
        for path in
            ["id", "displayName", "manager/displayName", "@odata.type", "_x", "größe", "extension_a1_b"]
        {
            assert_eq!(check_path("select", path), Ok(()), "{path}");
        }
        for path in
            ["", " ", "a b", "a,b", "a'", "a(b)", "/a", "a/", "a//b", "$select", "1a", "a&b", "a=b", "a\n"]
        {
            let fault = check_path("select", path).unwrap_err();
            assert!(fault.contains("`select`"), "{fault}");
        }
    }

    #[test]
    fn control_characters_are_refused_by_their_number() {
        assert_eq!(check_text("filter", "Ada 🦀"), Ok(()));
        assert!(check_text("filter", "a\u{0}b").unwrap_err().contains("\\u{0}"));
        assert!(check_text("search", "a\nb").unwrap_err().contains("`search`"));
    }
}
