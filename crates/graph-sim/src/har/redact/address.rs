//! Addresses: what stays of hosts, paths and queries.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Redaction;
use super::words::{is_date, is_small_number};
use crate::har::archive::decode;
use crate::router::Part;

/// Hosts that are everybody's.
const KNOWN_ORIGINS: [&str; 7] = [
    "https://dod-graph.microsoft.us",
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://login.chinacloudapi.cn",
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://microsoftgraph.chinacloudapi.cn",
];

/// What a segment of a path may show as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'=')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'@');
/// What a query or fragment may show as it is.
const REST: &AsciiSet = &SEGMENT.remove(b'/');

impl Redaction {
    /// An address of the API, absolute or not.
    pub(super) fn address(&mut self, address: &str) -> String {
        let (origin, rest) = split_origin(address);
        let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(rest, it)| (rest, Some(it)));
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, it)| (path, Some(it)));
        let mut redacted = self.origin(origin) + &self.path(path);
        if let Some(query) = query {
            redacted += "?";
            redacted += &self.query(query);
        }
        if let Some(fragment) = fragment {
            redacted += "#";
            redacted += &encode(&self.expression(&decode(fragment)), REST);
        }
        redacted
    }

    fn origin(&mut self, origin: &str) -> String {
        let is_known = KNOWN_ORIGINS.iter().any(|known| known.eq_ignore_ascii_case(origin));
        if origin.is_empty() || is_known { origin.to_owned() } else { self.placeholders.of_origin(origin) }
    }

    /// Whether an address is one of the API, of which more may stay than of any other.
    pub(super) fn is_of_the_api(&self, address: &str) -> bool {
        let (origin, _) = split_origin(address);
        !origin.is_empty()
            && (origin.eq_ignore_ascii_case(&self.origin)
                || KNOWN_ORIGINS.iter().any(|known| known.eq_ignore_ascii_case(origin)))
    }

    /// A path by the specification's templates; of one that it lacks, its words alone stay.
    pub(super) fn path(&mut self, path: &str) -> String {
        if let Some(segments) = self.spec.router.parts(path) {
            let segments = segments.into_iter().map(|parts| self.segment(parts));
            return format!("/{}", segments.collect::<Vec<_>>().join("/"));
        }
        let segments =
            path.split('/').map(|segment| encode(&self.unknown_segment(&decode(segment)), SEGMENT));
        segments.collect::<Vec<_>>().join("/")
    }

    fn segment(&mut self, parts: Vec<Part>) -> String {
        let parts = parts.into_iter().map(|part| match part {
            Part::Word(word) => word,
            Part::Value(value) => self.placeholders.of(&value),
        });
        encode(&parts.collect::<String>(), SEGMENT)
    }

    fn unknown_segment(&mut self, segment: &str) -> String {
        match segment.split_once('(') {
            Some((name, rest)) if self.words.know(name) => {
                format!("{name}({}", self.expression(rest))
            }
            _ if segment.is_empty() || self.words.know(segment) => segment.to_owned(),
            _ => self.placeholders.of(segment),
        }
    }

    fn query(&mut self, query: &str) -> String {
        let options = query.split('&').filter(|it| !it.is_empty()).map(|option| {
            let (raw, value) = option.split_once('=').map_or((option, None), |(name, it)| (name, Some(it)));
            let name = decode(&raw.replace('+', " "));
            let is_known = self.words.know(&name);
            let shown = if is_known { raw.to_owned() } else { encode(&self.placeholders.of(&name), REST) };
            let Some(value) = value else { return shown };
            let value = decode(&value.replace('+', " "));
            let value = if is_known { self.option(&name, &value) } else { self.placeholders.of(&value) };
            format!("{shown}={}", encode(&value, REST))
        });
        options.collect::<Vec<_>>().join("&")
    }

    /// The value of a query option that is known.
    fn option(&mut self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        let is_harmless = match name.trim_start_matches('$') {
            "select" | "orderby" | "expand" | "filter" => return self.expression(value),
            "top" | "skip" => is_small_number(value),
            "count" => matches!(value.to_ascii_lowercase().as_str(), "true" | "false"),
            "startdatetime" | "enddatetime" => is_date(value),
            _ => false,
        };
        if is_harmless { value.to_owned() } else { self.placeholders.of(value) }
    }

    /// An expression of OData without its texts, and without words that nobody knows.
    pub(super) fn expression(&mut self, text: &str) -> String {
        let is_sign = |it: char| " ,;:()=/".contains(it);
        let mut redacted = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\'' => quoted(rest),
                _ if is_sign(first) => first.len_utf8(),
                _ => rest.find(|it| is_sign(it) || it == '\'').unwrap_or(rest.len()),
            };
            let (token, after) = rest.split_at(length);
            match first {
                '\'' => {
                    let inner = token[1..].strip_suffix('\'').unwrap_or(&token[1..]).replace("''", "'");
                    redacted.extend(["'", &self.placeholders.of(&inner), "'"]);
                }
                _ if is_sign(first) || self.words.know(token) => redacted += token,
                _ => redacted += &self.placeholders.of(token),
            }
            rest = after;
        }
        redacted
    }
}

/// Scheme and host, and what follows; nothing and all of it where there is no host.
pub(super) fn split_origin(address: &str) -> (&str, &str) {
    let Some(start) = address.find("://").filter(|at| is_scheme(&address[..*at])) else {
        return ("", address);
    };
    let start = start + "://".len();
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    address.split_at(end)
}

fn is_scheme(text: &str) -> bool {
    text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("https")
}

/// How long the quoted text is at the beginning, its quotes included; a quote in it is doubled.
fn quoted(text: &str) -> usize {
    let mut at = 1;
    while let Some(quote) = text[at..].find('\'').map(|found| at + found) {
        if !text[quote + 1..].starts_with('\'') {
            return quote + 1;
        }
        at = quote + 2;
    }
    text.len()
}

fn encode(text: &str, shown: &'static AsciiSet) -> String {
    utf8_percent_encode(text, shown).to_string()
}
