//! What clients send that the documentation leaves open, and the service takes.

use http::StatusCode;
use serde_json::json;

use super::Client;
use crate::Sim;
use crate::token;

#[tokio::test(start_paused = true)]
async fn a_plan_is_made_for_its_owner_and_a_day_is_a_due_date() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let plan =
        ada.post("/v1.0/planner/plans", json!({ "title": "Spring", "owner": sim.group_id("Pilots") })).await;
    assert_eq!(plan.status, StatusCode::CREATED, "{}", plan.json);
    let task = json!({ "planId": plan.json["id"], "title": "Chalk", "dueDateTime": "2026-03-16" });
    let task = ada.post("/v1.0/planner/tasks", task).await;
    assert_eq!(task.json["dueDateTime"], "2026-03-16T00:00:00Z", "{}", task.json);
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_role_loses_it_by_the_user_s_id() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let ada = Client::new(&sim, "ada");
    let roles = ada.get("/v1.0/employeeExperience/roles").await;
    let members = format!("/v1.0/employeeExperience/roles/{}/members", roles.each("id")[0]);
    let grace = sim.user_id("grace");
    let bound = json!({ "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users/{grace}") });
    assert_eq!(ada.post(&members, bound).await.status, StatusCode::CREATED);
    assert_eq!(ada.delete(&format!("{members}/{grace}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&members).await.each("id").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn ids_of_outlook_need_no_encoding_unless_that_is_wished() {
    for (builder, has_slash) in [(Sim::builder(), false), (Sim::builder().ids_with_slashes(), true)] {
        let sim = builder.group("Pilots", ["ada"]).build();
        let threads = format!("/v1.0/groups/{}/threads", sim.group_id("Pilots").unwrap());
        let thread =
            json!({ "topic": "t", "posts": [{ "body": { "contentType": "html", "content": "c" } }] });
        let made = Client::new(&sim, "ada").post(&threads, thread).await;
        let id = made.json["id"].as_str().unwrap();
        assert_eq!(id.contains('/'), has_slash, "{id}");
        let read = Client::new(&sim, "ada").get(&format!("{threads}/{id}")).await;
        assert_eq!(read.status == StatusCode::OK, !has_slash, "{}", read.json);
    }
}

#[test]
fn tokens_carry_what_clients_assert_on() {
    let sim = Sim::builder().user("ada").build();
    let (user, app) = (token::claims(&sim.token("ada")).unwrap(), token::claims(&sim.app_token()).unwrap());
    for name in [
        "aud",
        "iss",
        "iat",
        "nbf",
        "exp",
        "appid",
        "app_displayname",
        "appidacr",
        "idtyp",
        "idp",
        "oid",
        "sub",
        "tid",
        "uti",
        "ver",
        "xms_tcdt",
    ] {
        assert!(!user[name].is_null() && !app[name].is_null(), "{name}");
    }
    for name in ["upn", "unique_name", "name", "scp"] {
        assert!(user[name].is_string() && app[name].is_null(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn content_of_a_provider_is_deleted_by_reference_too() {
    let scenario =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/school.yaml")).unwrap();
    let sim = crate::Scenario::from_yaml(&scenario).unwrap().build();
    let (ada, app) = (Client::new(&sim, "ada"), Client::with_token(&sim, sim.app_token()));
    let providers = ada.get("/v1.0/employeeExperience/learningProviders").await;
    let contents =
        format!("/v1.0/employeeExperience/learningProviders/{}/learningContents", providers.each("id")[0]);
    let all = app.get(&contents).await;
    let (first, count) = (all.each("id")[0], all.each("id").len());
    assert_eq!(app.delete(&format!("{contents}/{first}/$ref")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&contents).await.each("id").len(), count - 1);
    let members = format!("/v1.0/groups/{}/owners/$ref", sim.group_id("Teachers").unwrap());
    assert_ne!(ada.delete(&members).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_reference_without_its_segment_is_refused_as_the_directory_does() {
    let sim = Sim::builder().group("Pilots", ["ada"]).user("grace").build();
    let members = format!("/v1.0/groups/{}/members", sim.group_id("Pilots").unwrap());
    let grace = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{}", sim.user_id("grace")) });
    let refused = Client::new(&sim, "ada").post(&members, grace).await;
    refused.assert_refused(400, "BadRequest", "Invalid URL format specified in payload");
}
