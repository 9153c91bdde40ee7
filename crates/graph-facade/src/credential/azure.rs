//! Azure's credentials as token providers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::credentials::TokenCredential;
use graph_models::BoxFuture;
use tokio::sync::Mutex;

use super::{Token, TokenProvider, TokenRequest};
use crate::BoxError;

/// Any credential of `azure_identity` as a [`TokenProvider`].
///
/// Some of them ask a command-line tool each time, so the token is kept here until five minutes before it expires, and
/// only one request for a new one is under way at a time.
pub struct AzureCredential {
    credential: Arc<dyn TokenCredential>,
    kept: Mutex<Option<(Box<str>, Token)>>,
}

/// How long before its end a token is replaced.
const REFRESH_AHEAD: Duration = Duration::from_secs(5 * 60);

impl AzureCredential {
    /// Uses `credential` for every token.
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self { credential, kept: Mutex::new(None) }
    }

    async fn fresh(&self, request: &TokenRequest) -> Result<Token, BoxError> {
        let mut kept = self.kept.lock().await;
        if let Some((scope, token)) = &*kept
            && **scope == *request.scope()
            && is_fresh(token, request.now())
        {
            return Ok(token.clone());
        }
        let access = self.credential.get_token(&[request.scope()], None).await?;
        let token = Token::new(access.token.secret()).expiring_at(access.expires_on.into());
        *kept = Some((request.scope().into(), token.clone()));
        Ok(token)
    }
}

fn is_fresh(token: &Token, now: SystemTime) -> bool {
    token.expires_at().is_some_and(|end| now + REFRESH_AHEAD < end)
}

impl TokenProvider for AzureCredential {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(self.fresh(request))
    }
}

impl fmt::Debug for AzureCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureCredential").field("credential", &self.credential).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, SystemTime};

    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
    use graph_models::{BoxFuture, operations};

    use super::{AzureCredential, TokenProvider, TokenRequest};
    use crate::QuotaKey;

    /// Hands out numbered tokens that live an hour.
    #[derive(Debug, Default)]
    struct Numbered(AtomicU32);

    impl TokenCredential for Numbered {
        fn get_token<'life0, 'life1, 'life2, 'life3, 'result>(
            &'life0 self,
            _: &'life1 [&'life2 str],
            _: Option<TokenRequestOptions<'life3>>,
        ) -> BoxFuture<'result, azure_core::Result<AccessToken>>
        where
            'life0: 'result,
            'life1: 'result,
            'life2: 'result,
            'life3: 'result,
            Self: 'result,
        {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let end = SystemTime::UNIX_EPOCH + Duration::from_secs(3600);
            Box::pin(async move { Ok(AccessToken::new(number.to_string(), end.into())) })
        }
    }

    #[tokio::test]
    async fn a_token_is_kept_until_shortly_before_its_end() {
        let credential = AzureCredential::new(Arc::new(Numbered::default()));
        for (minute, scope, expected) in [(0, "a", "0"), (54, "a", "0"), (54, "b", "1"), (55, "b", "2")] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute);
            let request = TokenRequest {
                scope: scope.into(),
                operation: &operations::USERS_GET,
                key: QuotaKey::new(),
                now,
            };
            assert_eq!(credential.token(&request).await.unwrap().secret(), expected, "minute {minute}");
        }
        assert!(!format!("{credential:?}").contains("secret"));
    }
}
