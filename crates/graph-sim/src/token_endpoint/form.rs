//! The parameters of a request to the endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;

use super::refusal::Refusal;

/// The parameters of a form, in their order.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body, and the app's id and secret from the header if they are there.
    pub(super) fn parse(request: &Request<Bytes>) -> Self {
        let mut form = Self::of(&String::from_utf8_lossy(request.body()));
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let basic =
            header.and_then(|text| text.strip_prefix("Basic ")).and_then(|it| STANDARD.decode(it).ok());
        if let Some(pair) = basic.and_then(|it| String::from_utf8(it).ok())
            && let Some((id, secret)) = pair.split_once(':')
        {
            form.0.push(("client_id".to_owned(), decode(id)));
            form.0.push(("client_secret".to_owned(), decode(secret)));
        }
        form
    }

    pub(super) fn of(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(a, b)| (decode(a), decode(b)))
                .collect(),
        )
    }

    /// A parameter that isn't empty; the first of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
