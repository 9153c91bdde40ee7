//! Where access tokens come from.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use graph_runtime::{BoxFuture, OperationInfo};
use tokio::time::timeout;

use crate::BoxError;
use crate::clock::Clock;
use crate::limit::QuotaKey;
use crate::scopes::Access;

#[cfg(feature = "azure")]
mod azure;
mod cached;
mod choice;
#[cfg(feature = "oauth2")]
mod device_code;
#[cfg(feature = "oauth2")]
mod on_behalf_of;
mod recent;
mod renewal;
mod token;
#[cfg(feature = "oauth2")]
mod token_endpoint;

#[cfg(feature = "azure")]
pub use azure::AzureCredential;
pub use cached::{CachedToken, RenewalPaused};
pub(crate) use choice::{Chosen, Credentials};
#[cfg(feature = "oauth2")]
pub use device_code::DeviceCode;
#[cfg(feature = "oauth2")]
pub use on_behalf_of::OnBehalfOf;
pub(crate) use renewal::Renewal;
pub use token::Token;
#[cfg(feature = "oauth2")]
pub use token_endpoint::OAuthError;

/// The longest that a token may take unless the provider says otherwise.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Gives the access tokens that requests carry.
///
/// A token is asked for before every attempt, so a provider keeps the one it has until shortly before it expires;
/// [`CachedToken`] does that for any. Its future may be dropped at any point.
///
/// When the service refuses a token, the provider is asked once more, with [`TokenRequest::refused`] and, if the service
/// wants some, [`TokenRequest::claims`]; the attempt is repeated only with another token.
///
/// A provider that takes longer than [`max_wait`](Self::max_wait) has failed. When it fails, the call ends with an error of kind
/// [`Auth`](crate::ErrorKind::Auth), whose source is the provider's error; it is not asked again by itself.
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// A token that is good for `request`.
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>>;

    /// The longest that a token may take, 30 s by default: after that the provider's future is dropped and it counts as failed.
    ///
    /// A provider that limits its own requests gives none, as one has to that waits for a person or that wraps such a provider.
    /// The time limit of a call ends the wait for a token in any case.
    fn max_wait(&self) -> Option<Duration> {
        Some(MAX_WAIT)
    }
}

/// Asks `provider` for a token, for as long as `limit` allows.
pub(crate) async fn ask(
    provider: &dyn TokenProvider,
    request: &TokenRequest,
    limit: Option<Duration>,
) -> Result<Token, BoxError> {
    let token = provider.token(request);
    match limit {
        None => token.await,
        // Boxed, so that those without a limit stay small.
        Some(limit) => Box::pin(timeout(limit, token)).await.map_err(|_| NoToken(limit))?,
    }
}

/// The claims that the token endpoint wants the user to sign in with, if that is why a provider failed.
#[cfg(feature = "oauth2")]
pub(crate) fn claims_within(error: &BoxError) -> Option<Box<str>> {
    OAuthError::within(&**error)?.claims.as_deref().map(Into::into)
}

/// None: what refuses is behind the feature `oauth2`.
#[cfg(not(feature = "oauth2"))]
pub(crate) fn claims_within(_: &BoxError) -> Option<Box<str>> {
    None
}

/// The provider took too long.
#[derive(Debug, thiserror::Error)]
#[error(
    "the credential gave no token within {0:?}: see whether its token endpoint can be reached, or allow it more time (`time_limit` of the credential or of its `CachedToken`; `max_wait` of a provider of your own)"
)]
struct NoToken(Duration);

/// What a token is wanted for.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(crate) scope: Arc<str>,
    pub(crate) operation: &'static OperationInfo,
    pub(crate) key: QuotaKey,
    pub(crate) clock: Clock,
    pub(crate) access: Option<Access>,
    pub(crate) refused: Option<Token>,
    pub(crate) claims: Option<Arc<str>>,
    /// A token that is still good is at hand, so that nobody need be bothered for another.
    pub(crate) early: bool,
}

impl TokenRequest {
    /// The scope to ask for: `https://graph.microsoft.com/.default`, or that of another cloud.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The operation that the token is for; its row says which permissions suffice.
    pub fn operation(&self) -> &'static OperationInfo {
        self.operation
    }

    /// Whom the client acts for, if it was told: see [`Client::with_quota_key`](crate::Client::with_quota_key).
    pub fn quota_key(&self) -> &QuotaKey {
        &self.key
    }

    /// The client's time, against which expiry is to be judged. It goes on while the provider waits.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// On whose behalf the call is made, where the client knows: it has a credential for that alone, or the caller asked
    /// for it with [`Client::as_app`](crate::Client::as_app) or
    /// [`Client::on_behalf_of_user`](crate::Client::on_behalf_of_user).
    pub fn access(&self) -> Option<Access> {
        self.access
    }

    /// The token that the service has just refused; it must not be given again.
    pub fn refused(&self) -> Option<&Token> {
        self.refused.as_ref()
    }

    /// The claims that the service wants in the token, as JSON: the parameter `claims` of a request to Entra's token
    /// endpoint. They come with continuous access evaluation, when a user's rights have changed.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }
}

/// A token from elsewhere, used as it is until the service refuses it.
///
/// Graph's tokens live about an hour, so it suits tests and short scripts.
#[derive(Clone, Debug)]
pub struct StaticToken(Token);

impl StaticToken {
    /// Uses `secret`, the token without the word `Bearer`.
    ///
    /// ```
    /// let credential = graph_client::StaticToken::new("eyJ0eXAi…");
    /// assert!(!format!("{credential:?}").contains("eyJ0"));
    /// ```
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        Self(Token::new(secret))
    }
}

impl TokenProvider for StaticToken {
    fn token<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn max_wait(&self) -> Option<Duration> {
        None
    }
}
