//! What a simulator has to complain about at the end of a test.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::journal::{Entry, Traffic};
use crate::service::State;

/// What [`Sim::verify`](crate::Sim::verify) found: violations of the contract, each with both sides of its exchange, and
/// expectations that weren't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    texts: Vec<String>,
}

/// Headers that a contract may be about.
const SHOWN: [&str; 7] = [
    "consistencylevel",
    "content-type",
    "if-match",
    "location",
    "operation-location",
    "prefer",
    "retry-after",
];
/// How a violation is marked in the notes of its exchange.
pub(crate) const VIOLATION: &str = "violation: ";
/// How it is marked that something was accepted which is better not relied on.
pub(crate) const REMARK: &str = "remark: ";
/// As much of a body as helps.
const LONGEST: usize = 4_000;

impl Findings {
    pub(crate) fn of<'s>(state: &'s State) -> Result<(), Self> {
        let notes = |entry: &'s Entry| entry.notes.iter().filter_map(|note| note.strip_prefix(VIOLATION));
        let mut open: Vec<(&Entry, &str)> = state
            .entries
            .as_slice()
            .iter()
            .flat_map(|entry| notes(entry).map(move |text| (entry, text)))
            .collect();
        // The same may have happened before, so that each exchange explains its own violation only.
        let found = state.violations.iter().map(|text| {
            let place = open.iter().position(|(_, note)| note == text);
            explained(text, place.map(|place| open.remove(place).0))
        });
        #[cfg(feature = "rules")]
        let found = found.chain(state.rules.unmet());
        let texts: Vec<String> = found.collect();
        if texts.is_empty() { Ok(()) } else { Err(Self { texts }) }
    }

    /// Each finding by itself.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.texts.len();
        let noun = if count == 1 { "finding" } else { "findings" };
        write!(f, "the simulator has {count} {noun}")?;
        self.texts.iter().enumerate().try_for_each(|(at, text)| write!(f, "\n\n{}. {text}", at + 1))
    }
}

impl std::error::Error for Findings {}

/// A violation with the exchange that it happened in.
fn explained(violation: &str, entry: Option<&Entry>) -> String {
    let Some(entry) = entry else { return violation.to_owned() };
    let first = format!("{violation}\n   at {:.3}s, as {}", entry.at.as_secs_f64(), entry.user);
    match &entry.traffic {
        Some(traffic) => format!("{first}\n{}", both_sides(entry, traffic)),
        None => format!("{first}: {} {} (its bodies are no longer kept)", entry.method, entry.path),
    }
}

fn both_sides(entry: &Entry, traffic: &Traffic) -> String {
    let request = side('>', &format!("{} {}", entry.method, entry.path), &traffic.headers, &traffic.body);
    let answer = match (&traffic.answer, entry.status) {
        (Some((headers, body)), Some(status)) => side('<', &status.to_string(), headers, body),
        _ => "   < connection lost\n".to_owned(),
    };
    format!("{request}{answer}").trim_end().to_owned()
}

fn side(mark: char, first: &str, headers: &HeaderMap, body: &Bytes) -> String {
    let mut lines = vec![first.to_owned()];
    for name in SHOWN {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        lines.extend(values.map(|value| format!("{name}: {value}")));
    }
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let shown: String = text.chars().take(LONGEST).collect();
    lines.extend(shown.lines().map(str::to_owned));
    if shown.len() < text.len() {
        lines.push(format!("… {} more bytes", text.len() - shown.len()));
    }
    lines.iter().fold(String::new(), |text, line| text + "   " + &mark.to_string() + " " + line + "\n")
}

#[cfg(test)]
mod tests {
    use crate::scenarios::Client;
    use crate::{Fault, Sim};

    #[tokio::test(start_paused = true)]
    async fn a_violation_shows_both_sides_and_no_token() {
        let sim = Sim::builder()
            .user("ada")
            .fault(Fault::respond("groups.create", 503).retry_after("3").body("<html>busy</html>"))
            .build();
        let ada = Client::new(&sim, "ada").header("prefer", "return=minimal");
        for _ in 0..2 {
            let group = serde_json::json!({ "displayName": 5, "mailNickname": "x", "mailEnabled": true, "securityEnabled": false });
            ada.post("/v1.0/groups", group).await;
        }
        let findings = sim.verify().unwrap_err().to_string();
        assert!(!findings.contains("Bearer"));
        insta::assert_snapshot!(findings);
    }

    #[test]
    #[should_panic(expected = "the simulator has 1 finding\n\n1. a request")]
    fn a_test_fails_by_it() {
        let sim = Sim::builder().build();
        sim.note_violation("a request");
        sim.assert_clean();
    }
}
