//! Takes secrets and people out of an archive.

use std::collections::HashMap;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::archive::{self, Exchange, Named};
use super::personal::{is_personal, items, property, type_of};
use crate::batch;
use crate::document::{Document, Endpoint, json_content};
use crate::router::Found;
use crate::spec::Spec;

/// What stands for a secret.
const SECRET: &str = "[secret]";
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"];
/// Names in forms, JSON and queries whose values are secrets: those of `OAuth` above all.
const SECRET_NAMES: [&str; 10] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "device_code",
    "id_token",
    "password",
    "refresh_token",
    "user_code",
];
/// Secrets in forms and queries; in JSON, these names are those of other things.
const SECRET_IN_FORMS: [&str; 2] = ["code", "username"];
/// What tells of nobody in an object that the specification doesn't know.
const KEPT: [&str; 7] = ["code", "error", "method", "scope", "status", "token_type", "url"];
/// What a path or query may show as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
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
    .remove(b'@');

/// Whether `text` stands for something that was taken out, or holds such a part.
pub(super) fn is_redacted(text: &str) -> bool {
    text.contains(PREFIX)
}

const PREFIX: &str = "redacted-";

/// Whether `text` is what stands for something that was taken out, and nothing else.
fn is_stand_in(text: &str) -> bool {
    let number = text.strip_prefix(PREFIX).map(|rest| rest.strip_suffix(DOMAIN).unwrap_or(rest));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

fn is_secret_part(name: &str) -> bool {
    SECRET_NAMES.contains(&name) || SECRET_IN_FORMS.contains(&name)
}

/// A recorded text in which what was taken out may be anything, as a pattern with `*`.
pub(super) fn as_pattern(text: &str) -> String {
    let mut parts = text.split(PREFIX);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |pattern, rest| {
        let rest = rest.trim_start_matches(|it: char| it.is_ascii_digit());
        pattern + "*" + rest.strip_prefix(DOMAIN).unwrap_or(rest)
    })
}

const DOMAIN: &str = "@redacted.example";

pub(super) fn redact(exchanges: &[Exchange]) -> Vec<Exchange> {
    let mut redaction = Redaction { spec: Spec::shared(), ids: HashMap::new(), known: HashMap::new() };
    let mut exchanges = exchanges.to_vec();
    for exchange in &mut exchanges {
        redaction.bodies(exchange);
    }
    // Once it is known how everybody is called.
    for exchange in &mut exchanges {
        redaction.rest(exchange);
    }
    exchanges
}

/// Which way a body goes.
#[derive(Debug, Clone, Copy)]
enum Side {
    Request,
    /// With its status.
    Response(u16),
}

struct Redaction {
    spec: &'static Spec,
    /// What the requests of the last batch were, by their ids.
    ids: HashMap<String, Option<Endpoint<'static>>>,
    /// What was taken out, and what stands for it.
    known: HashMap<String, String>,
}

impl Redaction {
    fn bodies(&mut self, exchange: &mut Exchange) {
        let shape = self.shape(&exchange.request.method, path_of(&exchange.request.url));
        if let Some(data) = &mut exchange.request.post_data {
            data.text = self.body(&data.text, &data.mime_type, shape, Side::Request);
        }
        let status = exchange.response.status;
        let content = &mut exchange.response.content;
        content.text = if content.encoding.take().is_some() {
            self.stand_in(&content.text)
        } else {
            self.body(&content.text, &content.mime_type, shape, Side::Response(status))
        };
    }

