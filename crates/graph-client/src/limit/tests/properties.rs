//! Whatever callers do, and whoever leaves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use graph_things::operations;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::{ENGAGE, WINDOW, acquire, acquire_for, answer, is_free};
use crate::limit::{Limiter, QuotaKey};

/// What one caller does: how late it starts, how long its request takes each way, whether it loses patience.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) start: Duration,
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) leaves_after: Option<Duration>,
}

pub(super) fn callers() -> impl Strategy<Value = Vec<Caller>> {
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

pub(super) fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever stays gets through, and before everyone who asked later, whatever the others do: quota or no quota.
    #[test]
    fn nobody_starves_and_nobody_overtakes(callers in callers(), adaptive: bool, refusals in 0_usize..4) {
        let operation = if adaptive { &operations::PARTS_LIST } else { ENGAGE };
        let (asked, passed) = paused().block_on(async {
            let (limiter, key) = (Limiter::new(), QuotaKey::new());
            let (asked, passed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
            join_all(callers.iter().enumerate().map(|(number, caller)| {
                let (limiter, key, asked, passed) = (&limiter, &key, &asked, &passed);
                async move {
                    sleep(caller.start).await;
                    asked.lock().unwrap().push(number);
                    let pass = async {
                        let mut slot = acquire_for(limiter, operation, key).await;
                        passed.lock().unwrap().push(number);
                        slot.sending();
                        sleep(caller.there + caller.back).await;
                        answer(slot, if number < refusals { 429 } else { 200 }, &[("retry-after", "7")]);
                    };
                    match caller.leaves_after {
                        Some(patience) => drop(timeout(patience, pass).await),
                        None => timeout(Duration::from_secs(3600), pass).await.expect("it starves"),
                    }
                }
            }))
            .await;
            (asked.into_inner().unwrap(), passed.into_inner().unwrap())
        });
        let mut rest = asked.iter();
        prop_assert!(passed.iter().all(|number| rest.any(|other| other == number)), "{asked:?} {passed:?}");
    }

    #[test]
    fn no_window_of_the_service_sees_more_than_the_quota(callers in callers()) {
        paused().block_on(async {
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
