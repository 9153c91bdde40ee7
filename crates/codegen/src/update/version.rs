//! Which version a change of the generated API makes of the present one.

use crate::diff::Class;
use crate::diff::symbols::Symbols;
use crate::output::Outputs;
use crate::problem::Result;

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

/// What becomes of the public API from the files of `old` code to those of `new`: what the symbols show and, where they
/// show nothing, what the documents do.
pub(super) fn class_of_code(old: &Outputs, new: &Outputs, documents: Option<Class>) -> Result<Option<Class>> {
    // Old code that somebody has edited until it was none tells nothing.
    let Ok(symbols) = Symbols::read(old) else { return Ok(documents) };
    let code = symbols.class_to(&Symbols::read(new)?);
    Ok(code.or(documents.map(|class| class.max(Class::Behavioural))))
}

/// The proposal for code that takes the place of `old`; nothing where the public API stays as it is, or where there was none that
/// can be read.
pub(crate) fn of_code(version: &str, old: &Outputs, new: &Outputs) -> Result<Option<String>> {
    let Ok(symbols) = Symbols::read(old) else { return Ok(None) };
    let class = if old.is_empty() { None } else { symbols.class_to(&Symbols::read(new)?) };
    Ok(class.map(|class| proposal(version, Some(class))))
}

/// The proposal as a line. It is not written: a release holds many changes, and the worst of them decides.
pub(super) fn proposal(version: &str, class: Option<Class>) -> String {
    let Some(class) = class else { return format!("version: {version}, as nothing changed\n") };
    let then = next(version, class).map_or_else(String::new, |next| format!(" → {next} at the least"));
    format!("version: {version}{then}, as {}; to be set with the release\n", effect(class))
}

fn effect(class: Class) -> &'static str {
    match class {
        Class::Major => "code that compiled may not any more",
        Class::Minor => "there is more than before",
        Class::Behavioural => "the types stay, and other values may be on the wire",
        Class::Patch => "no program can see the change",
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
