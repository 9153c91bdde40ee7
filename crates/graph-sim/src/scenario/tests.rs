use std::time::Duration;

use serde_json::{Value, json};

use super::document::Document;
use super::{Scenario, place::At};
use crate::Sim;
use crate::scenarios::{Client, pass};

fn read(yaml: &str) -> Sim {
    Scenario::from_yaml(yaml).unwrap_or_else(|error| panic!("{error}")).build()
}

#[track_caller]
fn assert_refused(yaml: &str, expected: &str) {
    let error = Scenario::from_yaml(yaml).expect_err(yaml);
    assert_eq!(error.to_string(), expected, "\n{yaml}");
}

#[test]
fn errors_name_the_place_and_what_was_meant() {
    for (yaml, expected) in [
        ("users: [", "line 1, column 8: unclosed bracket"),
        ("userss: []", "line 1, column 1: unknown key 'userss'"),
        ("users:\n  - {}", "line 2, column 5: the key 'name' is missing"),
        ("users:\n  - name: ''", "line 2, column 11: a name must not be empty"),
        ("users: [{ name: ada }, { name: ada }]", "line 1, column 32: there is a user 'ada' already"),
        ("users: ada", "line 1, column 8: expected"),
        ("pageSize: many", "line 1, column 11: expected a value of the type"),
        (
            "users: [{ name: ada }]\ngroups: [{ name: Pilots, owners: [adda] }]",
            "line 2, column 35: unknown user 'adda'; expected one of 'ada'; did you mean 'ada'?",
        ),
        (
            "groups: [{ name: Pilots, kind: secure }]",
            "line 1, column 32: unknown word 'secure'; expected one of 'unified', 'security'; did you mean 'security'?",
        ),
        (
            "faults: [{ operation: group.get, effect: resetDelta }]",
            "line 1, column 23: unknown operation 'group.get'; did you mean 'groups.get'?",
        ),
        (
            "faults: [{ operation: '*', from: 5 min, effect: resetDelta }]",
            "line 1, column 34: found '5 min', expected a length such as 250ms, 30s, 5m, 2h or 1d",
        ),
        (
            "faults: [{ operation: '*', effect: { delay: 18000000000000000000s } }]",
            "line 1, column 45: found '18000000000000000000s', expected a length such as 250ms, 30s, 5m, 2h or 1d, of at most 36500d",
        ),
        (
            "clock: 9999-12-31T23:59:59Z",
            "line 1, column 8: found '9999-12-31T23:59:59Z', expected a date from 2026-01-05T08:00:00Z to 2125-12-12T08:00:00Z",
        ),
        (
            "quotas: { hidden: [{ operations: '*', units: 5, window: 0s }] }",
            "line 1, column 57: found '0s', expected more than nothing",
        ),
        (
            "faults: [{ operation: '*', effect: { respond: { status: 42 } } }]",
            "line 1, column 57: found 42, expected a status from 100 to 999",
        ),
        (
            "clock: 2025-01-01T00:00:00Z",
            "line 1, column 8: found '2025-01-01T00:00:00Z', expected a date from 2026-01-05T08:00:00Z to",
        ),
        (
            "users: [{ name: ada }]\nlearningProviders: [{ provider: { displayName: School } }]",
            "line 2, column 33: the service refuses this learning provider: ",
        ),
        (
            "users: [{ name: ada }]\ngroups: [{ name: P, owners: [ada], plans: [{ title: T, buckets: [{ name: B, tasks: [{ titel: X }] }] }] }]",
            "line 2, column 85: the service refuses this task: ",
        ),
        (
            "groups: [{ name: P, plans: [{ title: T }] }]",
            "line 1, column 29: nobody is there to make this: add a user, or an owner",
        ),
    ] {
        let error = Scenario::from_yaml(yaml).expect_err(yaml).to_string();
        assert!(error.starts_with(expected), "{error}\n  is not: {expected}\n{yaml}");
    }
}

