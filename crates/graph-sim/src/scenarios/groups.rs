//! Reading groups and users.

use serde_json::json;

use super::{Client, ROOT};
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn a_group_on_the_wire() {
    let sim = Sim::builder().user("ada").group("Test Pilots", ["ada"]).build();
    let id = sim.group_id("Test Pilots").unwrap();
    let group = Client::new(&sim, "ada").get(&format!("/v1.0/groups/{id}")).await.json;
    assert_eq!(
        group,
        json!({
            "@odata.context": format!("{ROOT}/v1.0/$metadata#groups/$entity"),
            "id": id,
            "createdDateTime": "2026-01-05T08:00:00Z",
            "deletedDateTime": null,
            "description": null,
            "displayName": "Test Pilots",
            "groupTypes": ["Unified"],
            "mail": "testpilots1@contoso.example",
            "mailEnabled": true,
            "mailNickname": "testpilots1",
            "securityEnabled": false,
            "visibility": "Private",
        })
    );
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn filters() {
    let sim =
        Sim::builder().group("Pilots", ["ada"]).group("Pilot's aids", ["ada"]).group("Crew", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    for (filter, expected) in [
        ("displayName%20eq%20'pilots'", vec!["Pilots"]),
        ("displayName+eq+'Pilot''s%20aids'", vec!["Pilot's aids"]),
        ("startswith(displayName,'Pil')", vec!["Pilots", "Pilot's aids"]),
        ("startswith(displayName,'x')", vec![]),
        ("groupTypes/any(c:c%20eq%20'Unified')%20and%20displayName%20eq%20'Crew'", vec!["Crew"]),
    ] {
        let page = ada.get(&format!("/v1.0/groups?$filter={filter}")).await;
        assert_eq!(page.each("displayName"), expected, "{filter}");
    }
    let refused = ada.get("/v1.0/groups?$filter=contains(displayName,'x')").await;
    refused.assert_refused(400, "Request_UnsupportedQuery", "startswith(property,'text')");
    let typo = ada.get("/v1.0/groups?$filter=dispalyName%20eq%20'x'").await;
    typo.assert_refused(400, "BadRequest", "'dispalyName'");
}

#[tokio::test(start_paused = true)]
async fn sorting_groups_is_an_advanced_query() {
    let sim = Sim::builder().group("b", ["ada"]).group("a", ["ada"]).build();
    let path = "/v1.0/groups?$orderby=displayName&$count=true";
    let plain = Client::new(&sim, "ada").get(path).await;
    plain.assert_refused(400, "Request_UnsupportedQuery", "ConsistencyLevel");
    let advanced = Client::new(&sim, "ada").header("consistencylevel", "eventual").get(path).await;
    assert_eq!(advanced.each("displayName"), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn users_are_found_by_id_and_principal_name() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let ada = Client::new(&sim, "ada");
    for key in
        [sim.user_id("grace"), "grace@contoso.example".to_owned(), "Grace%40contoso.example".to_owned()]
    {
        assert_eq!(ada.get(&format!("/v1.0/users/{key}")).await.json["displayName"], "Grace", "{key}");
    }
    let nobody = sim.user_id("bob");
    ada.get(&format!("/v1.0/users/{nobody}")).await.assert_refused(404, "Request_ResourceNotFound", &nobody);
    assert_eq!(sim.violations(), [""; 0]);
}
