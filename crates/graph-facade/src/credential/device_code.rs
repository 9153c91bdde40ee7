//! Signing in on another device.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use graph_models::{BoxFuture, Cloud};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, ClientId, DeviceAuthorizationUrl, RefreshToken, Scope, StandardDeviceAuthorizationResponse,
    TokenResponse as _, TokenUrl,
};

use super::token_endpoint::{TokenEndpoint, token_of};
use super::{CachedToken, Token, TokenProvider, TokenRequest};
use crate::error::{BoxError, Error};
use crate::transport::Transport;

/// Tokens for a user who signs in on another device: the device code flow, for programs without a browser.
///
/// The user is shown an address and a code when the first token is needed, and again when the sign-in can't be renewed;
/// meanwhile the call waits, a quarter of an hour at most. Tokens are kept as in [`CachedToken`].
///
/// ```no_run
/// # fn example() -> Result<(), graph_facade::Error> {
/// use graph_facade::{Client, DeviceCode};
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

struct SignIn {
    endpoint: TokenEndpoint,
    client_id: ClientId,
    prompt: Box<Prompt>,
    renewal: Mutex<Option<RefreshToken>>,
}

/// Shows an address and a code.
type Prompt = dyn Fn(&str, &str) + Send + Sync;

impl DeviceCode {
    /// Signs in to the public app `client_id` in `tenant`: an id or a domain. `prompt` is called with the address to open
    /// and the code to enter there.
    pub fn new(
        tenant: &str,
        client_id: impl Into<String>,
        prompt: impl Fn(&str, &str) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Ok(Self(CachedToken::new(SignIn {
            endpoint: TokenEndpoint::new(tenant)?,
            client_id: ClientId::new(client_id.into()),
            prompt: Box::new(prompt),
            renewal: Mutex::default(),
        })))
    }

    /// In another cloud than the global one; the client must talk to the same.
    pub fn cloud(self, cloud: Cloud) -> Result<Self, Error> {
        self.with_endpoint(|endpoint| endpoint.in_cloud(cloud))
    }

    /// From another origin than the cloud's, such as one on this machine for tests.
    pub fn authority(self, origin: &str) -> Result<Self, Error> {
        self.with_endpoint(|endpoint| endpoint.at(origin))
    }

    /// Over another transport; it must not follow redirects.
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self(self.0.map(|sign_in| SignIn { endpoint: sign_in.endpoint.over(transport), ..sign_in }))
    }

    fn with_endpoint(
        self,
        change: impl FnOnce(TokenEndpoint) -> Result<TokenEndpoint, Error>,
    ) -> Result<Self, Error> {
        let sign_in = self.0.into_provider();
        Ok(Self(CachedToken::new(SignIn { endpoint: change(sign_in.endpoint)?, ..sign_in })))
    }
}

impl SignIn {
    async fn fresh(&self, request: &TokenRequest) -> Result<Token, BoxError> {
        let renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let renewed = match renewal {
            Some(renewal) => self.renew(&renewal, request).await,
            None => None,
        };
        let answer = match renewed {
            Some(answer) => answer,
            None => self.sign_in(request).await?,
        };
        if let Some(renewal) = answer.refresh_token() {
            *self.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewal.clone());
        }
        Ok(token_of(&answer, request.now()))
    }

    /// Without the user; none if that doesn't do.
    async fn renew(&self, renewal: &RefreshToken, request: &TokenRequest) -> Option<BasicTokenResponse> {
        let url = TokenUrl::new(self.endpoint.address("token")).ok()?;
        let client =
            BasicClient::new(self.client_id.clone()).set_auth_type(AuthType::RequestBody).set_token_uri(url);
        let mut asking = client.exchange_refresh_token(renewal).add_scopes(scopes(request));
        if let Some(claims) = request.claims() {
            asking = asking.add_extra_param("claims", claims);
        }
        let outcome = asking.request_async(&self.endpoint).await;
        outcome.inspect_err(|error| tracing::debug!(%error, "the sign-in can't be renewed")).ok()
    }

    async fn sign_in(&self, request: &TokenRequest) -> Result<BasicTokenResponse, BoxError> {
        let client = BasicClient::new(self.client_id.clone())
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(self.endpoint.address("token"))?)
            .set_device_authorization_url(DeviceAuthorizationUrl::new(self.endpoint.address("devicecode"))?);
        let mut asking = client.exchange_device_code().add_scopes(scopes(request));
        if let Some(claims) = request.claims() {
            asking = asking.add_extra_param("claims", claims);
        }
        let code: StandardDeviceAuthorizationResponse = asking.request_async(&self.endpoint).await?;
        (self.prompt)(code.verification_uri(), code.user_code().secret());
        let (began, now) = (tokio::time::Instant::now(), request.now());
        let waiting = client.exchange_device_access_token(&code);
        let waiting = waiting.set_time_fn(move || (now + began.elapsed()).into());
        Ok(waiting.request_async(&self.endpoint, tokio::time::sleep, None).await?)
    }
}

