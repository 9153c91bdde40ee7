//! The device code flow (RFC 8628), and the renewal of what it brought.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graph_runtime::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, sleep};

use super::super::recent::{CAPACITY, Recent};
use super::super::token_endpoint::{CodeAnswer, EndpointError, Granted, TokenEndpoint};
use super::super::{Token, TokenProvider, TokenRequest};
use crate::error::BoxError;

/// By how much polls become rarer each time that the endpoint asks for it (RFC 8628, section 3.5), or is out of order.
const SLOW_DOWN: Duration = Duration::from_secs(5);

const NO_SIGN_IN: &str = "the user has to sign in again, which can wait until the token expires";
const NOTHING_TO_SHOW: &str =
    "the token endpoint gave no https address and code that a user can be shown: nobody was asked to sign in";

/// Shows an address and a code.
pub(super) type Prompt = dyn Fn(&str, &str) + Send + Sync;

pub(super) struct SignIn {
    endpoint: TokenEndpoint,
    client_id: String,
    prompt: Arc<Prompt>,
    /// With what the sign-in of each key is renewed.
    renewals: Mutex<Recent<Kept>>,
}

#[derive(Default)]
struct Kept(Mutex<Option<SecretString>>);

impl SignIn {
    pub(super) fn new(endpoint: TokenEndpoint, client_id: String, prompt: Arc<Prompt>) -> Self {
        Self { endpoint, client_id, prompt, renewals: Mutex::new(Recent::new(CAPACITY)) }
    }

    pub(super) fn endpoint(&self) -> &TokenEndpoint {
        &self.endpoint
    }

    /// The same at another endpoint, where nobody has signed in yet.
    pub(super) fn at(&self, endpoint: TokenEndpoint) -> Self {
        Self::new(endpoint, self.client_id.clone(), Arc::clone(&self.prompt))
    }

    async fn fresh(&self, request: &TokenRequest) -> Result<Token, BoxError> {
        let kept = locked(&self.renewals).of(request, |_| true);
        let renewal = locked(&kept.0).clone();
        if let Some(renewal) = renewal {
            match self.renew(&renewal, request).await {
                Ok(granted) => return Ok(kept.keep(granted)),
                // Only the user can help.
                Err(EndpointError::Refused(refusal)) if refusal.needs_sign_in() => {
                    if refusal.error == "invalid_grant" {
                        kept.forget(&renewal);
                    }
                    if request.early {
                        return Err(refusal.into());
                    }
                }
                Err(error) => return Err(error.into_boxed()),
            }
        }
        if request.early {
            return Err(NO_SIGN_IN.into());
        }
        Ok(kept.keep(self.sign_in(request).await?))
    }

    /// Without the user.
    async fn renew(&self, renewal: &SecretString, request: &TokenRequest) -> Result<Granted, EndpointError> {
        let mut parameters = self.parameters("refresh_token");
        parameters.push(("refresh_token", renewal.expose_secret()));
        let scope = scope(request);
        parameters.push(("scope", &scope));
        parameters.extend(request.claims().map(|claims| ("claims", claims)));
        self.endpoint.grant(&parameters, request.now()).await
    }

    /// Asks the user, and waits until that has come to something.
    async fn sign_in(&self, request: &TokenRequest) -> Result<Granted, BoxError> {
        let scope = scope(request);
        let mut parameters = vec![("client_id", &*self.client_id), ("scope", &scope)];
        parameters.extend(request.claims().map(|claims| ("claims", claims)));
        let began = Instant::now();
        let code = self.endpoint.device_code(&parameters).await.map_err(EndpointError::into_boxed)?;
        let (address, user_code) = code.shown().ok_or(NOTHING_TO_SHOW)?;
        (self.prompt)(&address, user_code);
        self.wait(&code, began, request).await
    }

    async fn wait(
        &self,
        code: &CodeAnswer,
        began: Instant,
        request: &TokenRequest,
    ) -> Result<Granted, BoxError> {
        let mut parameters = self.parameters("urn:ietf:params:oauth:grant-type:device_code");
        parameters.push(("device_code", code.device_code.expose_secret()));
        let (life, mut interval) = (code.life(), code.interval());
        while began.elapsed().saturating_add(interval) < life {
            sleep(interval).await;
            match self.endpoint.grant(&parameters, request.now()).await {
                Ok(granted) => return Ok(granted),
                Err(EndpointError::Refused(refusal)) if refusal.error == "authorization_pending" => {}
                Err(EndpointError::Refused(refusal)) if refusal.error == "slow_down" => interval += SLOW_DOWN,
                Err(error) if error.is_passing() => interval += SLOW_DOWN,
                Err(error) => return Err(error.into_boxed()),
            }
        }
        Err(format!("nobody signed in with the code within the {} s that it was good for", life.as_secs())
            .into())
    }

    fn parameters(&self, grant: &'static str) -> Vec<(&'static str, &str)> {
        vec![("grant_type", grant), ("client_id", &self.client_id)]
    }
}

impl Kept {
    /// Keeps what the next token can be got with; an answer without goes on with what there is.
    fn keep(&self, granted: Granted) -> Token {
        if let Some(renewal) = granted.refresh_token {
            *locked(&self.0) = Some(renewal);
        }
        granted.token
    }

    fn forget(&self, renewal: &SecretString) {
        let is_it = |kept: &mut SecretString| kept.expose_secret() == renewal.expose_secret();
        drop(locked(&self.0).take_if(is_it));
    }
}

/// What is asked for; `offline_access` is what lets a sign-in be renewed.
fn scope(request: &TokenRequest) -> String {
    format!("{} offline_access", request.scope())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenProvider for SignIn {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(self.fresh(request))
    }

    /// None, as it waits for a person. Its requests have limits of their own.
    fn max_wait(&self) -> Option<Duration> {
        None
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
