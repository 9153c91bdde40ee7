//! Trouble with asking about an operation is not trouble with the operation.

use graph_facade::{ErrorKind, Update};
use graph_sim::{Fault, Sim, SimBuilder, Timeline};
use tokio::time::Instant;

use crate::support::{POLL, arrivals, assert_patient, client, pass, pilots, seconds, statuses};

async fn assert_survives(faults: impl IntoIterator<Item = Fault>) -> Sim {
    let sim = faults.into_iter().fold(Sim::builder().user("ada"), SimBuilder::fault).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let community = accepted.wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    assert_patient(&sim, 2);
    sim
}

#[tokio::test(start_paused = true)]
async fn polls_that_fail_for_now_are_repeated_at_the_usual_pace() {
    let sim = assert_survives([
        Fault::throttle(POLL),
        Fault::respond(POLL, 503),
        Fault::respond(POLL, 502).content_type("text/html").body("<html>Bad gateway</html>"),
        Fault::lose_connection(POLL).before_processing(),
        Fault::respond(POLL, 500),
        Fault::lose_connection(POLL),
    ])
    .await;
    let polls: Vec<u64> = arrivals(&sim, POLL).iter().map(std::time::Duration::as_secs).collect();
    assert_eq!(polls, [31, 62, 93, 124, 155, 186, 217]);
    insta::assert_snapshot!(sim.journal());
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_gets_no_answer_in_time_is_repeated() {
    let sim = assert_survives([Fault::delay(POLL, seconds(3_600)).times(1)]).await;
    let polls = arrivals(&sim, POLL);
    assert_eq!(polls[..2], [seconds(31), seconds(31 + 60 + 31)], "31 s after the client gave up");
}

#[tokio::test(start_paused = true)]
async fn a_longer_retry_after_is_waited_for_and_a_shorter_one_changes_nothing() {
    let throttled = Fault::throttle(POLL).retry_after("50.5");
    let hurried = Fault::respond(POLL, 503).retry_after("1");
    let sim = assert_survives([throttled, hurried]).await;
    let polls: Vec<f64> = arrivals(&sim, POLL).iter().map(std::time::Duration::as_secs_f64).collect();
    assert_eq!(polls, [31.0, 81.5, 112.5]);
}

#[tokio::test(start_paused = true)]
async fn a_404_right_after_acceptance_is_not_the_end() {
    assert_survives([Fault::respond(POLL, 404).times(2)]).await;
    let sim = assert_survives([Fault::respond("communities.get", 404).times(2)]).await;
    assert_eq!(arrivals(&sim, POLL).len(), 3, "the result became visible late, and needed no further poll");
}

#[tokio::test(start_paused = true)]
async fn a_404_that_stays_is_reported_with_the_operations_address() {
    let sim = Sim::builder().user("ada").fault(Fault::respond(POLL, 404).times(100)).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let start = Instant::now();
    let error = accepted.wait().await.unwrap_err();
    assert!(error.is_not_found() && error.kind() == ErrorKind::Service, "{error}");
    assert_eq!(error.location(), Some(accepted.location()));
    assert!((300..=331).contains(&start.elapsed().as_secs()), "after five minutes: {:?}", start.elapsed());
    assert_patient(&sim, 9);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_asking_again_would_repeat_is_reported_at_once_and_the_operation_goes_on() {
    let sim = Sim::builder().user("ada").fault(Fault::respond(POLL, 403)).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let error = accepted.wait().await.unwrap_err();
    assert!(error.is_permission_denied() && error.kind() == ErrorKind::Service, "{error}");
    assert_eq!(error.location(), Some(accepted.location()));
    assert_eq!(statuses(&sim), [Some(202), Some(403)]);

    let community = accepted.wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    assert_patient(&sim, 3);
}

#[tokio::test(start_paused = true)]
async fn a_single_poll_says_why_it_could_not_ask_and_nothing_is_lost() {
    let timeline = Timeline::new().stay("running", seconds(60));
    let sim = Sim::builder().user("ada").timeline(timeline).fault(Fault::respond(POLL, 503)).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    pass(seconds(31)).await;
    let error = accepted.poll().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, 503));
    assert!(matches!(accepted.poll().await.unwrap(), Update::Pending(_)), "too soon to ask again");
    pass(seconds(31)).await;
    assert!(matches!(accepted.poll().await.unwrap(), Update::Done(_)));
    assert_patient(&sim, 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_only_met_trouble_ends_with_the_last_of_it() {
    let sim = Sim::builder().user("ada").fault(Fault::respond(POLL, 503).times(1_000)).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let error = accepted.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitExceeded, "not a failed operation: {error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.to_string().contains("(503)"), "{source}");
    assert_patient(&sim, 20);
}
