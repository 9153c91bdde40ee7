//! The draft of a changelog's entry.

use crate::diff::{Class, Diff, report};
use crate::escape;

/// The heading under which changes gather until they are released.
const UNRELEASED: &str = "## Unreleased";

/// The entry for a move to the document called `title`; nothing where no program can see a change.
pub fn entry(diff: &Diff, title: &str) -> Option<String> {
    if diff.class().is_none_or(|class| class == Class::Patch) {
        return None;
    }
    // One heading for the move; what the report has as headings becomes a line each.
    let changes = report::markdown(diff).replace("### ", "");
    Some(format!("### Moved to {}\n\n{}\n", escape::markdown(title), changes.trim_end()))
}

/// The changelog with the entry as the first of what is not released; nothing if it has no place for that.
pub fn insert(changelog: &str, entry: &str) -> Option<String> {
    let heading = changelog.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at, line.trim_end()))
    });
    let (end, _) = heading.into_iter().find(|(_, line)| *line == UNRELEASED)?;
    let (before, after) = changelog.split_at(end);
    Some(format!("{}\n\n{entry}\n{}", before.trim_end(), after.trim_start_matches('\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_first_of_what_is_not_released() {
        let changelog = "# Changelog\n\n## Unreleased\n\n### Added\n- This.\n\n## 0.1.0\n";
        insta::assert_snapshot!(insert(changelog, "### Moved to X\n\nAdded\n\n- That.\n").unwrap(), @r"
        # Changelog

        ## Unreleased

        ### Moved to X

        Added

        - That.

        ### Added
        - This.

        ## 0.1.0
        ");
        assert_eq!(insert("# Changelog\n\n## 0.1.0\n", "x"), None);
        assert_eq!(insert("## Unreleased", "x\n").unwrap(), "## Unreleased\n\nx\n\n");
    }
}
