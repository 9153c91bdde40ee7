//! 200 communities, created and seen to their end under 10 requests in 30 seconds.

use std::time::Duration;

use futures_util::StreamExt as _;
use graph_facade::Watched;
use graph_sim::{Counting, Sim};
use tokio::time::Instant;

use crate::measure::{Target, client, runtime, set_of};

const COMMUNITIES: usize = 200;
/// The creation, one poll, and the reading of the result.
const LEAST: usize = 3 * COMMUNITIES;
/// What the quota allows for these: ten at once, and ten more each half minute.
const SHORTEST: f64 = (LEAST / 10 - 1) as f64 * 30.0;

/// How it went.
struct Run {
    seconds: f64,
    requests: usize,
    refusals: usize,
    first_done: f64,
}

pub(crate) fn targets() -> Vec<Target> {
    let servers = [
        ("sliding log", Counting::SlidingLog),
        ("fixed window", Counting::FixedWindow { phase: Duration::from_millis(17_300) }),
        ("leaky bucket", Counting::LeakyBucket),
    ];
    println!(
        "{COMMUNITIES} communities: at least {LEAST} requests, which the quota stretches to {SHORTEST} s"
    );
    let runs = servers.map(|(name, counting)| {
        let run = runtime().block_on(create(counting));
        println!(
            "  {name:<13} {:.0} s, {} requests, {} refusals, the first done after {:.0} s",
            run.seconds, run.requests, run.refusals, run.first_done
        );
        run
    });
    let worst = |figure: fn(&Run) -> f64| runs.iter().map(figure).fold(0.0, f64::max);
    let target = |name, value, bound| Target { name, value, unit: "", bound };
    vec![
        target("operations-200-time-to-quota", worst(|run| run.seconds / SHORTEST), 1.05),
        target("operations-200-requests-to-least", worst(|run| run.requests as f64 / LEAST as f64), 1.05),
        target("operations-200-refusals", worst(|run| run.refusals as f64), 0.0),
    ]
}

async fn create(counting: Counting) -> Run {
    let sim = Sim::builder().user("ada").counting(counting).build();
    let mut set = set_of(&client(&sim), COMMUNITIES);
    let (start, mut first_done) = (Instant::now(), None);
    while let Some((_, watched)) = set.next().await {
        if let Watched::Done(_) = watched {
            first_done.get_or_insert(start.elapsed().as_secs_f64());
        }
    }
    assert_eq!(set.progress().done, COMMUNITIES);
    assert_eq!(sim.violations(), [""; 0]);
    let journal = sim.journal();
    Run {
        seconds: start.elapsed().as_secs_f64(),
        requests: journal.entries().len(),
        refusals: journal.entries().iter().filter(|entry| entry.status == Some(429)).count(),
        first_done: first_done.unwrap(),
    }
}
