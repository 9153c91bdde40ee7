//! The token of an attempt, and the one time that it is renewed because the service refused it.

use std::sync::Arc;

use graph_models::OperationInfo;
use http::HeaderValue;

use super::Pipeline;
use crate::credential::{Chosen, Token, TokenRequest};
use crate::error::{BoxError, Error, ErrorKind};

/// The tokens of one call.
pub(super) struct Tokens<'a> {
    chosen: Chosen<'a>,
    /// The token to send next; none if the provider has to be asked.
    next: Option<Token>,
    sent: Option<Token>,
    renewed: bool,
}

impl Pipeline {
    pub(super) fn tokens(&self, operation: &'static OperationInfo) -> Result<Tokens<'_>, Error> {
        let chosen = self.credentials.choose(operation, self.access)?;
        Ok(Tokens { chosen, next: None, sent: None, renewed: false })
    }

    /// The header of the next attempt.
    pub(super) async fn authorization(
        &self,
        operation: &'static OperationInfo,
        tokens: &mut Tokens<'_>,
    ) -> Result<HeaderValue, Error> {
        let token = match tokens.next.take() {
            Some(token) => Ok(token),
            None => self.ask(operation, tokens, None).await,
        };
        let header = token.and_then(|token| {
            let header = token.authorization()?;
            tokens.sent = Some(token);
            Ok(header)
        });
        header.map_err(|error| Error::from_source(ErrorKind::Auth, error))
    }

    /// Gets another token if `refusal` is about the one that was sent, once in a call. Says whether to try again with it.
    pub(super) async fn renew(
        &self,
        operation: &'static OperationInfo,
        tokens: &mut Tokens<'_>,
        refusal: &mut Error,
    ) -> bool {
        let refused = refusal.kind() == ErrorKind::Auth && refusal.status().is_some();
        if !refused || tokens.renewed {
            return false;
        }
        tokens.renewed = true;
        match self.ask(operation, tokens, refusal.claims()).await {
            Ok(token) => {
                let differs = tokens.sent.as_ref().is_none_or(|sent| sent.secret() != token.secret());
                tokens.next = differs.then_some(token);
                differs
            }
            Err(error) => {
                let inner = refusal.inner_mut();
                inner.message = format!("{}; no other token could be got: {error}", inner.message).into();
                inner.source = Some(error);
                false
            }
        }
    }

    async fn ask(
        &self,
        operation: &'static OperationInfo,
        tokens: &Tokens<'_>,
        claims: Option<&str>,
    ) -> Result<Token, BoxError> {
        let request = TokenRequest {
            scope: Arc::clone(&self.scope),
            operation,
            now: self.clock.now(),
            access: tokens.chosen.access,
            refused: tokens.sent.clone().filter(|_| tokens.renewed),
            claims: claims.map(Into::into),
        };
        tokens.chosen.provider.token(&request).await
    }
}
