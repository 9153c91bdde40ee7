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
async fn settings_are_there_once() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let id = ada.post("/v1.0/groupSettings", guests("true")).await.json["id"].as_str().unwrap().to_owned();
    let second = ada.post("/v1.0/groupSettings", guests("true")).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    let text = "Another object with the same value for property templateId already exists.";
    assert_eq!(second.json["error"]["message"], text);

    let path = format!("/v1.0/groupSettings/{id}");
    let values = guests("false")["values"].clone();
    let changed = ada.send(Method::PATCH, &path, Some(json!({ "values": values }))).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&path).await.json["values"], values);
    assert_eq!(ada.send(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sim.violations(), [""; 0]);
}

const OF_TENANT: &str = "62375ab9-6b52-47ed-826b-58e47e0e304b";

#[tokio::test(start_paused = true)]
async fn settings_that_are_left_out_stay_as_they_are() {
    for path in ["/v1.0/groupSettings", "/beta/settings"] {
        let sim = Sim::builder().user("ada").build();
        let ada = Client::new(&sim, "ada");
        let value = |name: &str, value: &str| json!({ "name": name, "value": value });
        let body = |values: Value| json!({ "templateId": OF_TENANT, "values": values });
        let made = ada.post(path, body(json!([value("EnableMSStandardBlockedWords", "true")]))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
        let one = format!("{path}/{}", made.json["id"].as_str().unwrap());
        let group = "d2e8c3a4-1111-4222-8333-444455556666";
        let change =
            json!([value("EnableGroupCreation", "False"), value("GroupCreationAllowedGroupId", group)]);
        let changed = ada.send(Method::PATCH, &one, Some(body(change))).await;
        assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.json);
        let read = ada.get(&one).await.json;
        for (name, expected) in [
            ("EnableMSStandardBlockedWords", "true"),
            ("EnableGroupCreation", "False"),
            ("GroupCreationAllowedGroupId", group),
            ("AllowToAddGuests", "true"),
        ] {
            assert!(read["values"].as_array().unwrap().contains(&value(name, expected)), "{name} in {read}");
        }
        assert_eq!(read["values"].as_array().unwrap().len(), 15);
        for (name, wrong) in [
            ("EnableGroupCreations", "true"),
            ("EnableGroupCreation", "yes"),
            ("GroupCreationAllowedGroupId", "Admins"),
            ("PrefixSuffixNamingRequirement", "GRP_"),
        ] {
            let change = json!({ "values": [value(name, wrong)] });
            let refused = ada.send(Method::PATCH, &one, Some(change)).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{name}");
            assert_eq!(refused.json["error"]["code"], "Request_BadRequest", "{name}");
        }
        assert_eq!(ada.get(&one).await.json["values"], read["values"], "what is refused changes nothing");
        assert_eq!(sim.violations(), [""; 0]);
    }
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
