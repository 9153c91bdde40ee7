//! What the endpoint answers with success.

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::{Host, Url};

use crate::credential::Token;

/// No token lives longer, whatever the endpoint says.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 3_600);
/// How long a code is good for where the endpoint says nothing, and at most.
const CODE_LIFE: u64 = 900;
/// How far polls are apart where the endpoint says nothing (RFC 8628, section 3.2), or that they need not be.
const POLL_EVERY: u64 = 5;
const POLL_AT_LEAST_EVERY: u64 = 60;
/// A code that a person is to type.
const LONGEST_CODE: usize = 40;

/// A token, and what the next one can be got with.
pub(in crate::credential) struct Granted {
    pub(in crate::credential) token: Token,
    pub(in crate::credential) refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
}

impl TokenAnswer {
    /// Counted from when it was asked for, as it may be some time until somebody reads the answer.
    pub(super) fn granted(self, asked_at: SystemTime) -> Granted {
        let token = Token::new(self.access_token.expose_secret());
        let life = self.expires_in.map(|life| Duration::from_secs(life).min(LONGEST_LIFE));
        let token = match life.and_then(|life| asked_at.checked_add(life)) {
            Some(end) => token.expiring_at(end),
            None => token,
        };
        Granted { token, refresh_token: self.refresh_token }
    }
}

/// A code for a person, and one to ask with whether that person has signed in.
#[derive(Deserialize)]
pub(in crate::credential) struct CodeAnswer {
    pub(in crate::credential) device_code: SecretString,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<u64>,
}

impl CodeAnswer {
    /// The address and the code, if both can be shown as they are: an address without a password that a browser opens safely,
    /// and a code that can be typed.
    pub(in crate::credential) fn shown(&self) -> Option<(String, &str)> {
        let url = Url::parse(&self.verification_uri).ok()?;
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        let is_plain = url.username().is_empty() && url.password().is_none();
        let code = self.user_code.as_str();
        let is_typed = |char: char| char.is_ascii_alphanumeric() || char == '-';
        let is_code = (1..=LONGEST_CODE).contains(&code.len()) && code.chars().all(is_typed);
        // As the parser writes it, an address is ASCII without control characters.
        (is_safe && is_plain && is_code).then(|| (url.into(), code))
    }

    pub(in crate::credential) fn life(&self) -> Duration {
        Duration::from_secs(self.expires_in.unwrap_or(CODE_LIFE).min(CODE_LIFE))
    }

    pub(in crate::credential) fn interval(&self) -> Duration {
        let asked = self.interval.filter(|interval| *interval > 0);
        Duration::from_secs(asked.unwrap_or(POLL_EVERY).min(POLL_AT_LEAST_EVERY))
    }
}

/// A length in whole seconds, which some endpoints write as text. What is none counts as not given.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64().or_else(|| {
            let length = number.as_f64().filter(|length| *length >= 0.0)?;
            Some(Duration::try_from_secs_f64(length).unwrap_or(Duration::MAX).as_secs())
        }),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
            Some(text.parse().unwrap_or(u64::MAX))
        }
        _ => None,
    })
}
