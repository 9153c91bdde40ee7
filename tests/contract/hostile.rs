//! Answers that try to lead the client, and with it the token, elsewhere.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt as _;
use graph_facade::{
    BoxError, BoxFuture, DeltaToken, Error, ForeignAddress, PageLoop, SavedOperation, Token, TokenProvider,
    TokenRequest,
};
use graph_sim::{Fault, Sim};
use http::HeaderValue;
use http::header::LOCATION;
use serde_json::json;

use crate::support::{assert_clean, builder, client, pilots};

/// Addresses that are not below `https://graph.microsoft.com/v1.0`, however they look.
const ADDRESSES: [&str; 27] = [
    "https://graph.microsoft.com.evil.example/v1.0/groups",
    "https://graph.microsoft.com@evil.example/v1.0/groups",
    "https://graph.microsoft.com:443@evil.example/v1.0/groups",
    "https://graph.microsoft.com%40evil.example/v1.0/groups",
    "https://user:secret@graph.microsoft.com/v1.0/groups",
    "https://user@graph.microsoft.com/v1.0/groups",
    "https://evil.example/v1.0/groups",
    "https://evil.example/https://graph.microsoft.com/v1.0/groups",
    "https://evil.example#@graph.microsoft.com/v1.0/groups",
    "https://evil.example?@graph.microsoft.com/v1.0/groups",
    "https://evil.example\\@graph.microsoft.com/v1.0/groups",
    "https:\\\\evil.example\\v1.0\\groups",
    "https:evil.example/v1.0/groups",
    "\\\\evil.example/v1.0/groups",
    "//evil.example/v1.0/groups",
    "///evil.example/v1.0/groups",
    "/\\evil.example/v1.0/groups",
    "http://graph.microsoft.com/v1.0/groups",
    "HTTP://GRAPH.microsoft.com/v1.0/groups",
    "https://graph.microsoft.com:8443/v1.0/groups",
    "https://graph.microsoft.com./v1.0/groups",
    "https://gr\u{430}ph.microsoft.com/v1.0/groups",
    "https://xn--grph-53d.microsoft.com/v1.0/groups",
    "https://graph.microsoft.us/v1.0/groups",
    "https://graph.microsoft.com/v1.0/../evil",
    "ftp://graph.microsoft.com/v1.0/groups",
    "data:application/json,{}",
];

/// The call ended because of a foreign address, with nothing sent past the `sent` requests before.
#[track_caller]
fn assert_kept_home(sim: &Sim, error: &Error, address: &str, sent: usize) {
    let mut source = error.source();
    while source.is_some_and(|it| !it.is::<ForeignAddress>()) {
        source = source.and_then(std::error::Error::source);
    }
    assert!(source.is_some(), "{address}: {error:?}");
    assert_eq!(sim.journal().entries().len(), sent, "{address}\n{}", sim.journal());
}

/// Counts how often a token was given.
#[derive(Clone, Debug)]
struct Counting(String, Arc<Mutex<usize>>);

impl TokenProvider for Counting {
    fn token<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        *self.1.lock().unwrap() += 1;
        Box::pin(async { Ok(Token::new(self.0.as_str())) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_next_link_leads_nowhere_else() {
    for address in ADDRESSES {
        let fault = Fault::alter("groups.list", move |body| body["@odata.nextLink"] = json!(address));
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
        let tokens = Counting(sim.token("ada"), Arc::default());
        let client = builder(&sim, "ada").credential(tokens.clone()).build().unwrap();
        let error = client.groups().list().items().try_collect::<Vec<_>>().await.unwrap_err();
        assert_kept_home(&sim, &error, address, 1);
        assert_eq!(*tokens.1.lock().unwrap(), 1, "{address}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delta_link_leads_nowhere_else_not_even_by_way_of_a_saved_token() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let mut changes = client(&sim, "ada").groups().delta().changes();
    while changes.try_next().await.unwrap().is_some() {}
    let saved = changes.token().unwrap().to_json();
    let link = serde_json::from_str::<serde_json::Value>(&saved).unwrap()["link"].to_string();
    for address in ADDRESSES {
        let fault = Fault::alter("groups.delta", move |body| body["@odata.deltaLink"] = json!(address));
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
        let client = client(&sim, "ada");
        let mut changes = client.groups().delta().changes();
        assert_kept_home(&sim, &changes.try_next().await.unwrap_err(), address, 1);
        assert_eq!(changes.token(), None, "{address}: nothing to save");
        let forged = saved.replace(&link, &json!(address).to_string());
        let token: DeltaToken = forged.parse().unwrap();
        let resumed = client.groups().delta().resume(token).changes().try_collect::<Vec<_>>().await;
        assert_kept_home(&sim, &resumed.unwrap_err(), address, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_address_of_an_operation_leads_nowhere_else() {
    for address in ADDRESSES {
        let location = HeaderValue::from_bytes(address.as_bytes()).unwrap();
        let fault = Fault::respond("communities.create", 202).header(LOCATION, location);
        let sim = Sim::builder().user("ada").fault(fault).build();
        let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
        if address.is_ascii() {
            assert_kept_home(&sim, &error, address, 1);
        }
        assert_eq!(sim.journal().entries().len(), 1, "{address}");
        assert!(error.maybe_processed(), "{address}: the service has accepted");
    }
}

#[tokio::test(start_paused = true)]
async fn a_saved_operation_leads_nowhere_else() {
    let sim = Sim::builder().user("ada").build();
    let client = client(&sim, "ada");
    let operation = client.communities().create(pilots()).await.unwrap();
    let saved = serde_json::from_str::<serde_json::Value>(&operation.save().to_string()).unwrap();
    for address in ADDRESSES {
        let mut saved = saved.clone();
        saved["location"] = json!(address);
        let saved: SavedOperation = saved.to_string().parse().unwrap();
        let resumed = client.operations().resume::<graph_facade::models::Community>(saved);
        assert_kept_home(&sim, &resumed.unwrap_err(), address, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn no_redirect_is_followed_not_even_at_home() {
    for status in [300, 301, 302, 303, 307, 308] {
        for address in
            ["https://evil.example/v1.0/groups", "/v1.0/groups", "https://graph.microsoft.com/v1.0/me"]
        {
            let fault =
                Fault::respond("groups.list", status).header(LOCATION, HeaderValue::from_static(address));
            let sim = Sim::builder().user("ada").fault(fault).build();
            let error = client(&sim, "ada").groups().list().await.unwrap_err();
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert_eq!(sim.journal().entries().len(), 1, "{status} {address}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_pages_ends() {
    let link = |page: u32| json!(format!("https://graph.microsoft.com/v1.0/groups?$top={}", page + 1));
    for circle in [1, 2, 5] {
        let mut page = 0;
        let fault = Fault::alter("groups.list", move |body| {
            page = (page + 1) % circle;
            body["@odata.nextLink"] = link(page);
        });
        let sim = Sim::builder().group("Pilots", ["ada"]).fault(fault).build();
        let error = client(&sim, "ada").groups().list().items().try_collect::<Vec<_>>().await.unwrap_err();
        let sent = sim.journal().entries().len();
        let ended_by_loop = error.source().is_some_and(<dyn std::error::Error>::is::<PageLoop>);
        assert!(ended_by_loop && sent <= 24, "{circle} after {sent}: {error}");
    }
}
