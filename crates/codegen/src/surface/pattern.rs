//! Patterns of paths and ids: `*` stands for any characters, `**` for any number of a path's segments.

/// Whether `text` is `pattern`, where `*` stands for any characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len()).filter(|&at| text.is_char_boundary(at)).any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// Whether `path` is `pattern`. A `*` stays within its segment; a segment `**` stands for any number of segments, none
/// included, so that `/groups/**` is `/groups` and all below it.
pub fn matches_path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<_> = pattern.trim_matches('/').split('/').collect();
    let path: Vec<_> = path.trim_matches('/').split('/').collect();
    // Without a doubled `**` the search is a walk along the path for each `**`.
    segments_match(&pattern, &path)
}

/// Whether a path is meant to be matched instead of looked up.
pub fn is_wildcard(path: &str) -> bool {
    path.contains('*')
}

fn segments_match(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) if rest.first() == Some(&"**") => segments_match(rest, path),
        Some((&"**", rest)) => (0..=path.len()).any(|skipped| segments_match(rest, &path[skipped..])),
        Some((first, rest)) => match path.split_first() {
            Some((segment, path)) => matches(first, segment) && segments_match(rest, path),
            None => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_segment_and_two_stars_do_not() {
        let cases = [
            ("/groups", "/groups", true),
            ("/groups", "/Groups", false),
            ("/groups/*", "/groups/{group-id}", true),
            ("/groups/*", "/groups", false),
            ("/groups/*", "/groups/{group-id}/events", false),
            ("/groups/**", "/groups", true),
            ("/groups/**", "/groups/{group-id}/events", true),
            ("/groups/**", "/groupSettings", false),
            ("/**/delta()", "/groups/{group-id}/events/delta()", true),
            ("/**/delta()", "/delta()", true),
            ("/**/events/*", "/groups/{group-id}/events/{event-id}", true),
            ("/**/**/events", "/groups/{group-id}/events", true),
            ("/group*/*/owners", "/groups/{group-id}/owners", true),
            ("/**", "/", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches_path(pattern, path), expected, "{pattern} {path}");
        }
    }
}
