//! Operation-id patterns: `*` stands for any characters, everything else for itself.

/// Whether the whole of `text` matches `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let head = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let mut middle: Vec<&str> = parts.collect();
    let Some(tail) = middle.pop() else { return rest.is_empty() };
    for part in middle {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("communities.get", "communities.get", true),
            ("communities.get", "communities.get.more", false),
            ("communities.*", "communities.owners.list", true),
            ("communities.*", "groups.list", false),
            ("*", "anything", true),
            ("*.list", "groups.list", true),
            ("*.list", "groups.list.more", false),
            ("groups.*.add", "groups.owners.add", true),
            ("groups.*.add", "groups.add", false),
            ("a*a", "a", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
