//! Credentials that get their tokens from the simulator's token endpoint, and calls with these.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph_facade::{Client, ClientBuilder, Clock, DeviceCode, ErrorKind, OnBehalfOf, RenewalPaused};
use graph_sim::{App, Fault, Sim};
use tokio::net::TcpListener;

use crate::support::{assert_clean, pass, seconds};

const MIDDLE: &str = "11111111-2222-4333-8444-555555555555";

fn middle() -> App {
    App::new(MIDDLE).secret("s3cret").delegated(["Group.Read.All"])
}

fn tenant() -> Sim {
    Sim::builder().group("Pilots", ["ada"]).app(middle()).token_lifetime(seconds(3_600)).build()
}

fn bare(sim: &Sim) -> ClientBuilder {
    Client::builder().transport(sim.transport()).clock(Clock::starting_at(sim.now()))
}

/// How often the token endpoint was asked, and how often Graph refused a token.
fn asked(sim: &Sim) -> (usize, usize) {
    let journal = sim.journal();
    let count = |condition: &dyn Fn(&graph_sim::Entry) -> bool| {
        journal.entries().iter().filter(|entry| condition(entry)).count()
    };
    (count(&|it| it.operation.as_deref() == Some("oauth2.token")), count(&|it| it.status == Some(401)))
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_with_a_code_once_until_the_sign_in_is_revoked() {
    let sim = tenant();
    let (user, prompts) = (sim.clone(), Arc::new(AtomicUsize::new(0)));
    let prompted = Arc::clone(&prompts);
    let credential = DeviceCode::new("contoso.example", App::DEFAULT_ID, move |address, code| {
        assert!(address.ends_with("/devicelogin"), "{address}");
        prompted.fetch_add(1, Ordering::SeqCst);
        user.sign_in(code, "ada").unwrap();
    });
    let client = bare(&sim).delegated(credential.unwrap().transport(sim.transport())).build().unwrap();
    for (hours, expected) in [(0, 1), (1, 1), (24, 1)] {
        pass(seconds(hours * 3_600)).await;
        let groups = client.groups().list().await.unwrap().items;
        assert_eq!((groups.len(), prompts.load(Ordering::SeqCst)), (1, expected), "after {hours} hours");
    }
    sim.revoke_sign_ins("ada");
    pass(seconds(3_600)).await;
    client.groups().list().await.unwrap();
    assert_eq!(prompts.load(Ordering::SeqCst), 2, "a sign-in that was revoked can't be renewed");
    assert_eq!(asked(&sim).1, 0, "no token is used past its end");
    assert!(sim.journal().entries().iter().filter(|it| it.operation.is_some()).any(|it| it.user == "ada"));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_declines_is_an_auth_error() {
    let sim = tenant();
    let user = sim.clone();
    let credential = DeviceCode::new("contoso.example", App::DEFAULT_ID, move |_, code| {
        user.decline_sign_in(code).unwrap();
    });
    let client = bare(&sim).delegated(credential.unwrap().transport(sim.transport())).build().unwrap();
    let error = client.groups().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 0), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_acts_for_its_user_with_what_it_was_consented_to() {
    let sim = tenant();
    let assertion = sim.assertion("ada", MIDDLE);
    let credential = OnBehalfOf::new("contoso.example", MIDDLE, "s3cret", assertion).unwrap();
    let client = bare(&sim).delegated(credential.transport(sim.transport())).build().unwrap();
    assert_eq!(client.groups().list().await.unwrap().items.len(), 1);
    let error = client.users().get("ada@contoso.example").await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 403), "{error}");
    assert_eq!(asked(&sim), (1, 0), "the token is kept");

    pass(seconds(3_600)).await;
    let error = client.groups().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("AADSTS500133"), "the user's token has ended: {error}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_token_does_not_have_one_made_for_each_call() {
    let refusals = Fault::respond("groups.list", 401).times(100);
    let sim = Sim::builder().group("Pilots", ["ada"]).app(middle()).fault(refusals).build();
    let credential =
        OnBehalfOf::new("contoso.example", MIDDLE, "s3cret", sim.assertion("ada", MIDDLE)).unwrap();
    let client = bare(&sim).delegated(credential.transport(sim.transport())).build().unwrap();
    for _ in 0..20 {
        let error = client.groups().list().await.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Auth, 401));
    }
    let error = client.groups().list().await.unwrap_err();
    assert!(error.message().contains("is not renewed again within 30.0s"), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<RenewalPaused>(), "{error}");
    assert_eq!(asked(&sim).0, 2);
    pass(seconds(31)).await;
    client.groups().list().await.unwrap_err();
    assert_eq!(asked(&sim).0, 3);
}