#[test]
fn an_error_says_its_place_in_numbers_too() {
    let error = Scenario::from_yaml("\nusers:\n  - nam: ada").unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(5)));
    assert_refused("locaton: slash", &format!("{}", Scenario::from_yaml("locaton: slash").unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_is_there_as_it_was_written() {
    let sim = read(include_str!("../../scenarios/school.yaml"));
    let grace = Client::new(&sim, "grace");
    let me = grace.get("/v1.0/users/grace@contoso.example?$select=displayName").await;
    assert_eq!(me.json["displayName"], "Grace Hopper");

    let group = sim.group_id("Teachers").unwrap();
    let members = grace.get(&format!("/v1.0/groups/{group}/members?$select=displayName")).await;
    assert_eq!(members.each("displayName"), ["Ada", "Grace Hopper"]);
    let plans = grace.get(&format!("/v1.0/groups/{group}/planner/plans")).await;
    let plan = plans.json["value"][0]["id"].as_str().unwrap();
    let tasks = grace.get(&format!("/v1.0/planner/plans/{plan}/tasks")).await;
    assert_eq!(tasks.each("title"), ["Order chalk", "Write the timetable"]);

    let providers = grace.get("/v1.0/employeeExperience/learningProviders").await;
    assert_eq!(providers.each("displayName"), ["Evening school"]);
    let provider = providers.json["value"][0]["id"].as_str().unwrap();
    let path = format!("/v1.0/employeeExperience/learningProviders/{provider}/learningContents");
    assert_eq!(grace.get(&path).await.each("externalId"), ["first-aid", "knots & splices"]);

    let deleted = grace.get("/v1.0/directory/deletedItems/graph.group").await;
    assert_eq!(deleted.each("displayName"), ["Class of 2025"]);
    assert!(sim.community_id("Staff room").is_some());
    assert_eq!(deleted.header("date"), "Mon, 02 Mar 2026 07:30:00 GMT");
    assert_eq!(sim.violations(), [""; 0]);
    assert_eq!(sim.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn faults_come_by_operation_and_time() {
    let sim = read(include_str!("../../scenarios/outage.yaml"));
    let ada = Client::new(&sim, "ada");
    let group = sim.group_id("Pilots").unwrap();
    let (list, get) = ("/v1.0/groups".to_owned(), format!("/v1.0/groups/{group}"));
    let mut seen = Vec::new();
    for second in [0, 30, 60, 89, 90] {
        let rest = Duration::from_secs(second).saturating_sub(sim.elapsed());
        tokio::time::advance(rest).await;
        seen.push((second, ada.get(&list).await.status.as_u16(), ada.get(&get).await.status.as_u16()));
    }
    assert_eq!(seen, [(0, 200, 200), (30, 503, 429), (60, 503, 503), (89, 503, 503), (90, 200, 200)]);
}

#[tokio::test(start_paused = true)]
async fn values_are_set_and_operations_unfold_as_written() {
    let sim = read(
        "
users: [{ name: ada }]
operations: { stays: [{ status: brandNew, lasts: 40s }], end: failed, detail: full }
location: slash
faults:
  - { operation: groups.list, effect: { set: { /value: null, '/@odata.count': 7 } } }
",
    );
    let ada = Client::new(&sim, "ada");
    let list = ada.get("/v1.0/groups").await;
    assert_eq!((&list.json["value"], &list.json["@odata.count"]), (&Value::Null, &json!(7)));
    let accepted = ada.post(crate::scenarios::COMMUNITIES, crate::scenarios::new_community("Crew")).await;
    let address = accepted.header("operation-location").to_owned();
    assert!(!address.contains('('), "{address}");
    assert_eq!(ada.get(&address).await.json["status"], "brandNew");
    pass(41).await;
    let end = ada.get(&address).await.json;
    assert_eq!((&end["status"], &end["statusDetail"]), (&json!("failed"), &json!("full")));
}

#[tokio::test(start_paused = true)]
async fn loading_begins_anew() {
    let sim = Sim::builder().user("zoe").root("http://127.0.0.1:1").build();
    pass(50).await;
    let scenario =
        Scenario::from_yaml("users: [{ name: ada }]\ngroups: [{ name: Crew, owners: [ada] }]").unwrap();
    sim.load(&scenario);
    assert_eq!((sim.elapsed(), sim.root()), (Duration::ZERO, "http://127.0.0.1:1".to_owned()));
    assert!(sim.group_id("Crew").is_some() && sim.journal().entries().is_empty());
}

#[test]
fn the_schema_is_in_step_with_the_code() {
    let schema = schemars::schema_for!(Document);
    let written = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/scenario.schema.json"), &written)
            .unwrap();
    } else {
        assert!(written == Scenario::SCHEMA, "run UPDATE_DOCS=1 cargo test -p graph-sim scenario");
    }
}

#[test]
fn the_examples_keep_to_the_schema() {
    let validator = jsonschema::validator_for(&serde_json::from_str(Scenario::SCHEMA).unwrap()).unwrap();
    for text in [include_str!("../../scenarios/school.yaml"), include_str!("../../scenarios/outage.yaml")] {
        let value: Value = serde_saphyr::from_str(text).unwrap();
        let faults: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(faults, [""; 0]);
    }
    assert!(!validator.is_valid(&json!({ "userss": [] })), "the schema refuses what the code refuses");
}

#[test]
fn places_are_counted_from_one() {
    let text: At<String> = serde_saphyr::from_str("word").unwrap();
    assert_eq!((text.place().line, text.place().column), (1, 1));
}
