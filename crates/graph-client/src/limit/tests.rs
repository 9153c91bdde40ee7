use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use graph_runtime::OperationInfo;
use graph_things::operations;
use http::Response;
use tokio::time::{Instant, sleep, timeout};

use super::{AcquireOptions, Limiter, Patience, QuotaKey, Slot};

mod keys;
mod properties;
mod remote;

/// An operation of which ten are allowed in 30 s.
static ENGAGE: &OperationInfo = &operations::THINGS_LIST;
const WINDOW: Duration = Duration::from_secs(30);

async fn acquire(limiter: &Limiter) -> Slot {
    acquire_for(limiter, ENGAGE, &QuotaKey::new()).await
}

async fn acquire_for(limiter: &Limiter, operation: &'static OperationInfo, key: &QuotaKey) -> Slot {
    limiter.acquire(operation, key, AcquireOptions::default()).await.unwrap()
}

fn answer(slot: Slot, status: u16, headers: &[(&str, &str)]) {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    slot.answered(&response.body(()).unwrap(), SystemTime::UNIX_EPOCH);
}

/// One request that is answered `latency` after it is sent.
async fn request(limiter: &Limiter, latency: Duration) {
    let mut slot = acquire(limiter).await;
    slot.sending();
    sleep(latency).await;
    answer(slot, 200, &[]);
}

