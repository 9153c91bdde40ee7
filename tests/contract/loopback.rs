//! The same over a socket: the simulator as a server, and the transport that real programs use. Real time, so nothing waits.

use graph_facade::{Client, ClientBuilder, ErrorKind, NoRetry, StaticToken};
use graph_sim::{Fault, Sim, SimBuilder};
use http::header::LOCATION;
use tokio::net::TcpListener;

use crate::support::{assert_clean, pilots, statuses};

/// A simulator behind a port of this machine. The server ends with the test's runtime.
async fn served(sim: SimBuilder) -> Sim {
    let sim = sim.build();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    tokio::spawn(sim.serve(listener));
    sim
}

fn builder(sim: &Sim) -> ClientBuilder {
    Client::builder().credential(StaticToken::new(sim.token("ada"))).root(sim.root()).retry(NoRetry)
}

#[tokio::test]
async fn the_beginning_of_the_journey_works_over_http() {
    let sim = served(Sim::builder().group("Crew", ["ada"]).user("grace")).await;
    let client = builder(&sim).build().unwrap();

    let operation = client.communities().create(pilots().owner(sim.user_id("ada"))).await.unwrap();
    assert!(operation.location().starts_with(&sim.root()), "{operation:?}");

    let groups = client.groups().list().select(["id", "displayName"]).await.unwrap().items;
    assert_eq!(groups[0].display_name.as_deref(), Some("Crew"));
    client.groups().members(&groups[0]).add(sim.user_id("grace")).await.unwrap();

    let error = client.groups().owners(&groups[0]).remove(sim.user_id("ada")).await.unwrap_err();
    assert!(error.is_last_owner(), "{error}");
    assert!(error.request_id().is_some() && error.client_request_id().is_some(), "{error}");
    assert_eq!(statuses(&sim), [Some(202), Some(200), Some(204), Some(400)]);
    assert_clean(&sim);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_says_that_it_may_have_worked() {
    let sim = served(Sim::builder().user("ada").fault(Fault::lose_connection("communities.create"))).await;
    let error = builder(&sim).build().unwrap().communities().create(pilots()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (ErrorKind::Connect, true), "{error}");
    assert_eq!(statuses(&sim), [None], "and no hidden second try");
    assert_clean(&sim);
}

#[tokio::test]
async fn a_connection_that_is_never_made_says_that_nothing_was_sent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let nobody_listens = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let builder = Client::builder().credential(StaticToken::new("t")).root(nobody_listens).retry(NoRetry);
    let error = builder.build().unwrap().communities().create(pilots()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (ErrorKind::Connect, false), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = "/v1.0/users/ada@contoso.example".parse().unwrap();
    let fault = Fault::respond("groups.list", 302).header(LOCATION, elsewhere);
    let sim = served(Sim::builder().user("ada").fault(fault)).await;
    let error = builder(&sim).build().unwrap().groups().list().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 302);
    assert_eq!(statuses(&sim), [Some(302)]);
    assert_clean(&sim);
}
