//! A community is made, peopled, listed, brought in step with a list, and changed.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use graph_facade::models::{Community, CommunityPatch};
use graph_facade::{Client, Error, ErrorKind, Members, Reconciled};
use graph_sim::{Sim, SimBuilder};

use super::Traveller;
use crate::support::{client, pass, pilots, seconds};

const PEOPLE: [&str; 6] = ["grace", "lin", "mary", "rosa", "vera", "zoe"];
const TEXT: &str = "Flight deck and cabin";

/// What the client was told, step by step; what it was not told about didn't take place.
#[derive(Debug, Default)]
struct Told {
    created: Option<Result<Community, Error>>,
    added: Vec<(String, Result<(), Error>)>,
    listed: Option<Result<BTreeSet<String>, Error>>,
    reconciled: Option<Result<Reconciled, Error>>,
    updated: Option<Result<(), Error>>,
}

async fn created(client: &Client) -> Result<Community, Error> {
    let mut accepted = client.communities().create(pilots()).await?;
    accepted.wait().await
}

async fn listed(members: &Members) -> Result<BTreeSet<String>, Error> {
    let people: Vec<_> = members.list().items().try_collect().await?;
    Ok(people.iter().filter_map(|person| person.id().map(str::to_owned)).collect())
}

/// The whole journey, as far as it gets.
async fn journey(sim: &Sim, client: &Client) -> Told {
    let mut told = Told { created: Some(created(client).await), ..Told::default() };
    let Some(Ok(community)) = &told.created else { return told };
    let members = client.groups().members(community.group_id.clone().unwrap());
    for name in &PEOPLE[..4] {
        let id = sim.user_id(name);
        let outcome = members.add(&id).await.map(drop);
        told.added.push((id, outcome));
    }
    // Replicas catch up.
    pass(seconds(30)).await;
    told.listed = Some(listed(&members).await);
    told.reconciled = Some(members.reconcile(wanted(sim)).await);
    let change = CommunityPatch::new().description(TEXT);
    told.updated = Some(client.communities().update(community, change).await.map(drop));
    told
}

/// Who shall be a member in the end: some of those who were added, and some who were not.
fn wanted(sim: &Sim) -> Vec<String> {
    ["ada"].iter().chain(&PEOPLE[2..]).map(|name| sim.user_id(name)).collect()
}

/// What is really there, under a clear sky.
struct Truth {
    communities: Vec<Community>,
    members: BTreeSet<String>,
}

async fn truth(sim: &Sim) -> Truth {
    let client = client(sim, "ada");
    let communities = client.communities().list().items().try_collect::<Vec<_>>().await.unwrap();
    let members = match communities.first() {
        Some(community) => {
            listed(&client.groups().members(community.group_id.clone().unwrap())).await.unwrap()
        }
        None => BTreeSet::new(),
    };
    Truth { communities, members }
}

/// What is wrong with what the client was told.
fn lies(told: &Told, truth: &Truth, wanted: &BTreeSet<String>) -> Vec<String> {
    let mut lies = Vec::new();
    let mut check = |holds: bool, lie: String| lies.extend((!holds).then_some(lie));
    check(truth.communities.len() <= 1, "the community was made more than once".to_owned());
    match &told.created {
        Some(Ok(community)) => {
            check(
                truth.communities.first().is_some_and(|it| it.id == community.id),
                "another community".to_owned(),
            );
        }
        Some(Err(error)) if error.kind() == ErrorKind::OperationFailed => {
            check(truth.communities.is_empty(), format!("it was made all the same: {error}"));
        }
        Some(Err(error)) if !error.maybe_processed() && error.location().is_none() => {
            check(truth.communities.is_empty(), format!("it was processed: {error}"));
        }
        _ => {}
    }
    let is_settled = matches!(&told.reconciled, Some(Ok(it)) if it.is_complete());
    for (id, outcome) in &told.added {
        match outcome {
            Ok(()) if told.reconciled.is_none() => {
                check(truth.members.contains(id), format!("{id} was added, and is not there"));
            }
            Err(error) if !error.maybe_processed() && !wanted.contains(id) && !is_settled => {
                check(!truth.members.contains(id), format!("{id} is there all the same: {error}"));
            }
            _ => {}
        }
    }
    if is_settled {
        check(truth.members == *wanted, format!("members are {:?}, not {wanted:?}", truth.members));
    }
    if let Some(Ok(listed)) = &told.listed {
        let added = told.added.iter().filter(|(_, outcome)| outcome.is_ok());
        let missing: Vec<_> = added.filter(|(id, _)| !listed.contains(id)).collect();
        check(missing.is_empty(), format!("the list lacks {missing:?}"));
    }
    if let Some(Ok(())) = &told.updated {
        let text = truth.communities.first().and_then(|it| it.description.as_deref());
        check(text == Some(TEXT), format!("the description is {text:?}"));
    }
    lies
}

/// The tenant before the journey.
pub(super) fn tenant() -> SimBuilder {
    PEOPLE.iter().fold(Sim::builder().user("ada").page_size(2), |sim, name| sim.user(name))
}

/// What came of it, in a word; and what is wrong with what the client was told.
pub(super) async fn travel(traveller: &Traveller, (): ()) -> (&'static str, Vec<String>, String) {
    let sim = &traveller.sim;
    let told = traveller.within_a_day(journey(sim, &traveller.client)).await;
    traveller.clear_up().await;
    let wanted = wanted(sim).into_iter().collect();
    let lies = lies(&told, &truth(sim).await, &wanted);
    let word = match &told {
        Told { created: Some(Err(_)), .. } => "not created",
        Told { reconciled: Some(Ok(it)), updated: Some(Ok(())), .. } if it.is_complete() => "done",
        _ => "done in part",
    };
    (word, lies, format!("{told:#?}"))
}

pub(super) async fn prepared(_: Sim) {}
