//! What stands for texts that were taken out: numbers, by which nobody finds the text again.

use std::collections::HashMap;

const PREFIX: &str = "redacted-";
const DOMAIN: &str = ".example";
const MAIL_DOMAIN: &str = "@redacted.example";
const ADDRESS: &str = "https://redacted.example/";
/// Ids keep their form, as clients insist on it.
const UUID: &str = "00000000-0000-0000-0000-";
const UUID_DIGITS: usize = 12;
/// A longer number is none of ours.
const MOST_DIGITS: usize = 9;

/// Gives the same text the same placeholder, throughout an archive.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    known: HashMap<String, String>,
    last: u64,
}

impl Placeholders {
    /// Numbers from after the placeholders that `text`, an archive, already has.
    pub(super) fn after(text: &str) -> Self {
        // Larger ones leave too few numbers after them, and are not reached.
        let numbers = occurrences(text).filter_map(|(_, _, number)| number.parse().ok());
        let last = numbers.filter(|number: &u64| *number < 100_000_000).max();
        Self { known: HashMap::new(), last: last.unwrap_or_default() }
    }

    /// What stands for a text; what is nothing, or a placeholder already, stays.
    pub(super) fn of(&mut self, text: &str) -> String {
        if text.is_empty() || is_placeholder(text) {
            return text.to_owned();
        }
        if let Some((before, tag)) = entity_tag(text) {
            return format!("{before}\"{}\"", self.of(tag));
        }
        let is_mail = text.contains('@') && !text.contains(char::is_whitespace);
        let is_uuid = is_uuid(text);
        // Neither minds its case.
        let key = if is_mail || is_uuid { text.to_ascii_lowercase() } else { text.to_owned() };
        let is_address = ["http://", "https://"].iter().any(|start| key.starts_with(start));
        let number = self.last.saturating_add(1);
        let made = self.known.entry(key).or_insert_with(|| {
            self.last = number;
            match () {
                () if is_uuid => format!("{UUID}{number:0UUID_DIGITS$}"),
                () if is_address => format!("{ADDRESS}{PREFIX}{number}"),
                () if is_mail => format!("{PREFIX}{number}{MAIL_DOMAIN}"),
                () => format!("{PREFIX}{number}"),
            }
        });
        made.clone()
    }

    /// What stands for scheme and host.
    pub(super) fn of_origin(&mut self, origin: &str) -> String {
        let origin = origin.to_ascii_lowercase();
        let (scheme, host) = origin.split_once("://").unwrap_or(("https", &origin));
        let scheme = if scheme == "http" { "http" } else { "https" };
        let inner = host.strip_suffix(DOMAIN).unwrap_or(host);
        if host == "redacted.example" || (host.ends_with(DOMAIN) && is_placeholder(inner)) {
            return format!("{scheme}://{host}");
        }
        // Not as the text of the address, which would be another kind of placeholder.
        format!("{scheme}://{}{DOMAIN}", self.of(&format!("the host {}", host.replace('@', " "))))
    }
}

/// Whether `text` is a placeholder, and nothing else.
pub(in crate::har) fn is_placeholder(text: &str) -> bool {
    let is_whole = |(start, end, _): (usize, usize, &str)| start == 0 && end == text.len();
    occurrences(text).next().is_some_and(is_whole)
        || entity_tag(text).is_some_and(|(_, tag)| is_placeholder(tag))
}

/// Whether `text` holds a placeholder.
pub(in crate::har) fn is_redacted(text: &str) -> bool {
    occurrences(text).next().is_some()
}

/// A recorded text in which what was taken out may be anything, as a pattern with `*`.
pub(in crate::har) fn as_pattern(text: &str) -> String {
    let (mut pattern, mut from) = (String::new(), 0);
    for (start, end, _) in occurrences(text) {
        pattern += &text[from..start];
        pattern.push('*');
        from = end;
    }
    pattern + &text[from..]
}

