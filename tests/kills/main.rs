//! Processes that are killed for real, at random moments, while they create communities: nothing is lost, nothing doubled. How a
//! catalogue is pushed is in `sync`.
//!
//! A worker (this binary again) wants three communities. It goes on with what its journal holds, creates what is missing, and
//! waits for all of it. The parent serves the simulator, kills one worker after the other, and looks at what there is
//! once a worker was allowed to finish.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use graph_facade::models::{Community, CommunityPrivacy, NewCommunity};
use graph_facade::{Client, Clock, Operation, OperationJournal, Resumption, StaticToken, Update};
use graph_sim::{Sim, Timeline};
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::Instant;

mod sync;

const NAMES: [&str; 3] = ["Pilots", "Cooks", "Gardeners"];
/// How many kills there are unless the variable of this name says otherwise; `.ci/deep` has more.
const KILLS: u32 = 40;
/// The last worker of a round may finish.
const GENERATIONS: u32 = 12;
const ROOT: &str = "KILLS_ROOT";
const TOKEN: &str = "KILLS_TOKEN";
const JOURNAL: &str = "KILLS_JOURNAL";
/// The time of day when simulators start.
const START: Duration = Duration::from_secs(1_767_600_000);

#[tokio::test]
async fn killed_at_random_moments_nothing_is_lost_and_nothing_doubled() {
    let mut random = seeded();
    let directory = directory().join(format!("graph-kills-{}", random.u64(..)));
    std::fs::create_dir_all(&directory).unwrap();
    let life = undisturbed(&directory.join("first.journal")).await;
    // The simulator has read its specification now.
    let life = undisturbed(&directory.join("second.journal")).await.min(life);

    let (mut found, mut kills, mut round) = (BTreeMap::new(), 0, 0);
    while kills < wanted_kills() {
        let stage = Stage::new(directory.join(format!("{round}.journal"))).await;
        for generation in 1.. {
            let moment = (generation < GENERATIONS).then(|| life.mul_f64(random.f64()));
            let (status, words) = stage.worker(moment).await;
            for word in words.lines().filter_map(|line| line.strip_prefix("found ")) {
                *found.entry(word.to_owned()).or_insert(0) += 1;
            }
            if status.success() {
                break;
            }
            kills += 1;
        }
        stage.check().await;
        round += 1;
    }
    println!("{kills} kills in {round} rounds, a life takes {life:?}; workers found {found:?}");
    std::fs::remove_dir_all(&directory).unwrap();
}

fn wanted_kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// What decides when workers are killed; the seed is printed, and may be given.
fn seeded() -> fastrand::Rng {
    let seed = std::env::var("KILLS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("KILLS_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// How long a worker lives that nobody kills.
async fn undisturbed(journal: &Path) -> Duration {
    let stage = Stage::new(journal.to_owned()).await;
    let start = Instant::now();
    assert!(stage.worker(None).await.0.success());
    let life = start.elapsed();
    stage.check().await;
    life
}

/// A directory in memory where there is one: what a killed process has written is there either way, and sooner.
fn directory() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// What the workers of one round share: a simulator and a journal.
struct Stage {
    sim: Sim,
    journal: PathBuf,
    started: std::cell::Cell<u32>,
}

impl Stage {
    async fn new(journal: PathBuf) -> Self {
        let sim = Sim::builder().user("ada").timeline(Timeline::new()).build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        tokio::spawn(sim.serve(listener));
        Self { sim, journal, started: std::cell::Cell::new(0) }
    }

    /// Runs a worker until it ends, or until it is killed at that moment of its life. Returns what it printed.
    async fn worker(&self, killed_at: Option<Duration>) -> (ExitStatus, String) {
        let worker = self.started.replace(self.started.get() + 1);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["worker", "--exact", "--ignored", "--nocapture"])
            .env(ROOT, self.sim.root())
            // An app each, so that quotas make nobody wait.
            .env(TOKEN, self.sim.token_for_app("ada", &format!("worker-{worker}")))
            .env(JOURNAL, &self.journal);
        let (status, words) = lived(command, killed_at).await;
        assert!(status.success() || status.code().is_none(), "a worker failed by itself:\n{words}");
        self.settle().await;
        (status, words)
    }

    /// Lets the simulator come to the end of what killed workers have sent.
    async fn settle(&self) {
        // What comes in over a later connection is answered later.
        let token = self.sim.token_for_app("ada", "settle");
        let client = Client::builder().root(self.sim.root()).credential(StaticToken::new(token));
        client.build().unwrap().groups().list().await.unwrap();
    }

    /// There is one community of each name, and the journal knows it.
    async fn check(&self) {
        let client = client(&self.sim.root(), &self.sim.token_for_app("ada", "check"), &self.journal);
        let mut there: Vec<_> = client.communities().list().items().try_collect::<Vec<_>>().await.unwrap();
        there.sort_by(|one, other| one.display_name.cmp(&other.display_name));
        let names: Vec<_> = there.iter().filter_map(|community| community.display_name.as_deref()).collect();
        assert_eq!(names, ["Cooks", "Gardeners", "Pilots"], "\n{}", self.sim.journal());

        let mut known = BTreeMap::new();
        for resumption in client.operations().resume_all::<Community>().await.unwrap() {
            let Resumption::Ended(ended) = resumption else { panic!("{resumption:?}") };
            assert!(
                known.insert(ended.intent.name.clone(), ended.resource_id().map(str::to_owned)).is_none()
            );
        }
        let expected: BTreeMap<_, _> =
            there.into_iter().map(|community| (community.display_name.unwrap(), community.id)).collect();
        assert_eq!(known, expected);
        // In this hurry operations are polled too often for a service that does not know that time leaps.
        let broken = self.sim.violations().into_iter().filter(|violation| !violation.contains("was polled"));
        assert_eq!(broken.collect::<Vec<_>>(), [""; 0]);
    }
}

/// Lets a process live until it ends, or until it is killed at that moment of its life. Returns what it printed.
async fn lived(mut command: Command, killed_at: Option<Duration>) -> (ExitStatus, String) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if killed_at.is_some_and(|moment| start.elapsed() >= moment) {
            break kill(&mut child);
        }
        yield_now().await;
    };
    (status, std::io::read_to_string(child.stdout.take().unwrap()).unwrap())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

