//! What happens to the answer to a processed request.

use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Effect, Fault, Faults};
use crate::reply::{Body, Reply};

/// A change of an answer.
pub(super) enum After {
    Alter {
        what: &'static str,
        change: Box<dyn FnMut(&mut Value) + Send>,
    },
    /// Every address leads to this origin.
    Astray(String),
    /// The next page is this one.
    Circle,
    Truncate,
}

const NEXT: &str = "@odata.nextLink";
const LINKS: [&str; 3] = [NEXT, "@odata.deltaLink", "resourceLocation"];
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

impl Fault {
    /// Changes the body of a successful answer, after the check against the contract. It lasts.
    ///
    /// The closure runs while the simulator is locked: it must not call the simulator.
    pub fn alter(operation: impl Into<String>, change: impl FnMut(&mut Value) + Send + 'static) -> Self {
        Self::altering(operation, "alter", change)
    }

    /// Answers with null for every list inside objects, and for the items of an empty page. It lasts.
    pub fn null_lists(operation: impl Into<String>) -> Self {
        Self::altering(operation, "null lists", |json| match json.get_mut("value") {
            Some(Value::Array(items)) if !items.is_empty() => items.iter_mut().for_each(without_lists),
            _ => without_lists(json),
        })
    }

    /// Answers with dates that have neither `Z` nor an offset. It lasts.
    pub fn dates_without_offset(operation: impl Into<String>) -> Self {
        Self::altering(operation, "dates without offset", without_offsets)
    }

    /// Answers with every item of a page twice. It lasts.
    pub fn repeat_items(operation: impl Into<String>) -> Self {
        Self::altering(operation, "repeat items", |json| {
            if let Some(Value::Array(items)) = json.get_mut("value") {
                *items = items.iter().flat_map(|item| [item.clone(), item.clone()]).collect();
            }
        })
    }

    /// Answers with links and locations that lead to `origin`, such as `https://evil.example`, instead of the service. It
    /// lasts.
    pub fn lead_astray(operation: impl Into<String>, origin: &str) -> Self {
        Self::new(operation, Effect::After(After::Astray(origin.to_owned())), None)
    }

    /// Answers with a next link that leads to the same page again. It lasts.
    pub fn circle(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::After(After::Circle), None)
    }

    /// Answers with the first half of the body.
    pub fn truncate(operation: impl Into<String>) -> Self {
        Self::new(operation, Effect::After(After::Truncate), Some(1))
    }

    /// Holds the answer back for `length` of tokio's time. The request is processed when it arrives. It lasts.
    pub fn delay(operation: impl Into<String>, length: Duration) -> Self {
        Self::new(operation, Effect::Delay(length), None)
    }

    /// Answers at once, and holds the body back for `length` of tokio's time. In process, where an answer comes as a whole, it
    /// comes as late. It lasts.
    pub fn slow_body(operation: impl Into<String>, length: Duration) -> Self {
        Self::new(operation, Effect::SlowBody(length), None)
    }

    fn altering(
        operation: impl Into<String>,
        what: &'static str,
        change: impl FnMut(&mut Value) + Send + 'static,
    ) -> Self {
        Self::new(operation, Effect::After(After::Alter { what, change: Box::new(change) }), None)
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alter { what, .. } => f.write_str(what),
            Self::Astray(origin) => write!(f, "lead astray to {origin}"),
            Self::Circle => f.write_str("circle"),
            Self::Truncate => f.write_str("truncate"),
        }
    }
}

impl After {
    /// Changes an answer to a request for `url` at `root`; whether there was anything to change.
    fn apply(&mut self, reply: &mut Reply, root: &str, url: &str) -> bool {
        if let Self::Astray(origin) = self {
            lead_headers_astray(reply, root, origin);
        }
        let Body::Json(json) = &mut reply.body else { return matches!(self, Self::Astray(_)) };
        match self {
            Self::Alter { change, .. } => change(json),
            Self::Astray(origin) => lead_links_astray(json, root, origin),
            Self::Circle if json.get("value").is_some_and(Value::is_array) => json[NEXT] = url.into(),
            Self::Circle => return false,
            Self::Truncate => {
                let mut half = json.to_string().into_bytes();
                half.truncate(half.len() / 2);
                reply.body = Body::Raw(half.into());
                reply.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
            }
        }
        true
    }
}

fn lead_headers_astray(reply: &mut Reply, root: &str, origin: &str) {
    for (name, value) in &mut reply.headers {
        let address = value.to_str().ok().and_then(|address| address.strip_prefix(root));
        let led = address.and_then(|path| HeaderValue::try_from(format!("{origin}{path}")).ok());
        if let Some(led) = led.filter(|_| *name == LOCATION || *name == OPERATION_LOCATION) {
            *value = led;
        }
    }
}

fn lead_links_astray(json: &mut Value, root: &str, origin: &str) {
    for link in LINKS {
        let path = json.get(link).and_then(Value::as_str).and_then(|address| address.strip_prefix(root));
        if let Some(led) = path.map(|path| format!("{origin}{path}")) {
            json[link] = led.into();
        }
    }
}

fn without_lists(value: &mut Value) {
    for (_, value) in value.as_object_mut().into_iter().flatten() {
        match value {
            Value::Array(_) => *value = Value::Null,
            value => without_lists(value),
        }
    }
}

fn without_offsets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_offsets),
        Value::Object(properties) => properties.values_mut().for_each(without_offsets),
        Value::String(text) if OffsetDateTime::parse(text, &Rfc3339).is_ok() => {
            let offset = if text.ends_with(['Z', 'z']) { "Z".len() } else { "+00:00".len() };
            text.truncate(text.len() - offset);
        }
        _ => {}
    }
}

impl Faults {
    /// Applies every change that is due to a successful answer; says whether there was one.
    pub(crate) fn alter(&mut self, operation: &str, reply: &mut Reply, root: &str, url: &str) -> bool {
        let mut altered = false;
        for fault in self.matching(operation) {
            if matches!(fault.effect, Effect::After(_))
                && fault.spend()
                && let Effect::After(after) = &mut fault.effect
            {
                altered |= after.apply(reply, root, url);
            }
        }
        altered
    }

    /// Whether the answer to a processed request gets lost.
    pub(crate) fn loses_answer(&mut self, operation: &str) -> bool {
        let lost = |effect: &Effect| matches!(effect, Effect::Lose { before: false }).then_some(());
        self.due(operation, lost).next().is_some()
    }

    /// How long the answer is held back.
    pub(crate) fn delay(&mut self, operation: &str) -> Duration {
        let delay = |effect: &Effect| match effect {
            Effect::Delay(length) => Some(*length),
            _ => None,
        };
        self.due(operation, delay).fold(Duration::ZERO, Duration::saturating_add)
    }

    /// How long the body is held back after its head.
    pub(crate) fn body_delay(&mut self, operation: &str) -> Duration {
        let delay = |effect: &Effect| match effect {
            Effect::SlowBody(length) => Some(*length),
            _ => None,
        };
        self.due(operation, delay).fold(Duration::ZERO, Duration::saturating_add)
    }
}
