//! Adding and removing members and owners.

use serde_json::json;

use super::{Client, ROOT};
use crate::Sim;

fn sim() -> (Sim, String) {
    let sim = Sim::builder().user("ada").user("grace").group("Pilots", ["ada"]).build();
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    (sim, group)
}

#[tokio::test(start_paused = true)]
async fn people_come_and_go() {
    let (sim, group) = sim();
    let ada = Client::new(&sim, "ada");
    let grace = sim.user_id("grace");
    for (role, collection) in [("members", "directoryObjects"), ("owners", "users")] {
        let reference = json!({ "@odata.id": format!("{ROOT}/v1.0/{collection}/{grace}") });
        let added = ada.post(&format!("{group}/{role}/$ref"), reference).await;
        assert_eq!((added.status.as_u16(), added.json.is_null()), (204, true));
        let people = ada.get(&format!("{group}/{role}")).await;
        assert_eq!(people.each("displayName"), ["Ada", "Grace"]);
        assert_eq!(people.each("@odata.type"), ["#microsoft.graph.user"; 2]);

        assert_eq!(ada.delete(&format!("{group}/{role}/{grace}/$ref")).await.status, 204);
        assert_eq!(ada.get(&format!("{group}/{role}")).await.each("displayName"), ["Ada"]);
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn adding_twice_is_refused_and_changes_nothing() {
    let (sim, group) = sim();
    let ada = Client::new(&sim, "ada");
    let reference = json!({ "@odata.id": format!("{ROOT}/v1.0/users/{}", sim.user_id("ada")) });
    for role in ["members", "owners"] {
        let words =
            format!("added object references already exist for the following modified properties: '{role}'");
        let refused = ada.post(&format!("{group}/{role}/$ref"), reference.clone()).await;
        refused.assert_refused(400, "Request_BadRequest", &words);
        assert_eq!(ada.get(&format!("{group}/{role}")).await.each("id").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_adding_refuses() {
    let (sim, group) = sim();
    let ada = Client::new(&sim, "ada");
    let address = |id: &str| json!({ "@odata.id": id });
    let nobody = sim.user_id("bob");
    let own_group = sim.group_id("Pilots").unwrap();
    for (body, status, code, words) in [
        (json!({}), 400, "Request_BadRequest", "'@odata.id' is required"),
        (json!({ "@odata.id": 1 }), 400, "BadRequest", "/@odata.id"),
        (address("/v1.0/planets/1"), 400, "Request_BadRequest", "directoryObjects/{id}"),
        (address("https://graph.example/v1.0/users/1"), 400, "Request_BadRequest", "directoryObjects/{id}"),
        (address(&format!("{ROOT}/users/1")), 400, "Request_BadRequest", "directoryObjects/{id}"),
        (address(&format!("{ROOT}/v1.0/users/{nobody}")), 404, "Request_ResourceNotFound", &nobody),
        (
            address(&format!("{ROOT}/v1.0/directoryObjects/{own_group}")),
            403,
            "Authorization_RequestDenied",
            "Only users",
        ),
    ] {
        ada.post(&format!("{group}/members/$ref"), body).await.assert_refused(status, code, words);
    }
    let reference = address(&format!("{ROOT}/v1.0/users/{}", sim.user_id("grace")));
    let elsewhere = ada.post("/v1.0/groups/missing/members/$ref", reference).await;
    elsewhere.assert_refused(404, "Request_ResourceNotFound", "missing");
}

#[tokio::test(start_paused = true)]
async fn the_last_owner_stays() {
    let (sim, group) = sim();
    let ada = Client::new(&sim, "ada");
    let (me, grace) = (sim.user_id("ada"), sim.user_id("grace"));
    let last = ada.delete(&format!("{group}/owners/{me}/$ref")).await;
    last.assert_refused(400, "Request_BadRequest", "must have at least one owner");
    assert_eq!(ada.delete(&format!("{group}/members/{me}/$ref")).await.status, 204, "the last member may go");
    let absent = ada.delete(&format!("{group}/owners/{grace}/$ref")).await;
    absent.assert_refused(404, "Request_ResourceNotFound", &grace);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_owners_are_enough() {
    let names: Vec<String> = (0..100).map(|number| format!("user{number}")).collect();
    let sim = Sim::builder().group("Crowd", &names).user("ada").build();
    let reference = json!({ "@odata.id": format!("{ROOT}/v1.0/users/{}", sim.user_id("ada")) });
    let path = format!("/v1.0/groups/{}/owners/$ref", sim.group_id("Crowd").unwrap());
    let refused = Client::new(&sim, "ada").post(&path, reference).await;
    refused.assert_refused(403, "Directory_QuotaExceeded", "maximum quota count '100'");
}
