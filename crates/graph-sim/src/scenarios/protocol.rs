//! What is the same for every operation.

use bytes::Bytes;
use http::Method;
use serde_json::json;
use tower_service::Service as _;

use super::furnished::furnished;
use super::{COMMUNITIES, Client, pass};
use crate::Sim;
use crate::spec::Spec;

#[tokio::test(start_paused = true)]
async fn an_error_says_what_the_service_says() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada").header("client-request-id", "0000abcd-0000-4000-8000-000000000000");
    let refused = ada.get("/v1.0/groups/missing").await;
    assert_eq!(
        refused.json,
        json!({ "error": {
            "code": "Request_ResourceNotFound",
            "message": "Resource 'missing' does not exist or one of its queried references is not present.",
            "innerError": {
                "date": "2026-01-05T08:00:00",
                "request-id": refused.header("request-id"),
                "client-request-id": "0000abcd-0000-4000-8000-000000000000",
            },
        }})
    );
    assert_eq!(sim.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_stamped() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada").header("client-request-id", "mine");
    pass(3_600).await;
    let (first, second) = (ada.get("/v1.0/groups").await, ada.get("/v1.0/nowhere").await);
    for answer in [&first, &second] {
        assert_eq!(answer.header("client-request-id"), "mine");
        assert_eq!(answer.header("date"), "Mon, 05 Jan 2026 09:00:00 GMT");
        assert!(answer.header("x-ms-ags-diagnostic").contains("ServerInfo"));
        assert!(answer.header("content-type").starts_with("application/json"));
    }
    assert_ne!(first.header("request-id"), second.header("request-id"));
}

#[tokio::test(start_paused = true)]
async fn unknown_paths_and_methods() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    for path in ["/v2.0/groups", "/"] {
        ada.get(path).await.assert_refused(404, "ResourceNotFound", path);
    }
    for path in ["/v1.0/nowhere", "/beta/nowhere", "/v1.0/groups/1/nowhere"] {
        ada.get(path).await.assert_refused(501, "NotImplemented", path);
    }
    let wrong = ada.send(Method::PUT, "/v1.0/employeeExperience/communities/1", None).await;
    wrong.assert_refused(405, "methodNotAllowed", "PUT");
    assert_eq!(wrong.header("allow"), "GET, PATCH, DELETE, HEAD");
}

