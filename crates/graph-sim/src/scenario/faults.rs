//! Faults, as a file writes them.

use http::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::document::{self, Effect, Moment};
use super::error::ScenarioError;
use super::lengths::length;
use super::place::At;
use crate::fault::Fault;
use crate::pattern;
use crate::spec::Spec;

pub(super) fn fault(written: &At<document::Fault>) -> Result<Fault, ScenarioError> {
    let document::Fault { operation, skip, times, from, until, effect } = written.value();
    let mut fault = of(known_pattern(operation)?, effect)?.skip(*skip);
    if until.is_some() {
        fault = fault.times(u32::MAX);
    }
    if let Some(times) = times {
        fault = fault.times(*times);
    }
    if let Some(from) = from {
        fault = fault.from(length(from)?);
    }
    if let Some(until) = until {
        fault = fault.until(length(until)?);
    }
    Ok(fault)
}

fn of(operation: String, effect: &Effect) -> Result<Fault, ScenarioError> {
    Ok(match effect {
        Effect::Throttle { retry_after } => {
            let fault = Fault::throttle(operation);
            if let Some(text) = retry_after { fault.retry_after(text) } else { fault }
        }
        Effect::ThrottleInWords { minutes } => Fault::throttle_in_words(operation, *minutes),
        Effect::Respond { status, content_type, body, headers } => {
            let number = *status.value();
            if !(100..=999).contains(&number) {
                let text = format!("found {number}, expected a status from 100 to 999");
                return Err(ScenarioError::new(status.place(), text));
            }
            let mut fault = Fault::respond(operation, number).body(body.clone());
            if let Some(kind) = content_type {
                fault = fault.content_type(kind);
            }
            for (name, value) in headers {
                let (name, value) = header(name, value)?;
                fault = fault.header(name, value);
            }
            fault
        }
        Effect::ClaimsChallenge(claims) => Fault::claims_challenge(operation, claims),
        Effect::LoseConnection(Moment::BeforeProcessing) => {
            Fault::lose_connection(operation).before_processing()
        }
        Effect::LoseConnection(Moment::AfterProcessing) => Fault::lose_connection(operation),
        Effect::Delay(text) => Fault::delay(operation, length(text)?),
        Effect::ResetDelta => Fault::reset_delta(operation),
        Effect::Set(values) => {
            let values = values.clone();
            Fault::alter(operation, move |json| {
                for (pointer, value) in &values {
                    set(json, pointer, value);
                }
            })
        }
    })
}

/// An operation's id or pattern that at least one operation meets.
pub(super) fn known_pattern(text: &At<String>) -> Result<String, ScenarioError> {
    let operations = || Spec::shared().router.operations();
    if operations().any(|id| pattern::matches(text.value(), id)) {
        return Ok(text.value().clone());
    }
    Err(ScenarioError::unknown(text.place(), "operation", text.value(), operations()))
}

fn header(name: &str, value: &At<String>) -> Result<(HeaderName, HeaderValue), ScenarioError> {
    let (Ok(name), Ok(text)) = (HeaderName::try_from(name), HeaderValue::from_str(value.value())) else {
        return Err(ScenarioError::new(
            value.place(),
            format!("'{name}' is no header, or has no value that may be sent"),
        ));
    };
    Ok((name, text))
}

/// Sets the value at a JSON pointer; a property that isn't there is added to the object that should have it.
fn set(json: &mut Value, pointer: &str, value: &Value) {
    if let Some(place) = json.pointer_mut(pointer) {
        *place = value.clone();
    } else if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(Value::Object(parent)) = json.pointer_mut(parent)
    {
        parent.insert(name.replace("~1", "/").replace("~0", "~"), value.clone());
    }
}
