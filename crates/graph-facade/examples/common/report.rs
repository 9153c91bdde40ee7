//! How a journey is told: line by line, with the time at which things happen, and what was sent in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use graph_sim::Sim;
use tokio::time::Instant;

use super::stage::Stage;
use super::watch::Watch;

/// The teller of one journey.
pub(crate) struct Report {
    sim: Option<Sim>,
    watch: Watch,
    start: Instant,
}

impl Report {
    pub(crate) fn new(sim: Option<Sim>) -> Self {
        Self { sim, watch: Watch::default(), start: Instant::now() }
    }

    /// The embedded Graph, if that is where it takes place.
    pub(crate) fn sim(&self) -> Option<&Sim> {
        self.sim.as_ref()
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// One line: when, what, and more about it.
    pub(crate) fn note(&self, what: &str, more: &str) {
        let at = self.start.elapsed();
        let (minutes, seconds) = (at.as_secs() / 60, at.as_secs() % 60);
        println!("{}", format!("  {minutes:02}:{seconds:02}  {what:<13} {more}").trim_end());
    }

    pub(crate) fn summary(&self) {
        chapter("What was sent");
        let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
        for sent in self.watch.sent() {
            let [requests, refused, repeated] = counts.entry(sent.operation).or_default();
            *requests += 1;
            *refused += u32::from(sent.status >= 400);
            *repeated += u32::from(sent.attempt > 1);
        }
        for (operation, [requests, refused, repeated]) in counts {
            let some = |count: u32, what: &str| {
                if count > 0 { format!(", {count} {what}") } else { String::new() }
            };
            let (refused, repeated) = (some(refused, "refused"), some(repeated, "repeated"));
            println!("  {requests:>3} × {operation}{refused}{repeated}");
        }
        let took = self.start.elapsed();
        match &self.sim {
            Some(sim) => {
                let broken = sim.violations();
                println!("\n  For real this would have taken {}.", minutes(took));
                println!("  Requests and answers that broke the contract: {}", broken.len());
                for violation in broken {
                    println!("    {violation}");
                }
            }
            None => println!("\n  It took {}.", minutes(took)),
        }
    }
}

/// The title of what follows.
pub(crate) fn chapter(title: &str) {
    println!("\n{title}");
}

fn minutes(time: Duration) -> String {
    format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
}

/// Where a journey takes place, and `what` it does to a real tenant.
pub(crate) fn introduction(stage: &Stage, what: &str) -> String {
    if stage.is_embedded() {
        "The embedded Graph. Nothing leaves this machine, and the clock is virtual.".to_owned()
    } else {
        format!("A real tenant: this {what}.")
    }
}
