use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{join, join_all, poll_immediate};
use graph_models::BoxFuture;
use tokio::time::sleep;

use super::{CachedToken, PAUSE_AFTER_FAILURE};
use crate::testing::token_request;
use crate::{Access, BoxError, Token, TokenProvider, TokenRequest};

/// Hands out numbered tokens that live an hour, a second after it is asked, or fails while it is told to.
#[derive(Clone, Debug, Default)]
struct Source {
    asked: Arc<AtomicU32>,
    failing: Arc<Mutex<bool>>,
    endless: bool,
}

impl TokenProvider for Source {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let asked_at = request.now();
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            if *self.failing.lock().unwrap() {
                return Err(format!("failure {number}").into());
            }
            let token = Token::new(number.to_string());
            if self.endless {
                return Ok(token);
            }
            Ok(token.expiring_at(asked_at + Duration::from_secs(3_600)))
        })
    }
}

impl Source {
    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn fail(&self, failing: bool) {
        *self.failing.lock().unwrap() = failing;
    }
}

fn cached() -> (Source, CachedToken<Source>) {
    let source = Source::default();
    (source.clone(), CachedToken::new(source))
}

async fn get(cached: &CachedToken<Source>, seconds: u64) -> String {
    let outcome = cached.token(&token_request("s", seconds)).await;
    outcome.map_or_else(|error| error.to_string(), |token| token.secret().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_ahead_of_its_end() {
    for (ahead, times) in [
        (None, [(0, "0"), (3_299, "0"), (3_300, "1"), (3_301, "1"), (3_300 + 3_300, "2")]),
        (Some(60), [(0, "0"), (3_539, "0"), (3_540, "1"), (7_079, "1"), (7_080, "2")]),
        (Some(0), [(0, "0"), (3_599, "0"), (3_600, "1"), (3_601, "1"), (7_200, "2")]),
    ] {
        let (_, mut cached) = cached();
        if let Some(ahead) = ahead {
            cached = cached.refresh_ahead(Duration::from_secs(ahead));
        }
        for (seconds, expected) in times {
            assert_eq!(get(&cached, seconds).await, expected, "{ahead:?} {seconds}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_scope_kind_of_access_and_key_has_its_own() {
    let (source, cached) = cached();
    let app = TokenRequest { access: Some(Access::Application), ..token_request("s", 0) };
    let ada = TokenRequest { key: crate::QuotaKey::new().user("ada"), ..token_request("s", 0) };
    for _ in 0..2 {
        for (request, expected) in
            [(&token_request("s", 0), "0"), (&token_request("t", 0), "1"), (&app, "2"), (&ada, "3")]
        {
            assert_eq!(cached.token(request).await.unwrap().secret(), expected);
        }
    }
    assert_eq!(source.asked(), 4);
}

#[tokio::test(start_paused = true)]
async fn all_wait_for_one_answer_be_it_a_token_or_a_failure() {
    let (source, cached) = cached();
    source.fail(true);
    let failures = join_all((0..50).map(|_| get(&cached, 0))).await;
    assert_eq!((failures, source.asked()), (vec!["failure 0".to_owned(); 50], 1));

    source.fail(false);
    let tokens = join_all((0..50).map(|_| get(&cached, 0))).await;
    assert_eq!((tokens, source.asked()), (vec!["1".to_owned(); 50], 2), "a failure is not kept");
}

#[tokio::test(start_paused = true)]
async fn while_one_asks_the_others_go_on_with_what_is_still_good() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    let (asking, other) = join(get(&cached, 3_400), async {
        let now = tokio::time::Instant::now();
        (get(&cached, 3_400).await, now.elapsed())
    })
    .await;
    assert_eq!((asking.as_str(), other), ("1", ("0".to_owned(), Duration::ZERO)));
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_early_failure_goes_unnoticed_and_is_not_repeated_at_once() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    source.fail(true);
    // The provider takes a second to fail, and the pause begins there.
    for seconds in [3_400, 3_401, 3_400 + PAUSE_AFTER_FAILURE.as_secs()] {
        assert_eq!(get(&cached, seconds).await, "0");
    }
    assert_eq!(source.asked(), 2);
    assert_eq!(get(&cached, 3_401 + PAUSE_AFTER_FAILURE.as_secs()).await, "0");
    assert_eq!(source.asked(), 3);
    assert_eq!(get(&cached, 3_600).await, "failure 3", "now there is none left");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_may_be_dropped() {
    let (source, cached) = cached();
    let (mut first, mut second) = (Box::pin(get(&cached, 0)), Box::pin(get(&cached, 0)));
    assert!(poll_immediate(&mut first).await.is_none() && poll_immediate(&mut second).await.is_none());
    drop(first);
    assert_eq!((second.await.as_str(), source.asked()), ("1", 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_not_given_again_and_replaced_once_for_all() {
    let source = Source { endless: true, ..Source::default() };
    let cached = CachedToken::new(source.clone());
    assert_eq!(get(&cached, 0).await, "0");
    assert_eq!(get(&cached, 1_000_000).await, "0", "nothing says that it ends");
    let refused = TokenRequest { refused: Some(Token::new("0")), ..token_request("s", 0) };
    for token in join_all((0..10).map(|_| cached.token(&refused))).await {
        assert_eq!(token.unwrap().secret(), "1");
    }
    assert_eq!((get(&cached, 0).await.as_str(), source.asked()), ("1", 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_got_with_claims_serves_everybody_and_one_without_does_not_serve_claims() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    let with_claims = TokenRequest { claims: Some("{}".into()), ..token_request("s", 0) };
    for _ in 0..2 {
        assert_eq!(cached.token(&with_claims).await.unwrap().secret(), "1");
        assert_eq!(get(&cached, 0).await, "1");
    }
    let other_claims = TokenRequest { claims: Some("{\"a\":1}".into()), ..token_request("s", 0) };
    assert_eq!((cached.token(&other_claims).await.unwrap().secret(), source.asked()), ("2", 3));
}

#[tokio::test(start_paused = true)]
async fn the_providers_error_is_the_source_and_no_token_is_shown() {
    let (source, cached) = cached();
    source.fail(true);
    let error = cached.token(&token_request("s", 0)).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "failure 0");
    let kept = CachedToken::new(crate::StaticToken::new("s3cr3t"));
    kept.token(&token_request("s", 0)).await.unwrap();
    assert!(!format!("{kept:?}").contains("s3cr3t"));
}
