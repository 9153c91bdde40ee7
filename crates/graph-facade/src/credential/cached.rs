//! Tokens that are kept until shortly before their end.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use graph_models::BoxFuture;

use super::{Token, TokenProvider, TokenRequest};
use crate::error::BoxError;
use crate::limit::QuotaKey;
use crate::scopes::Access;

/// How long before its end a token is replaced unless [`CachedToken::refresh_ahead`] says otherwise.
const REFRESH_AHEAD: Duration = Duration::from_secs(5 * 60);
/// How long a failure to replace a token that is still good is left at that.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Keeps the tokens of another provider, one for each scope, kind of access and [`QuotaKey`]: nobody gets the token of
/// somebody else.
///
/// A token is replaced five minutes before its end. The caller who notices asks the provider; the others go on with the
/// token that is still good, and with it goes on everybody if the provider fails. Only when there is none left do
/// callers wait, all for the same answer. If the one who asks is dropped, the next takes over.
///
/// A token that the service refused is never given again, and one without a known end is kept until then.
///
/// ```
/// use std::time::Duration;
/// use graph_facade::{CachedToken, StaticToken};
///
/// # let my_provider = StaticToken::new("eyJ0eXAi…");
/// let credential = CachedToken::new(my_provider).refresh_ahead(Duration::from_secs(120));
/// ```
pub struct CachedToken<P> {
    provider: P,
    refresh_ahead: Duration,
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
}

type Key = (Arc<str>, Option<Access>, QuotaKey);

/// What is kept under one key.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    /// Held by the one who asks the provider.
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// How often the provider has answered.
    answers: u64,
    /// Its last answer, if that was a failure.
    failure: Option<Failure>,
}

struct Kept {
    token: Token,
    /// The claims that it was asked for with.
    claims: Option<Arc<str>>,
    /// No earlier than this is it to be replaced: an attempt has just failed.
    not_before: Option<SystemTime>,
}

/// One failure of the provider, for everybody who waited for it.
#[derive(Clone, Debug)]
struct Failure(Arc<BoxError>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.0)
    }
}

/// How good a kept token is.
enum Grade {
    Fresh(Token),
    /// Good, but due to be replaced.
    Due(Token),
    None,
}

impl<P: TokenProvider> CachedToken<P> {
    /// Keeps the tokens that `provider` gives.
    pub fn new(provider: P) -> Self {
        Self { provider, refresh_ahead: REFRESH_AHEAD, slots: Mutex::default() }
    }

    /// Replaces tokens so long before their end; otherwise five minutes.
    pub fn refresh_ahead(self, refresh_ahead: Duration) -> Self {
        Self { refresh_ahead, ..self }
    }

    /// The provider, without the tokens.
    #[cfg(feature = "oauth2")]
    pub(super) fn into_provider(self) -> P {
        self.provider
    }

    /// With another provider and none of the tokens.
    #[cfg(feature = "oauth2")]
    pub(super) fn map(self, change: impl FnOnce(P) -> P) -> Self {
        Self::new(change(self.provider)).refresh_ahead(self.refresh_ahead)
    }

    async fn fresh(&self, request: &TokenRequest) -> Result<Token, BoxError> {
        let slot = self.slot(request);
        let (grade, answers) = slot.look(request, self.refresh_ahead);
        match grade {
            Grade::Fresh(token) => Ok(token),
            Grade::Due(token) => match slot.refreshing.try_lock() {
                Ok(_guard) => Ok(self.refresh(&slot, request).await.unwrap_or(token)),
                Err(_) => Ok(token),
            },
            Grade::None => {
                let _guard = slot.refreshing.lock().await;
                // Somebody else may have got an answer in the meantime; it holds for all who waited.
                if let Some(outcome) = slot.answered_since(answers, request, self.refresh_ahead) {
                    return Ok(outcome?);
                }
                Ok(self.refresh(&slot, request).await?)
            }
        }
    }

    fn slot(&self, request: &TokenRequest) -> Arc<Slot> {
        let key = (Arc::clone(&request.scope), request.access, request.key.clone());
        Arc::clone(locked(&self.slots).entry(key).or_default())
    }

    async fn refresh(&self, slot: &Slot, request: &TokenRequest) -> Result<Token, Failure> {
        let outcome = self.provider.token(request).await;
        let mut state = locked(&slot.state);
        state.answers += 1;
        match outcome {
            Ok(token) => {
                let claims = request.claims.clone();
                state.kept = Some(Kept { token: token.clone(), claims, not_before: None });
                state.failure = None;
                Ok(token)
            }
            Err(error) => {
                tracing::debug!(%error, "no new token");
                let failure = Failure(Arc::new(error));
                state.failure = Some(failure.clone());
                if let Some(kept) = &mut state.kept {
                    kept.not_before = request.now().checked_add(PAUSE_AFTER_FAILURE);
                }
                Err(failure)
            }
        }
    }
}

impl Slot {
    /// What is kept, and how often the provider has answered.
    fn look(&self, request: &TokenRequest, refresh_ahead: Duration) -> (Grade, u64) {
        let state = locked(&self.state);
        (state.grade(request, refresh_ahead), state.answers)
    }

    /// What the provider has answered after its first `answers` answers, if that suits.
    fn answered_since(
        &self,
        answers: u64,
        request: &TokenRequest,
        refresh_ahead: Duration,
    ) -> Option<Result<Token, Failure>> {
        let state = locked(&self.state);
        match state.grade(request, refresh_ahead) {
            Grade::Fresh(token) | Grade::Due(token) => Some(Ok(token)),
            Grade::None if state.answers > answers => state.failure.clone().map(Err),
            Grade::None => None,
        }
    }
}

impl State {
    fn grade(&self, request: &TokenRequest, refresh_ahead: Duration) -> Grade {
        let Some(Kept { token, claims, not_before }) = &self.kept else { return Grade::None };
        let refused = request.refused().is_some_and(|refused| refused.secret() == token.secret());
        let lacks_claims = request.claims.is_some() && *claims != request.claims;
        let now = request.now();
        let ends_by = |moment: Option<SystemTime>| {
            token.expires_at().is_some_and(|end| moment.is_none_or(|moment| end <= moment))
        };
        if refused || lacks_claims || ends_by(Some(now)) {
            Grade::None
        } else if ends_by(now.checked_add(refresh_ahead)) && not_before.is_none_or(|moment| now >= moment) {
            Grade::Due(token.clone())
        } else {
            Grade::Fresh(token.clone())
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<P: TokenProvider> TokenProvider for CachedToken<P> {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(self.fresh(request))
    }
}

impl<P: fmt::Debug> fmt::Debug for CachedToken<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedToken")
            .field("provider", &self.provider)
            .field("refresh_ahead", &self.refresh_ahead)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
