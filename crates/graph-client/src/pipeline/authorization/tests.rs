use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use graph_runtime::BoxFuture;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::testing::{Reply, Script};
use crate::{BoxError, CachedToken, Client, Error, ErrorKind, Limiter, Token, TokenProvider, TokenRequest};

/// Hands out numbered tokens.
#[derive(Clone, Debug)]
struct Source {
    asked: Arc<AtomicU32>,
    /// How long a token lives.
    life: Duration,
    /// How long each answer takes, the first and the others.
    latency: [Duration; 2],
}

impl Source {
    fn new(life: u64, latency: [u64; 2]) -> Self {
        Self {
            asked: Arc::default(),
            life: Duration::from_secs(life),
            latency: latency.map(Duration::from_secs),
        }
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl TokenProvider for Source {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let latency = self.latency[usize::from(number > 0)];
        Box::pin(async move {
            sleep(latency).await;
            Ok(Token::new(number.to_string()).expiring_at(request.now() + self.life))
        })
    }
}

/// A credential that never comes by a token.
#[derive(Debug)]
struct Stuck;

impl TokenProvider for Stuck {
    fn token<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        Box::pin(pending())
    }
}

fn found(times: usize) -> Script {
    Script::new((0..times).map(|_| Reply::json(json!({"id": "c1"}))))
}

async fn read(client: &Client) -> Result<(), Error> {
    client.things().get("c1").await.map(drop)
}

/// The tokens that were sent.
fn sent(script: &Script) -> Vec<String> {
    let header = |request: &http::Request<_>| request.headers()["authorization"].to_str().unwrap().to_owned();
    script.requests().iter().map(|request| header(request).replace("Bearer ", "")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_never_answers_ends_the_call_in_time() {
    let script = found(0);
    for client in [
        script.builder().credential(Stuck).build().unwrap(),
        script.builder().credential(CachedToken::new(Stuck)).build().unwrap(),
    ] {
        let began = Instant::now();
        let error = read(&client).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts(), began.elapsed()),
            (ErrorKind::Auth, 0, Duration::from_secs(30))
        );
        assert!(error.message().contains("gave no token within 30s"), "{error}");

        let began = Instant::now();
        let limited = client.things().get("c1").time_limit(Duration::from_secs(4));
        let error = limited.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts(), began.elapsed()),
            (ErrorKind::Timeout, 0, Duration::from_secs(4))
        );
        assert_eq!(error.message(), super::NO_TOKEN_IN_TIME);
    }
}

#[tokio::test(start_paused = true)]
async fn no_slot_is_held_while_a_token_is_waited_for() {
    let (script, limiter) = (found(10), Limiter::new());
    let stuck = script.builder().credential(Stuck).limiter(limiter.clone()).build().unwrap();
    let client = script.builder().limiter(limiter).build().unwrap();
    let waiting = Box::pin(join_all((0..20).map(|_| read(&stuck))));
    // All the slots there are in half a minute.
    let reading = Box::pin(join_all((0..10).map(|_| timeout(Duration::from_secs(1), read(&client)))));
    let reached = select(waiting, reading).await;
    assert!(matches!(reached, Either::Right(_)));
    assert_eq!(script.requests().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_beside_the_call_that_finds_it_due() {
    let script = Script::new((0..3).map(|_| Reply::json(json!({"id": "c1"})).after(Duration::from_secs(2))));
    let source = Source::new(3_600, [0, 1]);
    let client = script.builder().credential(CachedToken::new(source.clone())).build().unwrap();
    read(&client).await.unwrap();
    sleep(Duration::from_secs(3_400)).await;
    let began = Instant::now();
    read(&client).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(2), "the call does not wait for it");
    read(&client).await.unwrap();
    assert_eq!((sent(&script), source.asked()), (["0", "0", "1"].map(str::to_owned).to_vec(), 2));
}

#[tokio::test(start_paused = true)]
async fn a_good_token_is_used_while_the_endpoint_is_silent() {
    let script = found(4);
    let source = Source::new(3_600, [0, 1_000_000]);
    let client = script.builder().credential(CachedToken::new(source.clone())).build().unwrap();
    read(&client).await.unwrap();
    sleep(Duration::from_secs(3_400)).await;
    let began = Instant::now();
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
    assert_eq!((began.elapsed(), source.asked()), (Duration::ZERO, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_in_the_queue_is_not_sent_and_its_slot_not_held() {
    for latency in [0, 5] {
        let (script, limiter, began) = (found(20), Limiter::new(), Instant::now());
        // It takes the calls half a minute to be let through, and the tokens live for 20 s.
        let source = Source::new(20, [0, latency]);
        let client =
            script.builder().credential(CachedToken::new(source.clone()).refresh_ahead(Duration::ZERO));
        let client = client.limiter(limiter.clone()).build().unwrap();
        for outcome in join_all((0..11).map(|_| read(&client))).await {
            outcome.unwrap();
        }
        let expected = (0..11).map(|number| if number < 10 { "0" } else { "1" }.to_owned());
        assert_eq!((sent(&script), source.asked()), (expected.collect(), 2), "{latency}");
        assert_eq!(*script.seconds_since(began).last().unwrap(), 30 + latency);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_that_never_outlive_the_queue_end_the_call() {
    let (script, limiter) = (found(200), Limiter::new());
    let crowd = script.builder().limiter(limiter.clone()).build().unwrap();
    let source = Source::new(1, [0, 5]);
    let client = script.builder().credential(source.clone()).limiter(limiter).build().unwrap();
    let crowding = join_all((0..20).map(async |_| {
        loop {
            read(&crowd).await.unwrap();
        }
    }));
    let late = async {
        sleep(Duration::from_secs(1)).await;
        read(&client).await
    };
    let Either::Left((outcome, _)) = select(Box::pin(late), Box::pin(crowding)).await else { unreachable!() };
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), source.asked()), (ErrorKind::Auth, 0, 4));
    assert!(error.message().contains("use tokens that live longer"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_the_services_to_judge() {
    let script = found(1);
    let client = script.builder().credential(Source::new(0, [0, 0])).build().unwrap();
    read(&client).await.unwrap();
    assert_eq!(sent(&script), ["0"], "it had expired when it came");
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_is_not_renewed_again_by_the_attempts_that_follow() {
    for life in [3_600, 20] {
        // The second wait outlasts the shorter life.
        let unavailable = |wait| Reply::new(503).header("Retry-After", wait);
        let replies =
            [Reply::new(401), unavailable("1"), unavailable("25"), Reply::json(json!({"id": "c1"}))];
        let script = Script::new(replies);
        let source = Source::new(life, [0, 0]);
        let credential = CachedToken::new(source.clone()).refresh_ahead(Duration::ZERO);
        let client = script.builder().credential(credential).build().unwrap();
        read(&client).await.unwrap();
        let last = if life > 30 { "1" } else { "2" };
        assert_eq!(sent(&script), ["0", "1", "1", last]);
    }
}
