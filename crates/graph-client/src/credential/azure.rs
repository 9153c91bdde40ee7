//! Azure's credentials as token providers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use graph_runtime::BoxFuture;

use super::{CachedToken, Token, TokenProvider, TokenRequest};
use crate::BoxError;

/// Any credential of `azure_identity` as a [`TokenProvider`].
///
/// Those that ask a command-line tool do so each time, and none goes on with a token that is still good when getting
/// another fails, so the tokens are kept as in [`CachedToken`].
///
/// `azure_core` has no way to ask for [claims](TokenRequest::claims): when the service wants some, a credential that keeps
/// its tokens itself gives the same again, and the call ends with the error that names them.
pub struct AzureCredential(CachedToken<Uncached>);

impl AzureCredential {
    /// Uses `credential` for every token.
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(CachedToken::new(Uncached(credential)))
    }

    /// Gives up on the credential after `limit`; otherwise 30 s. One that waits for a person needs more.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self(self.0.time_limit(limit))
    }

    /// Keeps the tokens of so many keys; otherwise 10,000. See [`CachedToken::capacity`].
    pub fn capacity(self, keys: usize) -> Self {
        Self(self.0.capacity(keys))
    }
}

impl TokenProvider for AzureCredential {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.token(request)
    }

    fn max_wait(&self) -> Option<Duration> {
        self.0.max_wait()
    }
}

impl fmt::Debug for AzureCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AzureCredential").field(&self.0).finish()
    }
}

#[derive(Debug)]
struct Uncached(Arc<dyn TokenCredential>);

impl TokenProvider for Uncached {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(async {
            let access = self.0.get_token(&[request.scope()], None).await?;
            Ok(Token::new(access.token.secret()).expiring_at(access.expires_on.into()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
    use graph_runtime::BoxFuture;

    use super::{AzureCredential, TokenProvider};
    use crate::credential::token::token_request;
    use crate::testing::start_time;

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
            let end = start_time() + Duration::from_secs(3600);
            Box::pin(async move { Ok(AccessToken::new(number.to_string(), end.into())) })
        }
    }

    #[tokio::test]
    async fn a_token_is_kept_until_shortly_before_its_end() {
        let credential = AzureCredential::new(Arc::new(Numbered::default()));
        for (minute, scope, expected) in [(0, "a", "0"), (54, "a", "0"), (54, "b", "1"), (55, "b", "2")] {
            let request = token_request(scope, 60 * minute);
            assert_eq!(credential.token(&request).await.unwrap().secret(), expected, "minute {minute}");
        }
        assert!(!format!("{credential:?}").contains("secret"));
    }
}
