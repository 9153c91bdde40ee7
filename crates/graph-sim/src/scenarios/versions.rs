//! Both versions of the API, and headers that an operation can't do without.

use super::*;

const TEMPLATE: &str = "08d542b9-071f-4e16-94b0-74abb372e3d9";

fn guests(allowed: &str) -> Value {
    json!({ "templateId": TEMPLATE, "values": [{ "name": "AllowToAddGuests", "value": allowed }] })
}

#[tokio::test(start_paused = true)]
async fn what_is_made_in_one_version_is_there_in_the_other_under_its_own_path() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let made = ada.post("/beta/settings", guests("false")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.json["@odata.context"], format!("{ROOT}/beta/$metadata#settings/$entity"));
    let id = made.json["id"].as_str().unwrap();
    for (path, context) in [
        (format!("/v1.0/groupSettings/{id}"), "v1.0/$metadata#groupSettings/$entity"),
        (format!("/beta/settings('{id}')"), "beta/$metadata#settings/$entity"),
        (format!("/v1.0/groupSettingTemplates/{TEMPLATE}"), "v1.0/$metadata#groupSettingTemplates/$entity"),
        (
            format!("/beta/directorySettingTemplates/{TEMPLATE}"),
            "beta/$metadata#directorySettingTemplates/$entity",
        ),
    ] {
        let answer = ada.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.json["@odata.context"], format!("{ROOT}/{context}"));
    }
    for path in [
        "/beta/groupSettings",
        "/v1.0/settings",
        "/beta/groupSettingTemplates",
        "/v1.0/directorySettingTemplates",
    ] {
        assert_eq!(ada.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn pages_stay_in_their_version() {
    let sim = Sim::builder().user("ada").page_size(1).build();
    let first = Client::new(&sim, "ada").get("/beta/directorySettingTemplates").await;
    let next = first.json["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("{ROOT}/beta/directorySettingTemplates?")), "{next}");
}

#[tokio::test(start_paused = true)]
async fn settings_are_complete_and_there_once() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let incomplete = ada.post("/v1.0/groupSettings", json!({ "templateId": TEMPLATE, "values": [] })).await;
    assert_eq!(incomplete.status, StatusCode::BAD_REQUEST);
    let id = ada.post("/v1.0/groupSettings", guests("true")).await.json["id"].as_str().unwrap().to_owned();
    assert_eq!(ada.post("/v1.0/groupSettings", guests("true")).await.status, StatusCode::BAD_REQUEST);

    let path = format!("/v1.0/groupSettings/{id}");
    let values = guests("false")["values"].clone();
    let changed = ada.send(Method::PATCH, &path, Some(json!({ "values": values }))).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&path).await.json["values"], values);
    assert_eq!(ada.send(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_header_that_it_needs_is_refused_as_its_service_would() {
    let sim = Sim::builder().group("Crew", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let stale = ada.send(Method::DELETE, "/v1.0/planner/tasks/t1", None).await;
    assert_eq!((stale.status, &stale.json["error"]["code"]), (StatusCode::PRECONDITION_FAILED, &json!("")));
    let count = ada.get("/v1.0/groups/$count").await;
    assert_eq!(count.status, StatusCode::BAD_REQUEST);
    assert_eq!(count.json["error"]["code"], "Request_BadRequest");
    assert_eq!(
        sim.violations(),
        [
            "planner_tasks.delete request: the header 'If-Match' is missing",
            "groups.count request: the header 'ConsistencyLevel' is missing",
        ]
    );
    let with = Client::new(&sim, "ada").header("if-match", "W/\"1\"");
    let answer = with.send(Method::DELETE, "/beta/planner/tasks/t1", None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "there is no such task, and nothing else to object to");
}
