//! Pages, `$select` and `$count`.

use serde_json::json;

use super::{COMMUNITIES, Client, ROOT};
use crate::Sim;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn sim() -> Sim {
    NAMES.iter().fold(Sim::builder(), |builder, name| builder.group(name, ["ada"])).build()
}

#[tokio::test(start_paused = true)]
async fn next_links_lead_through_everything_once() {
    let sim = sim();
    let ada = Client::new(&sim, "ada");
    let (mut names, mut sizes) = (Vec::new(), Vec::new());
    let mut next = Some(format!("{ROOT}/v1.0/groups?$top=2&$select=displayName"));
    while let Some(link) = next {
        assert!(link.contains("$top=2&$select=displayName"), "{link}");
        let page = ada.get(&link).await;
        sizes.push(page.json["value"].as_array().unwrap().len());
        names.extend(page.each("displayName").into_iter().map(str::to_owned));
        next = page.json["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!((names, sizes), (NAMES.map(str::to_owned).to_vec(), vec![2, 2, 1]));
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_full_last_page_leads_nowhere() {
    let page = Client::new(&sim(), "ada").get("/v1.0/groups?$top=5").await.json;
    assert!(page["@odata.nextLink"].is_null(), "{page}");
}

#[tokio::test(start_paused = true)]
async fn pages_have_a_default_size() {
    let many = |builder: crate::SimBuilder| {
        (0..101).fold(builder, |builder, number| builder.community(&format!("{number}"), ["ada"])).build()
    };
    let sim = many(Sim::builder());
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.get(COMMUNITIES).await.each("id").len(), 20);
    assert_eq!(ada.get("/v1.0/groups").await.each("id").len(), 100);
    let sim = many(Sim::builder().page_size(2));
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.get(COMMUNITIES).await.each("id").len(), 2);
    assert_eq!(ada.get("/v1.0/groups?$top=3").await.each("id").len(), 3);
    let sim = many(Sim::builder().page_size(0));
    assert_eq!(
        Client::new(&sim, "ada").get(COMMUNITIES).await.each("id").len(),
        1,
        "no page is empty for ever"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_belongs_to_its_collection() {
    let sim = sim();
    let ada = Client::new(&sim, "ada");
    let page = ada.get("/v1.0/groups?$top=2").await;
    let (_, query) = page.json["@odata.nextLink"].as_str().unwrap().split_once('?').unwrap();
    for path in [format!("{COMMUNITIES}?{query}"), "/v1.0/groups?$skiptoken=made-up".to_owned()] {
        ada.get(&path).await.assert_refused(400, "Request_BadRequest", "$skiptoken");
    }
    for top in ["0", "1000", "-1", "x"] {
        ada.get(&format!("/v1.0/groups?$top={top}")).await.assert_refused(400, "Request_BadRequest", "$top");
    }
}

#[tokio::test(start_paused = true)]
async fn select_leaves_the_id_and_what_it_names() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let (community, group) = (sim.community_id("Pilots").unwrap(), sim.group_id("Pilots").unwrap());
    let one = ada.get(&format!("{COMMUNITIES}/{community}?$select=privacy")).await.json;
    let context = format!("{ROOT}/v1.0/$metadata#employeeExperience/communities(privacy)/$entity");
    assert_eq!(one, json!({ "@odata.context": context, "id": community, "privacy": "private" }));

    let list = ada.get("/v1.0/groups?$select=displayName,mailEnabled").await.json;
    assert_eq!(list["value"], json!([{ "id": group, "displayName": "Pilots", "mailEnabled": true }]));

    let members = ada.get(&format!("/v1.0/groups/{group}/members?$select=displayName")).await.json;
    let ada_alone =
        json!([{ "@odata.type": "#microsoft.graph.user", "id": sim.user_id("ada"), "displayName": "Ada" }]);
    assert_eq!(members["value"], ada_alone);

    let typo = ada.get("/v1.0/groups?$select=dispalyName").await;
    typo.assert_refused(400, "BadRequest", "dispalyName");
}

#[tokio::test(start_paused = true)]
async fn counting_needs_the_header_and_happens_once() {
    let sim = sim();
    let plain = Client::new(&sim, "ada").get("/v1.0/groups?$count=true").await;
    assert!(plain.json["@odata.count"].is_null(), "ignored without the header");

    let ada = Client::new(&sim, "ada").header("consistencylevel", "eventual");
    let first = ada.get("/v1.0/groups?$count=true&$top=3").await.json;
    assert_eq!(first["@odata.count"], 5);
    let second = ada.get(first["@odata.nextLink"].as_str().unwrap()).await.json;
    assert!(second["@odata.count"].is_null(), "only the first page counts");
    assert!(ada.get("/v1.0/groups").await.json["@odata.count"].is_null(), "only on demand");
}
