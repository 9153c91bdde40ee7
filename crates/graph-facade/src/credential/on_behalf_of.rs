//! A service's way to act for the user who called it.

use graph_models::{BoxFuture, Cloud};
use oauth2::{AccessToken, ClientSecret};

use super::token_endpoint::TokenEndpoint;
use super::{CachedToken, Token, TokenProvider, TokenRequest};
use crate::error::{BoxError, Error};
use crate::transport::Transport;

/// Tokens for the user whose token a web service was called with: the on-behalf-of flow.
///
/// Make one for each user's token; its own tokens are kept as in [`CachedToken`]. When Graph wants further
/// [claims](TokenRequest::claims), they are asked for; if Entra refuses that, pass
/// [`Error::claims`] on to whoever called the service, for the user to sign in again.
///
/// ```no_run
/// # fn example(users_token: &str) -> Result<(), graph_facade::Error> {
/// use graph_facade::{Client, OnBehalfOf};
///
/// let credential = OnBehalfOf::new("contoso.example", "app-id", "app-secret", users_token)?;
/// let client = Client::builder().delegated(credential).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OnBehalfOf(CachedToken<Exchange>);

#[derive(Debug)]
struct Exchange {
    endpoint: TokenEndpoint,
    client_id: String,
    client_secret: ClientSecret,
    assertion: AccessToken,
}

impl OnBehalfOf {
    /// Exchanges `users_token`, which was issued for the app `client_id`, in `tenant`: an id or a domain.
    pub fn new(
        tenant: &str,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        users_token: impl Into<String>,
    ) -> Result<Self, Error> {
        Ok(Self(CachedToken::new(Exchange {
            endpoint: TokenEndpoint::new(tenant)?,
            client_id: client_id.into(),
            client_secret: ClientSecret::new(client_secret.into()),
            assertion: AccessToken::new(users_token.into()),
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
        Self(self.0.map(|exchange| Exchange { endpoint: exchange.endpoint.over(transport), ..exchange }))
    }

    fn with_endpoint(
        self,
        change: impl FnOnce(TokenEndpoint) -> Result<TokenEndpoint, Error>,
    ) -> Result<Self, Error> {
        let exchange = self.0.into_provider();
        Ok(Self(CachedToken::new(Exchange { endpoint: change(exchange.endpoint)?, ..exchange })))
    }
}

impl TokenProvider for OnBehalfOf {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.token(request)
    }
}

impl TokenProvider for Exchange {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(async move {
            let mut parameters = vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("requested_token_use", "on_behalf_of"),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.secret()),
                ("assertion", self.assertion.secret()),
                ("scope", request.scope()),
            ];
            parameters.extend(request.claims().map(|claims| ("claims", claims)));
            self.endpoint.grant(&parameters, request.now()).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use url::form_urlencoded;

    use super::OnBehalfOf;
    use crate::testing::{Reply, Script, token_request};
    use crate::{Cloud, TokenProvider, TokenRequest};

    const SECRETS: [&str; 3] = ["app-s3cret", "users-t0ken", "graph-t0ken"];

    fn credential(script: &Script) -> OnBehalfOf {
        let credential = OnBehalfOf::new("contoso.example", "app", SECRETS[0], SECRETS[1]).unwrap();
        credential.transport(script.clone())
    }

    fn granted() -> Reply {
        Reply::json(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": SECRETS[2]}))
    }

    #[tokio::test(start_paused = true)]
    async fn the_users_token_is_exchanged_at_the_authority_of_the_cloud_and_kept() {
        for (cloud, authority) in [
            (Cloud::Global, "https://login.microsoftonline.com"),
            (Cloud::UsGov, "https://login.microsoftonline.us"),
            (Cloud::UsGovDod, "https://login.microsoftonline.us"),
            (Cloud::China, "https://login.chinacloudapi.cn"),
        ] {
            let script = Script::new([granted()]);
            let credential = credential(&script).cloud(cloud).unwrap();
            for _ in 0..2 {
                let token = credential.token(&token_request("g/.default", 0)).await.unwrap();
                assert_eq!(token.secret(), SECRETS[2]);
            }
            assert_eq!(script.lines(), [format!("POST {authority}/contoso.example/oauth2/v2.0/token")]);
            let body = script.requests()[0].body().clone();
            let form: BTreeMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
            let expected = [
                ("assertion", SECRETS[1]),
                ("client_id", "app"),
                ("client_secret", SECRETS[0]),
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("requested_token_use", "on_behalf_of"),
                ("scope", "g/.default"),
            ];
            let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(form, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn claims_are_asked_for() {
        let script = Script::new([granted()]);
        let request = TokenRequest { claims: Some("{\"a\":1}".into()), ..token_request("s", 0) };
        credential(&script).token(&request).await.unwrap();
        let body = script.requests()[0].body().clone();
        assert!(form_urlencoded::parse(&body).any(|pair| pair == ("claims".into(), "{\"a\":1}".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_quoted_a_redirect_is_not_followed_and_nothing_secret_is_printed() {
        let refusal = json!({"error": "invalid_grant", "error_description": "AADSTS50013: expired"});
        for (reply, expected) in [
            (Reply::new(400).body(refusal.to_string()), "invalid_grant: AADSTS50013: expired"),
            (Reply::new(302).header("Location", "https://evil.example/"), "answered 302 Found without"),
            (Reply::new(200).body("{}"), "no token that can be read"),
        ] {
            let script = Script::new([reply]);
            let credential = credential(&script);
            let error = credential.token(&token_request("s", 0)).await.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            let printed = format!("{credential:?} {error:?} {error}");
            assert!(SECRETS.iter().all(|secret| !printed.contains(secret)), "{printed}");
            assert_eq!(script.requests().len(), 1);
        }
    }

    #[test]
    fn secrets_go_nowhere_but_to_an_authority() {
        for tenant in ["", "a/b", "..", "a@evil.example", "a?b", "a#b", "a\\b", "evil.example/"] {
            let error = OnBehalfOf::new(tenant, "app", "s", "t").unwrap_err();
            assert!(error.message().contains("is no tenant"), "{tenant}: {error}");
        }
        for origin in ["http://login.example", "https://u@login.example", "https://login.example/x", "login"]
        {
            assert!(credential(&Script::new([])).authority(origin).is_err(), "{origin}");
        }
        assert!(credential(&Script::new([])).authority("http://127.0.0.1:8080").is_ok());
    }
}
