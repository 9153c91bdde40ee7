//! Which version a change of the generated API makes of the present one.

use crate::diff::Class;

/// What comes after `version`, if a release holds no worse than `class`. Before 1.0, Cargo takes a change of the second number
/// for a breaking one, and of the third for any other. Nothing where `version` is none.
pub fn next(version: &str, class: Class) -> Option<String> {
    let mut numbers = version.split('.').map(str::parse::<u64>);
    let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return None;
    };
    Some(match (major, class) {
        (0, Class::Major) => format!("0.{}.0", minor + 1),
        (0, _) => format!("0.{minor}.{}", patch + 1),
        (_, Class::Major) => format!("{}.0.0", major + 1),
        (_, Class::Minor | Class::Behavioural) => format!("{major}.{}.0", minor + 1),
        (_, Class::Patch) => format!("{major}.{minor}.{}", patch + 1),
    })
}

/// The proposal as a line. It is not written: a release holds many changes, and the worst of them decides.
pub(super) fn proposal(version: &str, class: Option<Class>) -> String {
    let Some(class) = class else { return format!("version: {version}, as nothing changed\n") };
    match next(version, class) {
        Some(next) => format!(
            "version: {version} → {next} at the least, as the worst change is {class}; set it when you release\n"
        ),
        None => format!("version: the worst change is {class}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_cargos_reading_of_semver() {
        let cases = [
            ("0.1.0", Class::Major, Some("0.2.0")),
            ("0.1.4", Class::Minor, Some("0.1.5")),
            ("0.1.4", Class::Patch, Some("0.1.5")),
            ("1.2.3", Class::Major, Some("2.0.0")),
            ("1.2.3", Class::Behavioural, Some("1.3.0")),
            ("1.2.3", Class::Patch, Some("1.2.4")),
            ("1.2", Class::Patch, None),
            ("1.2.3-beta.1", Class::Patch, None),
        ];
        for (version, class, expected) in cases {
            assert_eq!(next(version, class).as_deref(), expected, "{version} {class}");
        }
    }
}
