//! The token of an attempt, and the one time that it is renewed because the service refused it.

use std::sync::Arc;

use graph_runtime::OperationInfo;
use http::HeaderValue;

use tokio::time::timeout_at;

use super::{Pipeline, Terms};
use crate::clock::Clock;
use crate::credential::{self, Chosen, Renewal, Token, TokenRequest};
use crate::error::{BoxError, Error, ErrorKind};
use crate::scopes::Access;

const NO_TOKEN_IN_TIME: &str = "the call's time limit was over before the credential gave a token: see whether its token endpoint can be reached, or raise the call's `time_limit`";

/// The tokens of one call.
pub(super) struct Tokens<'a> {
    chosen: Chosen<'a>,
    /// The token to send next; none if the provider has to be asked.
    next: Option<Token>,
    sent: Option<Token>,
    /// The token had not expired when it was got, by the client's clock. Where that is wrong, the service decides.
    was_good: bool,
    /// The token that was refused, if that has been renewed.
    refused: Option<Token>,
    renewed: bool,
}

impl Tokens<'_> {
    /// The header of the attempt.
    pub(super) fn header(&self) -> Result<HeaderValue, Error> {
        let token = self.sent.as_ref().ok_or_else(|| Error::new(ErrorKind::Auth, "there is no token"))?;
        token.authorization().map_err(|error| Error::from_source(ErrorKind::Auth, error))
    }

    /// Whether the token has expired since it was got.
    pub(super) fn has_expired_since(&self, clock: &Clock) -> bool {
        self.was_good && self.sent.as_ref().is_some_and(|token| token.has_expired_by(clock.now()))
    }

    /// Whether they are known to be the app's own.
    pub(super) fn is_app(&self) -> bool {
        self.chosen.access == Some(Access::Application)
    }
}

impl Pipeline {
    pub(super) fn tokens(&self, operation: &'static OperationInfo) -> Result<Tokens<'_>, Error> {
        let chosen = self.credentials.choose(operation, self.access)?;
        Ok(Tokens { chosen, next: None, sent: None, was_good: false, refused: None, renewed: false })
    }

    /// Gets the token of the next attempt, and what will replace it if that is to be polled meanwhile.
    pub(super) async fn authorize(
        &self,
        operation: &'static OperationInfo,
        tokens: &mut Tokens<'_>,
        terms: &Terms<'_>,
    ) -> Result<Option<Box<Renewal>>, Error> {
        let mut token = match tokens.next.take() {
            Some(token) => token,
            None => self.ask(operation, tokens, terms, None).await?,
        };
        let renewal = token.take_renewal();
        tokens.was_good = !token.has_expired_by(self.clock.now());
        tokens.sent = Some(token);
        Ok(renewal)
    }

    /// Gets another token if `refusal` is about the one that was sent, once in a call. Says whether to try again with it.
    pub(super) async fn renew(
        &self,
        operation: &'static OperationInfo,
        tokens: &mut Tokens<'_>,
        terms: &Terms<'_>,
        refusal: &mut Error,
    ) -> bool {
        let refused = refusal.kind() == ErrorKind::Auth && refusal.status().is_some();
        if !refused || tokens.renewed {
            return false;
        }
        tokens.renewed = true;
        tokens.refused.clone_from(&tokens.sent);
        match self.ask(operation, tokens, terms, refusal.claims()).await {
            Ok(token) => {
                let differs = tokens.sent.as_ref().is_none_or(|sent| sent.secret() != token.secret());
                tokens.next = differs.then_some(token);
                differs
            }
            Err(mut error) => {
                let inner = refusal.inner_mut();
                inner.message =
                    format!("{}; no other token could be got: {}", inner.message, error.message()).into();
                inner.source = error.inner_mut().source.take();
                inner.claims = error.inner_mut().claims.take().or(inner.claims.take());
                false
            }
        }
    }

    async fn ask(
        &self,
        operation: &'static OperationInfo,
        tokens: &Tokens<'_>,
        terms: &Terms<'_>,
        claims: Option<&str>,
    ) -> Result<Token, Error> {
        let request = TokenRequest {
            scope: Arc::clone(&self.scope),
            operation,
            key: terms.key.clone(),
            clock: self.clock.clone(),
            access: tokens.chosen.access,
            refused: tokens.refused.clone(),
            claims: claims.map(Into::into),
            early: false,
        };
        let provider = tokens.chosen.provider;
        let token = credential::ask(provider, &request, provider.max_wait());
        let token = match terms.deadline {
            None => token.await,
            Some(deadline) => Box::pin(timeout_at(deadline, token))
                .await
                .map_err(|_| Error::new(ErrorKind::Timeout, NO_TOKEN_IN_TIME))?,
        };
        token.map_err(no_token)
    }
}

/// The error of a provider that has failed. What its token endpoint wants of the user is what helps.
fn no_token(error: BoxError) -> Error {
    let claims = credential::claims_within(&error);
    let mut error = Error::from_source(ErrorKind::Auth, error);
    error.inner_mut().claims = claims;
    error
}

#[cfg(test)]
mod tests;
