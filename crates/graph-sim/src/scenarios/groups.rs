//! Reading groups and users.

use http::{Method, StatusCode};
use serde_json::json;

use super::Client;
use crate::Sim;

#[tokio::test(start_paused = true)]
async fn a_group_on_the_wire() {
    let sim = Sim::builder().user("ada").group("Test Pilots", ["ada"]).build();
    let id = sim.group_id("Test Pilots").unwrap();
    let group = Client::new(&sim, "ada").get(&format!("/v1.0/groups/{id}")).await.json;
    insta::assert_snapshot!(serde_json::to_string_pretty(&group).unwrap());
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
    refused.assert_refused(400, "Request_UnsupportedQuery", "'contains'");
    let broken = ada.get("/v1.0/groups?$filter=displayName%20eq%20x").await;
    broken.assert_refused(400, "Request_BadRequest", "'x' is no value");
    let typo = ada.get("/v1.0/groups?$filter=dispalyName%20eq%20'x'").await;
    typo.assert_refused(400, "BadRequest", "'dispalyName'");
}

#[tokio::test(start_paused = true)]
async fn advanced_queries_need_the_header_and_the_count() {
    let sim = Sim::builder().group("b", ["ada"]).group("a", ["ada"]).build();
    let group = format!("/v1.0/groups/{}/members", sim.group_id("a").unwrap());
    let plain = || Client::new(&sim, "ada");
    let eventual = || plain().header("consistencylevel", "eventual");
    for option in [
        "$orderby=createdDateTime",
        "$orderby=displayName&$filter=startswith(displayName,'a')",
        "$filter=createdDateTime%20ge%202026-01-01%20and%20displayName%20eq%20'a'",
        "$filter=description%20eq%20null%20and%20displayName%20eq%20'a'",
        "$filter=displayName%20ne%20'b'",
        "$filter=not(displayName%20eq%20'b')",
        "$filter=endswith(mail,'2@contoso.example')",
        "$filter=groupTypes/$count%20eq%201%20and%20startswith(displayName,'a')",
    ] {
        for path in ["/v1.0/groups", &group] {
            let without_header = plain().get(&format!("{path}?{option}&$count=true")).await;
            let without_count = eventual().get(&format!("{path}?{option}")).await;
            if path == "/v1.0/groups" || !option.contains("groupTypes") {
                without_header.assert_refused(400, "Request_UnsupportedQuery", "ConsistencyLevel");
                without_count.assert_refused(400, "Request_UnsupportedQuery", "ConsistencyLevel");
            }
        }
        if option == "$orderby=createdDateTime" {
            continue;
        }
        let advanced = eventual().get(&format!("/v1.0/groups?{option}&$count=true")).await;
        assert_eq!(advanced.each("displayName")[0], "a", "{option}");
    }
}

#[tokio::test(start_paused = true)]
async fn some_conditions_and_orders_need_neither() {
    let sim = Sim::builder().group("b", ["ada"]).group("a", ["ada"]).build();
    let (plain, eventual) =
        (Client::new(&sim, "ada"), Client::new(&sim, "ada").header("consistencylevel", "eventual"));
    for option in [
        "$orderby=displayName",
        "$filter=mail%20eq%20'a2@contoso.example'",
        "$filter=resourceProvisioningOptions/any()",
    ] {
        assert_eq!(plain.get(&format!("/v1.0/groups?{option}")).await.status, StatusCode::OK, "{option}");
    }
    let by_two = "/v1.0/groups?$orderby=displayName,";
    for second in ["mail", "", "displayName up"] {
        let refused = plain.get(&format!("{by_two}{second}").replace(' ', "%20")).await;
        refused.assert_refused(400, "Request_UnsupportedQuery", "Sorting by");
    }
    plain.get(&format!("{by_two}createdDateTime")).await.assert_refused(
        400,
        "Request_UnsupportedQuery",
        "$orderby",
    );
    let counted = eventual.get(&format!("{by_two}createdDateTime&$count=true")).await;
    assert_eq!(counted.each("displayName"), ["a", "b"]);
    let errors = "/v1.0/groups?$filter=hasMembersWithLicenseErrors%20eq%20true&$count=true";
    for client in [&plain, &eventual] {
        assert_eq!(client.get(errors).await.status, StatusCode::OK);
    }
    let selected = plain.get("/v1.0/groups?$select=id,isArchived,hasMembersWithLicenseErrors").await;
    for name in ["isArchived", "hasMembersWithLicenseErrors"] {
        assert_eq!(selected.json["value"][0].get(name), Some(&json!(null)), "{}", selected.json);
    }
    let of_a_tenant = plain.get("/v1.0/groups?$select=extension_7_motto").await;
    of_a_tenant.assert_refused(501, "NotImplemented", "extension_7_motto");
    let of_graph = plain.get("/v1.0/users/ada@contoso.example?$select=postalCode").await;
    of_graph.assert_refused(501, "NotImplemented", "postalCode");
    let relation = plain.get("/v1.0/groups?$expand=calendarView").await;
    relation.assert_refused(501, "NotImplemented", "calendarView");
}

