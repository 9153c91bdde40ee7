use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use graph_client::{Clock, Error, ErrorKind};
use graph_models::BoxFuture;
use graph_models::models::NewLearningContent;
use http::StatusCode;
use tokio::time::{Instant, sleep, timeout};

use crate::sync::ledger::tests::Directory;
use crate::sync::{
    Applied, Held, ItemOutcome, Ledger, MostRemovals, Step, Stock, SyncEngine, SyncError, SyncEvent,
    SyncSummary, SyncTarget, Synced as _,
};
use crate::testing::start_time;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What goes wrong with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// 429, and how long to wait.
    Throttled(Duration),
    /// 503 or no answer, of what was processed or was not.
    Unavailable {
        processed: bool,
    },
    Timeout {
        processed: bool,
    },
    BadRequest,
}
use Fault::{BadRequest, Throttled, Timeout, Unavailable};

impl Fault {
    fn error(self) -> Error {
        let (kind, status) = match self {
            Throttled(_) => (ErrorKind::Throttled, Some(StatusCode::TOO_MANY_REQUESTS)),
            Unavailable { .. } => (ErrorKind::Service, Some(StatusCode::SERVICE_UNAVAILABLE)),
            Timeout { .. } => (ErrorKind::Timeout, None),
            BadRequest => (ErrorKind::Service, Some(StatusCode::BAD_REQUEST)),
        };
        let processed = matches!(self, Unavailable { .. } | Timeout { .. });
        let error = Error::new(kind, format!("{self:?}")).with_maybe_processed(processed);
        let error = match status {
            Some(status) => error.with_status(status),
            None => error,
        };
        if let Throttled(wait) = self { error.with_retry_after(wait) } else { error }
    }

    fn at_random(random: &mut fastrand::Rng) -> Option<Self> {
        let processed = random.bool();
        match random.u8(..20) {
            0 | 1 => Some(Throttled(Duration::from_secs(random.u64(..90)))),
            2..=4 => Some(Unavailable { processed }),
            5 => Some(Timeout { processed }),
            6 | 7 => Some(BadRequest),
            _ => None,
        }
    }
}

/// What the service holds: the titles of one item, which should be one.
#[derive(Debug, Default)]
struct State {
    items: BTreeMap<String, Vec<String>>,
    /// What was created without an answer is found from then on only.
    found_from: HashMap<String, Instant>,
    /// What happens to the next requests for a key.
    faults: HashMap<String, VecDeque<Fault>>,
    random: Option<fastrand::Rng>,
    requests: HashMap<String, u32>,
}

/// A service that is idempotent, such as that of a catalogue, or looks for an item before it creates one.
#[derive(Debug)]
struct Model {
    is_idempotent: bool,
    clock: Clock,
    state: Mutex<State>,
}

impl Model {
    fn engine(is_idempotent: bool) -> SyncEngine<Self> {
        let clock = Clock::starting_at(start_time());
        let target = Self { is_idempotent, clock, state: Mutex::default() };
        SyncEngine::new(target).most_removals(MostRemovals::Items(usize::MAX)).delete_after(Duration::ZERO)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn faults(&self, key: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.insert(key.to_owned(), faults.into_iter().collect());
    }

    fn titles(&self, key: &str) -> Vec<String> {
        self.state().items.get(key).cloned().unwrap_or_default()
    }

    fn step(&self, step: &Step<NewLearningContent>) -> Result<Applied, Error> {
        let (mut state, key) = (self.state(), step.key());
        let state = &mut *state;
        *state.requests.entry(key.to_owned()).or_default() += 1;
        let given = state.faults.get_mut(key).and_then(VecDeque::pop_front);
        let fault = given.or_else(|| Fault::at_random(state.random.as_mut()?));
        let is_found = state.found_from.get(key).is_none_or(|from| *from <= Instant::now());
        match fault {
            None | Some(Unavailable { processed: true } | Timeout { processed: true }) => {}
            Some(fault) => return Err(fault.error()),
        }
        let applied = match step {
            Step::Delete(_) if state.items.remove(key).is_some() => Applied::Done,
            Step::Delete(_) | Step::Deactivate(_) => Applied::Gone,
            Step::Confirm(_) if !is_found || !state.items.contains_key(key) => Applied::Unknown,
            Step::Write(item) | Step::Confirm(item) => {
                let is_new = !state.items.contains_key(key);
                let titles = state.items.entry(key.to_owned()).or_default();
                if self.is_idempotent || is_found {
                    titles.clear();
                }
                if is_new && fault.is_some() && !self.is_idempotent {
                    state.found_from.insert(key.to_owned(), Instant::now() + HOUR / 2);
                }
                titles.push(item.title.clone());
                Applied::Done
            }
        };
        fault.map_or(Ok(applied), |fault| Err(fault.error()))
    }
}

impl SyncTarget for Model {
    type Item = NewLearningContent;

