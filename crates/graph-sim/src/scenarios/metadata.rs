//! How much an answer says of itself, and what it leaves out for clients of yesterday.

use super::furnished::furnished;
use super::*;

fn accepting(sim: &Sim, accept: &'static str) -> Client {
    Client::new(sim, "ada").header("accept", accept)
}

#[tokio::test(start_paused = true)]
async fn without_metadata_only_what_leads_on_is_left() {
    let sim = Sim::builder().group("Pilots", ["ada", "grace"]).group("Crew", ["ada"]).build();
    let none = accepting(&sim, "application/json;odata.metadata=none").header("consistencylevel", "eventual");
    let page =
        none.get("/v1.0/groups?$top=1&$count=true&$select=displayName&$expand=members($select=id)").await;
    let json = &page.json;
    assert_eq!((&json["@odata.count"], json["@odata.nextLink"].is_string()), (&json!(2), true));
    assert!(json.get("@odata.context").is_none(), "{json}");
    let members = json!([{ "id": sim.user_id("ada") }, { "id": sim.user_id("grace") }]);
    let pilots = json!({ "id": sim.group_id("Pilots"), "displayName": "Pilots", "members": members });
    assert_eq!(json["value"], json!([pilots]), "their types go too");
    assert!(page.header("content-type").contains("odata.metadata=none"));
    let changes = none.get("/v1.0/groups/delta()?$deltatoken=latest").await.json;
    assert!(changes["@odata.deltaLink"].is_string(), "{changes}");
}

#[tokio::test(start_paused = true)]
async fn with_full_metadata_everything_has_its_type_and_address() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let full = accepting(&sim, "application/json;odata.metadata=full");
    let (id, community) = (sim.group_id("Pilots").unwrap(), sim.community_id("Pilots").unwrap());
    let group = full
        .get(&format!(
            "/v1.0/groups/{id}?$select=createdDateTime,groupTypes,mail&$expand=owners($select=mail)"
        ))
        .await;
    assert!(group.header("content-type").contains("odata.metadata=full"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&group.json).unwrap());
    let page = full.get(COMMUNITIES).await.json;
    let first = &page["value"][0];
    let address = format!("employeeExperience/communities('{community}')");
    assert_eq!(first["@odata.editLink"], address);
    assert_eq!(first["owners@odata.navigationLink"], format!("{address}/owners"));
    assert_eq!(
        (&first["@odata.type"], &first["privacy@odata.type"]),
        (&json!("#microsoft.graph.community"), &json!("#microsoft.graph.communityPrivacy"),)
    );
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn refusals_and_bare_numbers_are_the_same_at_every_level() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    for accept in ["application/json;odata.metadata=none", "application/json;odata.metadata=full"] {
        let client = accepting(&sim, accept).header("consistencylevel", "eventual");
        client.get("/v1.0/groups/missing").await.assert_refused(404, "Request_ResourceNotFound", "missing");
        assert_eq!(client.get("/v1.0/groups/$count").await.json, json!(1));
    }
}

#[tokio::test(start_paused = true)]
async fn members_that_came_later_are_for_those_who_ask() {
    let it = furnished().await;
    for (prefer, expected) in [
        ("return=minimal", "unknownFutureValue"),
        ("include-unknown-enum-members", "peerRecommended"),
        ("return=minimal, Include-Unknown-Enum-Members", "peerRecommended"),
    ] {
        let client = Client::new(&it.sim, "ada").header("prefer", prefer);
        let all = client.get("/v1.0/me/employeeExperience/learningCourseActivities").await;
        assert_eq!(all.each("assignmentType"), [expected], "{prefer}");
        let one = "/v1.0/employeeExperience/learningCourseActivities/{learningCourseActivity-id}";
        let one = client.get(&it.path(one)).await;
        assert_eq!(one.json["assignmentType"], expected, "{prefer}");
        let of_provider = "/v1.0/employeeExperience/learningProviders/{learningProvider-id}?$expand=learningCourseActivities";
        let provider = client.get(&it.path(of_provider)).await.json;
        assert_eq!(provider["learningCourseActivities"][0]["assignmentType"], expected, "{prefer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_object_contains_is_called_after_it() {
    let sim = Sim::builder().group("Pilots", ["ada"]).notebook("Pilots", "Log").build();
    let (ada, id) = (Client::new(&sim, "ada"), sim.group_id("Pilots").unwrap());
    let event = json!({ "subject": "s", "start": { "dateTime": "2026-02-01T10:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-02-01T11:00:00", "timeZone": "UTC" } });
    let made = ada.post(&format!("/v1.0/groups/{id}/events"), event).await;
    let context = |name: &str| format!("https://graph.microsoft.com/v1.0/$metadata#groups('{id}')/{name}");
    assert_eq!(made.json["@odata.context"], context("events/$entity"));
    for (path, name) in [
        ("events", "events"),
        ("onenote/notebooks", "onenote/notebooks"),
        ("conversations?$top=1", "conversations"),
    ] {
        let page = ada.get(&format!("/v1.0/groups/{id}/{path}")).await;
        assert_eq!(page.json["@odata.context"], context(name), "{path}");
    }
    let keyed = ada.get(&format!("/v1.0/groups('{id}')/events")).await;
    assert!(
        keyed.json["@odata.context"].as_str().unwrap().ends_with(&format!("#groups('{id}')/events")),
        "{}",
        keyed.json
    );
}
