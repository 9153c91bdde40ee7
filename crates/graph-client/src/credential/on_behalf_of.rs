//! A service's way to act for the user who called it.

use std::time::Duration;

use graph_runtime::{BoxFuture, Cloud};
use secrecy::{ExposeSecret as _, SecretString};

use super::token_endpoint::{EndpointError, TokenEndpoint};
use super::{CachedToken, Token, TokenProvider, TokenRequest};
use crate::error::{BoxError, Error};
use crate::transport::Transport;

/// Tokens for the user whose token a web service was called with: the on-behalf-of flow.
///
/// Make one for each user's token: it acts for that user whatever [`QuotaKey`](crate::QuotaKey) a client has. Its own tokens are
/// kept as in [`CachedToken`].
///
/// When Graph wants further [claims](TokenRequest::claims), they are asked for. If Entra refuses that or wants claims itself, pass
/// [`Error::claims`] on to whoever called the service, for the user to sign in again. What Entra refuses is an
/// [`OAuthError`](crate::OAuthError).
///
/// ```no_run
/// # fn example(users_token: &str) -> Result<(), graph_client::Error> {
/// use graph_client::{Client, OnBehalfOf};
///
/// let credential = OnBehalfOf::new("contoso.example", "app-id", "app-secret", users_token)?;
/// let client = Client::builder().delegated(credential).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OnBehalfOf(CachedToken<Exchange>);

#[derive(Clone, Debug)]
struct Exchange {
    endpoint: TokenEndpoint,
    client_id: String,
    client_secret: SecretString,
    assertion: SecretString,
}

impl OnBehalfOf {
    /// Exchanges `users_token`, which was issued for the app `client_id`, in `tenant`: an id or a domain.
    pub fn new(
        tenant: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        users_token: impl Into<String>,
    ) -> Result<Self, Error> {
        Ok(Self(CachedToken::new(Exchange {
            endpoint: TokenEndpoint::new(tenant)?,
            client_id: client_id.into(),
            client_secret: SecretString::from(client_secret.into()),
            assertion: SecretString::from(users_token.into()),
        })))
    }

    /// In another cloud than the global one; the client must talk to the same.
    pub fn cloud(self, cloud: Cloud) -> Result<Self, Error> {
        let endpoint = self.endpoint().in_cloud(cloud)?;
        Ok(self.with(endpoint))
    }

    /// From another origin than the cloud's, such as one on this machine for tests.
    pub fn authority(self, origin: &str) -> Result<Self, Error> {
        let endpoint = self.endpoint().at(origin)?;
        Ok(self.with(endpoint))
    }

    /// Over another transport; it must not follow redirects.
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        let endpoint = self.endpoint().over(transport);
        self.with(endpoint)
    }

    /// Gives each request to the token endpoint so much time; otherwise 30 s.
    pub fn time_limit(self, limit: Duration) -> Self {
        let endpoint = self.endpoint().within(limit);
        self.with(endpoint)
    }

    fn endpoint(&self) -> TokenEndpoint {
        self.0.provider().endpoint.clone()
    }

    fn with(self, endpoint: TokenEndpoint) -> Self {
        Self(CachedToken::new(Exchange { endpoint, ..self.0.provider().clone() }))
    }
}

impl TokenProvider for OnBehalfOf {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.token(request)
    }

    fn max_wait(&self) -> Option<Duration> {
        self.0.max_wait()
    }
}

impl TokenProvider for Exchange {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(async move {
            let mut parameters = vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("requested_token_use", "on_behalf_of"),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.expose_secret()),
                ("assertion", self.assertion.expose_secret()),
                ("scope", request.scope()),
            ];
            parameters.extend(request.claims().map(|claims| ("claims", claims)));
            let granted = self.endpoint.grant(&parameters, request.now()).await;
            Ok(granted.map_err(EndpointError::into_boxed)?.token)
        })
    }

    /// None, as its request has a limit of its own.
    fn max_wait(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests;
