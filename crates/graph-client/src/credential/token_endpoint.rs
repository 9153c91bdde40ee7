//! The token endpoint of Microsoft Entra.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use graph_runtime::{ApiVersion, Cloud};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use secrecy::zeroize::Zeroize as _;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout};
use url::form_urlencoded;

use super::MAX_WAIT;
use super::token::wiped;
use crate::error::{BoxError, Error};
use crate::root::Root;
use crate::transport::{ExchangeLimits, HttpTransport, Transport, TransportError, within};

/// How many bytes of an answer are read: tokens have a few thousand.
const LARGEST_ANSWER: u64 = 1024 * 1024;

mod answers;
mod oauth_error;

pub(super) use answers::{CodeAnswer, Granted};
pub use oauth_error::OAuthError;

/// Where one tenant's tokens come from. Secrets go there and nowhere else: the addresses are below one origin, https unless
/// loopback, and the transport follows no redirect.
#[derive(Clone)]
pub(super) struct TokenEndpoint {
    authority: String,
    tenant: String,
    transport: Arc<dyn Transport>,
    /// How long one request may take.
    limit: Duration,
}

/// Why the endpoint gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum EndpointError {
    #[error("{0}")]
    Refused(#[source] OAuthError),
    #[error("the token endpoint answered {0} without a reason")]
    Unexplained(StatusCode),
    #[error("the token endpoint answered with success, but with no token that can be read")]
    Unreadable,
    #[error("the token endpoint gave no answer: {0}: {reason}", reason = .0.reason())]
    Unanswered(#[source] TransportError),
}

impl EndpointError {
    /// Whether the same request may well be granted some seconds later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Unexplained(_) | Self::Unreadable | Self::Unanswered(_) => true,
        }
    }

    /// What is told: of a refusal, itself.
    pub(super) fn into_boxed(self) -> BoxError {
        match self {
            Self::Refused(refusal) => refusal.into(),
            other => other.into(),
        }
    }
}

impl From<OAuthError> for EndpointError {
    fn from(refusal: OAuthError) -> Self {
        Self::Refused(refusal)
    }
}

impl TokenEndpoint {
    /// That of `tenant`, an id or a domain, in the global cloud.
    pub(super) fn new(tenant: &str) -> Result<Self, Error> {
        let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '.');
        if tenant.is_empty() || !tenant.chars().all(is_name) || tenant.starts_with('.') {
            return Err(Error::refused(format!(
                "`{tenant}` is no tenant: pass its id or one of its domains"
            )));
        }
        let transport = HttpTransport::new()?;
        let authority = authority_of(Cloud::Global)?.to_owned();
        Ok(Self { authority, tenant: tenant.to_owned(), transport: Arc::new(transport), limit: MAX_WAIT })
    }

    pub(super) fn in_cloud(self, cloud: Cloud) -> Result<Self, Error> {
        Ok(Self { authority: authority_of(cloud)?.to_owned(), ..self })
    }

    pub(super) fn at(self, authority: &str) -> Result<Self, Error> {
        let root = Root::new(authority, ApiVersion::V1).map_err(Error::of_settings)?;
        Ok(Self { authority: root.origin().to_owned(), ..self })
    }

    pub(super) fn over(self, transport: impl Transport + 'static) -> Self {
        Self { transport: Arc::new(transport), ..self }
    }

    pub(super) fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    fn address(&self, endpoint: &str) -> String {
        format!("{}/{}/oauth2/v2.0/{endpoint}", self.authority, self.tenant)
    }

    /// Asks for a token; `now` is when it was asked for, from which its life is counted.
    pub(super) async fn grant(
        &self,
        parameters: &[(&str, &str)],
        now: SystemTime,
    ) -> Result<Granted, EndpointError> {
        Ok(self.ask::<answers::TokenAnswer>("token", parameters).await?.granted(now))
    }

    /// Asks for a code that a person enters elsewhere.
    pub(super) async fn device_code(&self, parameters: &[(&str, &str)]) -> Result<CodeAnswer, EndpointError> {
        self.ask("devicecode", parameters).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, EndpointError> {
        let answer = self.send(endpoint, parameters).await.map_err(EndpointError::Unanswered)?;
        let (status, body) = (answer.status(), answer.into_body());
        let outcome = if status.is_success() {
            serde_json::from_slice(&body).map_err(|_| EndpointError::Unreadable)
        } else {
            Err(OAuthError::read(status, &body).map_or(EndpointError::Unexplained(status), Into::into))
        };
        wipe(body);
        outcome
    }

    async fn send(
        &self,
        endpoint: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Response<Bytes>, TransportError> {
        let limits = ExchangeLimits::new(LARGEST_ANSWER, Instant::now().checked_add(self.limit));
        let request = Request::post(self.address(endpoint))
            .extension(limits)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form(parameters))
            .map_err(TransportError::connect)?;
        let sending = timeout(self.limit, self.transport.send(request));
        let answer = sending.await.unwrap_or_else(|_| Err(TransportError::timeout(Silent(self.limit))))?;
        within(answer, limits)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it had {0:?}, which `time_limit` of the credential changes")]
struct Silent(Duration);

/// A body whose memory is wiped once the transport has dropped it.
fn form(parameters: &[(&str, &str)]) -> Bytes {
    // Encoded, a byte takes three at most. Were there no room, growing would leave a copy behind.
    let room = parameters.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let text =
        form_urlencoded::Serializer::new(String::with_capacity(room)).extend_pairs(parameters).finish();
    wiped(text.into_bytes())
}

/// Wipes `body` unless the transport holds a part of it too.
fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

fn authority_of(cloud: Cloud) -> Result<&'static str, Error> {
    match cloud {
        Cloud::Global => Ok("https://login.microsoftonline.com"),
        Cloud::UsGov | Cloud::UsGovDod => Ok("https://login.microsoftonline.us"),
        Cloud::China => Ok("https://login.chinacloudapi.cn"),
        _ => Err(Error::refused("this release does not know where this cloud's tokens come from: update it")),
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address("token"))
    }
}
