//! Rate limits: kept by the client, and nobody has to care.

use std::future::pending;

use futures_util::future::join_all;
use graph_facade::{BoxError, BoxFuture, Client, Limiter, NoRetry, Token, TokenProvider, TokenRequest};
use graph_sim::Sim;
use tokio::time::{Instant, timeout};

use crate::support::{assert_clean, builder, client, pass, pilots, seconds, statuses};

fn network() -> Sim {
    Sim::builder().community("Pilots", ["ada"]).build()
}

async fn read(client: &Client) {
    client.communities().list().await.unwrap();
}

async fn read_times(client: &Client, times: usize) {
    for _ in 0..times {
        read(client).await;
    }
}

fn refusals(sim: &Sim) -> usize {
    statuses(sim).iter().filter(|status| **status == Some(429)).count()
}

#[tokio::test(start_paused = true)]
async fn reads_in_a_row_earn_no_refusal_and_lose_no_time() {
    let (sim, start) = (network(), Instant::now());
    read_times(&client(&sim, "ada"), 25).await;
    assert_eq!((statuses(&sim).len(), refusals(&sim)), (25, 0), "\n{}", sim.journal());
    assert!((60..=65).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn ten_calls_at_once_go_at_once_and_the_eleventh_waits_its_turn() {
    let (sim, start) = (network(), Instant::now());
    let ada = client(&sim, "ada");
    join_all((0..10).map(|_| read(&ada))).await;
    assert_eq!(start.elapsed(), seconds(0));
    read(&ada).await;
    assert_eq!(start.elapsed(), seconds(30));
    assert_eq!(refusals(&sim), 0);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_client_share_its_budget() {
    let (sim, start) = (network(), Instant::now());
    let ada = client(&sim, "ada");
    join_all((0..20).map(|_| ada.clone()).map(|clone| async move { read(&clone).await })).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_somebody_else_used_up_is_waited_for_unseen() {
    let (sim, start) = (network(), Instant::now());
    read_times(&client(&sim, "ada"), 10).await;
    // Another process of the same user and app, which knows nothing of the first.
    let other = client(&sim, "ada");
    join_all((0..5).map(|_| read(&other))).await;
    assert!(refusals(&sim) >= 1, "\n{}", sim.journal());
    assert!((30..=31).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn one_refusal_holds_back_everything_of_its_quota() {
    let sim = network();
    read_times(&client(&sim, "ada"), 10).await;
    let other = client(&sim, "ada");
    let later = async {
        pass(seconds(1)).await;
        join_all((0..4).map(|_| read(&other))).await;
    };
    tokio::join!(read(&other), later);
    assert_eq!(refusals(&sim), 1, "the others waited instead of asking:\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_wait_learns_when_to_come_back_without_a_request() {
    let sim = network();
    read_times(&client(&sim, "ada"), 10).await;
    let other = builder(&sim, "ada").retry(NoRetry).build().unwrap();
    for attempts in [1, 0] {
        let error = other.communities().list().await.unwrap_err();
        assert!(error.is_throttled(), "{error}");
        assert_eq!((error.retry_after(), error.attempts()), (Some(seconds(30)), attempts));
        assert_eq!(error.retry_at(), Some(other.clock().now() + seconds(30)));
    }
    assert_eq!(refusals(&sim), 1, "the second was not even sent");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn two_clients_with_one_limiter_earn_no_refusal() {
    let (sim, start, shared) = (network(), Instant::now(), Limiter::new());
    let one = builder(&sim, "ada").limiter(shared.clone()).build().unwrap();
    let two = builder(&sim, "ada").limiter(shared).build().unwrap();
    tokio::join!(read_times(&one, 10), read_times(&two, 10));
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0), "\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_while_it_waits_takes_no_place() {
    let (sim, start) = (network(), Instant::now());
    let ada = client(&sim, "ada");
    read_times(&ada, 10).await;
    join_all((0..50).map(|_| timeout(seconds(5), read(&ada)))).await;
    assert_eq!(statuses(&sim).len(), 10);
    join_all((0..10).map(|_| read(&ada))).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0));
    assert_clean(&sim);
}

/// A credential that never comes by a token.
#[derive(Debug)]
struct Stuck;

impl TokenProvider for Stuck {
    fn token<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_before_it_was_sent_gives_its_place_back() {
    let (sim, start, shared) = (network(), Instant::now(), Limiter::new());
    let stuck = builder(&sim, "ada").credential(Stuck).limiter(shared.clone()).build().unwrap();
    join_all((0..10).map(|_| timeout(seconds(5), read(&stuck)))).await;
    let ada = builder(&sim, "ada").limiter(shared).build().unwrap();
    timeout(seconds(60), join_all((0..10).map(|_| read(&ada)))).await.expect("the places are free");
    assert_eq!((start.elapsed(), statuses(&sim).len()), (seconds(5), 10));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn groups_have_no_such_quota_and_do_not_wait_for_communities() {
    let (sim, start) = (network(), Instant::now());
    let ada = client(&sim, "ada");
    read_times(&ada, 10).await;
    join_all((0..50).map(|_| async { ada.groups().list().await.unwrap() })).await;
    assert_eq!(start.elapsed(), seconds(0));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn creating_and_polling_share_the_budget_with_reading() {
    let sim = Sim::builder().user("ada").build();
    let ada = client(&sim, "ada");
    let mut accepted = ada.communities().create(pilots()).await.unwrap();
    let reading = async { read_times(&ada, 40).await };
    let (community, ()) = tokio::join!(accepted.wait(), reading);
    community.unwrap();
    assert_eq!(refusals(&sim), 0, "\n{}", sim.journal());
    assert_clean(&sim);
}
