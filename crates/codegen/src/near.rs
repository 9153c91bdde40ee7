//! Which of the known names somebody meant.

/// How alike two names are that are taken for one, from 0 to 1.
const ALIKE: f64 = 0.8;
/// The shortest name of which one character may differ, whatever share of it that is.
const SHORTEST: usize = 3;

/// The one of `known` that is spelled most like `wanted`, if one nearly is. Case doesn't count.
pub(crate) fn closest<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    closest_by(wanted, known, str::to_lowercase)
}

/// The same where names count as `plain` makes them.
pub(crate) fn closest_by<'k>(
    wanted: &str,
    known: impl IntoIterator<Item = &'k str>,
    plain: impl Fn(&str) -> String,
) -> Option<&'k str> {
    let wanted = plain(wanted);
    let length = wanted.chars().count();
    let alike = |name: &str| {
        let name = plain(name);
        let alike = strsim::normalized_damerau_levenshtein(&name, &wanted);
        let by_one = length >= SHORTEST && strsim::damerau_levenshtein(&name, &wanted) == 1;
        (alike >= ALIKE || by_one).then_some(alike)
    };
    let all = known.into_iter().filter_map(|name| Some((alike(name)?, name)));
    all.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// What to do about a name that is not known: take the one that was meant, or else `otherwise`.
pub(crate) fn help<'k>(
    wanted: &str,
    known: impl IntoIterator<Item = &'k str>,
    otherwise: impl Into<String>,
) -> String {
    closest(wanted, known).map_or_else(|| otherwise.into(), |meant| format!("did you mean `{meant}`?"))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn what_is_nearly_a_name_is_taken_for_it_and_nothing_else_is() {
        let known = ["id", "name", "displayName", "groups.list", "groups.get"];
        for (wanted, expected) in [
            ("displayname", Some("displayName")),
            ("dispalyName", Some("displayName")),
            ("nmae", Some("name")),
            ("groups.lst", Some("groups.list")),
            ("is", None),
            ("title", None),
            ("", None),
        ] {
            assert_eq!(closest(wanted, known), expected, "{wanted}");
        }
    }
}
