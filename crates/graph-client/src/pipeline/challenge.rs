//! What a refusal asks the next token to have: the header `WWW-Authenticate` (RFC 9110, section 11.6.1).

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// The claims that a token must have, as JSON, if the answer is a claims challenge.
pub(super) fn claims(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(parse)
        .filter(|challenge| challenge.scheme.eq_ignore_ascii_case("Bearer"))
        .filter(|challenge| challenge.parameter("error") == Some("insufficient_claims"))
        .find_map(|challenge| decode(challenge.parameter("claims")?))
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The JSON behind the parameter, which is base64 in either alphabet, or the JSON itself.
fn decode(claims: &str) -> Option<String> {
    let json = match STANDARD.decode(claims).or_else(|_| URL_SAFE.decode(claims)) {
        Ok(bytes) => String::from_utf8(bytes).ok()?,
        Err(_) => claims.to_owned(),
    };
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&json).is_ok().then_some(json)
}

/// One way to authenticate that the service offers.
#[derive(Debug, PartialEq, Eq)]
struct Challenge<'a> {
    scheme: &'a str,
    parameters: Vec<(&'a str, Cow<'a, str>)>,
}

impl Challenge<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }
}

/// All challenges of one header value. A part that can't be understood is left out, up to the next comma.
///
/// Microsoft's services write values unquoted that RFC 9110 has in quotes, such as `authorization_uri=https://…`.
fn parse(value: &str) -> Vec<Challenge<'_>> {
    let mut challenges: Vec<Challenge<'_>> = Vec::new();
    let mut rest = Rest(value);
    loop {
        rest.skip(|char| matches!(char, ' ' | '\t' | ','));
        if rest.0.is_empty() {
            return challenges;
        }
        let name = rest.take(is_token);
        if name.is_empty() {
            rest.skip(|char| char != ',');
            continue;
        }
        let spaced = rest.skip(is_space);
        match challenges.last_mut() {
            Some(challenge) if rest.0.starts_with('=') => {
                rest.0 = &rest.0[1..];
                rest.skip(is_space);
                let Some(value) = rest.value() else { return challenges };
                challenge.parameters.push((name, value));
            }
            _ => {
                challenges.push(Challenge { scheme: name, parameters: Vec::new() });
                if spaced {
                    rest.skip_token68();
                }
            }
        }
    }
}

/// What has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|char| !wanted(char)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn skip(&mut self, unwanted: impl Fn(char) -> bool) -> bool {
        !self.take(unwanted).is_empty()
    }

    /// The one blob that a challenge may have instead of parameters.
    fn skip_token68(&mut self) {
        let mut ahead = Rest(self.0);
        ahead.skip(|char| char.is_ascii_alphanumeric() || "-._~+/".contains(char));
        ahead.skip(|char| char == '=');
        ahead.skip(is_space);
        if ahead.0.is_empty() || ahead.0.starts_with(',') {
            self.0 = ahead.0;
        }
    }

    /// A quoted string, or all up to the next comma or blank. Nothing if a quotation has no end.
    fn value(&mut self) -> Option<Cow<'a, str>> {
        let Some(quoted) = self.0.strip_prefix('"') else {
            return Some(self.take(|char| char != ',' && !is_space(char)).into());
        };
        let mut text = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.0 = &quoted[at + 1..];
                    // Only what had escapes has to be a copy.
                    return Some(if text.len() == at { quoted[..at].into() } else { text.into() });
                }
                '\\' => text.push(chars.next()?.1),
                char => text.push(char),
            }
        }
        None
    }
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t')
}

fn is_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char)
}

#[cfg(test)]
mod tests;
