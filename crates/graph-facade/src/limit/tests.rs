use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use graph_models::{OperationInfo, operations};
use http::Response;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::{Limiter, Patience, QuotaKey, Slot};

/// An operation of which ten are allowed in 30 s.
static ENGAGE: &OperationInfo = &operations::COMMUNITIES_LIST;
const WINDOW: Duration = Duration::from_secs(30);

async fn acquire(limiter: &Limiter) -> Slot {
    acquire_for(limiter, ENGAGE, &QuotaKey::new()).await
}

async fn acquire_for(limiter: &Limiter, operation: &'static OperationInfo, key: &QuotaKey) -> Slot {
    limiter.acquire(operation, key, None).await.unwrap()
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
    let patience = Patience { parked: &|wait| wait < Duration::from_secs(60), deadline: None };
    let no_slot = limiter.acquire_if(ENGAGE, &QuotaKey::new(), patience).await.unwrap_err();
    assert_eq!((no_slot.wait(), no_slot.is_parked()), (Duration::from_secs(100), true));
    let start = Instant::now();
    drop(acquire(&limiter).await);
    assert_eq!(start.elapsed(), Duration::from_secs(100));
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

/// What one caller does: how late it starts, how long its request takes each way, whether it loses patience.
#[derive(Clone, Debug)]
struct Caller {
    start: Duration,
    there: Duration,
    back: Duration,
    leaves_after: Option<Duration>,
}

fn callers() -> impl Strategy<Value = Vec<Caller>> {
    let delay = |most: u64| (0..most).prop_map(Duration::from_millis);
    let caller = (delay(60_000), delay(2_000), delay(2_000), prop::option::weighted(0.3, delay(90_000)))
        .prop_map(|(start, there, back, leaves_after)| Caller { start, there, back, leaves_after });
    prop::collection::vec(caller, 1..60)
}

/// Lets every caller go; answers when each request reached the service.
async fn arrivals(limiter: &Limiter, callers: Vec<Caller>) -> Vec<Instant> {
    let log = Arc::new(Mutex::new(Vec::new()));
    join_all(callers.into_iter().map(|caller| {
        let log = Arc::clone(&log);
        async move {
            sleep(caller.start).await;
            let call = async {
                let mut slot = acquire(limiter).await;
                slot.sending();
                // On its way, a request arrives even if nobody waits for its answer any more.
                let arrival = Instant::now() + caller.there;
                log.lock().unwrap().push(arrival);
                sleep(caller.there + caller.back).await;
                answer(slot, 200, &[]);
            };
            match caller.leaves_after {
                Some(patience) => drop(timeout(patience, call).await),
                None => call.await,
            }
        }
    }))
    .await;
    let mut log = std::mem::take(&mut *log.lock().unwrap());
    log.sort();
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_window_of_the_service_sees_more_than_the_quota(callers in callers()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let limiter = Limiter::new();
            let log = arrivals(&limiter, callers).await;
            for eleven in log.windows(11) {
                prop_assert!(eleven[10] - eleven[0] >= WINDOW, "{:?}", eleven[10] - eleven[0]);
            }
            // No slot leaked: after two windows all ten are free at once.
            sleep(WINDOW * 2).await;
            let start = Instant::now();
            let mut slots = Vec::new();
            for _ in 0..10 {
                slots.push(acquire(&limiter).await);
            }
            prop_assert_eq!(start.elapsed(), Duration::ZERO);
            prop_assert!(!is_free(&limiter).await);
            Ok(())
        })?;
    }
}
