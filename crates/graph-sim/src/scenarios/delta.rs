//! Rounds of changes among the groups.

use serde_json::{Value, json};

use super::{Answer, Client, pass};
use crate::{Fault, Sim};

const DELTA: &str = "/v1.0/groups/delta()";

fn link<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", answer.json))
}

/// Everything that a round tells, and the link to the next.
async fn round(client: &Client, start: &str) -> (Vec<Value>, String) {
    let (mut items, mut address) = (Vec::new(), start.to_owned());
    loop {
        let page = client.get(&address).await;
        assert_eq!(page.status, 200, "{}", page.json);
        items.extend(page.json["value"].as_array().unwrap().iter().cloned());
        if page.json["@odata.deltaLink"].is_string() {
            return (items, link(&page, "@odata.deltaLink").to_owned());
        }
        link(&page, "@odata.nextLink").clone_into(&mut address);
    }
}

#[tokio::test(start_paused = true)]
async fn rounds_tell_what_is_different() {
    let sim =
        Sim::builder().user("grace").community("Pilots", ["ada"]).group("Crew", ["ada"]).page_size(1).build();
    let ada = Client::new(&sim, "ada");
    let (pilots, crew) = (sim.group_id("Pilots").unwrap(), sim.group_id("Crew").unwrap());
    let (first, next) = round(&ada, &format!("{DELTA}?$select=displayName,members")).await;
    let member = json!({ "@odata.type": "#microsoft.graph.user", "id": sim.user_id("ada") });
    assert_eq!(
        first,
        [
            json!({ "id": pilots, "displayName": "Pilots", "members@delta": [member] }),
            json!({ "id": crew, "displayName": "Crew", "members@delta": [member] }),
        ]
    );

    let (nothing, next) = round(&ada, &next).await;
    assert_eq!(nothing, [json!(null); 0]);

    let grace = sim.user_id("grace");
    let reference = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/users/{grace}") });
    ada.post(&format!("/v1.0/groups/{crew}/members/$ref"), reference).await;
    ada.delete(&format!("/v1.0/groups/{crew}/members/{}/$ref", sim.user_id("ada"))).await;
    let community = sim.community_id("Pilots").unwrap();
    ada.patch(&format!("/v1.0/employeeExperience/communities/{community}"), json!({ "displayName": "Aces" }))
        .await;
    let minimal = Client::new(&sim, "ada").header("prefer", "return=minimal");
    let (second, next) = round(&minimal, &next).await;
    assert_eq!(
        second,
        [
            json!({ "id": pilots, "displayName": "Aces" }),
            json!({ "id": crew, "members@delta": [
                { "@odata.type": "#microsoft.graph.user", "id": grace },
                { "@odata.type": "#microsoft.graph.user", "id": sim.user_id("ada"), "@removed": { "reason": "deleted" } },
            ] }),
        ]
    );

    ada.delete(&format!("/v1.0/employeeExperience/communities/{community}")).await;
    let (third, _) = round(&ada, &next).await;
    assert_eq!(third, [json!({ "id": pilots, "@removed": { "reason": "changed" } })]);
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_page_shows_hidden_members_to_none_but_those_who_may_see_them() {
    let sim = Sim::builder().user("ada").build();
    let all = ["Group.ReadWrite.All", "Member.Read.Hidden"];
    let trusted = Client::with_token(&sim, sim.token_with("ada", all));
    let other = Client::with_token(&sim, sim.token_with("ada", ["Group.ReadWrite.All"]));
    let secret = json!({ "displayName": "Secret", "mailNickname": "secret", "mailEnabled": true, "securityEnabled": false,
        "groupTypes": ["Unified"], "visibility": "HiddenMembership",
        "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{}", sim.user_id("ada"))] });
    assert_eq!(trusted.post("/v1.0/groups", secret).await.status, 201);
    pass(3600).await;
    let first = trusted.get(&format!("{DELTA}?$deltatoken=latest")).await;
    assert_eq!(first.status, 200);
    let (all, _) = round(&trusted, DELTA).await;
    assert!(all[0]["members@delta"].is_array(), "{all:?}");
    // The same page, by an address that went from hand to hand.
    let page = trusted.get(DELTA).await;
    let address = link(&page, "@odata.deltaLink").replace("$deltatoken", "$skiptoken");
    let shown = trusted.get(&address).await;
    assert!(shown.json["value"][0]["members@delta"].is_array(), "{}", shown.json);
    let hidden = other.get(&address).await;
    assert!(hidden.json["value"][0]["members@delta"].is_null(), "{}", hidden.json);
    assert_eq!(hidden.json["value"][0]["id"], shown.json["value"][0]["id"]);
}

#[tokio::test(start_paused = true)]
async fn a_round_can_be_of_some_groups_or_of_the_future_only() {
    let sim = Sim::builder().group("Pilots", ["ada"]).group("Crew", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let crew = sim.group_id("Crew").unwrap();
    let (some, _) = round(&ada, &format!("{DELTA}?$filter=id%20eq%20'{crew}'%20or%20id%20eq%20'x'")).await;
    assert_eq!(some.len(), 1);
    let (none, _) = round(&ada, &format!("{DELTA}?$deltatoken=latest")).await;
    assert_eq!(none.len(), 0);
    let refused = ada.get(&format!("{DELTA}?$filter=startswith(displayName,'x')")).await;
    refused.assert_refused(400, "Request_UnsupportedQuery", "object ids");
}

#[tokio::test(start_paused = true)]
async fn tokens_expire_and_can_be_reset() {
    let sim = Sim::builder().group("Crew", ["ada"]).fault(Fault::reset_delta("groups.delta")).build();
    let ada = Client::new(&sim, "ada");
    let (_, next) = round(&ada, DELTA).await;
    let reset = ada.get(&next).await;
    reset.assert_refused(410, "resyncRequired", "synchronized again");
    assert_eq!(reset.header("location"), format!("https://graph.microsoft.com{DELTA}?$deltatoken="));
    let (all, _) = round(&ada, reset.header("location")).await;
    assert_eq!(all.len(), 1);

    ada.get(&format!("{next}&$select=id")).await.assert_refused(400, "Request_BadRequest", "'$select'");
    ada.get(&format!("{DELTA}?$deltatoken=x")).await.assert_refused(
        400,
        "Request_BadRequest",
        "Badly formed",
    );
    pass(8 * 24 * 3_600).await;
    let ada = Client::new(&sim, "ada");
    ada.get(&next).await.assert_refused(400, "syncStateNotFound", "expired");
    assert_eq!(sim.violations(), [""; 0]);
}