/// What is asked for; `offline_access` is what lets a sign-in be renewed.
fn scopes(request: &TokenRequest) -> [Scope; 2] {
    [Scope::new(request.scope().to_owned()), Scope::new("offline_access".to_owned())]
}

impl TokenProvider for DeviceCode {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.token(request)
    }
}

impl TokenProvider for SignIn {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(self.fresh(request))
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::Instant;

    use super::DeviceCode;
    use crate::TokenProvider;
    use crate::testing::{Reply, Script, token_request};

    fn code() -> Reply {
        Reply::json(json!({
            "device_code": "d3vice", "user_code": "ABCD", "verification_uri": "https://microsoft.com/devicelogin",
            "expires_in": 900, "interval": 5,
        }))
    }

    fn token(name: &str) -> Reply {
        Reply::json(json!({
            "token_type": "Bearer", "expires_in": 3600, "access_token": name, "refresh_token": "r3newal",
        }))
    }

    fn refusal(error: &str) -> Reply {
        Reply::new(400).body(json!({"error": error}).to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn the_user_signs_in_once_and_again_when_the_sign_in_can_not_be_renewed() {
        let pending = || refusal("authorization_pending");
        let first = [code(), pending(), pending(), token("t1"), token("t2")];
        let script = Script::new(first.into_iter().chain([refusal("invalid_grant"), code(), token("t3")]));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let prompts = Arc::clone(&shown);
        let credential = DeviceCode::new("contoso.example", "app", move |address, code| {
            prompts.lock().unwrap().push(format!("{address} {code}"));
        });
        let credential = credential.unwrap().transport(script.clone());
        let began = Instant::now();
        for (seconds, expected, prompts, waited) in
            [(0, "t1", 1, 10), (10, "t1", 1, 10), (3_600, "t2", 1, 10), (7_200, "t3", 2, 10)]
        {
            let token = credential.token(&token_request("s", seconds)).await.unwrap();
            assert_eq!((token.secret(), shown.lock().unwrap().len()), (expected, prompts));
            assert_eq!(began.elapsed(), Duration::from_secs(waited));
        }
        assert_eq!(shown.lock().unwrap()[0], "https://microsoft.com/devicelogin ABCD");
        let origin = "POST https://login.microsoftonline.com/contoso.example/oauth2/v2.0/";
        assert!(script.lines().iter().all(|line| line.starts_with(origin)), "{:?}", script.lines());
        let printed = format!("{credential:?}");
        assert!(
            ["t1", "t2", "t3\"", "r3newal", "d3vice"].iter().all(|secret| !printed.contains(secret)),
            "{printed}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_does_not_come_or_declines_ends_the_wait() {
        let script =
            Script::new([code()].into_iter().chain((0..200).map(|_| refusal("authorization_pending"))));
        let credential = DeviceCode::new("t", "app", |_, _| ()).unwrap().transport(script);
        let began = Instant::now();
        let error = credential.token(&token_request("s", 0)).await.unwrap_err();
        assert!(error.source().is_some() && began.elapsed() <= Duration::from_secs(910), "{error}");

        let script = Script::new([code(), refusal("authorization_declined")]);
        let credential = DeviceCode::new("t", "app", |_, _| ()).unwrap().transport(script.clone());
        credential.token(&token_request("s", 0)).await.unwrap_err();
        assert_eq!(script.requests().len(), 2);
    }
}
