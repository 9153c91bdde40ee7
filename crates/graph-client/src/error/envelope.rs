//! Reading of error bodies, whatever they are.

use serde_json::{Map, Value};

use super::ErrorCode;

/// One of the faults that the service lists in an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// What the service calls the fault.
    pub code: Option<ErrorCode>,
    /// What it says about it.
    pub message: String,
    /// The property that it is about, where one is named.
    pub target: Option<String>,
}

/// What an error body says; empty where it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) code: Option<ErrorCode>,
    pub(crate) message: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: Option<String>,
}

/// How much of a body that isn't Graph's is quoted, in characters.
const SNIPPET: usize = 200;
/// How deep inner errors are followed; the service nests two or three.
const DEPTH: usize = 16;

impl Envelope {
    /// Reads any body. It never fails: what can't be understood as Graph's envelope becomes the message.
    pub(crate) fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(object)) => Self::from_object(&object),
            _ => Self { message: snippet(body), ..Self::default() },
        }
    }

    fn from_object(body: &Map<String, Value>) -> Self {
        // Gateways leave the outer layer away, and OAuth's `error` is a text. Older services name it after OData 3.
        let mut outer = ["error", "odata.error"].into_iter().filter_map(|name| property(body, name));
        let error = outer.find_map(Value::as_object).unwrap_or(body);
        let mut envelope = Self::default();
        let mut layer = error;
        for _ in 0..DEPTH {
            envelope.absorb(layer);
            match property(layer, "innerError") {
                Some(Value::Object(inner)) => layer = inner,
                _ => break,
            }
        }
        envelope.absorb_other_standards(error);
        envelope.details = details(error);
        if envelope.message.is_none() && envelope.code.is_none() {
            envelope.message = serde_json::to_string(body).ok().map(|json| shorten(&json));
        }
        envelope
    }

    /// Takes what a layer adds. The outermost message is meant for people; the deepest known code is the precise one.
    fn absorb(&mut self, layer: &Map<String, Value>) {
        if let Some(code) = text(layer, "code").map(|code| ErrorCode::from(&*code))
            && (self.code.is_none() || !code.is_unknown())
        {
            self.code = Some(code);
        }
        let keep = |slot: &mut Option<String>, name| *slot = slot.take().or_else(|| text(layer, name));
        keep(&mut self.message, "message");
        keep(&mut self.target, "target");
        keep(&mut self.request_id, "request-id");
        keep(&mut self.request_id, "requestId");
        keep(&mut self.client_request_id, "client-request-id");
    }

    /// Reads, where Graph's own names say nothing, what OAuth (RFC 6749) and gateways (RFC 9457) call code and message.
    fn absorb_other_standards(&mut self, error: &Map<String, Value>) {
        if self.code.is_none() {
            self.code = text(error, "error").map(|code| ErrorCode::from(&*code));
        }
        let names = ["error_description", "detail", "title"];
        self.message = self.message.take().or_else(|| names.iter().find_map(|name| text(error, name)));
    }
}

fn details(error: &Map<String, Value>) -> Vec<ErrorDetail> {
    let list = property(error, "details").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(|detail| ErrorDetail {
            code: text(detail, "code").map(|code| ErrorCode::from(&*code)),
            message: text(detail, "message").unwrap_or_default(),
            target: text(detail, "target"),
        })
        .collect()
}

/// A property by its name in any case: the service writes both `innerError` and `innererror`.
fn property<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// A property as text, unless it is missing, empty, or no scalar.
fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    match property(object, name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // OneDrive and some gateways answer `"message": {"lang": …, "value": …}`.
        Value::Object(object) => match object.get("value")? {
            Value::String(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn snippet(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    (!text.is_empty()).then(|| shorten(text))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SNIPPET) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
