//! The token of an attempt, and the one time that it is renewed because the service refused it.

use std::sync::Arc;

use graph_models::OperationInfo;
use http::HeaderValue;

use tokio::time::timeout_at;

use super::{Pipeline, Terms};
use crate::credential::{Chosen, Token, TokenRequest};
use crate::error::{Error, ErrorKind};
use crate::scopes::Access;

/// The tokens of one call.
pub(super) struct Tokens<'a> {
    chosen: Chosen<'a>,
    /// The token to send next; none if the provider has to be asked.
    next: Option<Token>,
    sent: Option<Token>,
    renewed: bool,
}

impl Tokens<'_> {
    /// The header of the attempt.
    pub(super) fn header(&self) -> Result<HeaderValue, Error> {
        let token = self.sent.as_ref().ok_or_else(|| Error::new(ErrorKind::Auth, "there is no token"))?;
        token.authorization().map_err(|error| Error::from_source(ErrorKind::Auth, error))
    }

    /// Whether they are known to be the app's own.
    pub(super) fn is_app(&self) -> bool {
        self.chosen.access == Some(Access::Application)
    }
}

impl Pipeline {
    pub(super) fn tokens(&self, operation: &'static OperationInfo) -> Result<Tokens<'_>, Error> {
        let chosen = self.credentials.choose(operation, self.access)?;
        Ok(Tokens { chosen, next: None, sent: None, renewed: false })
    }

    /// Gets the token of the next attempt.
    pub(super) async fn authorize(
        &self,
        operation: &'static OperationInfo,
        tokens: &mut Tokens<'_>,
        terms: &Terms<'_>,
    ) -> Result<(), Error> {
        let token = match tokens.next.take() {
            Some(token) => token,
            None => self.ask(operation, tokens, terms, None).await?,
        };
        tokens.sent = Some(token);
        Ok(())
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
            refused: tokens.sent.clone().filter(|_| tokens.renewed),
            claims: claims.map(Into::into),
        };
        let token = tokens.chosen.provider.token(&request);
        let token = match terms.deadline {
            None => token.await,
            Some(deadline) => Box::pin(timeout_at(deadline, token))
                .await
                .map_err(|elapsed| Error::from_source(ErrorKind::Timeout, elapsed))?,
        };
        token.map_err(|error| Error::from_source(ErrorKind::Auth, error))
    }
}
