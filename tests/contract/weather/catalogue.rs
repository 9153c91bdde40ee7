//! A learning provider's catalogue is kept in step with an input, run after run.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use graph_facade::Client;
use graph_facade::models::NewLearningContent;
use graph_facade::sync::{Ledger, MostRemovals, SyncSummary};
use graph_sim::{Sim, SimBuilder};

use super::Traveller;
use crate::support::{client, pass, seconds};
use crate::surface::learning_providers::contoso;

const MOST_RUNS: usize = 20;
const STAGES: usize = 2;

/// Titles by external ids.
type Titles = BTreeMap<String, String>;

pub(super) fn tenant() -> SimBuilder {
    Sim::builder().user("ada")
}

/// The provider, which is registered before the weather breaks.
pub(super) async fn prepared(sim: Sim) -> String {
    client(&sim, "ada").learning_providers().create(contoso()).await.unwrap().id.unwrap()
}

/// What the catalogue shall be: first forty items, then others, changed and removed ones.
fn wanted(stage: usize) -> Titles {
    let items = if stage == 0 { 0..40 } else { 10..50 };
    items
        .map(|number| {
            let edition = if number % 3 == 0 { stage } else { 0 };
            (format!("course/{number}"), format!("Course {number}, edition {edition}"))
        })
        .collect()
}

fn input(titles: &Titles) -> Vec<NewLearningContent> {
    let content = |(id, title): (&String, &String)| {
        NewLearningContent::new(id, title, "https://contoso.example/course", "en-us")
    };
    titles.iter().map(content).collect()
}

/// One run to its end, or to the error that stops it.
async fn run(client: &Client, provider: &str, ledger: &mut Ledger, titles: &Titles) -> Option<SyncSummary> {
    let engine = client
        .sync_learning_contents(provider)
        .delete_after(seconds(0))
        .most_removals(MostRemovals::Items(100));
    let mut run = engine.run(stream::iter(input(titles)), ledger);
    while let Some(event) = run.next().await {
        event.ok()?;
    }
    run.summary().cloned()
}

/// Runs until one has nothing left to do; how many runs that took.
async fn in_step(client: &Client, provider: &str, ledger: &mut Ledger, titles: &Titles) -> Option<usize> {
    for number in 1..=MOST_RUNS {
        let summary = run(client, provider, ledger, titles).await;
        if summary.is_some_and(|summary| summary.is_complete()) {
            return Some(number);
        }
        pass(seconds(60)).await;
    }
    None
}

async fn truth(sim: &Sim, provider: &str) -> Titles {
    let contents = client(sim, "ada").learning_providers().contents(provider).list();
    let contents: Vec<_> = contents.items().try_collect().await.unwrap();
    contents.into_iter().map(|it| (it.external_id.unwrap(), it.title.unwrap())).collect()
}

pub(super) async fn travel(traveller: &Traveller, provider: String) -> (&'static str, Vec<String>, String) {
    let mut ledger = Ledger::in_memory();
    let mut runs = Vec::new();
    for stage in 0..STAGES {
        let titles = wanted(stage);
        let run = in_step(&traveller.client, &provider, &mut ledger, &titles);
        runs.push(traveller.within_a_day(run).await);
    }
    traveller.clear_up().await;
    let (truth, wanted) = (truth(&traveller.sim, &provider).await, wanted(STAGES - 1));
    let is_wrong = runs[STAGES - 1].is_some() && truth != wanted;
    let lies = is_wrong.then(|| format!("the catalogue is {truth:#?}, not {wanted:#?}"));
    let word = match runs[..] {
        [Some(1), Some(1)] => "done at once",
        [Some(_), Some(_)] => "done",
        _ => "never done",
    };
    (word, lies.into_iter().collect(), format!("{runs:?}"))
}
