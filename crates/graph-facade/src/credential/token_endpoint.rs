//! The token endpoint of Microsoft Entra, through the crate `oauth2`.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use graph_models::{ApiVersion, BoxFuture, Cloud};
use http::header::{ACCEPT, CONTENT_TYPE};
use oauth2::basic::{BasicErrorResponse, BasicTokenResponse};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse, TokenResponse as _};
use url::form_urlencoded;

use super::Token;
use crate::error::{BoxError, Error, ErrorKind};
use crate::root::Root;
use crate::transport::{HttpTransport, Transport, TransportError};

/// Where one tenant's tokens come from. Secrets go there and nowhere else: the addresses are below one origin, https unless
/// loopback, and the transport follows no redirect.
#[derive(Clone)]
pub(super) struct TokenEndpoint {
    authority: String,
    tenant: String,
    transport: Arc<dyn Transport>,
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
        let transport = HttpTransport::new().map_err(invalid)?;
        let authority = authority_of(Cloud::Global)?.to_owned();
        Ok(Self { authority, tenant: tenant.to_owned(), transport: Arc::new(transport) })
    }

    pub(super) fn in_cloud(self, cloud: Cloud) -> Result<Self, Error> {
        Ok(Self { authority: authority_of(cloud)?.to_owned(), ..self })
    }

    pub(super) fn at(self, authority: &str) -> Result<Self, Error> {
        let root = Root::new(authority, ApiVersion::V1).map_err(invalid)?;
        Ok(Self { authority: root.origin().to_owned(), ..self })
    }

    pub(super) fn over(self, transport: impl Transport + 'static) -> Self {
        Self { transport: Arc::new(transport), ..self }
    }

    /// `token` or `devicecode`.
    pub(super) fn address(&self, endpoint: &str) -> String {
        format!("{}/{}/oauth2/v2.0/{endpoint}", self.authority, self.tenant)
    }

    /// Asks for a token with a grant that the crate has no method for.
    pub(super) async fn grant(
        &self,
        parameters: &[(&str, &str)],
        now: SystemTime,
    ) -> Result<Token, BoxError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = http::Request::post(self.address("token"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form.into_bytes())?;
        let answer = self.call(request).await?;
        if answer.status().is_success() {
            let read: BasicTokenResponse = serde_json::from_slice(answer.body()).map_err(
                |_| "the token endpoint answered with success, but with no token that can be read",
            )?;
            return Ok(token_of(&read, now));
        }
        let refusal: BasicErrorResponse = serde_json::from_slice(answer.body())
            .map_err(|_| format!("the token endpoint answered {} without a reason", answer.status()))?;
        Err(refusal.to_string().into())
    }
}

/// Carries the requests of the crate `oauth2`.
impl<'a> AsyncHttpClient<'a> for TokenEndpoint {
    type Error = TransportError;
    type Future = BoxFuture<'a, Result<HttpResponse, TransportError>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.transport.send(request.map(Into::into)).await?;
            Ok(answer.map(|body| body.to_vec()))
        })
    }
}

/// The token in an answer that came at about `now`.
pub(super) fn token_of(answer: &BasicTokenResponse, now: SystemTime) -> Token {
    let token = Token::new(answer.access_token().secret().as_str());
    match answer.expires_in().and_then(|length| now.checked_add(length)) {
        Some(end) => token.expiring_at(end),
        None => token,
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

fn invalid(error: impl Into<BoxError>) -> Error {
    Error::from_source(ErrorKind::InvalidRequest, error)
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address("token"))
    }
}
