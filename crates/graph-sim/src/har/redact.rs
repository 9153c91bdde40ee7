//! Takes out of an archive whatever isn't known to be harmless.
//!
//! Nothing is searched for: what stays is on a list, and everything else becomes a placeholder. The lists are the specification's
//! paths, properties and enums, and the words of OData, HTTP and `OAuth`.

mod address;
mod body;
mod headers;
mod placeholders;
mod schema;
#[cfg(test)]
mod tests;
mod words;

use serde_json::{Map, Value};

use super::archive::{self, Archive, Exchange, Log, PostData, Request, Response};
use crate::spec::Spec;
use body::{Place, Side};
use placeholders::Placeholders;
use words::{Words, is_date};

pub(super) use placeholders::{as_pattern, is_placeholder, is_redacted};

const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const VERSIONS: [&str; 7] = ["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3", "h2", "h3"];

pub(super) fn redact(exchanges: &[Exchange]) -> Vec<Exchange> {
    let archive = Archive { log: Log::new(exchanges.to_vec()) };
    let taken = serde_json::to_string(&archive).unwrap_or_default();
    let spec = Spec::shared();
    let words = Words::new(&spec.document);
    let placeholders = Placeholders::after(&taken);
    let mut redaction = Redaction { spec, words, placeholders, origin: String::new() };
    archive.log.entries.into_iter().map(|exchange| redaction.exchange(exchange)).collect()
}

struct Redaction {
    spec: &'static Spec,
    words: Words,
    placeholders: Placeholders,
    /// Where the request under way went.
    origin: String,
}

impl Redaction {
    fn exchange(&mut self, exchange: Exchange) -> Exchange {
        let Exchange { started_date_time, time, request, response, cache: _, timings } = exchange;
        address::split_origin(&request.url).0.clone_into(&mut self.origin);
        let place = Place::new(self.spec, &request.method, &request.url);
        let asked = request.post_data.as_ref().map_or("", |data| data.text.as_str());
        let asked: Value = serde_json::from_str(asked).unwrap_or_default();
        let request = self.request(request, &place);
        Exchange {
            started_date_time: Some(started_date_time).filter(|date| is_date(date)).unwrap_or_default(),
            time,
            request,
            response: self.response(response, &place, &asked),
            cache: Map::new(),
            timings,
        }
    }

    fn request(&mut self, request: Request, place: &Place) -> Request {
        let Request { method, url, http_version, mut headers, post_data, .. } = request;
        let url = self.address(&url);
        for header in &mut headers {
            self.header(header);
        }
        let post_data = post_data.map(|PostData { mime_type, text }| PostData {
            text: self.body(&text, &mime_type, place, Side::Request),
            mime_type: self.media_type(&mime_type),
        });
        Request {
            method: if METHODS.contains(&method.as_str()) { method } else { self.placeholders.of(&method) },
            query_string: archive::query(&url),
            url,
            http_version: version(&http_version),
            cookies: Vec::new(),
            headers,
            headers_size: -1,
            body_size: size(post_data.as_ref().map_or("", |data| &data.text)),
            post_data,
        }
    }

    /// `asked` is the body of the request.
    fn response(&mut self, response: Response, place: &Place, asked: &Value) -> Response {
        let Response { status, http_version, mut headers, mut content, redirect_url, .. } = response;
        for header in &mut headers {
            self.header(header);
        }
        // Bytes that are no text are nothing that could stay.
        let text = match content.encoding.take() {
            None => content.text,
            Some(encoding) => {
                content.encoding = Some(encoding);
                String::from_utf8_lossy(&content.bytes()).into_owned()
            }
        };
        content.encoding = None;
        content.text = self.body(&text, &content.mime_type, place, Side::Response { status, asked });
        content.mime_type = self.media_type(&content.mime_type);
        content.size = size(&content.text);
        Response {
            status,
            status_text: archive::reason(status).to_owned(),
            http_version: version(&http_version),
            cookies: Vec::new(),
            headers,
            body_size: content.size,
            content,
            redirect_url: self.address(&redirect_url),
            headers_size: -1,
        }
    }
}

fn version(text: &str) -> String {
    let known = VERSIONS.iter().find(|known| **known == text);
    known.copied().unwrap_or(archive::VERSION).to_owned()
}

fn size(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}