async fn is_free(limiter: &Limiter) -> bool {
    timeout(Duration::from_millis(1), acquire(limiter)).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn the_window_counts_from_the_answer() {
    let limiter = Limiter::new();
    let start = Instant::now();
    join_all((0..10).map(|_| request(&limiter, Duration::from_secs(2)))).await;
    drop(acquire(&limiter).await);
    assert_eq!(start.elapsed(), Duration::from_secs(32));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_requests_take_nine_windows_and_the_network() {
    let limiter = Limiter::new();
    let start = Instant::now();
    join_all((0..100).map(|_| request(&limiter, Duration::from_millis(250)))).await;
    assert!(start.elapsed() < Duration::from_secs(278), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn requests_pass_in_the_order_they_asked() {
    let limiter = Limiter::new();
    let (asked, order) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    join_all((0..35).map(|_| async {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        request(&limiter, Duration::from_millis(10)).await;
        order.lock().unwrap().push(number);
    }))
    .await;
    assert!(order.lock().unwrap().is_sorted(), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slot_dropped_before_sending_was_never_used() {
    let limiter = Limiter::new();
    for _ in 0..50 {
        drop(acquire(&limiter).await);
    }
    assert!(is_free(&limiter).await);
}

#[tokio::test(start_paused = true)]
async fn a_slot_given_back_wakes_the_one_who_waits() {
    let limiter = Limiter::new();
    let mut slots = Vec::new();
    for _ in 0..10 {
        slots.push(acquire(&limiter).await);
    }
    let start = Instant::now();
    let give_back = async {
        sleep(Duration::from_secs(1)).await;
        slots.pop();
    };
    tokio::join!(give_back, async { drop(acquire(&limiter).await) });
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_request_counts_with_its_time_of_flight() {
    let limiter = Limiter::new();
    let start = Instant::now();
    for _ in 0..10 {
        acquire(&limiter).await.sending();
    }
    drop(acquire(&limiter).await);
    assert_eq!(start.elapsed(), Duration::from_secs(32));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_leaves_blocks_nobody() {
    let limiter = Limiter::new();
    join_all((0..10).map(|_| request(&limiter, Duration::ZERO))).await;
    let start = Instant::now();
    assert!(timeout(Duration::from_secs(5), acquire(&limiter)).await.is_err());
    drop(acquire(&limiter).await);
    assert_eq!(start.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_parks_everyone_who_is_patient() {
    let limiter = Limiter::new();
    let mut slot = acquire(&limiter).await;
    slot.sending();
    answer(slot, 429, &[("retry-after", "100")]);
    let patience = Patience { parked: &|wait| wait < Duration::from_secs(60), deadline: None, hold: WINDOW };
    let no_slot = limiter.acquire_if(ENGAGE, &QuotaKey::new(), false, &patience).await.0.unwrap_err();
    assert_eq!((no_slot.wait(), no_slot.is_parked()), (Duration::from_secs(100), true));
    let start = Instant::now();
    drop(acquire(&limiter).await);
    assert_eq!(start.elapsed(), Duration::from_secs(100));
}

/// `Retry-After` may be a mistake of years: nothing stops for longer than the limiter allows.
#[tokio::test(start_paused = true)]
async fn one_answer_holds_a_budget_back_for_an_hour_at_most() {
    let hour = Duration::from_secs(3600);
    let short = Duration::from_secs(90);
    for (limiter, longest) in [
        (Limiter::new(), hour),
        (Limiter::builder().max_retry_after(short).build(), short),
        (
            Limiter::builder().max_retry_after(Duration::MAX).build(),
            Duration::from_secs(10_000 * 365 * 24 * 3600),
        ),
    ] {
        for operation in [ENGAGE, &operations::PARTS_LIST] {
            for asked in ["99999999999", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
                let key = QuotaKey::new().user(asked).app(asked);
                let mut slot = acquire_for(&limiter, operation, &key).await;
                slot.sending();
                answer(slot, 429, &[("retry-after", asked)]);
                let patience = Patience { parked: &|_| false, deadline: None, hold: WINDOW };
                let no_slot = limiter.acquire_if(operation, &key, false, &patience).await.0.unwrap_err();
                assert!(no_slot.is_parked() && no_slot.wait() <= longest, "{asked}: {no_slot:?}");
                if longest <= hour {
                    let start = Instant::now();
                    drop(acquire_for(&limiter, operation, &key).await);
                    assert_eq!(start.elapsed(), longest, "{asked}");
                } else {
                    assert!(no_slot.wait() > 1000 * hour, "{asked}: {no_slot:?}");
                }
            }
        }
    }
}

/// No header about a request's cost can stop a bucket without a quota for longer than its pace is remembered.
#[tokio::test(start_paused = true)]
async fn no_cost_holds_a_budget_back_for_hours() {
    let (limiter, key) = (Limiter::new(), QuotaKey::new());
    for _ in 0..100 {
        let mut slot = acquire_for(&limiter, &operations::PARTS_LIST, &key).await;
        slot.sending();
        answer(slot, 429, &[("retry-after", "1"), ("x-ms-resource-unit", "1e300")]);
    }
    let start = Instant::now();
    let soon = AcquireOptions::default().deadline(start + Duration::from_secs(120));
    drop(limiter.acquire(&operations::PARTS_LIST, &key, soon).await.unwrap());
    assert!(start.elapsed() <= Duration::from_secs(76), "{:?}", start.elapsed());
}

/// Whatever lengths of time a caller sets, nothing overflows.
#[tokio::test(start_paused = true)]
async fn no_length_of_time_breaks_anything() {
    for length in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let limiter = Limiter::builder().max_retry_after(length).store_timeout(length).build();
        for operation in [ENGAGE, &operations::PARTS_LIST] {
            let options = AcquireOptions::default().hold(length);
            let mut slot = limiter.acquire(operation, &QuotaKey::new(), options).await.unwrap();
            slot.sending();
            answer(slot, 429, &[("retry-after", "99999999999999999999")]);
            let soon = options.deadline(Instant::now() + Duration::from_secs(1));
            let waited = limiter.acquire(operation, &QuotaKey::new(), soon).await;
            assert_eq!(waited.is_err(), length == Duration::MAX, "{length:?}");
        }
    }
}

/// Of the kilobyte that a request which waits may take, this much is its future; the rest is its place in the queue.
#[test]
fn a_request_that_waits_is_small() {
    let (limiter, key) = (Limiter::new(), QuotaKey::new());
    let future = limiter.acquire(ENGAGE, &key, AcquireOptions::default());
    assert!(size_of_val(&future) <= 768, "{}", size_of_val(&future));
}

#[tokio::test(start_paused = true)]
async fn a_disabled_limiter_lets_everything_pass() {
    let (limiter, start) = (Limiter::disabled(), Instant::now());
    for _ in 0..100 {
        let mut slot = acquire(&limiter).await;
        slot.sending();
        answer(slot, 429, &[("retry-after", "9")]);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_can_not_be_met_is_refused_at_once() {
    let limiter = Limiter::new();
    let start = Instant::now();
    join_all((0..10).map(|_| request(&limiter, Duration::ZERO))).await;
    let mut queue: Vec<_> = (0..25).map(|_| Box::pin(acquire(&limiter))).collect();
    for waiter in &mut queue {
        assert!(futures_util::future::poll_immediate(waiter).await.is_none());
    }
    // Behind 25 others: two windows after the first ten are free again.
    let deadline = |seconds| AcquireOptions::default().deadline(start + Duration::from_secs(seconds));
    let no_slot = limiter.acquire(ENGAGE, &QuotaKey::new(), deadline(89)).await.unwrap_err();
    assert_eq!(
        (no_slot.wait(), no_slot.is_parked(), start.elapsed()),
        (Duration::from_secs(90), false, Duration::ZERO)
    );
    // Those ahead may leave, so this much hope is not given up before its time.
    let no_slot = limiter.acquire(ENGAGE, &QuotaKey::new(), deadline(90)).await.unwrap_err();
    assert_eq!((no_slot.is_parked(), start.elapsed()), (false, Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_sends_away_those_in_the_queue_who_can_not_wait() {
    let limiter = Limiter::new();
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(acquire(&limiter).await);
    }
    let start = Instant::now();
    let key = QuotaKey::new();
    let patient = async {
        drop(acquire(&limiter).await);
        assert_eq!(start.elapsed(), Duration::from_secs(101));
    };
    let impatient = async {
        let patience =
            Patience { parked: &|wait| wait < Duration::from_secs(60), deadline: None, hold: WINDOW };
        let no_slot = limiter.acquire_if(ENGAGE, &key, false, &patience).await.0.unwrap_err();
        assert_eq!((no_slot.wait(), start.elapsed()), (Duration::from_secs(100), Duration::from_secs(1)));
    };
    let refuse = async {
        sleep(Duration::from_secs(1)).await;
        let mut slot = held.pop().unwrap();
        slot.sending();
        answer(slot, 429, &[("retry-after", "100")]);
    };
    tokio::join!(patient, impatient, refuse);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_time_holds_everyone_back_longer_each_time() {
    let (limiter, start) = (Limiter::new(), Instant::now());
    for expected in [1, 3, 7] {
        let mut slot = acquire(&limiter).await;
        slot.sending();
        answer(slot, 429, &[]);
        drop(acquire(&limiter).await);
        assert_eq!(start.elapsed(), Duration::from_secs(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn each_user_has_a_budget_of_its_own() {
    let (limiter, start) = (Limiter::new(), Instant::now());
    for user in ["ada", "grace"] {
        let key = QuotaKey::new().user(user);
        for _ in 0..10 {
            let mut slot = acquire_for(&limiter, ENGAGE, &key).await;
            slot.sending();
            answer(slot, 200, &[]);
        }
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    // Engage does not count by tenant.
    drop(acquire_for(&limiter, ENGAGE, &QuotaKey::new().user("ada").tenant("contoso")).await);
    assert_eq!(start.elapsed(), WINDOW);
}

/// Whom a refusal with this scope holds back: of the requests of ada in contoso, which reads.
#[tokio::test(start_paused = true)]
async fn a_refusal_parks_what_its_scope_names() {
    let contoso = || QuotaKey::new().app("pilots");
    let others: [(&str, &'static OperationInfo, QuotaKey); 5] = [
        ("same", &operations::PARTS_LIST, contoso().tenant("contoso")),
        ("write", &operations::PARTS_CREATE, contoso().tenant("contoso")),
        ("app", &operations::PARTS_LIST, QuotaKey::new().app("other").tenant("contoso")),
        ("tenant", &operations::PARTS_LIST, contoso().tenant("fabrikam")),
        ("bucket", &operations::THINGS_GET, contoso().tenant("contoso")),
    ];
    for (scope, expected) in [
        ("", &["same"][..]),
        ("Tenant_Application/Read/a/t", &["same"]),
        ("Tenant_Application/ReadWrite/a/t", &["same", "write"]),
        ("Tenant/ReadWrite/a/t", &["same", "write", "app"]),
        ("Application/ReadWrite/a/t", &["same", "write", "tenant"]),
        ("Application/Read/a/t", &["same", "tenant"]),
    ] {
        let limiter = Limiter::new();
        let mut slot = acquire_for(&limiter, others[0].1, &others[0].2).await;
        slot.sending();
        answer(slot, 429, &[("retry-after", "100"), ("x-ms-throttle-scope", scope)]);
        let mut held_back = Vec::new();
        for (name, operation, key) in &others {
            let soon = AcquireOptions::default().deadline(Instant::now() + Duration::from_secs(1));
            if limiter.acquire(operation, key, soon).await.is_err() {
                held_back.push(*name);
            }
        }
        assert_eq!(held_back, expected, "{scope}");
    }
}

#[tokio::test(start_paused = true)]
async fn quotas_hold_together_and_one_without_a_window_counts_what_is_under_way() {
    let (limiter, start) = (Limiter::new(), Instant::now());
    let key = QuotaKey::new();
    let read = || async {
        let mut slot = acquire_for(&limiter, &operations::PAGES_LIST, &key).await;
        slot.sending();
        sleep(Duration::from_secs(1)).await;
        answer(slot, 200, &[]);
    };
    join_all((0..11).map(|_| read())).await;
    assert_eq!(start.elapsed(), Duration::from_secs(3), "five at a time");
    join_all((0..110).map(|_| read())).await;
    assert_eq!(start.elapsed(), Duration::from_secs(62), "120 in a minute, counted from their answers");
}

#[tokio::test(start_paused = true)]
async fn users_who_are_gone_are_forgotten() {
    let limiter = Limiter::new();
    for user in 0..10_000 {
        let mut slot = acquire_for(&limiter, ENGAGE, &QuotaKey::new().user(user.to_string())).await;
        slot.sending();
        answer(slot, 200, &[]);
        sleep(Duration::from_secs(1)).await;
    }
    let gates = limiter.0.as_ref().unwrap().gates().by_key.len();
    assert!(gates <= 300, "{gates}");
}
