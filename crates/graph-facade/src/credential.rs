//! Where access tokens come from.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use graph_models::{BoxFuture, OperationInfo};
use http::HeaderValue;

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
#[cfg(feature = "oauth2")]
mod token_endpoint;

#[cfg(feature = "azure")]
pub use azure::AzureCredential;
pub use cached::CachedToken;
pub(crate) use choice::{Chosen, Credentials};
#[cfg(feature = "oauth2")]
pub use device_code::DeviceCode;
#[cfg(feature = "oauth2")]
pub use on_behalf_of::OnBehalfOf;

/// Gives the access tokens that requests carry.
///
/// A token is asked for before every attempt, so a provider keeps the one it has until shortly before it expires;
/// [`CachedToken`] does that for any. Its future may be dropped at any point.
///
/// When the service refuses a token, the provider is asked once more, with [`TokenRequest::refused`] and, if the service
/// wants some, [`TokenRequest::claims`]; the attempt is repeated only with another token.
///
/// When it fails, the call ends with an error of kind [`Auth`](crate::ErrorKind::Auth), whose source is the provider's
/// error; it is not asked again by itself.
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// A token that is good for `request`.
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>>;
}

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

/// An access token. `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    secret: Arc<Secret>,
    expires_at: Option<SystemTime>,
}

struct Secret {
    text: Box<str>,
    /// Made once, as each attempt needs it; none if no header can carry the token.
    header: Option<HeaderValue>,
}

impl Token {
    /// A token without a known end.
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        let text = secret.into();
        let mut header = HeaderValue::try_from(format!("Bearer {text}")).ok();
        if let Some(header) = &mut header {
            header.set_sensitive(true);
        }
        Self { secret: Arc::new(Secret { text, header }), expires_at: None }
    }

    /// The same token, known to expire at `moment`.
    pub fn expiring_at(self, moment: SystemTime) -> Self {
        Self { expires_at: Some(moment), ..self }
    }

    /// The token itself. Keep it out of logs.
    pub fn secret(&self) -> &str {
        &self.secret.text
    }

    /// When it expires, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The value of the `Authorization` header, marked as sensitive.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, BoxError> {
        let wrong = "the token has characters that no header can carry, such as a line break";
        self.secret.header.clone().ok_or_else(|| wrong.into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
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
    /// let credential = graph_facade::StaticToken::new("eyJ0eXAi…");
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
}
