//! Tokens.

use std::time::Duration;

use bytes::Bytes;
use tower_service::Service as _;

use super::{Client, ROOT, pass};
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn without_a_token_of_its_own_the_simulator_refuses() {
    let sim = Sim::builder().user("ada").build();
    for token in [String::new(), "made.up.token".to_owned(), sim.token("bob")] {
        let refused = Client::with_token(&sim, token).get("/v1.0/groups").await;
        refused.assert_refused(401, "InvalidAuthenticationToken", "");
        assert!(refused.header("www-authenticate").starts_with("Bearer "));
    }
    let bare = http::Request::get(format!("{ROOT}/v1.0/groups")).body(Bytes::new()).unwrap();
    assert_eq!(sim.transport().call(bare).await.unwrap().status(), 401);
    assert!(sim.journal().entries().iter().all(|entry| entry.user == "-" && entry.operation.is_none()));
}

#[tokio::test(start_paused = true)]
async fn tokens_expire_in_simulated_time() {
    let sim = Sim::builder().user("ada").token_lifetime(Duration::from_secs(3_600)).build();
    let ada = Client::new(&sim, "ada");
    pass(3_599).await;
    assert_eq!(ada.get("/v1.0/groups").await.status, 200);
    pass(1).await;
    ada.get("/v1.0/groups").await.assert_refused(401, "InvalidAuthenticationToken", "expired");
    assert_eq!(Client::new(&sim, "ada").get("/v1.0/groups").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_who_called() {
    let sim = Sim::builder().user("ada").build();
    for token in [sim.token("ada"), sim.token_for_app("ada", "other"), sim.app_token()] {
        Client::with_token(&sim, token).get("/v1.0/groups").await;
    }
    let journal = sim.journal();
    let users: Vec<&str> = journal.entries().iter().map(|entry| entry.user.as_str()).collect();
    assert_eq!(users, ["ada", "ada (other)", "app"]);
}
