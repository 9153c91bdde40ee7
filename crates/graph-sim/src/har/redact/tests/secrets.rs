//! Archives with secrets in every position.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use fastrand::Rng;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::super::schema::{Known, is_number, items, property};
use crate::document::{Document, Endpoint, json_content};

/// Secrets that are each another, and have one of three marks in them.
pub(super) struct Secrets {
    chance: Rng,
    text: String,
    hex: String,
    digits: String,
    made: u32,
}

impl Secrets {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Rng::with_seed(seed);
        let text = format!("zq{}", (0..6).map(|_| chance.lowercase()).collect::<String>());
        let hex = format!("{:06x}ab", chance.u32(0x0010_0000..0x0100_0000));
        let digits = chance.u32(100_000_000..999_999_999).to_string();
        Self { chance, text, hex, digits, made: 0 }
    }

    pub(super) fn plain(&mut self) -> String {
        self.made += 1;
        format!("{}x{}", self.text, self.made)
    }

    fn number(&mut self) -> u64 {
        self.made += 1;
        format!("{}{}", self.digits, self.made).parse().unwrap()
    }

    /// A secret in one of the forms that have their own way through.
    pub(super) fn text(&mut self) -> String {
        let plain = self.plain();
        match self.chance.u8(0..16) {
            0 => format!("{plain}@{plain}.example"),
            1 => format!(
                "https://graph.microsoft.com/v1.0/users/{plain}?$filter=displayName%20eq%20'{plain}'&{plain}={plain}#{plain}"
            ),
            2 => format!("https://{plain}.example/{plain}?sig={plain}"),
            3 => format!("{}-{:04x}-4000-8000-{:012}", self.hex, self.made % 0xffff, self.made),
            4 => format!("W/\"{plain}\""),
            5 => STANDARD.encode(format!("{plain}!")),
            6 => format!("Ärger \"{plain}\" <{plain}> \\ 'n' + & 100% {plain}\n"),
            7 => json!({ "displayName": plain, &plain: [plain] }).to_string(),
            8 => utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string(),
            9 => self.number().to_string(),
            10 => format!("2026-01-05T08:00:00Z {plain}"),
            11 => format!("#microsoft.graph.{plain}"),
            12 => plain.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}")),
            13 => format!("redacted-1 {plain} 00000000-0000-0000-0000-000000000001"),
            _ => plain,
        }
    }

    fn encoded(&mut self) -> String {
        let text = self.text();
        utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
    }

    fn query(&mut self) -> String {
        let mut it = || self.encoded();
        let options = [
            format!("$filter=displayName%20eq%20'{}'%20and%20{}%20eq%20{}", it(), it(), it()),
            format!("%24filter=members/any(x:x/id%20eq%20'{}')", it()),
            format!("$search=%22displayName:{}%22", it()),
            format!("$select=id,{}", it()),
            format!("$expand=members($select={};$filter=id%20eq%20'{}'),{}", it(), it(), it()),
            format!("$orderby={}%20desc", it()),
            format!("$skiptoken={}", it()),
            format!("$deltatoken={}", it()),
            format!("$top={}", it()),
            format!("$count={}", it()),
            format!("startDateTime={}", it()),
            format!("Password={}", it()),
            format!("sig={}", it()),
            format!("{}={}", it(), it()),
            it(),
        ];
        let kept: Vec<String> = options.into_iter().filter(|_| self.chance.u8(0..3) == 0).collect();
        kept.join("&")
    }

    /// A path with secrets for its parameters; at times one that the specification lacks.
    fn path(&mut self, template: &str) -> String {
        let mut path = String::new();
        for (at, part) in template.split('{').enumerate() {
            let rest = part.split_once('}').map_or(part, |(_, rest)| rest);
            if at > 0 {
                path += &self.encoded();
            }
            path += rest;
        }
        match self.chance.u8(0..8) {
            0 => format!("{path}/{}", self.encoded()),
            1 => format!(
                "{path}/getByPath(path='{}')/{}('{}')",
                self.encoded(),
                self.encoded(),
                self.encoded()
            ),
            _ => path,
        }
    }

    fn headers(&mut self) -> Value {
        let names = [
            "Authorization",
            "Cookie",
            "Set-Cookie",
            "Location",
            "Operation-Location",
            "ETag",
            "If-Match",
            "WWW-Authenticate",
            "Prefer",
            "Preference-Applied",
            "Content-Type",
            "Accept",
            "User-Agent",
            "Date",
            "Retry-After",
            "Host",
            "request-id",
            "client-request-id",
            "X-Api-Key",
            "Content-Length",
            "Server",
        ];
        let mut headers = Vec::new();
        for name in names {
            let text = self.text();
            let value = match self.chance.u8(0..6) {
                0 => format!(
                    "Bearer realm=\"{text}\", error=\"insufficient_claims\", claims=\"{}\"",
                    STANDARD.encode(&text)
                ),
                1 => format!("application/json; charset=utf-8; boundary={text}"),
                2 => format!("Mon, 05 Jan 2026 08:00:00 ({text}) GMT"),
                3 => format!("outlook.timezone=\"{text}\""),
                _ => text,
            };
            headers.push(json!({ "name": name, "value": value }));
        }
        headers.push(json!({ "name": format!("X-{}", self.plain()), "value": self.text() }));
        headers.push(json!({ "name": self.plain(), "value": "yes" }));
        headers.into()
    }

    /// What fits a schema but for its texts, and has more in it.
    fn value(&mut self, document: &Document, schema: Option<&Value>, depth: u32) -> Value {
        let Some(schema) = schema.map(|schema| document.resolve(schema)) else { return self.anything(depth) };
        if is_number(document, schema) {
            return if self.chance.bool() { json!(5) } else { self.text().into() };
        }
        if let Some(each) = items(document, schema) {
            let each = Some(each).filter(|_| depth > 0);
            return (0..2).map(|_| self.value(document, each, depth.saturating_sub(1))).collect();
        }
        let mut names = Vec::new();
        collect(document, schema, &mut names);
        if schema["type"] == "boolean" {
            return true.into();
        }
        if names.is_empty() || depth == 0 {
            return self.anything(0);
        }
        let mut object = Map::new();
        for name in names {
            if self.chance.u8(0..3) > 0
                && let Known::Declared(of) = property(document, schema, name)
            {
                let value = self.value(document, Some(of), depth - 1);
                object.insert(name.to_owned(), value);
            }
        }
        for annotation in [
            "@odata.context",
            "@odata.nextLink",
            "@odata.etag",
            "@odata.type",
            "@odata.id",
            "members@delta",
            "@removed",
        ] {
            if self.chance.u8(0..3) == 0 {
                object.insert(annotation.to_owned(), self.anything(1));
            }
        }
        let name = self.text();
        object.insert(name, self.anything(2));
        object.into()
    }

    fn anything(&mut self, depth: u32) -> Value {
        match self.chance.u8(0..8) {
            0 if depth > 0 => {
                json!({ self.text(): self.anything(depth - 1), "displayName": self.text(), "error": { "code": self.text(), "message": self.text() } })
            }
            1 if depth > 0 => json!([self.anything(depth - 1), self.text()]),
            2 => json!({ "@odata.type": self.text(), "id": self.text(), "value": self.text() }),
            3 => self.number().into(),
            _ => self.text().into(),
        }
    }

    /// A body and its media type.
    fn body(&mut self, document: &Document, schema: Option<&Value>) -> (String, String) {
        let text = self.text();
        match self.chance.u8(0..8) {
            0 => (format!("--{text}\r\nContent-Disposition: form-data; name=\"{text}\"\r\n\r\n{text}\r\n--{text}--"), format!("multipart/form-data; boundary={text}")),
            1 => (format!("<title>{text}</title>"), "text/html".to_owned()),
            2 => {
                let (name, secret) = (self.encoded(), self.encoded());
                (format!("grant_type=password&client_secret={secret}&username={secret}&{name}={secret}&grant_type={secret}&{name}"), "application/x-www-form-urlencoded".to_owned())
            }
            3 => (json!({ "error": { "code": text, "message": format!("at least one owner, {text}"), "innerError": { "date": text, &text: text }, "details": [{ "code": text, "target": text }] } }).to_string(), "application/json".to_owned()),
            4 => (json!({ "access_token": text, "token_type": text, "scope": text, "expires_in": self.number().to_string(), &text: 5 }).to_string(), format!("application/json;{text}")),
            _ => (self.value(document, schema, 4).to_string(), "application/json".to_owned()),
        }
    }

    pub(super) fn exchange(&mut self, document: &Document, endpoint: &Endpoint<'_>) -> Value {
        let request = json_content(document.resolve(&endpoint.node["requestBody"]));
        let success = endpoint.node["responses"].as_object().into_iter().flatten().next();
        let answer = success.and_then(|(_, node)| json_content(document.resolve(node)));
        let host = match self.chance.u8(0..4) {
            0 => format!("https://{0}:{0}@{0}.example:8443", self.plain()),
            _ => "https://graph.microsoft.com".to_owned(),
        };
        let url = format!("{host}/v1.0{}?{}", self.path(endpoint.path), self.query());
        let method = endpoint.method.to_ascii_uppercase();
        let ((asked, kind), (answered, answer_kind)) = if endpoint.path == "/$batch" {
            (self.envelope(document, "requests"), self.envelope(document, "responses"))
        } else {
            (self.body(document, request), self.body(document, answer))
        };
        let is_encoded = self.chance.u8(0..4) == 0;
        let answered = if is_encoded { STANDARD.encode(answered) } else { answered };
        let encoding = is_encoded.then_some("base64");
        let text = self.text();
        let status = [200, 201, 202, 400, 404, 429, 502][self.chance.usize(0..7)];
        json!({
            "startedDateTime": text, "time": 5, "comment": text, "serverIPAddress": text, "connection": text, "pageref": text,
            "_initiator": { "url": text },
            "request": {
                "method": method, "url": url, "httpVersion": text, "comment": text, "headers": self.headers(),
                "cookies": [{ "name": text, "value": text }], "queryString": [{ "name": text, "value": text }],
                "postData": { "mimeType": kind, "text": asked, "params": [{ "name": text, "value": text }], "comment": text },
            },
            "response": {
                "status": status, "statusText": text, "httpVersion": text, "redirectURL": text, "headers": self.headers(),
                "cookies": [{ "name": text, "value": text }], "comment": text,
                "content": { "mimeType": answer_kind, "text": answered, "encoding": encoding, "comment": text },
            },
            "cache": { "beforeRequest": { "eTag": text } },
            "timings": { "send": 0, "wait": 5, "receive": 0, "comment": text },
        })
    }

    fn envelope(&mut self, document: &Document, side: &str) -> (String, String) {
        let endpoints: Vec<_> = document.endpoints().collect();
        let items = (0..20).map(|at| {
            let endpoint = &endpoints[self.chance.usize(0..endpoints.len())];
            let schema = json_content(document.resolve(&endpoint.node["requestBody"]));
            let headers = json!({ "Content-Type": self.text(), "Prefer": self.text(), self.plain(): self.text() });
            let id = if at % 2 == 0 { at.to_string() } else { self.text() };
            let url = format!("{}?{}", self.path(endpoint.path), self.query());
            let url = if at % 5 == 0 { self.text() } else { url };
            json!({ "id": id, "method": endpoint.method.to_ascii_uppercase(), "url": url, "status": 200, "headers": headers,
                "body": self.value(document, schema, 3), "dependsOn": [self.text()], self.text(): self.text() })
        });
        let items: Value = items.collect();
        (
            json!({ side: items, self.text(): self.text(), "@odata.nextLink": self.text() }).to_string(),
            "application/json".to_owned(),
        )
    }

    /// Where in a text one of the marks is, however it is written there.
    pub(super) fn left_in(&self, text: &str) -> Option<String> {
        let mut views = vec![text.to_owned()];
        let mut at = 0;
        while at < views.len() && views.len() < 2_000_000 {
            let view = views[at].clone();
            let lower = view.to_lowercase();
            for mark in [&self.text, &self.hex, &self.digits] {
                if let Some(found) = lower.find(mark.as_str()) {
                    let start = (0..=found.saturating_sub(200))
                        .rev()
                        .find(|it| lower.is_char_boundary(*it))
                        .unwrap_or_default();
                    return Some(format!(
                        "{mark} in …{}",
                        lower[start..].chars().take(500).collect::<String>()
                    ));
                }
            }
            if let Ok(json) = serde_json::from_str::<Value>(&view) {
                strings(&json, &mut views);
            }
            if view.contains('%') {
                let decoded = percent_decode_str(&view).decode_utf8_lossy().into_owned();
                views.extend(Some(decoded).filter(|decoded| *decoded != view));
            }
            if view.len() < 100_000 {
                let is_part = |it: char| it.is_ascii_alphanumeric() || "+/=_-".contains(it);
                for word in view.split(|it| !is_part(it)).filter(|word| word.len() >= 11) {
                    let word = word.trim_end_matches('=');
                    let decoded = STANDARD_NO_PAD.decode(word).or_else(|_| URL_SAFE_NO_PAD.decode(word));
                    views.extend(decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok()));
                }
            }
            at += 1;
        }
        None
    }
}

fn strings(json: &Value, into: &mut Vec<String>) {
    match json {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            into.push(name.clone());
            strings(value, into);
        }),
        _ => {}
    }
}

fn collect<'d>(document: &'d Document, schema: &'d Value, into: &mut Vec<&'d str>) {
    into.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()));
    for key in ["allOf", "anyOf", "oneOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            collect(document, document.resolve(part), into);
        }
    }
}