#[tokio::test(start_paused = true)]
async fn an_operation_without_behavior_is_named() {
    let document = "paths: { /planets: { get: { operationId: planets.list } } }";
    let spec = Box::leak(Box::new(Spec::parse(document, "").unwrap()));
    let sim = Sim::builder().user("ada").spec(spec).build();
    let missing = Client::new(&sim, "ada").get("/v1.0/planets").await;
    missing.assert_refused(501, "NotImplemented", "'planets.list'");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_the_contract_is_a_violation() {
    let document = r"
paths:
  /groups:
    get:
      operationId: groups.list
      responses:
        2XX: { content: { application/json: { schema: { type: object, properties: { items: { type: array } } } } } }
        4XX: { content: { application/json: { schema: { type: object, properties: { fault: { type: string } } } } } }
";
    let spec = Box::leak(Box::new(Spec::parse(document, "").unwrap()));
    let sim = Sim::builder().user("ada").spec(spec).build();
    let ada = Client::new(&sim, "ada");
    assert_eq!(ada.get("/v1.0/groups").await.status, 200);
    assert_eq!(ada.get("/v1.0/groups?$top=1").await.status, 400);
    let expected = [
        "groups.list response: the property 'value' is unknown",
        "groups.list request: the query option '$top' is not allowed here",
        "groups.list response: the property 'error' is unknown",
    ];
    assert_eq!(sim.violations(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_defect_of_the_specification_is_a_violation() {
    let spec = Box::leak(Box::new(Spec { defect: Some("no YAML".to_owned()), ..Spec::default() }));
    assert_eq!(Sim::builder().spec(spec).build().violations(), ["no YAML"]);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_host_is_a_violation() {
    let sim = Sim::builder().user("ada").build();
    let ada = Client::new(&sim, "ada");
    for origin in ["https://evil.example", "http://graph.microsoft.com", "https://graph.microsoft.com:8443"] {
        let refused = ada.get(&format!("{origin}/v1.0/groups")).await;
        refused.assert_refused(421, "MisdirectedRequest", origin);
        let violations = sim.violations();
        let last = violations.last().unwrap();
        assert!(last.contains("with a token") && last.contains(origin), "{last}");
    }
    assert_eq!(ada.get("https://GRAPH.microsoft.com/v1.0/groups").await.status, 200);
    assert_eq!(sim.violations().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_root_of_ones_own() {
    let sim = Sim::builder().user("ada").root("https://graph.microsoft.us/").build();
    let ada = Client::new(&sim, "ada");
    let page = ada.get("https://graph.microsoft.us/v1.0/groups").await.json;
    assert_eq!(page["@odata.context"], "https://graph.microsoft.us/v1.0/$metadata#groups");
    assert_eq!(ada.get("/v1.0/groups").await.status, 421);
}

#[tokio::test(start_paused = true)]
async fn bodies_must_be_json() {
    let sim = Sim::builder().user("ada").build();
    for (kind, body, status) in [
        ("text/plain", "{}", 415),
        ("application/json", "{", 400),
        ("application/json; charset=utf-8", "", 400),
        (
            "application/json; charset=utf-8",
            r#"{"displayName":"a","description":"b","privacy":"public"}"#,
            202,
        ),
    ] {
        let request = http::Request::post(format!("https://graph.microsoft.com{COMMUNITIES}"))
            .header("authorization", format!("Bearer {}", sim.token("ada")))
            .header("content-type", kind)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        assert_eq!(sim.transport().call(request).await.unwrap().status(), status, "{kind} {body}");
    }
    assert_eq!(sim.violations().len(), 3, "{:?}", sim.violations());
}

#[tokio::test(start_paused = true)]
async fn what_only_an_extension_could_declare_is_not_known_and_no_violation() {
    let there = furnished().await;
    let events = there.path("/v1.0/groups/{group-id}/events");
    let moment = json!({ "dateTime": "2026-01-07T09:00:00", "timeZone": "UTC" });
    let event = json!({ "subject": "Talk", "start": moment, "end": moment, "extension_1_lane": "red" });
    let answer = there.ada.post(&events, event).await;
    answer.assert_refused(501, "NotImplemented", "Extensions are not simulated: /extension_1_lane");
    // What is wrong for certain is said first.
    let event = json!({ "subject": 1, "extension_1_lane": "red" });
    there.ada.post(&events, event).await.assert_refused(400, "BadRequest", "/subject");
    assert_eq!(there.sim.violations().len(), 1, "{:?}", there.sim.violations());
}

#[tokio::test(start_paused = true)]
async fn an_option_that_the_operation_does_not_have_is_a_violation() {
    let sim = Sim::builder().user("ada").group("Pilots", ["ada"]).build();
    let path = format!("/v1.0/groups/{}?$filter=x&debug=1", sim.group_id("Pilots").unwrap());
    Client::new(&sim, "ada").get(&path).await.assert_refused(400, "BadRequest", "'$filter'");
    assert_eq!(sim.violations(), ["groups.get request: the query option '$filter' is not allowed here"]);
}

#[tokio::test(start_paused = true)]
async fn the_journal_reads_like_a_story() {
    let sim = Sim::builder().user("ada").group("Crew", ["ada"]).build();
    let ada = Client::new(&sim, "ada");
    let id = ada.create("Pilots").await;
    ada.get(&format!("{COMMUNITIES}/{id}/owners?$top=1")).await;
    ada.delete(&format!("/v1.0/groups/{}/owners/{}/$ref", sim.group_id("Crew").unwrap(), sim.user_id("ada")))
        .await;
    ada.post(COMMUNITIES, json!({ "displayNam": "x" })).await;
    insta::assert_snapshot!(sim.journal(), @r"
        0.000s ada POST /v1.0/employeeExperience/communities -> 202 communities.create
       75.000s ada GET /v1.0/employeeExperience/engagementAsyncOperations('{operation 1}') -> 200 engagement_async_operations.get
       75.000s ada GET /v1.0/employeeExperience/communities/{community Pilots}/owners?$top=1 -> 200 communities.owners.list
       75.000s ada DELETE /v1.0/groups/{group Crew}/owners/{ada}/$ref -> 400 groups.owners.remove
       75.000s ada POST /v1.0/employeeExperience/communities -> 400 communities.create (violation: communities.create request: the property 'displayNam' is unknown)
    ");
}
