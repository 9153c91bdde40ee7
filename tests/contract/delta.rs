//! Rounds of changes: nothing is lost, over pages, rounds, processes and resets.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use graph_facade::models::{CommunityPatch, Group};
use graph_facade::{Change, Client, Delta, DeltaToken, Error, ErrorKind, RemovalReason};
use graph_sim::{Fault, Sim, SimBuilder};
use serde_json::json;

use crate::capture::taped;
use crate::support::{assert_clean, client, pass, seconds};

/// What somebody keeps who follows the changes: groups by id, with name and members.
#[derive(Debug, Default, PartialEq)]
struct Copy(BTreeMap<String, (String, BTreeSet<String>)>);

impl Copy {
    fn apply(&mut self, change: Change<Group>) {
        match change {
            Change::Updated(group) => {
                let kept = self.0.entry(group.id.unwrap()).or_default();
                kept.0 = group.display_name.unwrap_or_else(|| kept.0.clone());
            }
            Change::Removed { id, .. } => drop(self.0.remove(&id)),
            Change::Linked { object, relation, target } => {
                assert_eq!(
                    (relation.as_str(), target.odata_type.as_deref()),
                    ("members", Some("#microsoft.graph.user"))
                );
                self.0.entry(object).or_default().1.insert(target.id);
            }
            Change::Unlinked { object, target, .. } => {
                self.0.entry(object).or_default().1.remove(&target.id);
            }
            Change::Restarted => self.0.clear(),
            other => panic!("{other:?}"),
        }
    }

    async fn follow(&mut self, delta: Delta<Group>) -> Result<String, Error> {
        let mut changes = delta.changes();
        while let Some(change) = changes.try_next().await? {
            self.apply(change);
        }
        Ok(changes.token().unwrap().to_json())
    }

    /// As reading everything would have it.
    async fn of(client: &Client) -> Self {
        let mut copy = Self::default();
        for group in client.groups().list().items().try_collect::<Vec<_>>().await.unwrap() {
            let id = group.id.unwrap();
            let members: Vec<_> = client.groups().members(&id).list().items().try_collect().await.unwrap();
            let members = members
                .into_iter()
                .map(|member| serde_json::to_value(member).unwrap()["id"].as_str().unwrap().to_owned());
            copy.0.insert(id, (group.display_name.unwrap(), members.collect()));
        }
        copy
    }
}

fn network() -> SimBuilder {
    Sim::builder()
        .user("grace")
        .community("Pilots", ["ada"])
        .community("Crew", ["ada"])
        .group("Bar", ["ada"])
        .page_size(2)
}

fn start(client: &Client) -> Delta<Group> {
    client.groups().delta().select(["displayName", "members"])
}

/// A new process, which knows the saved text alone.
fn resume(sim: &Sim, saved: &str) -> Delta<Group> {
    client(sim, "ada").groups().delta().resume(saved.parse::<DeltaToken>().unwrap())
}

