//! What a long-running operation's status means to whoever waits for it.

use futures_util::TryStreamExt as _;
use graph_facade::models::Community;
use graph_facade::{Error, ErrorKind, StatusReport, Update};
use graph_sim::{Fault, LocationForm, Sim, Timeline};
use tokio::time::Instant;

use crate::support::{POLL, arrivals, assert_clean, assert_patient, client, pilots, seconds};

async fn wait(sim: &Sim) -> Result<Option<String>, Error> {
    let mut accepted = client(sim, "ada").communities().create(pilots()).await?;
    accepted.wait().await.map(|community| community.id)
}

#[tokio::test(start_paused = true)]
async fn the_operation_is_found_wherever_the_acceptance_says_it_is() {
    for form in
        [LocationForm::OperationLocation, LocationForm::Location, LocationForm::Relative, LocationForm::Slash]
    {
        let sim = Sim::builder().user("ada").location(form).build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
        let operations = "https://graph.microsoft.com/v1.0/employeeExperience/engagementAsyncOperations";
        assert!(accepted.location().starts_with(operations), "{form:?}: {}", accepted.location());
        let community = accepted.wait().await.unwrap();
        assert_eq!(community.id, sim.community_id("Pilots"), "{form:?}");
        assert_patient(&sim, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn running_and_in_progress_are_both_under_way() {
    let timeline = Timeline::new()
        .stay("notStarted", seconds(40))
        .stay("inProgress", seconds(30))
        .stay("running", seconds(30))
        .stay("InProgress", seconds(30));
    let sim = Sim::builder().user("ada").timeline(timeline).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();

    let seen = |update: Update<Community>| match update {
        Update::Pending(StatusReport { status, .. }) => status.unwrap_or_else(|| "nothing yet".into()),
        Update::Done(community) => community.display_name.unwrap(),
        _ => String::new(),
    };
    let seen: Vec<String> = accepted.updates().map_ok(seen).try_collect().await.unwrap();
    assert_eq!(seen, ["nothing yet", "notStarted", "inProgress", "running", "InProgress", "Pilots"]);
    assert_patient(&sim, 5);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_ends_without_success_fails_with_the_services_reason() {
    for (status, detail, message) in [
        ("failed", Some("the network is full"), "it ended as `failed`: the network is full"),
        ("Failed", None, "it ended as `Failed`: the service gives no reason"),
        ("skipped", Some("there is one already"), "it ended as `skipped`: there is one already"),
        ("invalid", None, "it ended as `invalid`: the service gives no reason"),
    ] {
        let timeline = Timeline::new().stay("running", seconds(60));
        let timeline = match detail {
            Some(detail) => timeline.end_with_detail(status, detail),
            None => timeline.end(status),
        };
        let sim = Sim::builder().user("ada").timeline(timeline).build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();

        let error = accepted.wait().await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::OperationFailed, message));
        assert_eq!(error.operation(), Some("communities.create"));
        assert_eq!(error.location(), Some(accepted.location()));
        assert_eq!(error.client_request_id(), Some(accepted.save().client_request_id()));
        assert_eq!(arrivals(&sim, POLL), [seconds(31), seconds(62)], "over is over");
        assert_eq!(
            accepted.wait().await.unwrap_err().kind(),
            ErrorKind::OperationFailed,
            "also when asked again"
        );
        assert_eq!(arrivals(&sim, POLL).len(), 2, "which needs no request");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_nobody_knows_is_waited_for_until_the_deadline() {
    for status in ["brandNew", "unknownFutureValue", ""] {
        let timeline = Timeline::new().stay(status, seconds(60 * 60));
        let sim = Sim::builder().user("ada").timeline(timeline).build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();

        let start = Instant::now();
        let error = accepted.wait().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitExceeded, "{error}");
        assert_eq!(start.elapsed(), seconds(15 * 60));
        assert_eq!(error.location(), Some(accepted.location()));
        assert!(error.to_string().contains("wait again"), "{error}");
        assert_eq!(accepted.last_report().status.as_ref().unwrap().as_str(), status, "kept as it came");

        let community = accepted.wait_timeout(seconds(60 * 60)).await.unwrap();
        assert_eq!(community.id, sim.community_id("Pilots"), "the operation went on, and so can the wait");
        assert_patient(&sim, 100);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_status_is_waited_through() {
    let no_status = Fault::alter(POLL, |json| json["status"] = serde_json::Value::Null).times(1);
    let missing = Fault::alter(POLL, |json| drop(json.as_object_mut().unwrap().remove("status"))).times(1);
    let page = Fault::respond(POLL, 200).content_type("text/html").body("<html>Under repair</html>");
    let sim = Sim::builder().user("ada").fault(no_status).fault(missing.skip(1)).fault(page.skip(2)).build();
    assert_eq!(wait(&sim).await.unwrap(), sim.community_id("Pilots"));
    assert_patient(&sim, 4);
}

#[tokio::test(start_paused = true)]
async fn succeeded_counts_in_any_letter_case() {
    let fault = Fault::alter(POLL, |json| {
        if json["status"] == "succeeded" {
            json["status"] = "Succeeded".into();
        }
    });
    let sim = Sim::builder().user("ada").fault(fault).build();
    assert_eq!(wait(&sim).await.unwrap(), sim.community_id("Pilots"));
    assert_eq!(arrivals(&sim, POLL), [seconds(31), seconds(62), seconds(93)], "at the first that says so");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_result_is_found_by_its_id_where_its_address_is_missing_or_foreign() {
    for address in [serde_json::Value::Null, "https://evil.example/v1.0/communities('1')".into()] {
        let fault = Fault::alter(POLL, move |json| json["resourceLocation"] = address.clone());
        let sim = Sim::builder().user("ada").fault(fault).build();
        assert_eq!(wait(&sim).await.unwrap(), sim.community_id("Pilots"));
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_names_no_result_says_so() {
    let fault = Fault::alter(POLL, |json| {
        json["resourceId"] = serde_json::Value::Null;
        json["resourceLocation"] = serde_json::Value::Null;
    });
    let sim = Sim::builder().user("ada").fault(fault).build();
    let error = wait(&sim).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "the operation did not fail");
    assert!(error.message().contains("find it by its name"), "{error}");
    assert!(error.location().is_some(), "{error}");
    assert_clean(&sim);
}