fn kill(child: &mut Child) -> ExitStatus {
    child.kill().unwrap();
    child.wait().unwrap()
}

fn client(root: &str, token: &str, journal: &Path) -> Client {
    Client::builder()
        .root(root)
        .credential(StaticToken::new(token))
        .journal(OperationJournal::open(journal).unwrap())
        .clock(Clock::starting_at(SystemTime::UNIX_EPOCH + START))
        .build()
        .unwrap()
}

#[tokio::test]
#[ignore = "the process that is killed"]
async fn worker() {
    let client = client(&variable(ROOT), &variable(TOKEN), Path::new(&variable(JOURNAL)));
    let known = resume(&client).await;
    let missing = NAMES.iter().filter(|name| !known.contains(**name));
    // All at once, so that the journal writes for several calls together.
    for operation in join_all(missing.map(|name| create(&client, name))).await {
        finish(operation).await;
    }
}

/// The names of what the workers before have seen to, once all that is under way has ended.
async fn resume(client: &Client) -> HashSet<String> {
    let mut known = HashSet::new();
    for resumption in client.operations().resume_all::<Community>().await.unwrap() {
        match resumption {
            Resumption::Resumed(operation) => {
                println!("found accepted");
                known.extend(finish(operation).await.display_name);
            }
            Resumption::Ambiguous(unanswered) => match unanswered.candidates.as_slice() {
                [] => {
                    println!("found sent, nothing came of it");
                    unanswered.abandon().await.unwrap();
                }
                [community] => {
                    println!("found sent, and created");
                    known.insert(unanswered.adopt(community).await.unwrap().intent.name);
                }
                many => panic!("{many:?}"),
            },
            Resumption::Unsent(intent) => {
                println!("found intended");
                intent.abandon().await.unwrap();
            }
            Resumption::Ended(ended) => {
                println!("found ended");
                known.insert(ended.intent.name);
            }
            other => panic!("{other:?}"),
        }
    }
    known
}

async fn create(client: &Client, name: &str) -> Operation<Community> {
    let new = NewCommunity::new(name, "For all of them", CommunityPrivacy::Private);
    client.communities().create(new).await.unwrap()
}

/// Waits without waiting: time leaps to the next poll. (A paused clock would leap while a socket is waited for, too.)
async fn finish(mut operation: Operation<Community>) -> Community {
    loop {
        match operation.poll().await.unwrap() {
            Update::Done(community) => return community,
            _ => {
                tokio::time::pause();
                tokio::time::advance(Duration::from_secs(31)).await;
                tokio::time::resume();
            }
        }
    }
}
