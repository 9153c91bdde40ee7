//! Paths as both upstream documents have them: one spells types, parameters and case otherwise than the other.

/// A path by which the same address is found in either: lower case, every parameter `{id}`, types with their namespace.
pub(super) fn plain(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before.trim_end_matches('\''));
        plain.push_str("{id}");
        rest = after.split_once('}').map_or("", |(_, after)| after).trim_start_matches('\'');
    }
    plain.push_str(rest);
    let plain = plain.to_lowercase();
    let segments: Vec<_> = plain.split('/').map(segment).collect();
    segments.join("/")
}

fn segment(segment: &str) -> String {
    let segment = segment.strip_suffix("()").unwrap_or(segment);
    match segment.strip_prefix("graph.") {
        Some(name) => format!("microsoft.graph.{name}"),
        None => segment.to_owned(),
    }
}

/// The path that a plain path belongs to, if it is no resource of its own: a reference, a count, a cast or a key.
pub(super) fn owner(path: &str) -> Option<&str> {
    let (owner, last) = path.rsplit_once('/')?;
    let belongs = last == "{id}" || last.starts_with('$') || last.starts_with("microsoft.graph.");
    (belongs && !owner.is_empty()).then_some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one_path() {
        for (path, expected) in [
            ("/groups/{group-id}/members/$ref", "/groups/{id}/members/$ref"),
            ("/groups/{id}/getMemberGroups", "/groups/{id}/getmembergroups"),
            ("/groups/delta()", "/groups/delta"),
            ("/groups/{group-id}/members/graph.user", "/groups/{id}/members/microsoft.graph.user"),
            ("/a/contents(externalId='{externalId}')", "/a/contents(externalid={id})"),
            ("/a/contents(externalid={value})", "/a/contents(externalid={id})"),
            ("/broken/{id", "/broken/{id}"),
        ] {
            assert_eq!(plain(path), expected);
            assert_eq!(plain(expected), expected, "a plain path stays as it is");
        }
    }

    #[test]
    fn references_counts_casts_and_keys_belong_to_another_path() {
        for (path, expected) in [
            ("/groups/{id}/members/$ref", Some("/groups/{id}/members")),
            ("/groups/{id}/members/{id}/$ref", Some("/groups/{id}/members/{id}")),
            ("/groups/{id}/members/{id}", Some("/groups/{id}/members")),
            ("/groups/$count", Some("/groups")),
            ("/groups/{id}/members/microsoft.graph.user", Some("/groups/{id}/members")),
            ("/groups/{id}/calendar", None),
            ("/groups/validateproperties", None),
            ("/$batch", None),
        ] {
            assert_eq!(owner(path), expected, "{path}");
        }
    }
}
