//! The policy for the expiry of groups.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_policy_that_does_not_say_what_it_is_for_is_not_made() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let policy = json!({ "groupLifetimeInDays": 180, "alternateNotificationEmails": "a@b.example" });
    let refused = ada.post("/v1.0/groupLifecyclePolicies", policy).await;
    refused.assert_refused(501, "NotImplemented", "'managedGroupTypes'");
    let pilots = sim.group_id("Pilots").unwrap();
    let policies = ada.get(&format!("/v1.0/groups/{pilots}/groupLifecyclePolicies")).await;
    assert_eq!(policies.json["value"], json!([]));
}
