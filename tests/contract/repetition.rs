//! What is sent a second time, and what never is.

use graph_facade::{Added, ErrorKind, NoRetry};
use graph_sim::{Fault, Sim};

use crate::support::{arrivals, assert_clean, builder, client, pass, pilots, seconds, statuses};

const CREATE: &str = "communities.create";

fn sim_with(fault: Fault) -> Sim {
    Sim::builder().group("Pilots", ["ada"]).user("grace").fault(fault).build()
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_got_lost_is_not_sent_again_and_says_that_it_may_have_worked() {
    for fault in [Fault::lose_connection(CREATE), Fault::lose_connection(CREATE).before_processing()] {
        let sim = sim_with(fault);
        let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::Connect, 1, None));
        assert!(error.maybe_processed(), "a client can't tell");
        assert!(error.to_string().contains("look whether the service acted on it"), "{error}");
        assert!(error.client_request_id().is_some(), "{error}");
        pass(seconds(600)).await;
        assert_eq!(arrivals(&sim, CREATE).len(), 1, "exactly one POST");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_processed_after_all_makes_one_community() {
    let sim = Sim::builder().user("ada").fault(Fault::lose_connection(CREATE)).build();
    let client = client(&sim, "ada");
    assert!(client.communities().create(pilots()).await.unwrap_err().maybe_processed());
    pass(seconds(600)).await;
    assert_eq!(client.communities().list().await.unwrap().items.len(), 1);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_a_gateway_gave_up_on_is_not_sent_again() {
    for status in [500, 502, 503, 504] {
        let sim = sim_with(Fault::respond(CREATE, status));
        let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Service, status));
        assert!(error.maybe_processed(), "{error}");
        assert_eq!(statuses(&sim), [Some(status)], "exactly one POST");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_without_an_answer_in_time_is_not_sent_again() {
    let sim = sim_with(Fault::delay(CREATE, seconds(90)));
    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    assert_eq!((error.kind(), error.maybe_processed()), (ErrorKind::Timeout, true));
    pass(seconds(600)).await;
    assert_eq!(arrivals(&sim, CREATE).len(), 1);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_refused_unread_is_sent_again() {
    for (fault, second) in [
        (Fault::throttle(CREATE).retry_after("2.128"), 2),
        (Fault::respond(CREATE, 503).retry_after("7"), 7),
        (Fault::respond(CREATE, 509).retry_after("3"), 3),
    ] {
        let sim = Sim::builder().user("ada").fault(fault).build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
        assert_eq!(
            arrivals(&sim, CREATE).iter().map(std::time::Duration::as_secs).collect::<Vec<_>>(),
            [0, second]
        );
        accepted.wait().await.unwrap();
        assert_eq!(client(&sim, "ada").communities().list().await.unwrap().items.len(), 1, "one community");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_lasts_is_given_up_with_its_cause() {
    let sim = sim_with(Fault::throttle(CREATE).times(100).retry_after("10"));
    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 4));
    assert!(!error.maybe_processed(), "refused unread each time");
    assert_eq!(arrivals(&sim, CREATE).len(), 4);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_of_a_call_carries_the_same_id() {
    let sim = sim_with(Fault::respond("groups.list", 503).times(2));
    let full = client(&sim, "ada").groups().list().send_full().await.unwrap();
    assert_eq!(full.attempts(), 3);
    assert_eq!(full.headers["client-request-id"], full.client_request_id(), "as the service repeats it");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_answer_got_lost_is_sent_again() {
    for fault in [
        Fault::lose_connection("groups.list"),
        Fault::lose_connection("groups.list").before_processing(),
        Fault::respond("groups.list", 503),
        Fault::respond("groups.list", 504),
        Fault::delay("groups.list", seconds(90)).times(1),
    ] {
        let sim = sim_with(fault);
        let answer = client(&sim, "ada").groups().list().send_full().await.unwrap();
        assert_eq!((answer.attempts(), answer.value.items.len()), (2, 1));
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn adding_a_member_is_safe_to_repeat_although_it_is_a_post() {
    let sim = sim_with(Fault::lose_connection("groups.members.add"));
    let members = client(&sim, "ada").groups().members(sim.group_id("Pilots").unwrap());
    let added = members.add(sim.user_id("grace")).await.unwrap();
    assert_eq!(added, Added::Already, "the first attempt did it");
    assert_eq!(statuses(&sim), [None, Some(400)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn without_retries_one_failure_is_one_request() {
    for fault in [Fault::lose_connection("groups.list"), Fault::throttle("groups.list").retry_after("1")] {
        let sim = sim_with(fault);
        let client = builder(&sim, "ada").retry(NoRetry).build().unwrap();
        assert_eq!(client.groups().list().await.unwrap_err().attempts(), 1);
        assert_eq!(sim.journal().entries().len(), 1);
        assert_clean(&sim);
    }
}
