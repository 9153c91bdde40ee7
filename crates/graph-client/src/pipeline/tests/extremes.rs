//! Lengths of time at the edges of what can be said, from callers and from the service; and a store that fails.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{found, read};
use crate::HttpTransport;
use crate::testing::{Reply, Script, start_time};
use crate::{
    Backoff, BatchingTransport, BucketKey, Client, ErrorKind, Lease, Limiter, QuotaStore, QuotaStoreError,
    SlotEnd, StandardRetry, Take, ThrottleScope,
};

const HOUR: Duration = Duration::from_secs(3600);
const EXTREMES: [Duration; 3] = [Duration::ZERO, Duration::from_nanos(1), Duration::MAX];

#[tokio::test(start_paused = true)]
async fn an_error_says_what_the_service_said_and_the_limiter_waits_an_hour() {
    let year_9999 = httpdate::parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT").unwrap();
    for (asked, seconds) in [
        ("99999999999", 99_999_999_999),
        ("99999999999999999999", 10_000 * 365 * 24 * 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", year_9999.duration_since(start_time()).unwrap().as_secs()),
    ] {
        let script = Script::new([Reply::new(429).header("Retry-After", asked), found()]);
        let client = script.client();
        let error = read(&client).await.unwrap_err();
        let wait = Duration::from_secs(seconds);
        assert_eq!((error.retry_after(), error.attempts()), (Some(wait), 1), "{asked}");
        assert_eq!(error.retry_at(), Some((start_time() + wait).min(year_9999)), "{asked}");
        // Longer than the policy waits.
        let rest = HOUR / 6;
        sleep(5 * rest).await;
        assert_eq!(read(&client).await.unwrap_err().retry_after(), Some(rest), "{asked}");
        sleep(rest).await;
        read(&client).await.unwrap();
    }
}

/// No panic, whatever is set; what then comes of the call is its own matter.
#[tokio::test(start_paused = true)]
async fn no_length_of_time_that_a_caller_sets_overflows() {
    for length in EXTREMES {
        let retry =
            || StandardRetry::default().time_limit(length).backoff(Backoff::new(length, Duration::MAX));
        let script = || Script::new([Reply::new(503), found()]);
        let settings: [(&str, Client); 4] = [
            ("retry", script().builder().retry(retry()).build().unwrap()),
            ("timeout", script().builder().timeout(length.max(EXTREMES[1])).build().unwrap()),
            ("limiter", {
                let limiter = Limiter::builder().max_retry_after(length).store_timeout(length).build();
                script().builder().limiter(limiter).build().unwrap()
            }),
            ("window", {
                let transport = BatchingTransport::new(script()).window(length);
                script().builder().transport(transport).timeout(HOUR / 2).build().unwrap()
            }),
        ];
        for (setting, client) in settings {
            // Pending is as good as any outcome: some of these waits have no end.
            let outcome = timeout(HOUR, read(&client)).await;
            assert!(outcome.is_ok() || length == Duration::MAX, "{setting} {length:?}");
        }
        let limited = script().client();
        let outcome = timeout(HOUR, limited.things().get("c1").time_limit(length).send()).await;
        assert_eq!(outcome.unwrap().is_ok(), length == Duration::MAX, "{length:?}");
    }
}

#[test]
fn a_limit_of_nothing_is_refused_by_name() {
    let builder = || Script::new([]).builder();
    let refused = [
        (builder().timeout(Duration::ZERO), "`.timeout(…)`"),
        (builder().max_response_bytes(0), "`.max_response_bytes(…)`"),
    ];
    for (builder, name) in refused {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = HttpTransport::builder().connect_timeout(Duration::ZERO).build().unwrap_err();
    assert!(error.to_string().contains("`.connect_timeout(…)`"), "{error}");
}

#[derive(Debug)]
struct Broken;

impl QuotaStore for Broken {
    fn take<'a>(&'a self, _: &'a Lease) -> graph_runtime::BoxFuture<'a, Result<Take, QuotaStoreError>> {
        Box::pin(ready(Err(QuotaStoreError::new("no route to the store"))))
    }

    fn settle(&self, _: &Lease, _: SlotEnd) {}

    fn park(&self, _: &BucketKey, _: Option<ThrottleScope>, _: Duration) {}
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_said_to_have_failed_and_nothing_is_sent() {
    let script = Script::new([]);
    let client = script.builder().limiter(Limiter::with_store(Arc::new(Broken))).build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::QuotaStore, 0));
    assert!(!error.maybe_processed() && !error.is_throttled());
    let text = error.to_string();
    assert!(text.starts_with("things.get: the rate limiter's store failed: no route to the store"), "{text}");
    assert!(text.ends_with("; see to the store of the rate limiter, then send it again"), "{text}");
}
