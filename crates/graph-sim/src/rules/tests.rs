use serde_json::json;

use super::Answer;
use crate::Sim;
use crate::scenarios::{Client, new_community};

fn sim() -> Sim {
    Sim::builder().group("Pilots", ["ada"]).build()
}

fn path(sim: &Sim) -> String {
    format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_rule_answers_until_its_times_are_used_up() {
    let sim = sim();
    let (ada, path) = (Client::new(&sim, "ada"), path(&sim));
    sim.on("groups.get").respond(503).times(1);
    let second = sim.on("groups.*").respond(Answer::status(429).header("retry-after", "7")).times(1);
    let statuses = [ada.get(&path).await, ada.get(&path).await];
    assert_eq!(statuses.each_ref().map(|answer| answer.status.as_u16()), [503, 429]);
    assert_eq!(statuses[1].header("retry-after"), "7");
    assert_eq!((second.count(), sim.verify()), (1, Ok(())));

    assert_eq!(ada.get(&path).await.status, 200, "the simulator does the rest");
    sim.assert_clean();
}

#[tokio::test(start_paused = true)]
async fn a_rule_without_an_answer_wants_no_more_than_it_says() {
    let sim = sim();
    let (ada, path) = (Client::new(&sim, "ada"), path(&sim));
    sim.on("groups.get").respond(503).times(1);
    sim.on("groups.get").times(1);
    for expected in [503, 200, 200] {
        assert_eq!(ada.get(&path).await.status, expected);
    }
    let findings = sim.verify().unwrap_err();
    assert_eq!(
        findings.iter().collect::<Vec<_>>(),
        ["the rule on groups.get expected 1 request, and 2 came"]
    );
}

#[tokio::test(start_paused = true)]
async fn conditions_choose_the_requests() {
    let sim = sim();
    let (ada, path) = (Client::new(&sim, "ada").header("prefer", "x"), path(&sim));
    let query = sim.on("groups.get").with_query("$select", "id").with_header("prefer", "x");
    let body = sim.on("communities.create").with_body(json!({ "displayName": "Crew" }));
    let condition = sim.on("*").when(|request| request.uri().path().ends_with("/members"));
    ada.get(&path).await;
    ada.get(&format!("{path}?$select=id")).await;
    ada.get(&format!("{path}?%24select=id")).await;
    ada.get(&format!("{path}/members")).await;
    for name in ["Crew", "Cabin"] {
        ada.post("/v1.0/employeeExperience/communities", new_community(name)).await;
    }
    assert_eq!((query.count(), body.count(), condition.count()), (2, 1, 1));
    sim.assert_clean();
}

#[tokio::test(start_paused = true)]
async fn what_never_comes_and_what_must_not_come_is_told() {
    let sim = sim();
    sim.on("groups.delete").times(0);
    sim.on("groups.list").with_query("$top", "5").times(2);
    Client::new(&sim, "ada").delete(&path(&sim)).await;
    insta::assert_snapshot!(sim.verify().unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn answers_keep_to_the_contract_unless_they_say_so() {
    let sim = sim();
    let (ada, path) = (Client::new(&sim, "ada"), path(&sim));
    sim.on("groups.get").respond(Answer::json(&json!({ "displayNaem": "P" })).unchecked()).times(1);
    ada.get(&path).await;
    sim.assert_clean();
    sim.on("groups.get").respond(json!({ "displayNaem": "P" })).times(1);
    ada.get(&path).await;
    let findings = sim.verify().unwrap_err().to_string();
    assert!(
        findings.contains("groups.get answer of a rule: the property 'displayNaem' is unknown"),
        "{findings}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_rule_on_nothing_is_a_violation() {
    let sim = sim();
    sim.on("group.get");
    assert_eq!(sim.violations(), ["a rule is on 'group.get', and no operation has this id"]);
}