#[tokio::test(start_paused = true)]
async fn a_group_says_that_it_has_a_team() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let team = ada.send(Method::PUT, &format!("{group}/team"), Some(json!({}))).await;
    assert_eq!((team.status, &team.json["id"]), (StatusCode::CREATED, &json!(sim.group_id("Pilots"))));
    for address in [&group, &format!("{group}?$select=resourceProvisioningOptions")] {
        assert_eq!(ada.get(address).await.json["resourceProvisioningOptions"], json!(["Team"]));
    }
    let with_teams = "/v1.0/groups?$filter=resourceProvisioningOptions/any(x:x%20eq%20'Team')";
    assert_eq!(ada.get(with_teams).await.each("displayName"), ["Pilots"]);
}

#[tokio::test(start_paused = true)]
async fn searches_need_the_header() {
    let sim = Sim::builder().group("Test Pilots", ["ada"]).group("Crew", ["ada"]).build();
    let path = "/v1.0/groups?$search=\"displayName:pilot\"%20OR%20\"mail:x\"";
    let plain = Client::new(&sim, "ada").get(&path.replace('"', "%22")).await;
    plain.assert_refused(400, "Request_UnsupportedQuery", "ConsistencyLevel");
    let client = Client::new(&sim, "ada").header("consistencylevel", "eventual");
    assert_eq!(client.get(&path.replace('"', "%22")).await.each("displayName"), ["Test Pilots"]);
    let broken = client.get("/v1.0/groups?$search=pilot").await;
    broken.assert_refused(400, "Request_BadRequest", "double quotes");
}

#[tokio::test(start_paused = true)]
async fn counts_are_bare_numbers_and_need_the_header() {
    let sim = Sim::builder().group("b", ["ada", "grace"]).group("a", ["ada"]).build();
    let id = sim.group_id("b").unwrap();
    let (plain, eventual) =
        (Client::new(&sim, "ada"), Client::new(&sim, "ada").header("consistencylevel", "eventual"));
    for (path, expected) in [
        ("groups/$count".to_owned(), 2),
        ("groups/$count?$filter=displayName%20ne%20'a'".to_owned(), 1),
        (format!("groups/{id}/members/$count"), 2),
        (format!("groups/{id}/transitiveMembers/$count"), 2),
    ] {
        let refused = plain.get(&format!("/v1.0/{path}")).await;
        refused.assert_refused(400, "Request_BadRequest", "ConsistencyLevel");
        let answer = eventual.get(&format!("/v1.0/{path}")).await;
        assert_eq!((answer.header("content-type"), &answer.json), ("text/plain", &json!(expected)), "{path}");
    }
    // The contract demands the header, and each call without it broke it.
    assert_eq!(sim.violations().len(), 4);
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

#[tokio::test(start_paused = true)]
async fn owners_are_added_in_bulk_and_security_groups_may_share_a_nickname() {
    let sim = Sim::builder().user("grace").user("lin").group("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let people =
        ["grace", "lin"].map(|name| format!("https://graph.microsoft.com/v1.0/users/{}", sim.user_id(name)));
    let added = ada.patch(&group, json!({ "owners@odata.bind": people })).await;
    assert_eq!(added.status, StatusCode::NO_CONTENT, "{}", added.json);
    assert_eq!(ada.get(&format!("{group}/owners")).await.each("id").len(), 3);
    let keys = json!({ "displayName": "Keys", "mailEnabled": false, "mailNickname": "keys", "securityEnabled": true });
    for _ in 0..2 {
        assert_eq!(ada.post("/v1.0/groups", keys.clone()).await.status, StatusCode::CREATED);
    }
}
