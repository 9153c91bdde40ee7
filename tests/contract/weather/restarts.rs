//! A community is made by processes that die, over a journal that stays.

use futures_util::TryStreamExt as _;
use graph_facade::models::Community;
use graph_facade::{Client, Error, OperationJournal, Resumption};
use graph_sim::{Sim, SimBuilder};

use super::Traveller;
use crate::support::journal::Shelf;
use crate::support::{builder, client, pass, pilots, seconds};

const LIVES: u64 = 40;
/// After so many lives nobody waits for an operation any more that may have been started.
const PATIENCE: u64 = 25;

pub(super) fn tenant() -> SimBuilder {
    Sim::builder().user("ada")
}

pub(super) async fn prepared(_: Sim) -> Shelf {
    Shelf::default()
}

/// How the story ended, by the journal's account.
#[derive(Debug)]
enum End {
    Made(Option<String>),
    /// No trace was found of it.
    Abandoned,
}

/// What one process does before it is done, or dies.
async fn life(client: &Client, number: u64, lies: &mut Vec<String>) -> Result<Option<End>, Error> {
    if number == 0 {
        client.communities().create(pilots()).await?.wait().await?;
        return Ok(None);
    }
    let mut left: Vec<Resumption<Community>> = client.operations().resume_all().await?;
    let Some(resumption) = left.pop() else { return Ok(Some(End::Abandoned)) };
    lies.extend((!left.is_empty()).then(|| format!("two records of one creation: {left:?}")));
    match resumption {
        Resumption::Resumed(mut operation) => {
            operation.wait().await?;
        }
        Resumption::Ambiguous(it) => match &it.candidates[..] {
            [only] => drop(it.adopt(only).await?),
            [] if number >= PATIENCE => it.abandon().await?,
            [] => {}
            more => lies.push(format!("more than one candidate: {more:?}")),
        },
        Resumption::Unsent(it) => {
            it.abandon().await?;
            client.communities().create(pilots()).await?.wait().await?;
        }
        Resumption::Ended(it) => {
            let made = it.resource_id().map(str::to_owned);
            it.acknowledge().await?;
            return Ok(Some(End::Made(made)));
        }
        other => lies.push(format!("of no use: {other:?}")),
    }
    Ok(None)
}

pub(super) async fn travel(traveller: &Traveller, shelf: Shelf) -> (&'static str, Vec<String>, String) {
    let (mut lies, mut errors, mut end) = (Vec::new(), Vec::new(), None);
    let mut chance = fastrand::Rng::with_seed(traveller.seed);
    for number in 0..LIVES {
        let client =
            builder(&traveller.sim, "ada").journal(OperationJournal::new(shelf.clone())).build().unwrap();
        let length = seconds(chance.u64(1..200));
        match tokio::time::timeout(length, life(&client, number, &mut lies)).await {
            Ok(Ok(Some(reached))) => {
                end = Some(reached);
                break;
            }
            Ok(outcome) => errors.extend(outcome.err()),
            Err(_) => {}
        }
        pass(seconds(31)).await;
    }
    traveller.clear_up().await;
    let calm = client(&traveller.sim, "ada");
    let truth: Vec<Community> = calm.communities().list().items().try_collect().await.unwrap();
    let made: Vec<_> = truth.into_iter().map(|community| community.id).collect();
    let is_true = match &end {
        Some(End::Made(id @ Some(_))) => made == [id.clone()],
        Some(End::Made(None) | End::Abandoned) => made.is_empty(),
        None => made.len() <= 1,
    };
    lies.extend((!is_true).then(|| format!("there are {made:?}")));
    let word = match &end {
        Some(End::Made(Some(_))) => "done",
        Some(_) => "not made",
        None => "never settled",
    };
    (word, lies, format!("{end:?}\n{errors:#?}\n{:?}", shelf.records()))
}
