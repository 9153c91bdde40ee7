//! Headers: those that are known, and of them the values that are about nobody.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::words::is_small_number;
use super::{Redaction, is_placeholder};
use crate::har::archive::Named;

/// What may stay of a value.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// An address of the API.
    Address,
    /// The scheme of a challenge, and why it was made.
    Challenge,
    Date,
    MediaType,
    /// A number, perhaps with a fraction.
    Number,
    /// Seconds, or a date.
    Wait,
    /// These words, and signs between them.
    Words(&'static [&'static str]),
    Nothing,
}

const ENCODINGS: Rule =
    Rule::Words(&["br", "chunked", "compress", "deflate", "gzip", "identity", "zstd", "*"]);
const METHODS: Rule = Rule::Words(&super::METHODS);
const PREFERENCES: Rule = Rule::Words(&[
    "html",
    "include-unknown-enum-members",
    "minimal",
    "outlook.body-content-type",
    "representation",
    "respond-async",
    "return",
    "text",
]);
const CACHING: Rule =
    Rule::Words(&["max-age", "must-revalidate", "no-cache", "no-store", "private", "public", "0"]);
const MEDIA: Rule = Rule::Words(&MEDIA_TYPES);

const RULES: [(&str, Rule); 46] = [
    ("accept", MEDIA),
    ("accept-encoding", ENCODINGS),
    ("accept-language", Rule::Nothing),
    ("access-control-allow-origin", Rule::Words(&["*"])),
    ("age", Rule::Number),
    ("allow", METHODS),
    ("authorization", Rule::Nothing),
    ("cache-control", CACHING),
    ("client-request-id", Rule::Nothing),
    ("connection", Rule::Words(&["close", "keep-alive"])),
    ("consistencylevel", Rule::Words(&["eventual", "session"])),
    ("content-encoding", ENCODINGS),
    ("content-length", Rule::Number),
    ("content-location", Rule::Address),
    ("content-security-policy", Rule::Nothing),
    ("content-type", Rule::MediaType),
    ("cookie", Rule::Nothing),
    ("date", Rule::Date),
    ("etag", Rule::Nothing),
    ("expires", Rule::Date),
    ("host", Rule::Nothing),
    ("if-match", Rule::Words(&["*"])),
    ("if-none-match", Rule::Words(&["*"])),
    ("last-modified", Rule::Date),
    ("location", Rule::Address),
    ("odata-maxversion", Rule::Number),
    ("odata-version", Rule::Number),
    ("operation-location", Rule::Address),
    ("pragma", CACHING),
    ("prefer", PREFERENCES),
    ("preference-applied", PREFERENCES),
    ("proxy-authorization", Rule::Nothing),
    ("ratelimit-limit", Rule::Number),
    ("ratelimit-remaining", Rule::Number),
    ("ratelimit-reset", Rule::Number),
    ("request-id", Rule::Nothing),
    ("retry-after", Rule::Wait),
    ("server", Rule::Nothing),
    ("set-cookie", Rule::Nothing),
    ("strict-transport-security", Rule::Words(&["includesubdomains", "max-age", "31536000"])),
    ("transfer-encoding", ENCODINGS),
    ("user-agent", Rule::Nothing),
    ("vary", Rule::Words(&["accept", "accept-encoding", "origin", "prefer"])),
    ("www-authenticate", Rule::Challenge),
    ("x-ms-resource-unit", Rule::Number),
    ("x-ms-throttle-limit-percentage", Rule::Number),
];

const MEDIA_TYPES: [&str; 10] = [
    "*/*",
    "application/http",
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "multipart/form-data",
    "multipart/mixed",
    "text/html",
    "text/plain",
];
const MEDIA_PARAMETERS: [&str; 10] = [
    "charset=us-ascii",
    "charset=utf-8",
    "ieee754compatible=false",
    "ieee754compatible=true",
    "odata.metadata=full",
    "odata.metadata=minimal",
    "odata.metadata=none",
    "odata.streaming=false",
    "odata.streaming=true",
    "odata=verbose",
];

/// `{"access_token":{"nbf":{"essential":true}}}`: a challenge that was answered can be answered again, whatever it wanted.
const CLAIMS: &str = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==";

impl Redaction {
    pub(super) fn header(&mut self, header: &mut Named) {
        let rule =
            RULES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name)).map(|(_, rule)| *rule);
        if rule.is_none() && !is_placeholder(&header.name) {
            // Other forms of placeholders are no names of headers.
            header.name = self.placeholders.of(&format!("the header {}", header.name.to_ascii_lowercase()));
        }
        let value = header.value.trim();
        header.value = match rule.unwrap_or(Rule::Nothing) {
            Rule::Address => self.address(value),
            Rule::Challenge => challenge(value).unwrap_or_else(|| self.placeholders.of(value)),
            Rule::MediaType => self.media_type(value),
            Rule::Date if is_http_date(value) => value.to_owned(),
            Rule::Wait if is_small_number(value) || is_http_date(value) => value.to_owned(),
            Rule::Number if is_number(value) => value.to_owned(),
            Rule::Words(words) if holds_only(value, words) => value.to_owned(),
            _ => self.placeholders.of(value),
        };
    }

    /// A media type without what the sender made up, such as a boundary.
    pub(super) fn media_type(&mut self, value: &str) -> String {
        let mut parts = value.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        if !MEDIA_TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
            return self.placeholders.of(value);
        }
        let known = parts.filter(|part| MEDIA_PARAMETERS.iter().any(|it| it.eq_ignore_ascii_case(part)));
        std::iter::once(kind).chain(known).collect::<Vec<_>>().join(";")
    }
}

fn challenge(value: &str) -> Option<String> {
    let scheme = value.split(' ').next().filter(|scheme| scheme.eq_ignore_ascii_case("bearer"))?;
    let says = |error: &str| value.contains(&format!("error=\"{error}\""));
    Some(match () {
        () if says("insufficient_claims") => {
            format!("{scheme} error=\"insufficient_claims\", claims=\"{CLAIMS}\"")
        }
        () if says("invalid_token") => format!("{scheme} error=\"invalid_token\""),
        () => scheme.to_owned(),
    })
}

fn holds_only(value: &str, words: &[&str]) -> bool {
    let parts = value.split([',', ';', '=', ' ', '"']).filter(|part| !part.is_empty());
    parts.into_iter().all(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
}

/// A few digits before, and after, a point.
fn is_number(value: &str) -> bool {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let is_short =
        |part: &str| part.len() <= 9 && !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    is_short(whole) && is_short(fraction)
}

fn is_http_date(value: &str) -> bool {
    // The form allows for comments.
    let is_plain = value.chars().all(|it| it.is_ascii_alphanumeric() || ",: ".contains(it));
    is_plain
        && value.ends_with(" GMT")
        && OffsetDateTime::parse(&value.replace("GMT", "+0000"), &Rfc2822).is_ok()
}
