//! What `If-Match` names, held against the state that there is.

use http::StatusCode;

use crate::error::Refusal;
use crate::ids;

/// Whether one of `marks` is `etag`, or `marks` is `*`. Weak and strong marks of one state are the same here.
pub(crate) fn matches(marks: &str, etag: &str) -> Result<bool, Refusal> {
    if marks.trim() == "*" {
        return Ok(true);
    }
    let marks = marks.split(',').map(|mark| quoted(mark.trim())).collect::<Option<Vec<_>>>();
    let invalid = || {
        let message = "The If-Match header contains an invalid value.";
        Refusal::new(StatusCode::BAD_REQUEST, "", message)
    };
    let marks = marks.ok_or_else(invalid)?;
    let own = quoted(etag).unwrap_or_default();
    if marks.contains(&own) {
        return Ok(true);
    }
    // A task's mark for its details, say, is no older state of theirs.
    let is_another = |mark: &&str| kind(mark).is_some_and(|other| kind(own).is_some_and(|own| own != other));
    if marks.iter().any(is_another) { Err(invalid()) } else { Ok(false) }
}

/// The kind of object that a mark of this simulator's is about.
fn kind(mark: &str) -> Option<String> {
    let revealed = ids::reveal(mark)?;
    let mut parts = revealed.split('@');
    let kind = parts.next()?.to_owned();
    (parts.count() == 2).then_some(kind)
}

/// The part between the quotes of a mark, weak or strong.
fn quoted(mark: &str) -> Option<&str> {
    mark.strip_prefix("W/")
        .unwrap_or(mark)
        .strip_prefix('"')?
        .strip_suffix('"')
        .filter(|it| !it.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::matches;
    use crate::ids;

    #[test]
    fn the_mark_of_another_kind_of_object_is_no_older_state() {
        let mark = |text: &str| format!("W/\"{}\"", ids::opaque(text));
        let own = mark("details@7@2");
        assert_eq!(matches(&mark("details@7@1"), &own).ok(), Some(false));
        let refusal = matches(&mark("tasks@7@2"), &own).unwrap_err();
        assert_eq!((refusal.status.as_u16(), refusal.code), (400, ""));
    }

    #[test]
    fn marks_are_compared_by_what_they_quote() {
        for (marks, expected) in [
            ("*", Some(true)),
            (r#"W/"a""#, Some(true)),
            (r#""a""#, Some(true)),
            (r#""b", W/"a""#, Some(true)),
            (r#"W/"b""#, Some(false)),
            (r#"W/"A""#, Some(false)),
            ("a", None),
            (r#"W/"a"#, None),
            (r#""a"b""#, None),
            ("", None),
        ] {
            assert_eq!(matches(marks, r#"W/"a""#).ok(), expected, "{marks}");
        }
    }
}