    fn name(&self) -> &'static str {
        "model"
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn is_idempotent(&self) -> bool {
        self.is_idempotent
    }

    /// What was sent arrives, whether anybody waits for the answers or not.
    fn apply<'a>(
        &'a self,
        steps: &'a [Step<NewLearningContent>],
    ) -> BoxFuture<'a, Vec<Result<Applied, Error>>> {
        Box::pin(async move {
            let outcomes = steps.iter().map(|step| self.step(step)).collect();
            sleep(Duration::from_millis(200)).await;
            outcomes
        })
    }

    fn stock(&self) -> BoxStream<'_, Result<Stock, Error>> {
        stream::empty().boxed()
    }
}

fn content(key: &str, title: &str) -> NewLearningContent {
    NewLearningContent::new(key, title, "https://example.com/course", "en-us")
}

/// What the ledger says of this content.
fn written(key: &str, title: &str) -> Held {
    let mut content = content(key, title);
    content.complete();
    Held::Written(content.fingerprint().unwrap())
}

async fn run(
    engine: &SyncEngine<Model>,
    ledger: &mut Ledger,
    wanted: &[(&str, &str)],
) -> Result<SyncSummary, SyncError> {
    let input: Vec<_> = wanted.iter().map(|(key, title)| content(key, title)).collect();
    timeout(1_000 * HOUR, engine.run(stream::iter(input), ledger)).await.expect("every run ends")
}

/// What may have been created a moment ago need not be listed yet.
#[tokio::test(start_paused = true)]
async fn taking_stock_forgets_no_doubt_where_a_second_write_would_create_a_second_item() {
    for is_idempotent in [true, false] {
        let engine = Model::engine(is_idempotent);
        let mut ledger = Ledger::in_memory();
        ledger.note("a", Some(Held::Pending(1)));
        ledger.note("b", Some(written("b", "x")));
        let left = engine.take_stock(&mut ledger).await.unwrap();
        assert_eq!((left, ledger.held("a").is_some()), if is_idempotent { (0, false) } else { (1, true) });
    }
}

/// A change that may have been processed and is then refused leaves no belief in what was there before.
#[tokio::test(start_paused = true)]
async fn what_may_have_been_processed_is_not_forgotten_by_a_refusal() {
    let directory = Directory::new();
    for faults in [
        vec![Unavailable { processed: true }, BadRequest],
        vec![Unavailable { processed: true }, Throttled(Duration::from_secs(1)), BadRequest],
    ] {
        let engine = Model::engine(true);
        let mut ledger = directory.open().unwrap();
        assert!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().is_complete());
        engine.target().faults("a", faults);
        let summary = run(&engine, &mut ledger, &[("a", "2")]).await.unwrap();
        assert_eq!((summary.counts.ambiguous, summary.counts.failed), (1, 0), "{summary}");
        assert_eq!(engine.target().titles("a"), ["2"]);
        assert!(!summary.is_complete());

        drop(ledger);
        let mut ledger = directory.open().unwrap();
        assert!(matches!(ledger.held("a"), Some(Held::Pending(_))), "{:?}", ledger.held("a"));
        assert!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().is_complete());
        assert_eq!(
            (engine.target().titles("a"), ledger.held("a")),
            (vec!["1".into()], Some(written("a", "1")))
        );
    }
}

