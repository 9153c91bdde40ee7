//! Credentials: needed, checked, and shown to nobody but the service.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use graph_facade::{
    BoxError, BoxFuture, Client, Cloud, Error, ErrorCode, ErrorKind, InvalidRoot, StaticToken, Token,
    TokenProvider, TokenRequest,
};
use graph_sim::{Fault, Sim};
use http::header::LOCATION;

use crate::support::{assert_clean, builder, client, pass, pilots, seconds, statuses};

fn network() -> Sim {
    Sim::builder().community("Pilots", ["ada"]).build()
}

#[test]
fn a_client_without_a_credential_is_not_built() {
    let error = Client::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().contains("give the builder one with `.credential(…)`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_service_refuses_is_an_auth_error_with_the_remedy() {
    let sim = network();
    let error = client(&sim, "nobody").communities().list().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Auth, 401));
    assert_eq!(error.code(), Some(&ErrorCode::InvalidAuthenticationToken));
    assert!(error.to_string().ends_with("; get a new token, for this cloud and tenant"), "{error}");
    assert_eq!(statuses(&sim), [Some(401)], "asking again with the same token would not help");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_is_an_auth_error_too() {
    let sim = Sim::builder().user("ada").token_lifetime(seconds(3_600)).build();
    let client = client(&sim, "ada");
    client.groups().list().await.unwrap();
    pass(seconds(3_600)).await;
    assert_eq!(client.groups().list().await.unwrap_err().kind(), ErrorKind::Auth);
}

/// Remembers the scopes it was asked for, and has no token.
#[derive(Clone, Debug, Default)]
struct Empty(Arc<Mutex<Vec<String>>>);

impl TokenProvider for Empty {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        self.0.lock().unwrap().push(format!("{} {}", request.operation().id, request.scope()));
        Box::pin(async { Err("the vault is closed".into()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_is_asked_once_and_nothing_is_sent() {
    let (sim, provider) = (network(), Empty::default());
    let client = builder(&sim, "ada").credential(provider.clone()).build().unwrap();
    let error = client.communities().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 0));
    assert!(
        error.message() == "the vault is closed" && error.to_string().ends_with("; check the credential")
    );
    assert_eq!(*provider.0.lock().unwrap(), ["communities.list https://graph.microsoft.com/.default"]);
    assert_eq!(sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_token_is_for_the_clients_cloud() {
    let root = "https://microsoftgraph.chinacloudapi.cn";
    let sim = Sim::builder().group("Pilots", ["ada"]).root(root).build();
    let client = builder(&sim, "ada").cloud(Cloud::China).build().unwrap();
    assert_eq!(client.groups().list().await.unwrap().items.len(), 1);
    let provider = Empty::default();
    let client = builder(&sim, "ada").cloud(Cloud::China).credential(provider.clone()).build().unwrap();
    client.groups().list().await.unwrap_err();
    assert_eq!(*provider.0.lock().unwrap(), [format!("groups.list {root}/.default")]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn no_token_is_shown_whatever_is_printed() {
    let fault = Fault::respond("groups.get", 400).body("no");
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
    let (token, client) = (sim.token("ada"), client(&sim, "ada"));
    let operation = client.communities().create(pilots()).await.unwrap();
    let refused_token = StaticToken::new(sim.token("nobody"));
    let refused = builder(&sim, "ada").credential(refused_token).build().unwrap().groups().list().await;
    let unfit = StaticToken::new(format!("{token}\n"));
    let unsendable = builder(&sim, "ada").credential(unfit).build().unwrap().groups().list().await;

    let things: [&dyn Debug; 12] = [
        &client,
        &builder(&sim, "ada"),
        &StaticToken::new(token.as_str()),
        &Token::new(token.as_str()),
        &client.communities(),
        &client.groups().members("g"),
        &client.groups().list(),
        &client.communities().create(pilots()),
        &operation,
        &operation.save(),
        &(client.groups().get("g").await.unwrap_err(), refused.as_ref().unwrap_err()),
        unsendable.as_ref().unwrap_err(),
    ];
    let errors = [refused.as_ref().unwrap_err().to_string(), unsendable.as_ref().unwrap_err().to_string()];
    let printed = things.iter().flat_map(|thing| [format!("{thing:?}"), format!("{thing:#?}")]);
    for text in printed.chain(errors) {
        for secret in [&token, &sim.token("nobody")] {
            assert!(!text.contains(secret.as_str()), "{text}");
        }
    }
}

#[track_caller]
fn root_refused(root: &str) -> InvalidRoot {
    let error = Client::builder().credential(StaticToken::new("t")).root(root).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let source = std::error::Error::source(&error).unwrap();
    source.downcast_ref::<InvalidRoot>().unwrap_or_else(|| panic!("{error}")).clone()
}

#[test]
fn a_root_that_would_send_tokens_in_the_clear_is_refused() {
    for root in ["http://graph.microsoft.com", "http://192.168.0.1:8080", "http://localhost.evil.example"] {
        assert!(matches!(root_refused(root), InvalidRoot::Insecure(_)), "{root}");
    }
    for root in
        ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "https://graph.contoso.example"]
    {
        Client::builder().credential(StaticToken::new("t")).root(root).build().unwrap();
    }
    assert!(matches!(root_refused("graph.microsoft.com"), InvalidRoot::Malformed(_)));
    assert!(matches!(root_refused("https://graph.microsoft.com/v1.0"), InvalidRoot::NotAnOrigin(_)));
}

#[tokio::test(start_paused = true)]
async fn what_a_cloud_does_not_offer_is_refused_by_its_name_before_anything_is_sent() {
    for (cloud, name) in [
        (Cloud::China, "China (21Vianet) does not offer this; the global cloud does"),
        (Cloud::UsGov, "US Government L4 does not offer this; the global cloud does"),
        (Cloud::UsGovDod, "US Government L5 does not offer this; the global cloud does"),
    ] {
        let sim = network();
        let provider = Empty::default();
        let client = builder(&sim, "ada").cloud(cloud).credential(provider.clone()).build().unwrap();
        let list = client.communities().list().await.map(drop);
        let create = client.communities().create(pilots()).await.map(drop);
        for outcome in [list, create] {
            let error: Error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidRequest, name));
        }
        assert_eq!(provider.0.lock().unwrap().len(), 0, "not even a token is asked for");
        assert_eq!(sim.journal().entries().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_reported_and_not_followed() {
    let elsewhere = "https://evil.example/v1.0/groups".parse().unwrap();
    let fault = Fault::respond("groups.list", 302).header(LOCATION, elsewhere);
    let sim = Sim::builder().user("ada").fault(fault).build();
    let error = client(&sim, "ada").groups().list().await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.message()), (302, "redirects are not followed"));
    assert_eq!(statuses(&sim), [Some(302)]);
    assert_clean(&sim);
}
