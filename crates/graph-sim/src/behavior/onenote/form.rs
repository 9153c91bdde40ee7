//! Forms of several parts, as RFC 7578 has them.

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) content: Bytes,
}

/// A media type without its parameters.
pub(super) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Takes a form of this media type apart, or says what is wrong with it.
pub(super) fn parts(media_type: &str, body: &Bytes) -> Result<Vec<Part>, String> {
    let boundary = parameter(media_type, "boundary").ok_or("The form's media type names no boundary.")?;
    let delimiter = format!("--{boundary}");
    let rest = body.strip_prefix(delimiter.as_bytes()).ok_or("The form doesn't begin with its boundary.")?;
    let (mut rest, delimiter) = (body.slice_ref(rest), format!("\r\n{delimiter}"));
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let after = rest.strip_prefix(b"\r\n").ok_or("A boundary isn't a line by itself.")?;
        let end = find(after, delimiter.as_bytes()).ok_or("The form ends within a part.")?;
        parts.push(part(&body.slice_ref(&after[..end]))?);
        rest = body.slice_ref(&after[end + delimiter.len()..]);
    }
}

fn part(text: &Bytes) -> Result<Part, String> {
    let end = find(text, b"\r\n\r\n").ok_or("A part has no end of its headers.")?;
    let headers = str::from_utf8(&text[..end]).map_err(|_| "A part's headers are not text.")?;
    let header = |name: &str| {
        let lines = headers.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition").unwrap_or_default();
    if essence(disposition) != "form-data" {
        return Err("A part's disposition is not form-data.".to_owned());
    }
    let name = parameter(disposition, "name").ok_or("A part has no name.")?;
    Ok(Part {
        name: name.to_owned(),
        media_type: header("content-type").unwrap_or("text/plain").to_owned(),
        content: text.slice(end + 4..),
    })
}

/// A parameter of a header's value, without quotes.
fn parameter<'h>(value: &'h str, name: &str) -> Option<&'h str> {
    let parameters = value.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let mut found = parameters.filter(|(found, _)| found.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim_matches('"')).filter(|value| !value.is_empty())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static str) -> Result<Vec<Part>, String> {
        parts("multipart/form-data; boundary=\"b\"", &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn parts_are_told_apart() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"one\"\r\ncontent-type: text/html\r\n\r\n<p>\r\n--c</p>\r\n\
                    --b\r\nContent-Disposition: form-data; name=two\r\n\r\n\r\n--b--\r\n";
        let part = |name: &str, media_type: &str, content: &'static str| Part {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            content: Bytes::from_static(content.as_bytes()),
        };
        assert_eq!(
            read(form).unwrap(),
            [part("one", "text/html", "<p>\r\n--c</p>"), part("two", "text/plain", "")]
        );
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for wrong in [
            "",
            "--c\r\n",
            "--b",
            "--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\nopen",
            "--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--",
            "--b\r\nContent-Disposition: inline; name=one\r\n\r\n\r\n--b--",
            "--b\r\nno headers\r\n--b--",
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(parts("multipart/form-data", &Bytes::from_static(b"--b--")).is_err());
    }
}