/// A refusal without doubt leaves what the ledger said before.
#[tokio::test(start_paused = true)]
async fn what_was_surely_not_processed_is_as_it_was() {
    let (engine, mut ledger) = (Model::engine(false), Ledger::in_memory());
    assert!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().is_complete());
    engine.target().faults("a", [Throttled(Duration::from_secs(1)), BadRequest]);
    engine.target().faults("b", [Throttled(Duration::from_secs(1)), BadRequest]);
    let summary = run(&engine, &mut ledger, &[("a", "2"), ("b", "2")]).await.unwrap();
    assert_eq!((summary.counts.failed, summary.counts.ambiguous), (2, 0));
    assert_eq!((ledger.held("a"), ledger.held("b")), (Some(written("a", "1")), None));
}

/// A creation that may have been processed is looked up and never sent again until a look can tell.
#[tokio::test(start_paused = true)]
async fn what_can_not_be_repeated_is_looked_up() {
    for processed in [true, false] {
        let (engine, mut ledger) = (Model::engine(false), Ledger::in_memory());
        engine.target().faults("a", [Unavailable { processed }]);
        for _ in 0..3 {
            let summary = run(&engine, &mut ledger, &[("a", "1")]).await.unwrap();
            assert_eq!(summary.counts.ambiguous, 1, "{summary}");
            assert_eq!(engine.target().titles("a").len(), usize::from(processed));
        }
        // What isn't there yet can't be removed either.
        assert_eq!(run(&engine, &mut ledger, &[]).await.unwrap().counts.total(), 0);
        sleep(HOUR).await;
        assert!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().is_complete());
        assert_eq!(
            (engine.target().titles("a"), ledger.held("a")),
            (vec!["1".into()], Some(written("a", "1")))
        );
    }
}

