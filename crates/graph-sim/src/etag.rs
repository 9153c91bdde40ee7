//! What `If-Match` names, held against the state that there is.

use http::StatusCode;

use crate::error::Refusal;

/// Whether one of `marks` is `etag`, or `marks` is `*`. Weak and strong marks of one state are the same here.
pub(crate) fn matches(marks: &str, etag: &str) -> Result<bool, Refusal> {
    if marks.trim() == "*" {
        return Ok(true);
    }
    let marks = marks.split(',').map(|mark| quoted(mark.trim())).collect::<Option<Vec<_>>>();
    let marks = marks.ok_or_else(|| {
        let message = "The If-Match header contains an invalid value.";
        Refusal::new(StatusCode::BAD_REQUEST, "", message)
    })?;
    Ok(marks.into_iter().any(|mark| Some(mark) == quoted(etag)))
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
