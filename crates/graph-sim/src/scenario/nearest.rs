//! The word that was probably meant.

/// Half of the letters may differ, but no more than three.
const MOST_EDITS: usize = 3;

/// The word most like `text` among `known`, if any is like it at all. An abbreviation is like what it begins.
pub(super) fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let text = text.to_lowercase();
    let most = (text.chars().count() / 2).clamp(1, MOST_EDITS);
    let scored = known.into_iter().map(|word| {
        let lower = word.to_lowercase();
        let edits = strsim::osa_distance(&text, &lower);
        (if text.len() > 2 && lower.starts_with(&text) { edits.min(1) } else { edits }, word)
    });
    scored.filter(|(edits, _)| *edits <= most).min_by_key(|(edits, _)| *edits).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn words() {
        let known = ["owners", "members", "displayName", "groups.members.list"];
        for (text, expected) in [
            ("ownrs", Some("owners")),
            ("memebrs", Some("members")),
            ("displayname", Some("displayName")),
            ("disp", Some("displayName")),
            ("group.members.list", Some("groups.members.list")),
            ("zebra", None),
            ("x", None),
        ] {
            assert_eq!(nearest(text, known), expected, "{text}");
        }
    }
}