async fn change_something(sim: &Sim) {
    let client = client(sim, "ada");
    let bar = sim.group_id("Bar").unwrap();
    client.groups().members(&bar).add(sim.user_id("grace")).await.unwrap();
    client.groups().members(&bar).remove(sim.user_id("ada")).await.unwrap();
    let pilots = sim.community_id("Pilots").unwrap();
    client.communities().update(pilots, CommunityPatch::new().display_name("Aces")).await.unwrap();
    client.communities().delete(sim.community_id("Crew").unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_copy_stays_true_over_rounds_and_processes() {
    let sim = network().build();
    let mut copy = Copy::default();
    let saved = copy.follow(start(&client(&sim, "ada"))).await.unwrap();
    assert_eq!(copy, Copy::of(&client(&sim, "ada")).await);

    change_something(&sim).await;
    let saved = copy.follow(resume(&sim, &saved).minimal()).await.unwrap();
    assert_eq!(copy, Copy::of(&client(&sim, "ada")).await);

    let nothing: Vec<_> = resume(&sim, &saved).changes().try_collect().await.unwrap();
    assert_eq!(nothing, []);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn removals_say_whether_there_is_a_way_back() {
    let sim = network().build();
    let saved = Copy::default().follow(start(&client(&sim, "ada"))).await.unwrap();
    let crew = sim.group_id("Crew").unwrap();
    change_something(&sim).await;
    let changes: Vec<_> = resume(&sim, &saved).changes().try_collect().await.unwrap();
    assert!(changes.contains(&Change::Removed { id: crew, reason: RemovalReason::Changed }), "{changes:#?}");
    let left =
        |change: &Change<Group>| matches!(change, Change::Unlinked { reason: RemovalReason::Deleted, .. });
    assert!(changes.iter().any(left), "{changes:#?}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_round_that_broke_off_goes_on_at_its_last_page() {
    let sim = network().fault(Fault::respond("groups.delta", 403).skip(1)).build();
    let mut copy = Copy::default();
    let mut pages = start(&client(&sim, "ada")).pages();
    let page = pages.try_next().await.unwrap().unwrap();
    assert!(!page.token.is_complete());
    page.changes.into_iter().for_each(|change| copy.apply(change));
    assert_eq!(pages.try_next().await.unwrap_err().status().unwrap(), 403);

    copy.follow(resume(&sim, &page.token.to_json())).await.unwrap();
    assert_eq!(copy, Copy::of(&client(&sim, "ada")).await);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn empty_pages_and_repetitions_do_no_harm() {
    let mut held_back = None;
    let fault = Fault::alter("groups.delta", move |json| {
        // The first page comes empty, and its items twice with the next.
        match held_back.take() {
            None => held_back = Some(std::mem::replace(&mut json["value"], json!([]))),
            Some(items) => {
                let items = items.as_array().unwrap();
                json["value"].as_array_mut().unwrap().extend(items.iter().chain(items).cloned());
            }
        }
    })
    .times(2);
    let sim = network().fault(fault).build();
    let mut copy = Copy::default();
    copy.follow(start(&client(&sim, "ada"))).await.unwrap();
    assert_eq!(copy, Copy::of(&client(&sim, "ada")).await);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_an_error_or_a_new_beginning() {
    // With and without the address of the new beginning.
    for reset in
        [Fault::reset_delta("groups.delta").times(2), Fault::respond("groups.delta", 410).skip(1).times(2)]
    {
        let sim = network().page_size(3).fault(reset).build();
        let mut copy = Copy::default();
        let saved = copy.follow(start(&client(&sim, "ada"))).await.unwrap();
        change_something(&sim).await;

        let error = copy.follow(resume(&sim, &saved)).await.unwrap_err();
        assert!(error.is_resync_required() && error.kind() == ErrorKind::Service, "{error}");
        assert_eq!(error.attempts(), 1, "asking again would not help");

        copy.follow(resume(&sim, &saved).restart()).await.unwrap();
        assert_eq!(copy, Copy::of(&client(&sim, "ada")).await);
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_within_a_round_forgets_what_came_before() {
    let sim = network().fault(Fault::reset_delta("groups.delta")).build();
    let (client, tape) = taped(&sim, "ada");
    let mut copy = Copy::default();
    copy.follow(start(&client).restart()).await.unwrap();
    assert_eq!(copy, Copy::of(&client).await);
    let delta = tape.each(|sent| (sent.operation == "groups.delta").then(|| sent.request.uri().to_string()));
    let requests: Vec<_> = delta.into_iter().flatten().collect();
    assert_eq!(requests.len(), 4, "the first page, the reset, and two pages anew: {requests:#?}");
    assert_eq!(requests[0], requests[2]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_a_week() {
    let sim = network().token_lifetime(seconds(30 * 86_400)).build();
    let saved = Copy::default().follow(start(&client(&sim, "ada"))).await.unwrap();
    pass(seconds(6 * 86_400)).await;
    Copy::default().follow(resume(&sim, &saved)).await.unwrap();
    pass(seconds(2 * 86_400)).await;
    let error = Copy::default().follow(resume(&sim, &saved)).await.unwrap_err();
    assert!(error.is_resync_required(), "{error}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_past_can_be_skipped_and_the_scope_narrowed() {
    let sim = network().build();
    let bar = sim.group_id("Bar").unwrap();
    let mut copy = Copy::default();
    let saved = copy.follow(start(&client(&sim, "ada")).only([&bar]).from_now()).await.unwrap();
    assert_eq!(copy, Copy::default());
    change_something(&sim).await;
    copy.follow(resume(&sim, &saved)).await.unwrap();
    assert_eq!(copy.0.keys().collect::<Vec<_>>(), [&bar]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_never_taken_to_another_place() {
    let sim = network().build();
    let saved = Copy::default().follow(start(&client(&sim, "ada"))).await.unwrap();
    let requests = sim.journal().entries().len();
    let forged = saved.replace("graph.microsoft.com/v1.0", "evil.example/v1.0");
    assert_ne!(forged, saved);
    let error = Copy::default().follow(resume(&sim, &forged)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    assert!(!error.to_string().contains("deltatoken"), "{error}");
    assert_eq!(sim.journal().entries().len(), requests);
    assert_clean(&sim);
}
