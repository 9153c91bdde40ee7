//! A store in another place, over a bad network; and what the limiter makes of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{join_all, poll_immediate};
use graph_runtime::BoxFuture;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::properties::{Caller, callers, paused};
use super::{ENGAGE, WINDOW, answer};
use crate::limit::memory::MemoryStore;
use crate::limit::{
    AcquireOptions, BucketKey, Lease, Limiter, NoSlot, Patience, QuotaKey, QuotaStore, QuotaStoreError,
    SlotEnd, Take, ThrottleScope, conformance,
};

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
struct Network {
    /// The longest way there or back.
    delay: Duration,
    /// How many of a hundred requests get lost on each way.
    lost: u8,
    /// How often it is tried before there is an error.
    tries: u32,
    /// How many of a hundred questions are never answered at all.
    hung: u8,
}

/// What all processes talk to.
#[derive(Debug, Default)]
struct Server {
    slots: MemoryStore,
    /// Questions that were dropped on their way, and arrive after whatever was sent later.
    late: Mutex<Vec<Lease>>,
}

/// One process's way to the server. What it has to tell travels with its next question.
#[derive(Debug)]
struct Remote {
    server: Arc<Server>,
    network: Network,
    random: Mutex<fastrand::Rng>,
    queue: Mutex<Vec<Told>>,
}

#[derive(Clone, Debug)]
enum Told {
    Settle(Lease, SlotEnd),
    Park(BucketKey, Option<ThrottleScope>, Duration),
}

impl Remote {
    fn new(server: &Arc<Server>, network: Network, seed: u64) -> Self {
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        Self { server: Arc::clone(server), network, random, queue: Mutex::default() }
    }

    fn chance(&self, percent: u8) -> bool {
        self.random.lock().unwrap().u8(0..100) < percent
    }

    async fn travel(&self) -> Result<(), QuotaStoreError> {
        let longest = u64::try_from(self.network.delay.as_millis()).unwrap();
        let delay = self.random.lock().unwrap().u64(0..=longest);
        sleep(Duration::from_millis(delay)).await;
        if self.chance(self.network.lost) { Err(QuotaStoreError::new("lost")) } else { Ok(()) }
    }

    /// The server carries out what arrives with one request.
    fn arrive(&self) {
        for told in self.queue.lock().unwrap().drain(..) {
            match told {
                Told::Settle(lease, end) => self.server.slots.settle(&lease, end),
                Told::Park(key, scope, wait) => self.server.slots.park(&key, scope, wait),
            }
        }
        for lease in self.server.late.lock().unwrap().drain(..) {
            drop(self.server.slots.take(&lease));
        }
    }

    async fn exchange(&self, lease: Option<&Lease>) -> Result<Option<Take>, QuotaStoreError> {
        let mut tries = 1;
        loop {
            let attempt = async {
                self.travel().await?;
                self.arrive();
                let take = match lease {
                    Some(lease) => Some(self.server.slots.take(lease).await?),
                    None => None,
                };
                self.travel().await?;
                Ok(take)
            };
            match attempt.await {
                Err(_) if tries < self.network.tries => tries += 1,
                outcome => return outcome,
            }
        }
    }
}

/// On its way; dropped there, it arrives all the same.
struct OnItsWay<'a>(&'a Server, Option<&'a Lease>);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.0.late.lock().unwrap().extend(self.1.cloned());
    }
}

impl QuotaStore for Remote {
    fn take<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>> {
        Box::pin(async move {
            let mut on_its_way = OnItsWay(&self.server, Some(lease));
            if self.chance(self.network.hung) {
                std::future::pending::<()>().await;
            }
            let take = self.exchange(Some(lease)).await;
            on_its_way.1 = None;
            Ok(take?.unwrap())
        })
    }