    /// What the specification says of an operation.
    fn shape(&self, method: &str, path: &str) -> Option<Endpoint<'static>> {
        let method = method.parse().unwrap_or(Method::GET);
        let Found::Operation(target) = self.spec.router.find(&method, path) else { return None };
        self.spec.document.endpoints().find(|endpoint| endpoint.id == target.id)
    }

    fn schema(&self, shape: Option<Endpoint<'static>>, side: Side) -> Option<&'static Value> {
        let (document, node) = (&self.spec.document, shape?.node);
        match side {
            Side::Request => json_content(document.resolve(&node["requestBody"])),
            Side::Response(status) => response_schema(document, node, status),
        }
    }

    fn body(&mut self, text: &str, kind: &str, shape: Option<Endpoint<'static>>, side: Side) -> String {
        if text.is_empty() {
            return String::new();
        }
        if kind.starts_with("application/x-www-form-urlencoded") {
            return form(text);
        }
        match serde_json::from_str::<Value>(text) {
            Ok(mut json) => {
                if shape.is_some_and(|endpoint| endpoint.id == batch::OPERATION) {
                    self.envelope(&mut json);
                } else {
                    self.value(&mut json, self.schema(shape, side));
                }
                json.to_string()
            }
            // Pages of OneNote, error pages, whatever: nobody knows whom they are about.
            Err(_) => self.stand_in(text),
        }
    }

    /// The requests or answers of a batch, each by its own operation. Requests come first, and say what the answers are to.
    fn envelope(&mut self, json: &mut Value) {
        if json["requests"].is_array() {
            self.ids.clear();
        }
        let parts = ["requests", "responses"].into_iter().filter_map(|name| json[name].as_array().cloned());
        let items: Vec<Value> = parts.flatten().map(|item| self.item(item)).collect();
        let name = if json["requests"].is_array() { "requests" } else { "responses" };
        if json[name].is_array() {
            json[name] = items.into();
        } else {
            self.value(json, None);
        }
    }

    fn item(&mut self, mut item: Value) -> Value {
        let id = item["id"].to_string();
        let side = match item["status"].as_u64() {
            Some(status) => Side::Response(u16::try_from(status).unwrap_or_default()),
            None => {
                let url = item["url"].as_str().unwrap_or_default().trim_start_matches('/');
                let path = format!("/v1.0/{}", url.split('?').next().unwrap_or_default());
                let shape = self.shape(item["method"].as_str().unwrap_or_default(), &path);
                self.ids.insert(id.clone(), shape);
                Side::Request
            }
        };
        let schema = self.schema(self.ids.get(&id).copied().flatten(), side);
        if let Some(body) = item.get_mut("body") {
            self.value(body, schema);
        }
        for (name, value) in item.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
            if is_secret_header(name) {
                *value = SECRET.into();
            }
        }
        item
    }

    fn value(&mut self, value: &mut Value, schema: Option<&Value>) {
        let document = &self.spec.document;
        match value {
            Value::Array(list) => {
                let each = schema.and_then(|schema| items(document, schema));
                for item in list.iter_mut() {
                    self.value(item, each);
                }
            }
            Value::Object(object) => {
                let tag = object.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
                let tag = tag.trim_start_matches('#').to_owned();
                let own = document.schema(&tag).or(schema);
                let name = if document.schema(&tag).is_some() {
                    Some(tag.as_str())
                } else {
                    schema.and_then(type_of)
                };
                for (key, child) in object.iter_mut() {
                    if SECRET_NAMES.contains(&key.as_str()) && child.is_string() {
                        *child = SECRET.into();
                    } else if key.contains('@')
                        || key == "id"
                        || own.is_none() && KEPT.contains(&key.as_str())
                    {
                        // Annotations and ids are about the object, not about a person.
                    } else if name.is_some_and(|name| is_personal(document, name, key)) {
                        self.hide(child);
                    } else {
                        match own.and_then(|own| property(document, own, key)) {
                            Some(known) => self.value(child, Some(known)),
                            None => self.hide(child),
                        }
                    }
                }
            }
            // A list or value whose schema isn't known is hidden by whoever holds it.
            Value::String(text) if schema.is_none() => *text = self.stand_in(text),
            _ => {}
        }
    }

    /// Takes every text out.
    fn hide(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.stand_in(text),
            Value::Array(list) => list.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(object) => object.values_mut().for_each(|child| self.hide(child)),
            _ => {}
        }
    }

    fn stand_in(&mut self, text: &str) -> String {
        if text.is_empty() || is_stand_in(text) {
            return text.to_owned();
        }
        let number = self.known.len() + 1;
        let is_address = text.contains('@') && !text.contains(char::is_whitespace);
        let new = || format!("{PREFIX}{number}{}", if is_address { DOMAIN } else { "" });
        self.known.entry(text.to_owned()).or_insert_with(new).clone()
    }

    /// Headers, addresses, and names in running text.
    fn rest(&mut self, exchange: &mut Exchange) {
        exchange.request.url = self.url(&exchange.request.url);
        exchange.request.query_string = archive::query(&exchange.request.url);
        exchange.request.cookies.clear();
        exchange.response.cookies.clear();
        for Named { name, value } in exchange.request.headers.iter_mut().chain(&mut exchange.response.headers)
        {
            if is_secret_header(name) {
                SECRET.clone_into(value);
            } else if value.starts_with("http") {
                *value = self.url(value);
            } else {
                *value = self.addresses(value);
            }
        }
        let request = exchange.request.post_data.as_mut().map(|data| &mut data.text);
        for text in request.into_iter().chain([&mut exchange.response.content.text]) {
            if let Ok(mut json) = serde_json::from_str::<Value>(text) {
                self.texts(&mut json, false);
                *text = json.to_string();
            }
        }
        let content = &mut exchange.response.content;
        content.size = i64::try_from(content.text.len()).unwrap_or(i64::MAX);
    }

    /// `everywhere`: also names, which in most properties are merely words that happen to be the same.
    fn texts(&mut self, value: &mut Value, everywhere: bool) {
        match value {
            Value::String(text) if text.starts_with("http") => *text = self.url(text),
            Value::String(text) if everywhere => *text = self.words(text),
            Value::String(text) => *text = self.addresses(text),
            Value::Array(list) => list.iter_mut().for_each(|item| self.texts(item, everywhere)),
            Value::Object(object) => {
                object.iter_mut().for_each(|(key, child)| self.texts(child, everywhere || key == "message"));
            }
            _ => {}
        }
    }

    fn url(&mut self, url: &str) -> String {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let start = address.find("://").map_or(0, |at| at + 3);
        let start = address[start..].find('/').map_or(address.len(), |at| start + at);
        let mut part = |text: &str| {
            let decoded = archive::decode(text);
            let redacted = self.words(&decoded);
            if redacted == decoded {
                text.to_owned()
            } else {
                utf8_percent_encode(&redacted, ENCODED).to_string()
            }
        };
        let path: Vec<String> = address[start..].split('/').map(&mut part).collect();
        let query: Vec<String> = query
            .split('&')
            .filter(|it| !it.is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_secret_part(name) => format!("{name}={SECRET}"),
                Some((name, value)) => format!("{name}={}", part(value)),
                None => pair.to_owned(),
            })
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", &address[..start], path.join("/"), query.join("&"))
    }

    /// Takes out what is known as whole words, and mail addresses.
    fn words(&mut self, text: &str) -> String {
        let mut known: Vec<(&String, &String)> = self.known.iter().collect();
        known.sort_by_key(|(original, _)| std::cmp::Reverse(original.len()));
        let replaced = known
            .into_iter()
            .fold(text.to_owned(), |text, (original, stand_in)| replace_word(&text, original, stand_in));
        self.addresses(&replaced)
    }

    /// Takes out whatever looks like a mail address.
    fn addresses(&mut self, text: &str) -> String {
        let is_part = |it: char| it.is_alphanumeric() || "._%+-@".contains(it);
        let mut result = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let length = rest[start..].find(|it| !is_part(it)).unwrap_or(rest.len() - start);
            let word = &rest[start..start + length];
            result += &rest[..start];
            result += &if is_address(word) { self.stand_in(word) } else { word.to_owned() };
            rest = &rest[start + length..];
        }
        result + rest
    }
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| {
        let is_name = domain.contains('.') && !domain.starts_with('.') && !domain.contains('@');
        !local.is_empty() && is_name && !domain.starts_with("odata.")
    })
}

/// Replaces `word` where no letter or digit touches it.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let touches = before.chars().next_back().is_some_and(char::is_alphanumeric)
            || after.chars().next().is_some_and(char::is_alphanumeric);
        result += before;
        result += if touches { word } else { by };
        rest = after;
    }
    result + rest
}

/// A form without the values of secrets.
fn form(text: &str) -> String {
    let part = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret_part(name) => format!("{name}={SECRET}"),
        _ => pair.to_owned(),
    };
    text.split('&').map(part).collect::<Vec<_>>().join("&")
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

fn response_schema<'d>(document: &'d Document, node: &'d Value, status: u16) -> Option<&'d Value> {
    let responses = node["responses"].as_object()?;
    let class = format!("{}XX", status / 100);
    let found = responses.get(&status.to_string()).or_else(|| responses.get(&class))?;
    json_content(document.resolve(found))
}
