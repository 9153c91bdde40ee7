use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{join, join_all, poll_immediate};
use graph_runtime::BoxFuture;
use tokio::time::{Instant, sleep};

use super::slot::PAUSE;
use super::{CachedToken, RenewalPaused, locked};
use crate::credential::token::token_request;
use crate::{Access, BoxError, QuotaKey, Token, TokenProvider, TokenRequest};

/// Hands out numbered tokens that live an hour, a second after it is asked, or does what else it is told to.
#[derive(Clone, Debug, Default)]
struct Source {
    asked: Arc<AtomicU32>,
    mood: Arc<Mutex<Mood>>,
    endless: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Mood {
    #[default]
    Giving,
    Failing,
    Silent,
    Panicking,
}

impl TokenProvider for Source {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let asked_at = request.now();
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            let mood = *self.mood.lock().unwrap();
            match mood {
                Mood::Giving => {}
                Mood::Failing => return Err(format!("failure {number}").into()),
                Mood::Silent => pending().await,
                Mood::Panicking => panic!("a fault of the provider"),
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

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn cached() -> (Source, CachedToken<Source>) {
    let source = Source::default();
    (source.clone(), CachedToken::new(source))
}

/// The token of a call that takes two seconds, or the error.
async fn get(cached: &CachedToken<Source>, seconds: u64) -> String {
    match cached.token(&token_request("s", seconds)).await {
        Err(error) => error.to_string(),
        Ok(mut token) => {
            if let Some(renewal) = token.take_renewal() {
                renewal.beside(sleep(Duration::from_secs(2))).await;
            }
            token.secret().to_owned()
        }
    }
}

/// What there is at once, for a call that doesn't take time to poll anything.
fn glance(cached: &CachedToken<Source>, seconds: u64) -> Option<String> {
    let token = cached.token(&token_request("s", seconds)).now_or_never()?;
    Some(token.unwrap().secret().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_ahead_of_its_end() {
    for (ahead, times) in [
        (None, [(0, "0"), (3_299, "0"), (3_300, "0"), (3_301, "1"), (6_600, "1"), (6_601, "2")]),
        (Some(60), [(0, "0"), (3_539, "0"), (3_540, "0"), (3_541, "1"), (7_080, "1"), (7_081, "2")]),
        (Some(0), [(0, "0"), (3_599, "0"), (3_600, "1"), (3_601, "1"), (7_199, "1"), (7_200, "2")]),
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
    source.is(Mood::Failing);
    let failures = join_all((0..50).map(|_| get(&cached, 0))).await;
    assert_eq!((failures, source.asked()), (vec!["failure 0".to_owned(); 50], 1));

    source.is(Mood::Giving);
    let tokens = join_all((0..50).map(|_| get(&cached, 0))).await;
    assert_eq!((tokens, source.asked()), (vec!["1".to_owned(); 50], 2), "a failure is not kept");
}

#[tokio::test(start_paused = true)]
async fn while_one_asks_the_others_go_on_with_what_is_still_good() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    let began = Instant::now();
    let (asking, other) = join(get(&cached, 3_400), async {
        let token = get(&cached, 3_400).await;
        (token, began.elapsed())
    })
    .await;
    assert_eq!((asking.as_str(), other), ("0", ("0".to_owned(), Duration::ZERO)));
    assert_eq!((glance(&cached, 3_402).as_deref(), source.asked()), (Some("1"), 2));
}

#[tokio::test(start_paused = true)]
async fn an_early_failure_goes_unnoticed_and_is_not_repeated_at_once() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    source.is(Mood::Failing);
    // The provider takes a second to fail, and the pause begins there.
    for seconds in [3_400, 3_401, 3_400 + PAUSE.as_secs()] {
        assert_eq!(get(&cached, seconds).await, "0");
    }
    assert_eq!(source.asked(), 2);
    assert_eq!(get(&cached, 3_401 + PAUSE.as_secs()).await, "0");
    assert_eq!(source.asked(), 3);
    assert_eq!(get(&cached, 3_600).await, "failure 3", "now there is none left");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_may_be_dropped() {
    let (source, cached) = cached();
    let (mut first, mut second) = (Box::pin(get(&cached, 0)), Box::pin(get(&cached, 0)));
    assert!(poll_immediate(&mut first).await.is_none() && poll_immediate(&mut second).await.is_none());
    drop(first);
    assert_eq!((second.await.as_str(), source.asked()), ("0", 1), "the others go on with what was begun");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_call_ends_first_is_gone_on_with_by_the_next() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    assert_eq!(glance(&cached, 3_400).as_deref(), Some("0"));
    sleep(Duration::from_secs(5)).await;
    assert_eq!((glance(&cached, 3_405).as_deref(), source.asked()), (Some("1"), 2));
}

/// A renewal that nobody polls any more tells of the time when somebody did.
#[tokio::test(start_paused = true)]
async fn a_failure_that_nobody_was_there_to_hear_is_not_the_next_calls() {
    let (source, cached) = cached();
    source.is(Mood::Failing);
    assert!(poll_immediate(cached.token(&token_request("s", 0))).await.is_none());
    sleep(Duration::from_secs(5)).await;
    assert_eq!(get(&cached, 5).await, "failure 1");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_token_keeps_nobody_from_polling_its_renewal() {
    let (_, cached) = cached();
    get(&cached, 0).await;
    let kept = cached.token(&token_request("s", 3_400)).await.unwrap().clone();
    get(&cached, 3_400).await;
    assert_eq!((get(&cached, 3_402).await.as_str(), kept.secret()), ("1", "0"));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_costs_nobody_more_than_its_limit() {
    for (limit, seconds) in [(None, 30), (Some(5), 5)] {
        let (source, mut cached) = cached();
        if let Some(limit) = limit {
            cached = cached.time_limit(Duration::from_secs(limit));
        }
        get(&cached, 0).await;
        source.is(Mood::Silent);
        let began = Instant::now();
        for moment in [3_400, 3_450, 3_599] {
            assert_eq!(glance(&cached, moment).as_deref(), Some("0"), "what is good is given at once");
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        sleep(Duration::from_secs(seconds)).await;

        let began = Instant::now();
        for error in join_all((0..3).map(|_| get(&cached, 3_600))).await {
            assert!(error.starts_with(&format!("the credential gave no token within {seconds}s")), "{error}");
        }
        assert_eq!(began.elapsed(), Duration::from_secs(seconds), "not what is left of an abandoned renewal");
        source.is(Mood::Giving);
        assert_eq!((get(&cached, 3_600).await.as_str(), source.asked()), ("3", 4));
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_is_asked_again() {
    let (source, cached) = cached();
    source.is(Mood::Panicking);
    let (one, other) = (token_request("s", 0), token_request("s", 0));
    let (one, other) = tokio::join!(cached.token(&one), cached.token(&other));
    for outcome in [one, other] {
        assert_eq!(outcome.unwrap_err().to_string(), "the token provider panicked");
    }
    source.is(Mood::Giving);
    assert_eq!(get(&cached, 0).await, "1");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_token_costs_one_renewal_in_half_a_minute() {
    for mood in [Mood::Giving, Mood::Failing] {
        let (source, cached) = cached();
        get(&cached, 0).await;
        source.is(mood);
        let mut paused = 0;
        for second in 0..120 {
            let request = token_request("s", second);
            let refused = cached.token(&request).await.unwrap();
            let again = TokenRequest { refused: Some(refused), ..request };
            if let Err(error) = cached.token(&again).await
                && let Some(pause) = error.downcast_ref::<RenewalPaused>()
            {
                assert!(pause.wait() <= PAUSE && error.to_string().contains("not renewed again within"));
                paused += 1;
            }
            // Others are none the worse for it.
            let other =
                TokenRequest { key: QuotaKey::new().user(second.to_string()), ..token_request("s", 0) };
            if mood == Mood::Giving && second == 60 {
                cached.token(&other).await.unwrap();
            }
        }
        assert!((4..=6).contains(&source.asked()), "{}", source.asked());
        assert!(paused > 100, "{paused}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_claims_are_asked_for_even_then() {
    let (source, cached) = cached();
    get(&cached, 0).await;
    let refused = |name: &str, claims: Option<&str>| TokenRequest {
        refused: Some(Token::new(name)),
        claims: claims.map(Into::into),
        ..token_request("s", 0)
    };
    assert_eq!(cached.token(&refused("0", None)).await.unwrap().secret(), "1");
    assert!(cached.token(&refused("1", None)).await.unwrap_err().is::<RenewalPaused>());
    assert_eq!(cached.token(&refused("1", Some("{}"))).await.unwrap().secret(), "2");
    assert!(cached.token(&refused("2", Some("{\"a\":1}"))).await.unwrap_err().is::<RenewalPaused>());
    assert_eq!(source.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn keys_beyond_the_capacity_are_forgotten_and_none_that_is_being_renewed() {
    let (source, cached) = cached();
    let cached = cached.capacity(100);
    let user = |name: String| TokenRequest { key: QuotaKey::new().user(name), ..token_request("s", 0) };
    let waiting = user("waiting".to_owned());
    let mut first = cached.token(&waiting);
    assert!(poll_immediate(&mut first).await.is_none());
    for number in 0..1_000 {
        cached.token(&user(number.to_string())).await.unwrap();
        cached.token(&user("regular".to_owned())).await.unwrap();
        assert!(locked(&cached.slots).len() <= 100);
    }
    assert_eq!(source.asked(), 1_002, "whoever comes often stays");
    assert_eq!((first.await.unwrap().secret(), source.asked()), ("0", 1_002));
}

#[tokio::test(start_paused = true)]
async fn more_keys_than_the_capacity_can_wait_at_once() {
    let (source, cached) = cached();
    let cached = cached.capacity(1);
    let user =
        |number: u32| TokenRequest { key: QuotaKey::new().user(number.to_string()), ..token_request("s", 0) };
    let requests: Vec<_> = (0..50).map(user).collect();
    for (number, token) in
        join_all(requests.iter().map(|request| cached.token(request))).await.iter().enumerate()
    {
        assert_eq!(token.as_ref().unwrap().secret(), number.to_string());
    }
    cached.token(&user(50)).await.unwrap();
    assert_eq!((source.asked(), locked(&cached.slots).len()), (51, 1));
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
    source.is(Mood::Failing);
    let error = cached.token(&token_request("s", 0)).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "failure 0");
    let kept = CachedToken::new(crate::StaticToken::new("s3cr3t"));
    kept.token(&token_request("s", 0)).await.unwrap();
    assert!(!format!("{kept:?}").contains("s3cr3t"));
}
