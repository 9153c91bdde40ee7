//! When a long-running operation is asked about, and what an interruption costs: nothing.

use std::time::Duration;

use futures_util::StreamExt as _;
use graph_facade::{ErrorKind, PollInterval, Update};
use graph_sim::{Fault, Sim, Timeline};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{
    POLL, arrivals, assert_clean, assert_patient, client, is_patient, pass, pilots, seconds,
};

#[tokio::test(start_paused = true)]
async fn acceptance_is_there_at_once_and_polls_come_every_31_seconds() {
    let sim = Sim::builder().user("ada").build();
    let start = Instant::now();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO, "nothing has been waited for");
    accepted.wait().await.unwrap();
    assert_eq!(arrivals(&sim, POLL), [seconds(31), seconds(62), seconds(93)]);
    assert_eq!(start.elapsed(), seconds(93), "the result is read as soon as it is there");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_longer_interval_is_kept() {
    let sim = Sim::builder().user("ada").build();
    let every_minute = PollInterval::new(seconds(60)).unwrap();
    let accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    accepted.with_interval(every_minute).wait().await.unwrap();
    assert_eq!(arrivals(&sim, POLL), [seconds(60), seconds(120)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn polling_too_soon_sends_nothing_and_repeats_what_is_known() {
    let sim = Sim::builder().user("ada").build();
    let client = client(&sim, "ada");
    let mut accepted = client.communities().create(pilots()).await.unwrap();
    assert_eq!(accepted.next_poll_at(), client.clock().now() + seconds(31));
    for _ in 0..3 {
        let Update::Pending(report) = accepted.poll().await.unwrap() else { panic!("done already") };
        assert_eq!(report.status, None);
    }
    assert!(arrivals(&sim, POLL).is_empty());

    pass(seconds(31)).await;
    let asked = accepted.poll().await.unwrap();
    pass(seconds(30)).await;
    assert_eq!(accepted.poll().await.unwrap(), asked);
    assert_eq!(arrivals(&sim, POLL), [seconds(31)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn updates_come_first_and_are_waited_for_only_when_the_next_is_asked_for() {
    let sim = Sim::builder().user("ada").build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let start = Instant::now();
    let mut updates = accepted.updates();

    let mut seen = Vec::new();
    while let Some(update) = updates.next().await {
        let status = match update.unwrap() {
            Update::Pending(report) => report.status,
            Update::Done(community) => community.display_name,
            other => panic!("{other:?}"),
        };
        seen.push((start.elapsed().as_secs(), status));
    }
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(seen, [(0, None), (31, text("running")), (62, text("running")), (93, text("Pilots"))]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_cancelled_again_and_again_ends_as_soon_as_one_that_is_not() {
    for patience in [1, 7, 30, 31, 45] {
        let sim = Sim::builder().user("ada").build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
        let community = loop {
            if let Ok(outcome) = timeout(seconds(patience), accepted.wait()).await {
                break outcome.unwrap();
            }
        };
        assert_eq!(community.id, sim.community_id("Pilots"));
        assert_eq!(
            arrivals(&sim, POLL),
            [seconds(31), seconds(62), seconds(93)],
            "cancelled each {patience} s"
        );
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_loses_a_select_loses_nothing() {
    let sim = Sim::builder().user("ada").build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    let mut ticks = 0;
    let community = loop {
        tokio::select! {
            outcome = accepted.wait() => break outcome.unwrap(),
            () = sleep(seconds(20)) => ticks += 1,
        }
    };
    assert_eq!((community.id, ticks), (sim.community_id("Pilots"), 4));
    assert_eq!(arrivals(&sim, POLL).len(), 3);
    assert_patient(&sim, 3);
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_cancelled_on_its_way_counts_as_a_poll() {
    let slow = Fault::delay(POLL, seconds(10)).times(1);
    let sim = Sim::builder().user("ada").fault(slow).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    assert!(timeout(seconds(36), accepted.wait()).await.is_err(), "cancelled 5 s into the poll");
    assert_eq!(arrivals(&sim, POLL), [seconds(31)]);
    accepted.wait().await.unwrap();
    assert_patient(&sim, 3);
    assert!(arrivals(&sim, POLL)[1] > seconds(36 + 30), "it may have reached the service as late as that");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_cancelled_on_its_way_is_read_again_without_a_poll() {
    let slow = Fault::delay("communities.get", seconds(10)).times(1);
    let sim = Sim::builder().user("ada").timeline(Timeline::new()).fault(slow).build();
    let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
    assert!(timeout(seconds(36), accepted.wait()).await.is_err(), "cancelled while reading the result");
    let start = Instant::now();
    accepted.wait().await.unwrap();
    assert_eq!((arrivals(&sim, POLL), start.elapsed()), (vec![seconds(31)], Duration::ZERO));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn at_a_deadline_there_is_one_last_poll_unless_it_would_come_too_soon() {
    for (deadline, polls) in
        [(5, &[5][..]), (31, &[31]), (40, &[31]), (61, &[31]), (62, &[31, 62]), (70, &[31, 62])]
    {
        let sim = Sim::builder().user("ada").build();
        let mut accepted = client(&sim, "ada").communities().create(pilots()).await.unwrap();
        let start = Instant::now();
        let error = accepted.wait_timeout(seconds(deadline)).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed()), (ErrorKind::WaitExceeded, seconds(deadline)));
        assert_eq!(arrivals(&sim, POLL).iter().map(Duration::as_secs).collect::<Vec<_>>(), polls);

        accepted.wait().await.unwrap();
        assert!(is_patient(&arrivals(&sim, POLL)), "{deadline} s:\n{}", sim.journal());
        assert_clean(&sim);
    }
}
