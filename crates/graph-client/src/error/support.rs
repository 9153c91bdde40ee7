//! What to send to support: everything that identifies a failure, nothing that identifies people.

use std::fmt::Write as _;

use super::Error;

impl Error {
    /// A report for Microsoft's support or a public issue: kind, operation, codes, the service's ids and its message, with
    /// the version of this crate.
    ///
    /// Addresses, ids and tokens in the message are replaced by `<address>`, `<id>` and `<token>`; URLs, bodies and headers
    /// are not in it. The ids that it keeps are those of the request, which support asks for.
    ///
    /// ```
    /// # let error = graph_client::Client::builder().build().unwrap_err();
    /// assert!(error.support_bundle().starts_with("graph-client "));
    /// ```
    pub fn support_bundle(&self) -> String {
        let mut bundle = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"), "\n").to_owned();
        let facts = [
            ("kind", Some(format!("{:?}", self.kind()))),
            ("operation", self.operation().map(str::to_owned)),
            ("status", self.status().map(|status| status.as_u16().to_string())),
            ("code", self.code().map(ToString::to_string)),
            ("target", self.target().map(without_people)),
            ("message", (!self.message().is_empty()).then(|| without_people(self.message()))),
            ("request-id", self.request_id().map(str::to_owned)),
            ("client-request-id", self.client_request_id().map(str::to_owned)),
            ("retry-after", self.retry_after().map(|wait| format!("{:.3} s", wait.as_secs_f64()))),
            ("attempts", Some(self.attempts().to_string())),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                let _ = writeln!(bundle, "{name}: {fact}");
            }
        }
        bundle
    }
}

/// `text` in one line, without what names a person, an object or a secret.
fn without_people(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_part_of_a_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        clean.push_str(replacement(word).unwrap_or(word));
        let mut after = after.chars();
        if let Some(separator) = after.next() {
            clean.push(if separator.is_control() { ' ' } else { separator });
        }
        rest = after.as_str();
    }
    clean
}

fn is_part_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '@' | '-' | '_' | '.' | '+' | '#' | '%')
}

fn replacement(word: &str) -> Option<&'static str> {
    let word = word.trim_end_matches('.');
    let encoded_at = word.to_ascii_lowercase().contains("%40");
    if word.starts_with("eyJ") {
        Some("<token>")
    } else if word.contains('@') || encoded_at {
        Some("<address>")
    } else if is_guid(word) {
        Some("<id>")
    } else {
        None
    }
}

fn is_guid(word: &str) -> bool {
    let groups: Vec<_> = word.split(['-', '_']).collect();
    let lengths = [8, 4, 4, 4, 12];
    groups.len() >= 5
        && groups.windows(5).any(|five| {
            five.iter()
                .zip(lengths)
                .all(|(group, length)| group.len() == length && group.chars().all(|c| c.is_ascii_hexdigit()))
        })
}

#[cfg(test)]
mod tests {
    use super::without_people;

    #[test]
    fn what_names_somebody_is_left_out() {
        let cases = [
            ("The last owner can't be removed.", "The last owner can't be removed."),
            ("User 'ada@contoso.com' does not exist.", "User '<address>' does not exist."),
            (
                "Resource '6e7b768e-07e2-4810-8459-485f84f8f204' does not exist",
                "Resource '<id>' does not exist",
            ),
            ("guest ada_contoso.com#EXT#@fabrikam.com\nis no member", "guest <address> is no member"),
            ("Bearer eyJ0eXAi.eyJhdWQi.sig is expired", "Bearer <token> is expired"),
            ("/users/ada%40contoso.com/photo", "/users/<address>/photo"),
            ("id 6e7b768e-07e2-4810-8459-485f84f8f204_2.", "id <id>"),
            ("retry at 2026-01-31T08:00:00Z", "retry at 2026-01-31T08:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(without_people(text), expected);
        }
    }
}
