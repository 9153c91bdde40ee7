//! A long-running operation outlives its process, and goes nowhere else.

use graph_facade::models::Community;
use graph_facade::{
    Cloud, Error, ErrorKind, ForeignAddress, InvalidSavedOperation, Operation, SavedOperation, Update,
};
use graph_sim::{Sim, Timeline};
use serde_json::Value;

use crate::support::{POLL, arrivals, assert_clean, assert_patient, builder, client, pass, pilots, seconds};

/// The text that one process leaves behind and another finds.
async fn saved_by_a_process(sim: &Sim) -> String {
    client(sim, "ada").communities().create(pilots()).await.unwrap().save().to_string()
}

fn resume(sim: &Sim, text: &str) -> Operation<Community> {
    client(sim, "ada").operations().resume(text.parse().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_process_may_take_over_from_the_one_before_and_none_polls_too_soon() {
    let sim = Sim::builder().user("ada").timeline(Timeline::new().stay("running", seconds(100))).build();
    let mut text = saved_by_a_process(&sim).await;
    let accepted_at = text.parse::<SavedOperation>().unwrap().accepted_at();
    for _ in 0..8 {
        pass(seconds(10)).await;
        let mut operation = resume(&sim, &text);
        assert!(matches!(operation.poll().await.unwrap(), Update::Pending(_)));
        text = operation.save().to_string();
    }
    assert_eq!(arrivals(&sim, POLL), [seconds(40), seconds(80)], "asked every 10 s");

    let mut operation = resume(&sim, &text);
    assert_eq!(operation.accepted_at(), accepted_at);
    let community = operation.wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    assert_eq!(arrivals(&sim, "communities.create").len(), 1);
    assert_patient(&sim, 3);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_was_done_long_ago_is_still_found() {
    let sim = Sim::builder().user("ada").build();
    let text = saved_by_a_process(&sim).await;
    pass(seconds(20 * 60 * 60)).await;
    let community = resume(&sim, &text).wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    assert_eq!(arrivals(&sim, POLL).len(), 1);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_is_saved_is_readable_and_holds_no_secret() {
    let sim = Sim::builder().user("ada").build();
    let mut operation = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    pass(seconds(31)).await;
    operation.poll().await.unwrap();

    let saved = operation.save();
    let text = saved.to_string();
    assert!(!text.contains(&sim.token("ada")) && !text.to_lowercase().contains("bearer"), "{text}");
    assert_eq!(text.parse::<SavedOperation>().unwrap(), saved);
    assert_eq!(serde_json::to_string(&saved).unwrap(), text, "serde writes the same");
    assert_eq!(serde_json::from_str::<SavedOperation>(&text).unwrap(), saved);

    let mut form: Value = serde_json::from_str(&text).unwrap();
    form["client_request_id"] = "<uuid>".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&form).unwrap());
    assert_clean(&sim);
}

/// The saved text with one property changed.
fn changed(text: &str, property: &str, value: impl Into<Value>) -> String {
    let mut form: Value = serde_json::from_str(text).unwrap();
    form[property] = value.into();
    form.to_string()
}

#[track_caller]
fn assert_foreign(outcome: Result<Operation<Community>, Error>) {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
    assert!(error.location().is_some(), "the address is not lost: {error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<ForeignAddress>(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_another_root_or_cloud_is_refused_and_nothing_is_sent() {
    let sim = Sim::builder().user("ada").build();
    let text = saved_by_a_process(&sim).await;
    let other = Sim::builder().user("ada").root("https://graph.contoso.example").build();
    let elsewhere = builder(&other, "ada").root(other.root()).build().unwrap();
    assert_foreign(elsewhere.operations().resume(text.parse().unwrap()));
    let government = builder(&other, "ada").cloud(Cloud::UsGov).build().unwrap();
    assert_foreign(government.operations().resume(text.parse().unwrap()));
    let same_root = builder(&sim, "ada").cloud(Cloud::UsGov).root(sim.root()).build().unwrap();
    assert_foreign(same_root.operations().resume(text.parse().unwrap()));

    assert_eq!((arrivals(&sim, POLL), other.journal().entries().len()), (vec![], 0));
    assert_clean(&sim);
    assert_clean(&other);
}

#[tokio::test(start_paused = true)]
async fn a_saved_text_that_was_tampered_with_leads_no_token_astray() {
    let sim = Sim::builder().user("ada").build();
    let text = saved_by_a_process(&sim).await;
    for location in [
        "https://evil.example/v1.0/employeeExperience/engagementAsyncOperations('1')",
        "https://graph.microsoft.com.evil.example/v1.0/ops/1",
        "https://graph.microsoft.com@evil.example/v1.0/ops/1",
        "http://graph.microsoft.com/v1.0/ops/1",
        "//evil.example/v1.0/ops/1",
        "https://graph.microsoft.com/oauth2/token",
    ] {
        let tampered = changed(&text, "location", location).parse().unwrap();
        assert_foreign(client(&sim, "ada").operations().resume(tampered));
    }
    assert!(arrivals(&sim, POLL).is_empty());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_something_else_started_is_refused() {
    let sim = Sim::builder().user("ada").build();
    let text = changed(&saved_by_a_process(&sim).await, "operation", "teams.clone");
    let outcome: Result<Operation<Community>, _> =
        client(&sim, "ada").operations().resume(text.parse().unwrap());
    let error = outcome.unwrap_err();
    assert!(error.message().contains("started by teams.clone, not by communities.create"), "{error}");
    assert!(arrivals(&sim, POLL).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_text_of_a_newer_release_says_to_update() {
    let sim = Sim::builder().user("ada").build();
    let newer = changed(&saved_by_a_process(&sim).await, "version", 2);
    let error = newer.parse::<SavedOperation>().unwrap_err();
    assert!(matches!(error, InvalidSavedOperation::UnknownVersion(2)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the saved operation has version 2, and this release reads version 1: update to a newer release"
    );
    let through_serde = serde_json::from_str::<SavedOperation>(&newer).unwrap_err();
    assert!(through_serde.to_string().contains("update to a newer release"), "{through_serde}");
    assert!(r#"{"version": 2}"#.parse::<SavedOperation>().unwrap_err().to_string().contains("update"));
}
