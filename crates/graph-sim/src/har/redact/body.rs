//! Bodies: what stays of objects, forms and envelopes.

use http::Method;
use serde_json::{Map, Value};

use super::Redaction;
use super::schema::{self, Known};
use super::words::{is_code, is_one_of_few, is_small_number, phrase};
use crate::batch;
use crate::document::{Endpoint, json_content};
use crate::har::archive::{Named, decode};
use crate::router::{BETA, Found};
use crate::spec::Spec;

/// What the specification says of the address of a request.
pub(super) struct Place {
    operation: Option<Endpoint<'static>>,
    /// Such as `/v1.0`.
    base_path: &'static str,
    is_count: bool,
}

/// Which way a body goes.
#[derive(Clone, Copy)]
pub(super) enum Side<'a> {
    Request,
    Response {
        status: u16,
        /// The body of the request.
        asked: &'a Value,
    },
}

/// A larger number of objects is none.
const LARGEST_COUNT: u64 = 1_000_000_000;

/// Properties of objects that the specification doesn't know: errors and the answers of Microsoft Entra.
const LOOSE: [&str; 32] = [
    "access_token",
    "client-request-id",
    "code",
    "correlation_id",
    "date",
    "details",
    "device_code",
    "error",
    "error_codes",
    "error_description",
    "error_uri",
    "expires_in",
    "ext_expires_in",
    "id",
    "id_token",
    "innerError",
    "innererror",
    "interval",
    "message",
    "refresh_token",
    "request-id",
    "scope",
    "suberror",
    "target",
    "timestamp",
    "token_type",
    "trace_id",
    "user_code",
    "value",
    "verification_uri",
    "claims",
    "not_before",
];
/// Numbers among them.
const LOOSE_NUMBERS: [&str; 3] = ["expires_in", "ext_expires_in", "interval"];
const GRANTS: [&str; 5] = [
    "authorization_code",
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];
const FORM_NAMES: [&str; 14] = [
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "requested_token_use",
    "scope",
    "username",
];

impl Place {
    pub(super) fn new(spec: &'static Spec, method: &str, url: &str) -> Self {
        let (_, rest) = super::address::split_origin(url);
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let method = method.parse().unwrap_or(Method::GET);
        let operation = match spec.router.find(&method, path) {
            Found::Operation(target) => spec.document.endpoints().find(|it| it.id == target.id),
            _ => None,
        };
        let is_beta = path.get(..BETA.len()).is_some_and(|start| start.eq_ignore_ascii_case(BETA));
        let base_path = if is_beta { BETA } else { spec.document.base_path() };
        Self { operation, base_path, is_count: path.to_ascii_lowercase().ends_with("/$count") }
    }

    fn schema(&self, spec: &'static Spec, side: Side<'_>) -> Option<&'static Value> {
        let (document, node) = (&spec.document, self.operation?.node);
        match side {
            Side::Request => json_content(document.resolve(&node["requestBody"])),
            // Errors have one form everywhere.
            Side::Response { status: 400.., .. } => None,
            Side::Response { status, .. } => {
                let responses = node["responses"].as_object()?;
                let class = format!("{}XX", status / 100);
                let found = responses.get(&status.to_string()).or_else(|| responses.get(&class))?;
                json_content(document.resolve(found))
            }
        }
    }
}

