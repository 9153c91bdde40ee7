//! Signing in on another device.

use std::sync::Arc;
use std::time::Duration;

use graph_runtime::{BoxFuture, Cloud};

use super::token_endpoint::TokenEndpoint;
use super::{CachedToken, Token, TokenProvider, TokenRequest};
use crate::error::{BoxError, Error};
use crate::transport::Transport;

mod sign_in;

use sign_in::SignIn;

/// Tokens for a user who signs in on another device: the device code flow, for programs without a browser.
///
/// The user is shown an address and a code when the first token is needed, and again when there is no token left and the
/// service wants a new sign-in; meanwhile the call waits, a quarter of an hour at most. That the token endpoint is out of order
/// for a time is no reason to ask the user: the call fails if there is no token left, and the next one tries again.
///
/// Each user whom a client acts for by [`QuotaKey`](crate::QuotaKey) signs in. Tokens are kept as in [`CachedToken`]. What Entra refuses is an [`OAuthError`](crate::OAuthError).
///
/// ```no_run
/// # fn example() -> Result<(), graph_client::Error> {
/// use graph_client::{Client, DeviceCode};
///
/// let credential = DeviceCode::new("contoso.example", "app-id", |address, code| {
///     println!("Open {address} and enter {code}");
/// })?;
/// let client = Client::builder().delegated(credential).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DeviceCode(CachedToken<SignIn>);

impl DeviceCode {
    /// Signs in to the public app `client_id` in `tenant`: an id or a domain. `prompt` is called with the address to open
    /// and the code to enter there: an https address, and a code of letters, digits and hyphens.
    pub fn new(
        tenant: &str,
        client_id: impl Into<String>,
        prompt: impl Fn(&str, &str) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let endpoint = TokenEndpoint::new(tenant)?;
        Ok(Self(CachedToken::new(SignIn::new(endpoint, client_id.into(), Arc::new(prompt)))))
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

    /// Gives each request to the token endpoint so much time; otherwise 30 s. The user has as long as the code is good for.
    pub fn time_limit(self, limit: Duration) -> Self {
        let endpoint = self.endpoint().within(limit);
        self.with(endpoint)
    }

    fn endpoint(&self) -> TokenEndpoint {
        self.0.provider().endpoint().clone()
    }

    fn with(self, endpoint: TokenEndpoint) -> Self {
        Self(CachedToken::new(self.0.provider().at(endpoint)))
    }
}

impl TokenProvider for DeviceCode {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.token(request)
    }

    fn max_wait(&self) -> Option<Duration> {
        self.0.max_wait()
    }
}

#[cfg(test)]
mod tests;
