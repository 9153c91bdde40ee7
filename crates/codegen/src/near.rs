//! Which of the known names somebody meant.

/// Of so many characters one may differ.
const ONE_OF: usize = 5;
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
    let distance = |name: &str| {
        let name = plain(name);
        let longest = name.chars().count().max(length);
        // What is much longer is another name, however long; comparing takes the product of both lengths.
        let is_near = |distance: usize| distance * ONE_OF <= longest || length >= SHORTEST && distance == 1;
        Some(name.chars().count().abs_diff(length))
            .filter(|apart| is_near(*apart))
            .map(|_| strsim::damerau_levenshtein(&name, &wanted))
            .filter(|distance| is_near(*distance))
    };
    let all = known.into_iter().filter_map(|name| Some((distance(name)?, name)));
    all.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
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
