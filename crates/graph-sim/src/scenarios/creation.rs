//! Creating a community, from the request to the community.

use serde_json::{Value, json};

use super::{COMMUNITIES, Client, ROOT, new_community, pass};
use crate::{LocationForm, Sim, Timeline};

#[tokio::test(start_paused = true)]
async fn a_community_exists_once_its_operation_has_succeeded() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let ada = Client::new(&sim, "ada");

    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    assert_eq!((accepted.status.as_u16(), &accepted.json), (202, &Value::Null));
    let address = accepted.header("operation-location").to_owned();
    assert!(address.starts_with(&format!("{ROOT}/v1.0/employeeExperience/engagementAsyncOperations('")));

    for (seconds, status, community_count) in [(0, "notStarted", 0), (31, "running", 0), (44, "succeeded", 1)]
    {
        pass(seconds).await;
        let operation = ada.get(&address).await.json;
        assert_eq!(operation["status"], status);
        assert_eq!(operation["resourceId"].is_string(), community_count == 1, "{operation}");
        assert_eq!(ada.get(COMMUNITIES).await.each("displayName").len(), community_count);
        assert_eq!(ada.get("/v1.0/groups").await.each("displayName").len(), community_count);
    }

    pass(60).await;
    let operation = ada.get(&address).await.json;
    let community = ada.get(operation["resourceLocation"].as_str().unwrap()).await.json;
    assert_eq!(community["id"], operation["resourceId"]);
    assert_ne!(community["id"], community["groupId"]);
    for role in ["owners", "members"] {
        let people =
            ada.get(&format!("/v1.0/groups/{}/{role}", community["groupId"].as_str().unwrap())).await;
        assert_eq!(people.each("id"), [sim.user_id("ada")], "{role}");
    }
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_operation_on_the_wire() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    pass(1).await;
    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    pass(80).await;
    let community = sim.community_id("Pilots").unwrap();
    let mut operation = ada.get(accepted.header("operation-location")).await.json;
    let id = operation["id"].as_str().unwrap().to_owned();
    assert!(accepted.header("operation-location").ends_with(&format!("('{id}')")));
    operation["id"] = json!("ID");
    assert_eq!(
        operation,
        json!({
            "@odata.context": format!(
                "{ROOT}/v1.0/$metadata#employeeExperience/engagementAsyncOperations/$entity"
            ),
            "id": "ID",
            "createdDateTime": "2026-01-05T00:00:01.000000-08:00",
            "lastActionDateTime": "2026-01-05T00:01:16.000000-08:00",
            "status": "succeeded",
            "statusDetail": null,
            "operationType": "createCommunity",
            "resourceId": community,
            "resourceLocation": format!("{ROOT}{COMMUNITIES}('{community}')"),
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_operation_says_why_and_makes_nothing() {
    let timeline = Timeline::new().end_with_detail("failed", "the network is full");
    let sim = Sim::builder().user("ada").timeline(timeline).build();
    let ada = Client::new(&sim, "ada");
    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    let operation = ada.get(accepted.header("operation-location")).await;
    assert_eq!(operation.status, 200);
    assert_eq!(operation.json["status"], "failed");
    assert_eq!(operation.json["statusDetail"], "the network is full");
    assert_eq!(operation.json["resourceId"], Value::Null);
    assert_eq!((sim.community_id("Pilots"), sim.group_id("Pilots")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_status_that_nobody_knows_is_no_violation() {
    let timeline = Timeline::new().end("brandNew");
    let sim = Sim::builder().user("ada").timeline(timeline).build();
    let ada = Client::new(&sim, "ada");
    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    let operation = ada.get(accepted.header("operation-location")).await;
    assert_eq!(operation.json["status"], "brandNew");
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_form_of_the_address_leads_to_the_operation() {
    for (form, header, start) in [
        (LocationForm::OperationLocation, "operation-location", ROOT),
        (LocationForm::Location, "location", ROOT),
        (LocationForm::Relative, "operation-location", "/v1.0/"),
        (LocationForm::Slash, "operation-location", ROOT),
    ] {
        let sim = Sim::builder().user("ada").location(form).build();
        let ada = Client::new(&sim, "ada");
        let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
        assert!(accepted.header(header).starts_with(start), "{form:?}");
        assert_eq!(ada.get(accepted.header(header)).await.json["status"], "notStarted", "{form:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn named_owners_own_it_instead_of_the_caller() {
    let sim = Sim::builder().user("ada").user("grace").build();
    let ada = Client::new(&sim, "ada");
    let mut body = new_community("Pilots");
    let grace = format!("{ROOT}/v1.0/users/{}", sim.user_id("grace"));
    body["owners@odata.bind"] = json!([grace, grace]);
    assert_eq!(ada.post(COMMUNITIES, body).await.status, 202);
    pass(75).await;
    let owners = ada.get(&format!("{COMMUNITIES}/{}/owners", sim.community_id("Pilots").unwrap())).await;
    assert_eq!(owners.each("userPrincipalName"), ["grace@contoso.example"]);
}

#[tokio::test(start_paused = true)]
async fn an_app_without_a_user_has_to_name_owners() {
    let sim = Sim::builder().user("ada").build();
    let app = Client::with_token(&sim, sim.app_token());
    let mut body = new_community("Pilots");
    app.post(COMMUNITIES, body.clone()).await.assert_refused(400, "BadRequest", "owners@odata.bind");
    body["owners@odata.bind"] = json!([format!("{ROOT}/v1.0/users('{}')", sim.user_id("ada"))]);
    assert_eq!(app.post(COMMUNITIES, body).await.status, 202);
    assert_eq!(sim.violations(), [""; 0], "a missing owner is no breach of the contract");
}

#[tokio::test(start_paused = true)]
async fn what_creation_refuses() {
    let sim = Sim::builder().user("ada").build();
    let owner = |address: &str| json!([address]);
    let too_many = json!(vec![format!("{ROOT}/v1.0/users/{}", sim.user_id("ada")); 101]);
    for (property, value, words) in [
        ("displayName", Value::Null, "displayName"),
        ("displayName", json!(""), "'displayName' must not be empty"),
        ("displayName", json!("x".repeat(256)), "/displayName"),
        ("description", json!("x".repeat(1025)), "/description"),
        ("privacy", json!("secret"), "/privacy"),
        ("privacy", json!("unknownFutureValue"), "/privacy"),
        ("id", json!("1"), "'id' is read-only"),
        ("groupId", json!("1"), "'groupId' is read-only"),
        ("dispalyName", json!("x"), "'dispalyName' is unknown"),
        ("owners", json!([]), "'owners' is unknown"),
        ("group@odata.bind", json!("x"), "'group@odata.bind' can't be written here"),
        ("owners@odata.bind", too_many, "/owners@odata.bind"),
        ("owners@odata.bind", owner(&sim.user_id("ada")), "is not a user's address"),
        ("owners@odata.bind", owner(&format!("{ROOT}/v1.0/groups/1")), "is not a user's address"),
        ("owners@odata.bind", owner("https://other.example/v1.0/users/1"), "is not a user's address"),
        (
            "owners@odata.bind",
            owner(&format!("{ROOT}/v1.0/users/{}", sim.user_id("bob"))),
            "is not a user's address",
        ),
    ] {
        let mut body = new_community("Pilots");
        body[property] = value;
        // Another app each time, so that the quota isn't used up.
        let client = Client::with_token(&sim, sim.token_for_app("ada", &format!("{property} {words}")));
        client.post(COMMUNITIES, body).await.assert_refused(400, "BadRequest", words);
    }
    for missing in ["displayName", "description", "privacy"] {
        let mut body = new_community("Pilots");
        body.as_object_mut().unwrap().remove(missing);
        let client = Client::with_token(&sim, sim.token_for_app("ada", missing));
        client.post(COMMUNITIES, body).await.assert_refused(400, "BadRequest", missing);
    }
    pass(100).await;
    assert_eq!(sim.community_id("Pilots"), None);
}

#[tokio::test(start_paused = true)]
async fn polling_too_often_is_a_violation() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    let accepted = ada.post(COMMUNITIES, new_community("Pilots")).await;
    let address = accepted.header("operation-location");
    for _ in 0..3 {
        pass(31).await;
        ada.get(address).await;
    }
    assert_eq!(sim.violations(), [""; 0]);
    pass(30).await;
    ada.get(address).await;
    assert_eq!(sim.violations().len(), 1);
    assert!(
        sim.violations()[0].contains("was polled 30.0 s after the poll before"),
        "{:?}",
        sim.violations()
    );
}