impl Redaction {
    pub(super) fn body(&mut self, text: &str, kind: &str, place: &Place, side: Side<'_>) -> String {
        if kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return self.form(text);
        }
        let Ok(json) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
            return self.placeholders.of(text);
        };
        if place.is_count && json.as_u64().is_some_and(|count| count < LARGEST_COUNT) {
            return json.to_string();
        }
        self.json(json, place, side).to_string()
    }

    fn json(&mut self, json: Value, place: &Place, side: Side<'_>) -> Value {
        match json {
            Value::Object(envelope) if place.operation.is_some_and(|it| it.id == batch::OPERATION) => {
                self.envelope(envelope, place, side)
            }
            json => self.value(json, place.schema(self.spec, side)),
        }
    }

    fn form(&mut self, text: &str) -> String {
        let part = |pair: &str| {
            let (name, value) = pair.split_once('=').map_or((pair, None), |(name, it)| (name, Some(it)));
            let name = if FORM_NAMES.contains(&name) {
                name.to_owned()
            } else {
                self.placeholders.of(&decode(name))
            };
            let Some(value) = value else { return name };
            let decoded = decode(&value.replace('+', " "));
            let is_grant = name == "grant_type" && GRANTS.contains(&decoded.as_str());
            let value = if is_grant { value.to_owned() } else { self.placeholders.of(&decoded) };
            format!("{name}={value}")
        };
        text.split('&').map(part).collect::<Vec<_>>().join("&")
    }

    /// The requests or answers of a batch, each by its own operation.
    fn envelope(&mut self, envelope: Map<String, Value>, place: &Place, side: Side<'_>) -> Value {
        let parts = envelope.into_iter().map(|(name, value)| match (name.as_str(), value, side) {
            ("requests", Value::Array(items), Side::Request)
            | ("responses", Value::Array(items), Side::Response { .. }) => {
                let items = items.into_iter().map(|item| match item {
                    Value::Object(item) => self.item(item, place, side),
                    other => self.hidden(other),
                });
                (name, items.collect())
            }
            (_, value, _) => self.member(&name, value, None, &[]),
        });
        parts.collect::<Map<_, _>>().into()
    }

    /// One request of an envelope, or one answer: to the request of the same id.
    fn item(&mut self, item: Map<String, Value>, envelope: &Place, side: Side<'_>) -> Value {
        let base = envelope.base_path;
        let of = |item: Option<&Value>, name: &str| {
            item.and_then(|it| it[name].as_str()).unwrap_or_default().to_owned()
        };
        let status = item.get("status").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok());
        let item = Value::Object(item);
        let request = match side {
            Side::Request => Some(&item),
            Side::Response { asked, .. } => {
                let id = of(Some(&item), "id");
                let mut requests = asked["requests"].as_array().into_iter().flatten();
                requests.find(|it| of(Some(it), "id").eq_ignore_ascii_case(&id))
            }
        };
        let place = Place::new(self.spec, &of(request, "method"), &below(base, &of(request, "url")));
        let side = match side {
            Side::Request => Side::Request,
            Side::Response { .. } => {
                let asked = request.map_or(&Value::Null, |request| &request["body"]);
                Side::Response { status: status.unwrap_or_default(), asked }
            }
        };
        let item = item.as_object().cloned().unwrap_or_default();
        let parts = item.into_iter().map(|(name, value)| match (name.as_str(), value) {
            ("id", Value::String(id)) => (name, self.item_id(&id).into()),
            ("dependsOn", Value::Array(ids)) => {
                let ids = ids.iter().map(|id| self.item_id(id.as_str().unwrap_or_default()));
                (name, ids.collect())
            }
            ("method", Value::String(method)) if super::METHODS.contains(&method.as_str()) => {
                (name, method.into())
            }
            ("url", Value::String(url)) => (name, self.item_address(&url, base).into()),
            ("status", Value::Number(_)) if status.is_some() => (name, status.into()),
            ("headers", Value::Object(headers)) => (name, self.item_headers(headers)),
            ("body", body) => (name, self.json(body, &place, side)),
            (_, value) => self.member(&name, value, None, &[]),
        });
        parts.collect::<Map<_, _>>().into()
    }

    /// An id that links answers to requests, whatever its case. Clients number them.
    fn item_id(&mut self, id: &str) -> String {
        if is_small_number(id) { id.to_owned() } else { self.placeholders.of(&id.to_ascii_lowercase()) }
    }

    fn item_address(&mut self, url: &str, base: &str) -> String {
        if url.contains("://") && !url.starts_with('/') {
            return self.text(url);
        }
        let slash = if url.starts_with('/') { "/" } else { "" };
        let redacted = self.address(&below(base, url));
        format!("{slash}{}", redacted.strip_prefix(base).unwrap_or(&redacted).trim_start_matches('/'))
    }

    fn item_headers(&mut self, headers: Map<String, Value>) -> Value {
        let headers = headers.into_iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let mut header = Named { name, value };
            self.header(&mut header);
            (header.name, header.value.into())
        });
        headers.collect::<Map<_, _>>().into()
    }

    fn value(&mut self, value: Value, schema: Option<&Value>) -> Value {
        let document = &self.spec.document;
        match value {
            Value::Null | Value::Bool(_) => value,
            Value::Number(_) if schema.is_some_and(|schema| schema::is_number(document, schema)) => value,
            Value::Number(number) => self.placeholders.of(&number.to_string()).into(),
            Value::String(text) if schema.is_some_and(|schema| schema::allows(document, schema, &text)) => {
                text.into()
            }
            Value::String(text) => self.text(&text).into(),
            Value::Array(items) => {
                let each = schema.and_then(|schema| schema::items(document, schema));
                items.into_iter().map(|item| self.value(item, each)).collect()
            }
            Value::Object(object) => self.object(object, schema),
        }
    }

    fn object(&mut self, object: Map<String, Value>, schema: Option<&Value>) -> Value {
        let document = &self.spec.document;
        let tag = object.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        let tag = &*tag.trim_start_matches('#').to_owned();
        let name = document.schema(tag).map(|_| tag).or_else(|| schema.and_then(schema::type_of));
        let schema = document.schema(tag).or(schema);
        let types = name.map(|name| schema::family(document, name)).unwrap_or_default();
        let members = object.into_iter().map(|(key, child)| self.member(&key, child, schema, &types));
        members.collect::<Map<_, _>>().into()
    }

    /// A property of an object of this schema, whose type and bases have these names.
    fn member(&mut self, key: &str, child: Value, schema: Option<&Value>, types: &[&str]) -> (String, Value) {
        let document = &self.spec.document;
        if let Some((of, annotation)) = key.split_once('@') {
            let is_known = of.is_empty() || self.words.know(of);
            if is_known && let Some(value) = self.annotation(annotation, &child) {
                return (key.to_owned(), value);
            }
            return (self.placeholders.of(key), self.hidden(child));
        }
        match schema.map(|schema| schema::property(document, schema, key)) {
            Some(Known::Declared(_)) if self.is_few_valued(types, key, &child) => (key.to_owned(), child),
            Some(Known::Declared(property)) => (key.to_owned(), self.value(child, Some(property))),
            Some(Known::Entry(entry)) => (self.placeholders.of(key), self.value(child, Some(entry))),
            Some(Known::Nothing) if key == "id" => (key.to_owned(), self.hidden(child)),
            None if LOOSE.contains(&key) => (key.to_owned(), self.loose(key, child)),
            _ => (self.placeholders.of(key), self.hidden(child)),
        }
    }

    #[allow(clippy::unused_self, reason = "reads as a question to the redaction")]
    fn is_few_valued(&self, types: &[&str], key: &str, child: &Value) -> bool {
        let is_one = |value: &Value| value.as_str().is_some_and(|text| is_one_of_few(types, key, text));
        match child {
            Value::Array(items) => !items.is_empty() && items.iter().all(is_one),
            value => is_one(value),
        }
    }

    /// The value of a known annotation; none if it isn't known.
    fn annotation(&mut self, name: &str, value: &Value) -> Option<Value> {
        Some(match name {
            "odata.context"
            | "odata.nextLink"
            | "odata.deltaLink"
            | "odata.id"
            | "odata.bind"
            | "odata.navigationLink"
            | "odata.associationLink"
            | "odata.editLink"
            | "odata.readLink" => self.links(value),
            "odata.type" => {
                let text = value.as_str()?;
                let name = text.trim_start_matches('#');
                let is_known = self.spec.document.schema(name).is_some()
                    || matches!(name, "Collection(String)" | "String" | "Int32" | "Int64" | "Boolean");
                if is_known { text.into() } else { self.placeholders.of(text).into() }
            }
            "odata.count" if value.is_number() => value.clone(),
            "odata.etag" | "odata.mediaEtag" | "odata.mediaContentType" => self.hidden(value.clone()),
            "removed" => {
                let reason = value["reason"].as_str().filter(|it| matches!(*it, "changed" | "deleted"))?;
                serde_json::json!({ "reason": reason })
            }
            "delta" => self.value(value.clone(), None),
            _ => return None,
        })
    }

    fn links(&mut self, value: &Value) -> Value {
        match value {
            Value::String(address) if address.contains("://") && !self.is_of_the_api(address) => {
                self.text(address).into()
            }
            Value::String(address) => self.address(address).into(),
            Value::Array(links) => links.iter().map(|link| self.links(link)).collect(),
            other => self.hidden(other.clone()),
        }
    }

    fn loose(&mut self, key: &str, value: Value) -> Value {
        match &value {
            Value::Number(_) if LOOSE_NUMBERS.contains(&key) => value,
            Value::String(text) => match key {
                "code" | "error" | "suberror" if is_code(text) => value,
                "token_type" if text.eq_ignore_ascii_case("bearer") => value,
                "date" | "timestamp" if super::is_date(text) => value,
                "message" | "error_description" => self.message(text).into(),
                _ => self.text(text).into(),
            },
            _ => self.value(value, None),
        }
    }

    /// A message without anything but what clients look for in it.
    fn message(&mut self, text: &str) -> String {
        let Some(place) = phrase(text) else { return self.placeholders.of(text) };
        let (before, phrase, after) = (&text[..place.start], &text[place.clone()], &text[place.end..]);
        let around = (before.trim_end(), after.trim_start());
        let spaces = (&before[around.0.len()..], &after[..after.len() - around.1.len()]);
        let (before, after) = (self.placeholders.of(around.0), self.placeholders.of(around.1));
        format!("{before}{}{phrase}{}{after}", spaces.0, spaces.1)
    }

    /// Takes out all texts, numbers and names.
    fn hidden(&mut self, value: Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value,
            Value::Number(number) => self.placeholders.of(&number.to_string()).into(),
            Value::String(text) => self.text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.hidden(item)).collect(),
            Value::Object(object) => {
                let hide = |(key, child): (String, Value)| (self.placeholders.of(&key), self.hidden(child));
                object.into_iter().map(hide).collect::<Map<_, _>>().into()
            }
        }
    }

    /// A text that may be an address of the API, as which it links requests.
    fn text(&mut self, text: &str) -> String {
        if self.is_of_the_api(text) { self.address(text) } else { self.placeholders.of(text) }
    }
}

fn below(base: &str, url: &str) -> String {
    format!("{base}/{}", url.trim_start_matches('/'))
}
