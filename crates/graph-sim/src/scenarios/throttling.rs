//! Quotas.

use super::{COMMUNITIES, Client, pass};
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn ten_requests_in_thirty_seconds() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let ada = Client::new(&sim, "ada");
    for _ in 0..10 {
        assert_eq!(ada.get(COMMUNITIES).await.status, 200);
        pass(1).await;
    }
    let refused = ada.get(COMMUNITIES).await;
    refused.assert_refused(429, "TooManyRequests", "");
    assert_eq!(refused.header("retry-after"), "20");
    assert!(refused.header("x-ms-throttle-scope").ends_with(&sim.user_id("ada")));

    assert_eq!(Client::new(&sim, "grace").get(COMMUNITIES).await.status, 200);
    let other_app = Client::with_token(&sim, sim.token_for_app("ada", "other"));
    assert_eq!(other_app.get(COMMUNITIES).await.status, 200);
    assert_eq!(ada.get("/v1.0/groups").await.status, 200, "the directory has no such quota");
    assert_eq!(ada.get(&format!("/v1.0/users/{}", sim.user_id("ada"))).await.status, 200);

    pass(20).await;
    assert_eq!(ada.get(COMMUNITIES).await.status, 200, "after as long as it said");
    assert_eq!(ada.get(COMMUNITIES).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn refusals_count_on_demand() {
    for (count_refused, expected) in [(false, 200), (true, 429)] {
        let sim = Sim::builder().user("ada").count_refused(count_refused).build();
        let ada = Client::new(&sim, "ada");
        for _ in 0..10 {
            ada.get(COMMUNITIES).await;
        }
        pass(15).await;
        for _ in 0..10 {
            assert_eq!(ada.get(COMMUNITIES).await.status, 429);
        }
        pass(15).await;
        assert_eq!(ada.get(COMMUNITIES).await.status, expected, "count_refused({count_refused})");
    }
}