    fn settle(&self, lease: &Lease, end: SlotEnd) {
        self.queue.lock().unwrap().push(Told::Settle(lease.clone(), end));
    }

    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        self.queue.lock().unwrap().push(Told::Park(key.clone(), scope, wait));
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), QuotaStoreError>> {
        Box::pin(async move { self.exchange(None).await.map(drop) })
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_conforms() {
    let store = Arc::new(MemoryStore::default());
    conformance::check(|| Arc::clone(&store), sleep).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_over_a_bad_network_conforms() {
    for seed in 0..20 {
        let server = Arc::new(Server::default());
        let network = Network { delay: Duration::from_millis(60), lost: 20, tries: 50, hung: 0 };
        let outcome = conformance::check(|| Remote::new(&server, network, seed), sleep).await;
        assert!(outcome.is_ok(), "seed {seed}: {outcome:?}");
    }
}

/// A store with one fault, of which each must be found.
#[derive(Clone, Debug)]
struct Faulty(Arc<MemoryStore>, Fault);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    LetsAllPass,
    MixesUpBudgets,
    NeverSettles,
    TakesAgain,
    ForgetsEnds,
    NeverParks,
}

impl Faulty {
    fn lease(&self, lease: &Lease) -> Lease {
        match self.1 {
            Fault::MixesUpBudgets => {
                let key = QuotaKey::new();
                Lease { budget: BucketKey::in_bucket(lease.budget().bucket(), key, false), ..lease.clone() }
            }
            Fault::TakesAgain => Lease::new(lease.budget().clone(), lease.hold()),
            Fault::ForgetsEnds => Lease { hold: Duration::MAX, ..lease.clone() },
            _ => lease.clone(),
        }
    }
}

impl QuotaStore for Faulty {
    fn take<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>> {
        Box::pin(async move {
            match self.1 {
                Fault::LetsAllPass => Ok(Take::Taken),
                _ => self.0.take(&self.lease(lease)).await,
            }
        })
    }

    fn settle(&self, lease: &Lease, end: SlotEnd) {
        if self.1 != Fault::NeverSettles {
            self.0.settle(&self.lease(lease), end);
        }
    }

    fn park(&self, key: &BucketKey, scope: Option<ThrottleScope>, wait: Duration) {
        if self.1 != Fault::NeverParks {
            self.0.park(key, scope, wait);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_checks_find_what_is_wrong() {
    for (fault, rule) in [
        (Fault::LetsAllPass, "no more slots"),
        (Fault::MixesUpBudgets, "budgets are apart"),
        (Fault::NeverSettles, "a slot that was not used"),
        (Fault::TakesAgain, "a slot that was not used"),
        (Fault::ForgetsEnds, "a lease that nobody settles"),
        (Fault::NeverParks, "a refusal holds back"),
    ] {
        let store = Faulty(Arc::default(), fault);
        let violation = conformance::check(|| store.clone(), sleep).await.unwrap_err();
        assert!(violation.rule().starts_with(rule), "{fault:?}: {violation}");
    }
}

/// A store that answers what it is told to, and remembers what it was told.
#[derive(Debug)]
struct Stub {
    answer: Result<Take, &'static str>,
    hangs: bool,
    settled: Mutex<Vec<SlotEnd>>,
    asked: Mutex<u32>,
}

fn stub(answer: Result<Take, &'static str>, hangs: bool) -> Arc<Stub> {
    Arc::new(Stub { answer, hangs, settled: Mutex::default(), asked: Mutex::default() })
}

impl QuotaStore for Stub {
    fn take<'a>(&'a self, _: &'a Lease) -> BoxFuture<'a, Result<Take, QuotaStoreError>> {
        Box::pin(async move {
            *self.asked.lock().unwrap() += 1;
            if self.hangs {
                std::future::pending::<()>().await;
            }
            self.answer.map_err(QuotaStoreError::new)
        })
    }

    fn settle(&self, _: &Lease, end: SlotEnd) {
        self.settled.lock().unwrap().push(end);
    }

    fn park(&self, _: &BucketKey, _: Option<ThrottleScope>, _: Duration) {}
}

async fn no_slot(limiter: &Limiter) -> NoSlot {
    limiter.acquire(ENGAGE, &QuotaKey::new(), AcquireOptions::default()).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_refuses_the_request_and_is_told_that_nothing_was_sent() {
    let store = stub(Err("no route to host"), false);
    let limiter = Limiter::with_store(Arc::clone(&store));
    let no_slot = no_slot(&limiter).await;
    assert_eq!(no_slot.to_string(), "the rate limiter can't ask for a slot, so nothing was sent");
    assert_eq!(no_slot.store_error().unwrap().to_string(), "no route to host");
    assert!(!no_slot.is_parked());
    assert_eq!(*store.settled.lock().unwrap(), [SlotEnd::Unused]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_fails_everybody_in_the_queue_at_one_time_limit() {
    let store = stub(Ok(Take::Taken), true);
    let (limiter, start) = (Limiter::with_store(Arc::clone(&store)), Instant::now());
    for no_slot in join_all((0..100).map(|_| no_slot(&limiter))).await {
        assert_eq!(no_slot.store_error().unwrap().to_string(), "no answer within 5s");
    }
    assert_eq!((start.elapsed().as_secs(), *store.asked.lock().unwrap()), (5, 1));
    assert_eq!(*store.settled.lock().unwrap(), [SlotEnd::Unused]);
    let limiter = Limiter::builder().store(store).store_timeout(Duration::from_millis(20)).build();
    let start = Instant::now();
    no_slot(&limiter).await;
    assert_eq!(start.elapsed().as_millis(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_dropped_gives_back_what_it_may_have_taken() {
    let store = stub(Ok(Take::Taken), true);
    let limiter = Limiter::with_store(Arc::clone(&store));
    assert!(poll_immediate(Box::pin(no_slot(&limiter))).await.is_none());
    assert_eq!(*store.settled.lock().unwrap(), [SlotEnd::Unused]);
}

/// Whatever a store says of when to ask again, it is asked neither without a pause nor never.
#[tokio::test(start_paused = true)]
async fn a_store_is_asked_again_within_reason() {
    for (wait, least, most) in [(Duration::ZERO, 2, 1_001), (Duration::MAX, 61, 61)] {
        for take in [Take::Busy { at_least: Duration::ZERO, ask_again_after: wait }, Take::Parked(wait)] {
            let store = stub(Ok(take), false);
            let limiter = Limiter::with_store(Arc::clone(&store));
            let time = if wait.is_zero() { Duration::from_secs(1) } else { Duration::from_secs(3600) };
            assert!(timeout(time, no_slot(&limiter)).await.is_err());
            let asked = *store.asked.lock().unwrap();
            assert!((least..=most).contains(&asked), "{take:?}: {asked}");
            assert!(store.settled.lock().unwrap().is_empty(), "it has taken nothing");
        }
    }
}

/// What a store takes to answer is a wait for the limiter, and no such thing goes untold.
#[tokio::test(start_paused = true)]
async fn a_slow_store_is_a_wait() {
    let network = Network { delay: Duration::from_millis(400), lost: 0, tries: 1, hung: 0 };
    let limiter = Limiter::with_store(Remote::new(&Arc::default(), network, 3));
    let (patience, start) = (Patience { parked: &|_| true, deadline: None, hold: HOLD }, Instant::now());
    let (slot, waited) = limiter.acquire_if(ENGAGE, &QuotaKey::new(), false, &patience).await;
    assert!(slot.is_ok() && waited == start.elapsed() && waited > Duration::from_millis(50), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_a_store_is_delivered_before_the_process_ends() {
    let server = Arc::new(Server::default());
    let network = Network { delay: Duration::from_millis(5), lost: 0, tries: 1, hung: 0 };
    let [ending, other] = [1, 2].map(|seed| Limiter::with_store(Remote::new(&server, network, seed)));
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(super::acquire(&ending).await);
    }
    drop(held);
    ending.flush().await.unwrap();
    let start = Instant::now();
    drop(super::acquire(&other).await);
    assert!(start.elapsed() < Duration::from_millis(20), "{:?}", start.elapsed());
}

/// Longer than any request of these tests.
const HOLD: Duration = Duration::from_secs(20);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Delays, losses, questions without an answer, callers who leave: the quota holds, everybody hears something, and nothing
    /// stays taken.
    #[test]
    fn a_bad_network_costs_errors_and_nothing_else(
        callers in callers(), seed: u64, delay in 0_u64..400, lost in 0_u8..40, hung in 0_u8..10,
    ) {
        let network = Network { delay: Duration::from_millis(delay), lost, tries: 3, hung };
        paused().block_on(async {
            let server = Arc::new(Server::default());
            let limiters = [0, 1].map(|process| Limiter::with_store(Remote::new(&server, network, seed ^ process)));
            let arrivals = Mutex::new(Vec::new());
            join_all(callers.iter().enumerate().map(|(number, caller)| {
                let call = one_call(&limiters[number % 2], caller, &arrivals);
                async move {
                    match caller.leaves_after {
                        Some(patience) => drop(timeout(patience, call).await),
                        None => timeout(Duration::from_secs(3600), call).await.expect("it waits for ever"),
                    }
                }
            }))
            .await;
            let mut arrivals = arrivals.into_inner().unwrap();
            arrivals.sort();
            for eleven in arrivals.windows(11) {
                prop_assert!(eleven[10] - eleven[0] >= WINDOW, "{:?}", eleven[10] - eleven[0]);
            }
            // What arrives late at last, arrives now.
            Remote::new(&server, network, seed).arrive();
            sleep(HOLD + WINDOW).await;
            let key = BucketKey::new(ENGAGE, &QuotaKey::new()).unwrap();
            for number in 0..11 {
                let take = server.slots.take(&Lease::new(key.clone(), HOLD)).await.unwrap();
                prop_assert_eq!(take == Take::Taken, number < 10, "{:?}", take);
            }
            Ok(())
        })?;
    }
}

async fn one_call(limiter: &Limiter, caller: &Caller, arrivals: &Mutex<Vec<Instant>>) {
    sleep(caller.start).await;
    let options = AcquireOptions::default().hold(HOLD);
    let mut slot = match limiter.acquire(ENGAGE, &QuotaKey::new(), options).await {
        Ok(slot) => slot,
        Err(no_slot) => return assert!(no_slot.store_error().is_some(), "{no_slot}"),
    };
    slot.sending();
    arrivals.lock().unwrap().push(Instant::now() + caller.there);
    sleep(caller.there + caller.back).await;
    answer(slot, 200, &[]);
}
