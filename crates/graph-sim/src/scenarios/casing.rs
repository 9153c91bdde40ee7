//! Names in whatever case, keys in both styles, and full names.

use super::*;

#[tokio::test(start_paused = true)]
async fn one_address_in_many_spellings() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let (ada, id) = (Client::new(&sim, "ada"), sim.group_id("Pilots").unwrap());
    let plain = ada.get(&format!("/v1.0/groups/{id}?$select=displayName")).await.json;
    for path in [
        format!("/V1.0/Groups/{id}?$select=displayName"),
        format!("/v1.0/GROUPS('{id}')?$Select=displayName"),
        format!("/v1.0/groups(%27{id}%27)?%24SELECT=displayName"),
        format!("/v1.0/groups/{}?$select=displayName", id.to_uppercase()),
    ] {
        assert_eq!(ada.get(&path).await.json, plain, "{path}");
    }
    let other_case = ada.get(&format!("/v1.0/groups/{id}?$select=DISPLAYNAME")).await.json;
    assert_eq!(other_case["displayName"], "Pilots", "the property keeps its own name: {other_case}");
    for path in ["members/graph.user", "members/microsoft.graph.user", "Members/Microsoft.Graph.User"] {
        assert_eq!(
            ada.get(&format!("/v1.0/groups/{id}/{path}")).await.each("displayName"),
            ["Ada"],
            "{path}"
        );
    }
    assert_eq!(ada.post(&format!("/v1.0/groups/{id}/microsoft.graph.renew"), json!({})).await.status, 204);
    assert_eq!(ada.post(&format!("/v1.0/groups('{id}')/Renew"), json!({})).await.status, 204);
    for path in ["delta()", "delta", "microsoft.graph.delta()"] {
        let round = ada.get(&format!("/v1.0/groups/{path}")).await.json;
        assert!(round["@odata.deltaLink"].is_string(), "{path}: {round}");
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn only_beta_reads_system_options_without_their_sign() {
    let sim = Sim::builder().group("a", ["ada"]).group("b", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.get("/beta/groups?top=1").await.each("id").len(), 1);
    let next = ada.get("/beta/groups?top=1").await.json["@odata.nextLink"].as_str().unwrap().to_owned();
    assert_eq!(ada.get(&next).await.each("displayName"), ["b"]);
    assert_eq!(ada.get("/v1.0/groups?top=1").await.each("id").len(), 2, "a parameter of no meaning");
}

#[tokio::test(start_paused = true)]
async fn conditions_and_orders_name_properties_in_any_case() {
    let sim = Sim::builder().group("a", ["ada"]).group("b", ["ada"]).build();
    let ada = Client::new(&sim, "ada").header("consistencylevel", "eventual");
    for (query, expected) in [
        ("$filter=DisplayName%20eq%20'b'", vec!["b"]),
        ("$filter=GroupTypes/any(t:t%20eq%20'unified')", vec!["a", "b"]),
        ("$filter=displayName%20in%20('a','c')", vec!["a"]),
        ("$count=true&$filter=not(startswith(displayName,'a'))", vec!["b"]),
        ("$count=true&$orderby=displayname%20desc", vec!["b", "a"]),
        ("$search=%22displayname:b%22", vec!["b"]),
    ] {
        assert_eq!(ada.get(&format!("/v1.0/groups?{query}")).await.each("displayName"), expected, "{query}");
    }
    assert_eq!(sim.violations(), [""; 0]);
}
