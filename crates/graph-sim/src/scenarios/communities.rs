//! Reading, changing and deleting communities.

use serde_json::json;

use super::{COMMUNITIES, Client, ROOT};
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn a_community_on_the_wire() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let id = ada.create("Pilots").await;
    let expected = json!({
        "@odata.context": format!("{ROOT}/v1.0/$metadata#employeeExperience/communities/$entity"),
        "id": id,
        "displayName": "Pilots",
        "description": "Flight deck",
        "privacy": "private",
        "groupId": sim.group_id("Pilots").unwrap(),
    });
    assert_eq!(ada.get(&format!("{COMMUNITIES}/{id}")).await.json, expected);
    assert_eq!(ada.get(&format!("{COMMUNITIES}('{id}')")).await.json, expected);
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_the_group() {
    let sim = Sim::builder().user("ada").community("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let address = format!("{COMMUNITIES}/{}", sim.community_id("Pilots").unwrap());

    let change = json!({ "displayName": "Aviators", "privacy": "public" });
    let changed = ada.patch(&address, change).await;
    assert_eq!((changed.status.as_u16(), changed.json.is_null()), (204, true));
    let community = ada.get(&address).await.json;
    assert_eq!((&community["displayName"], &community["privacy"]), (&json!("Aviators"), &json!("public")));
    let group = ada.get(&format!("{address}/group")).await.json;
    assert_eq!((&group["displayName"], &group["visibility"]), (&json!("Aviators"), &json!("Public")));

    ada.patch(&address, json!({ "description": "New" })).await;
    let community = ada.get(&address).await.json;
    assert_eq!((&community["displayName"], &community["description"]), (&json!("Aviators"), &json!("New")));
}

#[tokio::test(start_paused = true)]
async fn a_change_may_not_touch_everything() {
    let sim = Sim::builder().user("ada").community("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let address = format!("{COMMUNITIES}/{}", sim.community_id("Pilots").unwrap());
    for (change, words) in [
        (json!({ "groupId": "x" }), "'groupId' is read-only"),
        (json!({ "displayName": null }), "/displayName"),
        (json!({ "displayName": " " }), "'displayName' must not be empty"),
        (json!({ "owners@odata.bind": [] }), "'owners@odata.bind' can't be written here"),
    ] {
        ada.patch(&address, change).await.assert_refused(400, "BadRequest", words);
    }
    let missing = format!("{COMMUNITIES}/missing");
    ada.patch(&missing, json!({ "displayName": "x" })).await.assert_refused(404, "NotFound", "missing");
}

#[tokio::test(start_paused = true)]
async fn deleting_takes_the_group_along() {
    let sim = Sim::builder().user("ada").community("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let address = format!("{COMMUNITIES}/{}", sim.community_id("Pilots").unwrap());
    let group = sim.group_id("Pilots").unwrap();

    assert_eq!(ada.delete(&address).await.status, 204);
    for path in [address.clone(), format!("{address}/owners"), format!("{address}/group")] {
        ada.get(&path).await.assert_refused(404, "NotFound", "community");
    }
    ada.delete(&address).await.assert_refused(404, "NotFound", "community");
    ada.get(&format!("/v1.0/groups/{group}")).await.assert_refused(404, "Request_ResourceNotFound", &group);
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn communities_can_be_sorted_by_name_alone() {
    let sim = Sim::builder().community("b", ["ada"]).community("C", ["ada"]).community("a", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    for (query, expected) in [
        ("", ["b", "C", "a"]),
        ("?$orderby=displayName", ["a", "b", "C"]),
        ("?$orderby=displayName%20desc", ["C", "b", "a"]),
    ] {
        assert_eq!(ada.get(&format!("{COMMUNITIES}{query}")).await.each("displayName"), expected, "{query}");
    }
    for (query, status, code) in
        [("$orderby=privacy", 400, "Request_UnsupportedQuery"), ("$search=a", 501, "NotImplemented")]
    {
        let refused = ada.get(&format!("{COMMUNITIES}?{query}")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (status, code), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn owners_of_a_community_are_users() {
    let sim = Sim::builder().community("Pilots", ["ada", "grace"]).build();
    let ada = Client::new(&sim, "ada");
    let owners = ada.get(&format!("{COMMUNITIES}/{}/owners", sim.community_id("Pilots").unwrap())).await;
    assert_eq!(owners.each("displayName"), ["Ada", "Grace"]);
    assert_eq!(owners.each("@odata.type"), ["", ""], "the collection is of users, so they don't say");
}

#[tokio::test(start_paused = true)]
async fn admins_are_counted_with_and_without_the_directorys_header() {
    let sim = Sim::builder().community("Pilots", ["ada", "grace"]).build();
    let path = format!("{COMMUNITIES}/{}/owners/$count", sim.community_id("Pilots").unwrap());
    let ada = |level| Client::new(&sim, "ada").header("consistencylevel", level);
    for client in [Client::new(&sim, "ada"), ada("eventual")] {
        assert_eq!(client.get(&path).await.json, json!(2));
    }
    ada("session").get(&path).await.assert_refused(400, "Request_BadRequest", "$count");
}
