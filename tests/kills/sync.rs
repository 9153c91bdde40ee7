//! Processes that are killed for real while they push a catalogue: in the end the service has what it should, and nothing was
//! written again but what was under way.
//!
//! A worker (this binary again) pushes the catalogue of its round. The parent serves the simulator and kills one worker after the
//! other, until one may finish.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use futures_util::{TryStreamExt as _, stream};
use graph_facade::models::{LearningContent, NewLearningContent, NewLearningProvider};
use graph_facade::sync::{Held, Ledger, MostRemovals};
use graph_facade::{Client, Clock, StaticToken};
use graph_sim::Sim;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::{START, directory, lived, seeded, variable};

/// The last worker of a round may finish.
const GENERATIONS: u32 = 8;
const COURSES: u32 = 160;
const UPSERT: &str = "learning_contents.upsert_by_external_id";
const DELETE: &str = "learning_contents.delete_by_external_id";
const PROVIDER: &str = "KILLS_PROVIDER";
const SEED: &str = "KILLS_CATALOGUE";

/// The titles of one round by external ids.
type Catalogue = BTreeMap<String, String>;

#[tokio::test]
async fn a_push_that_is_killed_again_and_again_ends_as_it_should() {
    let mut random = seeded();
    let directory = directory().join(format!("graph-kills-sync-{}", random.u64(..)));
    std::fs::create_dir_all(&directory).unwrap();
    let stage = Stage::new(directory.join("courses.ledger")).await;
    let (mut kills, mut life, mut rounds) = (0, None::<Duration>, 0);
    while kills < super::wanted_kills() {
        let seed = random.u64(..);
        let (before, wanted) = (stage.held().await, catalogue(seed));
        let since = stage.sim.journal().entries().len();
        let mut pending: HashMap<String, u32> = HashMap::new();
        for generation in 1.. {
            for key in stage.pending() {
                *pending.entry(key).or_default() += 1;
            }
            let killed_at = life.filter(|_| generation < GENERATIONS);
            let killed_at = killed_at.map(|life| life.mul_f64(random.f64()));
            let start = Instant::now();
            if stage.worker(seed, killed_at).await {
                // The first has read the simulator's specification too.
                life = Some(life.map_or(start.elapsed(), |life| life.min(start.elapsed())));
                break;
            }
            kills += 1;
        }
        assert_eq!(stage.held().await, wanted, "round {rounds}");
        assert_eq!(stage.pending(), BTreeSet::new());
        for (key, writes) in stage.writes(since) {
            let needed = u32::from(before.get(&key) != wanted.get(&key));
            let most = needed + pending.get(&key).copied().unwrap_or_default();
            assert!(writes <= most, "{key} was written {writes} times, and {most} would do");
        }
        rounds += 1;
    }
    println!("{kills} kills in {rounds} rounds, a life takes {life:?}");
    std::fs::remove_dir_all(&directory).unwrap();
}

/// What there should be, by the seed of a round: each course has one of three titles, or is not there.
fn catalogue(seed: u64) -> Catalogue {
    let mut random = fastrand::Rng::with_seed(seed);
    let titles = (0..COURSES).map(|course| (format!("it's {course}/7"), random.u8(..4)));
    let offered = titles.filter(|(_, title)| *title > 0);
    offered.map(|(course, title)| (course, format!("Title {title}"))).collect()
}

/// What the workers share: a simulator with one provider, and a ledger.
struct Stage {
    sim: Sim,
    client: Client,
    provider: String,
    ledger: PathBuf,
}

impl Stage {
    async fn new(ledger: PathBuf) -> Self {
        let sim = Sim::builder().user("ada").build();
        tokio::spawn(sim.serve(TcpListener::bind(("127.0.0.1", 0)).await.unwrap()));
        let by_user = client(&sim.root(), &sim.token("ada"));
        let logo = "https://contoso.example/logo.png";
        let new = NewLearningProvider::new("Contoso", logo, logo, logo, logo);
        let provider = by_user.learning_providers().create(new).await.unwrap().id.unwrap();
        let client = client(&sim.root(), &sim.app_token());
        Self { sim, client, provider, ledger }
    }

    /// Runs a worker until it ends, or until it is killed at that moment of its life. Says whether it ended by itself.
    async fn worker(&self, seed: u64, killed_at: Option<Duration>) -> bool {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["sync::pusher", "--exact", "--ignored", "--nocapture"])
            .env(super::ROOT, self.sim.root())
            .env(super::TOKEN, self.sim.app_token())
            .env(super::JOURNAL, &self.ledger)
            .env(PROVIDER, &self.provider)
            .env(SEED, seed.to_string());
        let (status, words) = lived(command, killed_at).await;
        assert!(status.success() || status.code().is_none(), "a worker failed by itself:\n{words}");
        // What came in before the kill is answered before this.
        self.held().await;
        status.success()
    }

    async fn held(&self) -> Catalogue {
        let contents = self.client.learning_providers().contents(&self.provider);
        let held: Vec<LearningContent> = contents.list().items().try_collect().await.unwrap();
        held.into_iter().map(|content| (content.external_id.unwrap(), content.title.unwrap())).collect()
    }

    /// The keys of which the ledger doesn't know whether their change arrived.
    fn pending(&self) -> BTreeSet<String> {
        let ledger = Ledger::open(&self.ledger).unwrap();
        let pending = ledger.iter().filter(|(_, held)| matches!(held, Held::Pending(_)));
        pending.map(|(key, _)| key.to_owned()).collect()
    }

    /// How often each content was written or deleted since that request.
    fn writes(&self, since: usize) -> BTreeMap<String, u32> {
        let mut writes = BTreeMap::new();
        for entry in &self.sim.journal().entries()[since..] {
            if entry.operation.as_deref().is_some_and(|operation| [UPSERT, DELETE].contains(&operation)) {
                let (_, key) = entry.path.split_once("(externalId='").unwrap();
                let key =
                    key.trim_end_matches("')").replace("%20", " ").replace("%2F", "/").replace("''", "'");
                *writes.entry(key).or_default() += 1;
            }
        }
        writes
    }
}

fn client(root: &str, token: &str) -> Client {
    let clock = Clock::starting_at(SystemTime::UNIX_EPOCH + START);
    Client::builder().root(root).credential(StaticToken::new(token)).clock(clock).build().unwrap()
}

#[tokio::test]
#[ignore = "the process that is killed"]
async fn pusher() {
    let client = client(&variable(super::ROOT), &variable(super::TOKEN));
    let engine = client.sync_learning_contents(variable(PROVIDER)).delete_after(Duration::ZERO);
    let engine = engine.most_removals(MostRemovals::Items(usize::MAX));
    let mut ledger = Ledger::open(Path::new(&variable(super::JOURNAL))).unwrap();
    let wanted = catalogue(variable(SEED).parse().unwrap()).into_iter();
    let contents =
        wanted.map(|(key, title)| NewLearningContent::new(key, title, "https://contoso.example/1", "en-us"));
    let summary = engine.run(stream::iter(contents), &mut ledger).await.unwrap();
    assert!(summary.is_complete(), "{summary}");
}
