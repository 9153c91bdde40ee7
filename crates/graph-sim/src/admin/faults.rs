//! Faults as JSON.

use serde::Deserialize;

use super::seconds;
use crate::fault::Fault;

/// One fault, as a request describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ScriptedFault {
    /// A pattern for ids of operations, such as `groups.*`.
    operation: String,
    kind: Kind,
    times: Option<u32>,
    skip: Option<u32>,
    retry_after: Option<String>,
    status: Option<u16>,
    content_type: Option<String>,
    body: Option<String>,
    minutes: Option<u32>,
    claims: Option<String>,
    seconds: Option<f64>,
    before_processing: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Throttle,
    ThrottleInWords,
    Respond,
    ClaimsChallenge,
    LoseConnection,
    Delay,
    ResetDelta,
}

impl ScriptedFault {
    /// The fault, or what is missing or out of place.
    pub(super) fn into_fault(self) -> Result<Fault, String> {
        self.check_fields()?;
        let operation = self.operation;
        let mut fault = match self.kind {
            Kind::Throttle => Fault::throttle(operation),
            Kind::ThrottleInWords => Fault::throttle_in_words(operation, need(self.minutes, "minutes")?),
            Kind::Respond => Fault::respond(operation, status(self.status)?),
            Kind::ClaimsChallenge => Fault::claims_challenge(operation, &need(self.claims, "claims")?),
            Kind::LoseConnection => Fault::lose_connection(operation),
            Kind::Delay => Fault::delay(operation, seconds("seconds", need(self.seconds, "seconds")?)?),
            Kind::ResetDelta => Fault::reset_delta(operation),
        };
        if let Some(text) = self.retry_after {
            fault = fault.retry_after(&text);
        }
        if let Some(text) = self.content_type {
            fault = fault.content_type(&text);
        }
        if let Some(body) = self.body {
            fault = fault.body(body);
        }
        if self.before_processing == Some(true) {
            fault = fault.before_processing();
        }
        if let Some(times) = self.times {
            fault = fault.times(times);
        }
        Ok(fault.skip(self.skip.unwrap_or_default()))
    }

    /// A field that means nothing for the kind is a slip of whoever wrote it.
    fn check_fields(&self) -> Result<(), String> {
        let given = [
            ("retryAfter", self.retry_after.is_some(), &[Kind::Throttle, Kind::Respond][..]),
            ("status", self.status.is_some(), &[Kind::Respond]),
            ("contentType", self.content_type.is_some(), &[Kind::Respond]),
            ("body", self.body.is_some(), &[Kind::Respond]),
            ("minutes", self.minutes.is_some(), &[Kind::ThrottleInWords]),
            ("claims", self.claims.is_some(), &[Kind::ClaimsChallenge]),
            ("seconds", self.seconds.is_some(), &[Kind::Delay]),
            ("beforeProcessing", self.before_processing.is_some(), &[Kind::LoseConnection]),
        ];
        let misplaced =
            given.into_iter().find(|(_, is_given, kinds)| *is_given && !kinds.contains(&self.kind));
        match misplaced {
            Some((name, ..)) => Err(format!("'{name}' means nothing for this kind of fault")),
            None => Ok(()),
        }
    }
}

fn need<T>(value: Option<T>, name: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("this kind of fault needs '{name}'"))
}

fn status(number: Option<u16>) -> Result<u16, String> {
    let number = need(number, "status")?;
    let is_final = (200..=599).contains(&number);
    is_final.then_some(number).ok_or_else(|| format!("'status' must be from 200 to 599, not {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_out_of_place_is_named() {
        for (text, expected) in [
            (r#"{"operation":"a","kind":"throttle","retryAfter":"2.5","times":2,"skip":1}"#, "throttle"),
            (
                r#"{"operation":"a","kind":"respond","status":502,"contentType":"text/html","body":"<p>"}"#,
                "respond 502",
            ),
            (r#"{"operation":"a","kind":"loseConnection","beforeProcessing":true}"#, "before processing"),
            (r#"{"operation":"a","kind":"delay","seconds":1.5}"#, "delay 1.5s"),
            (r#"{"operation":"a","kind":"respond"}"#, "needs 'status'"),
            (r#"{"operation":"a","kind":"respond","status":101}"#, "not 101"),
            (r#"{"operation":"a","kind":"delay","seconds":-1}"#, "'seconds' must be"),
            (r#"{"operation":"a","kind":"delay","seconds":1.8e19}"#, "to 3153600000 (a hundred years)"),
            (r#"{"operation":"a","kind":"delay"}"#, "needs 'seconds'"),
            (r#"{"operation":"a","kind":"throttle","status":500}"#, "'status' means nothing"),
            (r#"{"operation":"a","kind":"explode"}"#, "unknown variant `explode`"),
            (r#"{"operation":"a","kind":"throttle","retry":1}"#, "unknown field `retry`"),
        ] {
            let read = serde_json::from_str::<ScriptedFault>(text).map_err(|error| error.to_string());
            let fault = read.and_then(ScriptedFault::into_fault);
            let said = fault.map_or_else(|error| error, |fault| format!("{fault:?}"));
            assert!(said.contains(expected), "{text}: {said}");
        }
    }
}