/// A time in the future, from a clock that was wrong, keeps an item in doubt no longer than any other.
#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_is_put_right() {
    let (engine, mut ledger) = (Model::engine(false), Ledger::in_memory());
    ledger.note("a", Some(Held::Pending(u64::MAX)));
    assert_eq!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().counts.ambiguous, 1);
    sleep(HOUR).await;
    assert!(run(&engine, &mut ledger, &[("a", "1")]).await.unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn an_item_is_tried_only_so_often() {
    for (fault, outcome) in [
        (Throttled(Duration::from_secs(60)), ItemOutcome::Failed),
        (Unavailable { processed: false }, ItemOutcome::Ambiguous),
    ] {
        let mut ledger = Ledger::in_memory();
        let engine = Model::engine(true).attempts(7);
        engine.target().faults("a", vec![fault; 1_000]);
        let mut events = engine.run(stream::iter([content("a", "1"), content("b", "1")]), &mut ledger);
        let mut outcomes = HashMap::new();
        while let Some(event) = events.next().await {
            if let SyncEvent::Item(report) = event.unwrap() {
                outcomes.insert(report.key.unwrap().to_string(), report.outcome);
            }
        }
        drop(events);
        assert_eq!((outcomes["a"], outcomes["b"]), (outcome, ItemOutcome::Done));
        let state = engine.target().state();
        assert_eq!((state.requests["a"], state.requests["b"]), (7, 1));
    }
}

/// A wait that is too long is not begun, and one that has no end is no panic.
#[tokio::test(start_paused = true)]
async fn a_run_does_not_wait_for_ever() {
    for wait in [2 * HOUR, Duration::MAX] {
        let (engine, mut ledger) = (Model::engine(true), Ledger::in_memory());
        engine.target().faults("a", [Throttled(wait)]);
        let error = run(&engine, &mut ledger, &[("a", "1")]).await.unwrap_err();
        assert!(matches!(&error, SyncError::Stopped(error) if error.retry_after() == Some(wait)), "{error}");
        assert!(ledger.is_empty());
    }
    let (engine, mut ledger) = (Model::engine(true).longest_wait(Duration::MAX), Ledger::in_memory());
    engine.target().faults("a", [Throttled(Duration::MAX), Throttled(Duration::MAX)]);
    let mut waiting = engine.run(stream::iter([content("a", "1")]), &mut ledger);
    while let Ok(event) = timeout(HOUR, waiting.next()).await {
        assert!(event.unwrap().is_ok());
    }
}

/// No grace ends after the end of time.
#[tokio::test(start_paused = true)]
async fn a_grace_that_never_ends_deletes_nothing() {
    let mut ledger = Ledger::in_memory();
    for (key, since) in [("a", 1), ("b", u64::MAX)] {
        ledger.note(key, Some(Held::Deactivated(since)));
    }
    for (grace, deleted) in [(Duration::MAX, 0), (Duration::from_secs(u64::MAX), 0), (HOUR, 1)] {
        let engine = Model::engine(true).delete_after(grace);
        let plan = engine.plan(stream::iter(Vec::<NewLearningContent>::new()), &ledger).await.unwrap();
        assert_eq!(plan.counts.deleted, deleted, "{grace:?}");
    }
}

/// Runs to the end or to an error, or is killed after so many polls.
async fn maybe_killed(
    engine: &SyncEngine<Model>,
    ledger: &mut Ledger,
    wanted: &BTreeMap<String, String>,
    polls: usize,
) {
    let input: Vec<_> = wanted.iter().map(|(key, title)| content(key, title)).collect();
    let (mut run, mut left) = (engine.run(stream::iter(input), ledger), polls);
    let end = poll_fn(|context| {
        loop {
            match run.poll_next_unpin(context) {
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending if left == 0 => return Poll::Ready(()),
                Poll::Pending => {
                    left -= 1;
                    return Poll::Pending;
                }
            }
        }
    });
    timeout(1_000 * HOUR, end).await.expect("every run ends");
}

/// What the ledger says is what the service holds, or it says that it doesn't know; and nothing is there twice.
fn hold_against(model: &Model, ledger: &Ledger) {
    let state = model.state();
    let keys: HashSet<_> =
        state.items.keys().map(String::as_str).chain(ledger.iter().map(|(key, _)| key)).collect();
    for key in keys {
        let titles = state.items.get(key).map(Vec::as_slice).unwrap_or_default();
        assert!(titles.len() <= 1, "`{key}` is there {} times", titles.len());
        match (ledger.held(key), titles) {
            (Some(Held::Pending(_)), _) | (None, []) => {}
            (Some(held), [title]) => assert_eq!(held, written(key, title), "{key}"),
            (held, _) => panic!("`{key}`: the ledger says {held:?}, and the service {titles:?}"),
        }
    }
}

/// A service that fails in every way, and runs that are killed: no belief is ever wrong, nothing is created twice, every run ends,
/// and once the service works, it soon holds what it should.
#[tokio::test(start_paused = true)]
async fn no_belief_is_wrong_whatever_happens() {
    let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..60 {
        let engine = Model::engine(round % 2 == 0).envelopes(random.u16(1..4)).attempts(random.u32(..6));
        let directory = Directory::new();
        let mut wanted = BTreeMap::new();
        for _ in 0..6 {
            let keys = (0..random.u8(1..50)).map(|_| format!("key-{}", random.u8(..30))).collect::<Vec<_>>();
            wanted = keys.into_iter().map(|key| (key, format!("Title {}", random.u8(..3)))).collect();
            engine.target().state().random = Some(random.fork());
            let mut ledger = directory.open().unwrap();
            let polls = if random.bool() { usize::MAX } else { random.usize(..20) };
            maybe_killed(&engine, &mut ledger, &wanted, polls).await;
            drop(ledger);
            hold_against(engine.target(), &directory.open().unwrap());
            sleep(Duration::from_secs(random.u64(..5_000))).await;
        }
        engine.target().state().random = None;
        sleep(HOUR).await;
        let mut ledger = directory.open().unwrap();
        maybe_killed(&engine, &mut ledger, &wanted, usize::MAX).await;
        hold_against(engine.target(), &ledger);
        let state = engine.target().state();
        let held: BTreeMap<_, _> =
            state.items.iter().map(|(key, titles)| (key.clone(), titles[0].clone())).collect();
        assert_eq!(held, wanted);
    }
}