/// Where placeholders stand in a text, and their numbers.
fn occurrences(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = [PREFIX, UUID].iter().filter_map(|start| text[from..].find(start)).min()? + from;
            match placeholder_at(text, at) {
                Some((end, number)) => {
                    // An address is a placeholder as a whole.
                    let start = if text[from..at].ends_with(ADDRESS) { at - ADDRESS.len() } else { at };
                    from = end;
                    return Some((start, end, number));
                }
                None => from = at + 1,
            }
        }
    })
}

/// The end and the number of the placeholder that begins at `at`.
fn placeholder_at(text: &str, at: usize) -> Option<(usize, &str)> {
    let rest = &text[at..];
    let digits = |after: &str| after.find(|it: char| !it.is_ascii_digit()).unwrap_or(after.len());
    if let Some(after) = rest.strip_prefix(UUID) {
        let number = after.get(..UUID_DIGITS).filter(|_| digits(after) == UUID_DIGITS)?;
        let is_ours = number.starts_with("000") && number.bytes().any(|digit| digit != b'0');
        return is_ours.then_some((at + UUID.len() + UUID_DIGITS, number));
    }
    let after = rest.strip_prefix(PREFIX)?;
    let length = digits(after);
    let number = Some(&after[..length]).filter(|number| (1..=MOST_DIGITS).contains(&number.len()))?;
    let after = &after[length..];
    let domain = [MAIL_DOMAIN, DOMAIN].into_iter().find(|domain| after.starts_with(domain));
    Some((at + PREFIX.len() + length + domain.map_or(0, str::len), number))
}

/// What an entity tag has before its quotes, and in them.
fn entity_tag(text: &str) -> Option<(&str, &str)> {
    let (before, quoted) = text.split_at(text.find('"')?);
    let tag = quoted.strip_prefix('"')?.strip_suffix('"')?;
    (matches!(before, "" | "W/") && !tag.is_empty() && !tag.contains('"')).then_some((before, tag))
}

fn is_uuid(text: &str) -> bool {
    let is_part = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_placeholder_of_its_form() {
        let mut placeholders = Placeholders::after("redacted-7 and 00000000-0000-0000-0000-000000000009");
        for (text, expected) in [
            ("Ada", "redacted-10"),
            ("Ada@contoso.example", "redacted-11@redacted.example"),
            ("ada@contoso.example", "redacted-11@redacted.example"),
            ("6E7B768E-07E2-4810-8459-485f84f8f204", "00000000-0000-0000-0000-000000000012"),
            ("6e7b768e-07e2-4810-8459-485f84f8f204", "00000000-0000-0000-0000-000000000012"),
            ("https://contoso.sharepoint.com/x", "https://redacted.example/redacted-13"),
            ("W/\"JzEt\"", "W/\"redacted-14\""),
            ("JzEt", "redacted-14"),
            ("Ada", "redacted-10"),
            ("", ""),
        ] {
            let made = placeholders.of(text);
            assert_eq!(made, expected, "{text}");
            assert_eq!(placeholders.of(&made), made, "once is enough");
        }
        assert_eq!(placeholders.of_origin("http://127.0.0.1:81"), "http://redacted-15.example");
        assert_eq!(placeholders.of_origin("http://redacted-15.example"), "http://redacted-15.example");
        let nobody = "00000000-0000-0000-0000-000000000000";
        assert_ne!(placeholders.of(nobody), nobody);
        assert_ne!(placeholders.of("redacted-4111111111111111"), "redacted-4111111111111111");
        assert_eq!(Placeholders::after("redacted-999999999").of("Ada"), "redacted-1");
    }

    #[test]
    fn placeholders_are_found_in_running_text() {
        for (text, pattern) in [
            ("displayName eq 'redacted-2'", "displayName eq '*'"),
            ("redacted-2@redacted.example,redacted-31", "*,*"),
            (
                "https://redacted-2.example/v1.0/users/00000000-0000-0000-0000-000000000012",
                "https://*/v1.0/users/*",
            ),
            ("https://redacted.example/redacted-2", "*"),
            ("redacted-x redacted-", "redacted-x redacted-"),
            ("00000000-0000-0000-0000-00000000001", "00000000-0000-0000-0000-00000000001"),
        ] {
            assert_eq!(as_pattern(text), pattern, "{text}");
        }
    }
}
