//! Rate limits: kept by the client, and nobody has to care.

use std::future::pending;

use futures_util::future::join_all;
use graph_facade::{
    BoxError, BoxFuture, Client, Limiter, NoRetry, QuotaKey, StandardRetry, StaticToken, Token,
    TokenProvider, TokenRequest,
};
use graph_sim::{Counting, Sim};
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

#[tokio::test(start_paused = true)]
async fn a_call_with_a_time_limit_does_not_wait_for_a_slot_that_comes_too_late() {
    let (sim, start) = (network(), Instant::now());
    let ada = client(&sim, "ada");
    join_all((0..10).map(|_| read(&ada))).await;
    let error = ada.communities().list().time_limit(seconds(20)).await.unwrap_err();
    assert!(error.is_throttled(), "{error}");
    assert_eq!((error.retry_at(), error.attempts()), (Some(ada.clock().now() + seconds(30)), 0));
    assert!(!error.maybe_processed());
    assert_eq!((start.elapsed(), statuses(&sim).len()), (seconds(0), 10));
    ada.communities().list().time_limit(seconds(31)).await.unwrap();
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_past_the_time_limit_is_not_waited_for() {
    let sim = network();
    read_times(&client(&sim, "ada"), 10).await;
    let (other, start) = (client(&sim, "ada"), Instant::now());
    let error = other.communities().list().time_limit(seconds(20)).await.unwrap_err();
    assert_eq!((error.retry_after(), error.attempts(), start.elapsed()), (Some(seconds(30)), 1, seconds(0)));
    assert!(error.is_throttled());
    assert_clean(&sim);
}

/// A credential that gives each user's token, as a service does that acts on behalf of many.
#[derive(Debug)]
struct OnBehalfOf(Sim);

impl TokenProvider for OnBehalfOf {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let user = request.quota_key().user.as_deref().ok_or_else(|| BoxError::from("nobody to act for"));
        Box::pin(std::future::ready(user.map(|user| Token::new(self.0.token(user)))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_keeps_the_quota_of_each_user_it_acts_for() {
    let sim = Sim::builder().community("Pilots", ["ada"]).user("grace").build();
    let service = builder(&sim, "ada").credential(OnBehalfOf(sim.clone())).build().unwrap();
    let of = |user: &str| service.with_quota_key(QuotaKey::new().user(user));
    let (ada, grace, start) = (of("ada"), of("grace"), Instant::now());
    join_all((0..10).flat_map(|_| [read(&ada), read(&grace)])).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(0), 0));
    read(&grace).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_app_by_itself_is_one_caller_whoever_it_could_act_for() {
    let sim = Sim::builder().community("Pilots", ["ada"]).user("grace").build();
    let service = builder(&sim, "ada").delegated(OnBehalfOf(sim.clone()));
    let service = service.application(StaticToken::new(sim.app_token())).build().unwrap();
    let of = |user: &str| service.with_quota_key(QuotaKey::new().user(user));
    let (ada, grace, start) = (of("ada"), of("grace"), Instant::now());
    join_all((0..10).map(|_| read(&ada))).await;
    let (app, same_app) = (ada.as_app(), grace.as_app());
    join_all((0..5).flat_map(|_| [read(&app), read(&same_app)])).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(0), 0), "the app's budget is not ada's");
    read(&same_app).await;
    assert_eq!((start.elapsed(), refusals(&sim)), (seconds(30), 0), "and one for all");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn every_way_of_counting_is_kept_to() {
    let phase = seconds(17);
    for counting in [Counting::SlidingLog, Counting::FixedWindow { phase }, Counting::LeakyBucket] {
        let sim = Sim::builder().community("Pilots", ["ada"]).counting(counting).build();
        let (ada, start) = (client(&sim, "ada"), Instant::now());
        join_all((0..35).map(|_| read(&ada))).await;
        assert_eq!((start.elapsed(), refusals(&sim)), (seconds(90), 0), "{counting:?}");
        assert_clean(&sim);
    }
}

/// How many of as many reads as ten callers can make in five minutes the service refused, of how many.
async fn refused_of_all(limiter: Limiter) -> (usize, usize) {
    let sim = Sim::builder().user("ada").hidden_quota("groups.*", 50, seconds(10)).build();
    let retry = StandardRetry::default().attempts(20);
    let ada = builder(&sim, "ada").limiter(limiter).retry(retry).build().unwrap();
    let until = Instant::now() + seconds(300);
    join_all((0..10).map(|_| async {
        while Instant::now() < until {
            ada.groups().list().await.unwrap();
            pass(seconds(1)).await;
        }
    }))
    .await;
    assert_clean(&sim);
    (refusals(&sim), statuses(&sim).len())
}

#[tokio::test(start_paused = true)]
async fn where_no_quota_is_published_the_client_learns_it() {
    let (refused, all) = refused_of_all(Limiter::new()).await;
    let (refused_without, all_without) = refused_of_all(Limiter::disabled()).await;
    println!("{refused} of {all}, without the limiter {refused_without} of {all_without}");
    // The service gives 1,500.
    assert!(all - refused >= 1_200, "{refused} of {all}");
    assert!(
        refused * 10 < refused_without,
        "{refused} of {all}, without the limiter {refused_without} of {all_without}"
    );
}
