//! Calls that somebody puts into a batch.

use graph_facade::{Batched, ErrorKind};
use graph_sim::Fault;
use tokio::time::Instant;

use super::{envelopes, journal, sim};
use crate::support::{assert_clean, client, pilots, seconds};

#[tokio::test(start_paused = true)]
async fn a_batch_gives_each_call_its_typed_result() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("grace")));
    let group = batch.add(ada.groups().get(&*id).select(["displayName"])).depends_on(&added);
    let created = batch.add(ada.communities().create(pilots()));
    let missing = batch.add(ada.groups().get("missing"));
    let left = batch.add(ada.groups().get(&*id)).depends_on(&missing);
    let outcome = batch.await.unwrap();
    assert!(!outcome.all_succeeded());
    assert_eq!(outcome.take(added).unwrap(), graph_facade::Added::Now);
    assert_eq!(outcome.take(group).unwrap().display_name.as_deref(), Some("Pilots"));
    assert!(outcome.take(missing).unwrap_err().is_not_found());
    let left = outcome.take(left).unwrap_err();
    assert!(left.is_failed_dependency(), "{left}");
    assert_eq!(envelopes(&sim), 1, "\n{}", sim.journal());
    outcome.take(created).unwrap().wait().await.unwrap();
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_dependent_outlives_the_refusals_of_what_it_depends_on() {
    let sim = sim([Fault::throttle("groups.members.add").retry_after("120")]);
    let (ada, start) = (client(&sim, "ada"), Instant::now());
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("grace")));
    let group = batch.add(ada.groups().get(&*id)).depends_on(&added);
    let outcome = batch.await.unwrap();
    assert!(outcome.all_succeeded(), "\n{}", sim.journal());
    assert_eq!((outcome.take_full(group).unwrap().attempts(), start.elapsed().as_secs()), (2, 120));
    assert_eq!(outcome.take_full(added).unwrap().attempts(), 2);
    assert_eq!(envelopes(&sim), 2);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_wish_fulfilled_before_is_a_success_to_depend_on() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("ada")));
    let group = batch.add(ada.groups().get(&*id)).depends_on(&added);
    let outcome = batch.await.unwrap();
    assert_eq!(outcome.take(added).unwrap(), graph_facade::Added::Already);
    assert!(outcome.take(group).is_ok(), "\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_chain_longer_than_an_envelope_and_than_the_quota_keeps_its_order() {
    let sim = sim([]);
    let (ada, start) = (client(&sim, "ada"), Instant::now());
    let mut batch = ada.batch();
    let mut last: Option<Batched<_>> = None;
    for _ in 0..25 {
        let next = batch.add(ada.communities().create(pilots()));
        last = Some(match &last {
            Some(before) => next.depends_on(before),
            None => next,
        });
    }
    let outcome = batch.await.unwrap();
    assert!(outcome.all_succeeded(), "\n{}", sim.journal());
    assert_eq!(start.elapsed().as_secs(), 60, "ten calls in thirty seconds");
    assert_eq!(envelopes(&sim), 3);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_ordered_is_refused_unsent() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let mut batch = ada.batch();
    let first = batch.add(ada.groups().get("1"));
    let second = batch.add(ada.groups().get("2"));
    drop(first.depends_on(&second));
    insta::assert_snapshot!(batch.await.unwrap_err(), @"nothing was sent: call 1 of the batch depends on a call that comes later: add that one first");

    let (mut batch, mut other) = (ada.batch(), ada.batch());
    let foreign = other.add(ada.groups().get("1"));
    drop(batch.add(ada.groups().get("2")).depends_on(&foreign));
    insta::assert_snapshot!(batch.await.unwrap_err(), @"nothing was sent: call 1 of the batch depends on a call of another batch: add both to one");

    let outcome = ada.batch().await.unwrap();
    assert!(outcome.all_succeeded());
    assert_eq!(outcome.take(foreign).unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(sim.journal().entries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn pages_and_counts_travel_along() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let pilots = sim.group_id("Pilots").unwrap();
    let first = ada.groups().list().top(1).await.unwrap();
    let mut batch = ada.batch();
    let page = batch.add(ada.groups().list().top(1).select(["displayName"]));
    let next = batch.add(ada.groups().list().resume_from(first.next.unwrap()));
    let owners = batch.add(ada.groups().owners(&*pilots).count());
    let groups = batch.add(ada.groups().count());
    let outcome = batch.await.unwrap();
    let (page, next) = (outcome.take(page).unwrap(), outcome.take(next).unwrap());
    assert_eq!((page.items.len(), page.next.is_some()), (1, true));
    assert_eq!((next.items.len(), next.next), (1, None));
    assert_eq!((outcome.take(owners).unwrap(), outcome.take(groups).unwrap()), (1, 2));
    // The bare number of `$count` is no JSON object: it goes beside.
    assert_eq!(
        journal(&sim)[1..],
        [
            "alone groups.count 200",
            "in groups.list 200",
            "in groups.list 200",
            "in groups.owners.list 200",
            "alone batch 200"
        ]
    );
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_another_only_as_long_as_it_may() {
    let sim = sim([Fault::throttle("groups.members.add").retry_after("120")]);
    let (ada, start) = (client(&sim, "ada"), Instant::now());
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("grace")));
    let group = batch.add(ada.groups().get(&*id).time_limit(seconds(20))).depends_on(&added);
    let behind = batch.add(ada.groups().get(&*id)).depends_on(&group);
    let outcome = batch.await.unwrap();
    let late = outcome.take(group).unwrap_err();
    assert_eq!((late.kind(), late.attempts(), late.maybe_processed()), (ErrorKind::Timeout, 1, false));
    assert!(late.to_string().contains("the time limit was over before"), "{late}");
    assert!(outcome.take(behind).unwrap_err().is_failed_dependency());
    assert!(outcome.take(added).is_ok());
    assert_eq!(start.elapsed().as_secs(), 120);
    assert_clean(&sim);
}