#[tokio::test(start_paused = true)]
async fn what_entra_refuses_is_told_in_its_words() {
    let sim = tenant();
    for (tenant, app, secret, expected) in [
        ("contoso.example", MIDDLE, "wrong", "AADSTS7000215"),
        ("contoso.example", "nobody", "s3cret", "AADSTS700016"),
        ("fabrikam.example", MIDDLE, "s3cret", "AADSTS90002"),
    ] {
        let credential = OnBehalfOf::new(tenant, app, secret, sim.assertion("ada", MIDDLE)).unwrap();
        let client = bare(&sim).delegated(credential.transport(sim.transport())).build().unwrap();
        let error = client.groups().list().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 0));
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
    }
}

#[tokio::test]
async fn over_a_socket_too() {
    let sim = tenant();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    tokio::spawn(sim.serve(listener));
    let credential = OnBehalfOf::new(Sim::TENANT_ID, MIDDLE, "s3cret", sim.assertion("ada", MIDDLE)).unwrap();
    let credential = credential.authority(&sim.root()).unwrap();
    let client = Client::builder().delegated(credential).root(sim.root()).build().unwrap();
    assert_eq!(client.groups().list().await.unwrap().items.len(), 1);
    assert_clean(&sim);
}

#[cfg(feature = "azure-identity")]
mod azure {
    //! `azure_identity` talks to no authority without TLS, so the simulator has it.

    use graph_facade::azure_core::cloud::CustomConfiguration;
    use graph_facade::azure_core::credentials::Secret;
    use graph_facade::azure_core::http::{ClientOptions, Transport};
    use graph_facade::azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
    use graph_facade::{AzureCredential, ReqwestTransport};
    use graph_sim::Certificate;

    use super::*;

    /// A simulator over HTTPS, and its certificate.
    async fn served(sim: Sim) -> (Sim, reqwest::Certificate) {
        let certificate = Certificate::generate().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        tokio::spawn(sim.server().tls(&certificate).serve(listener));
        let trusted = reqwest::Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
        (sim, trusted)
    }

    fn trusting(http: reqwest::ClientBuilder, certificate: &reqwest::Certificate) -> reqwest::ClientBuilder {
        http.no_proxy().tls_certs_only([certificate.clone()])
    }

    fn client(sim: &Sim, certificate: &reqwest::Certificate, secret: &str) -> Client {
        let http = trusting(reqwest::Client::builder(), certificate).build().unwrap();
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = sim.root();
        let client_options = ClientOptions {
            cloud: Some(Arc::new(cloud.into())),
            transport: Some(Transport::new(Arc::new(http))),
            ..ClientOptions::default()
        };
        let options = ClientSecretCredentialOptions { client_options };
        let secret = Secret::new(secret.to_owned());
        let credential =
            ClientSecretCredential::new(Sim::TENANT_ID, App::DEFAULT_ID.to_owned(), secret, Some(options));
        let certificate = certificate.clone();
        Client::builder()
            .application(AzureCredential::new(credential.unwrap()))
            .transport(ReqwestTransport::new(move |http| trusting(http, &certificate)).unwrap())
            .root(sim.root())
            .build()
            .unwrap()
    }

    #[tokio::test]
    async fn its_client_secret_gets_tokens_from_the_simulator() {
        let (sim, certificate) = served(tenant()).await;
        let client = client(&sim, &certificate, App::DEFAULT_SECRET);
        for _ in 0..2 {
            assert_eq!(client.groups().list().await.unwrap().items.len(), 1);
        }
        assert_eq!(asked(&sim), (1, 0), "the token is kept");
        let journal = sim.journal();
        assert!(journal.entries().iter().all(|entry| entry.user == "app"), "{journal}");
        assert_clean(&sim);
    }

    #[tokio::test]
    async fn its_error_says_what_entra_said() {
        let (sim, certificate) = served(tenant()).await;
        let error = client(&sim, &certificate, "wrong").groups().list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("AADSTS7000215"), "{error}");
    }
}
