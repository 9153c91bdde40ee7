//! Making the members or owners of a group those of a list.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use graph_facade::models::NewGroup;
use graph_facade::{
    Added, Client, ErrorKind, LinkOutcome, Members, NoRetry, ReconcileUpdate, StaticToken, security_group,
    unified_group,
};
use graph_sim::{Fault, Sim, SimBuilder};

use crate::support::{arrivals, assert_clean, builder, client, seconds};

/// `ada` owns `Pilots`; `user0`, `user1`, … are there as well.
fn tenant(users: usize) -> SimBuilder {
    (0..users).fold(Sim::builder().group("Pilots", ["ada"]), |sim, number| sim.user(&format!("user{number}")))
}

fn users(sim: &Sim, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| sim.user_id(&format!("user{number}"))).collect()
}

fn members(sim: &Sim) -> Members {
    client(sim, "ada").groups().members(sim.group_id("Pilots").unwrap())
}

async fn present(people: &Members) -> BTreeSet<String> {
    let people: Vec<_> = people.list().items().try_collect().await.unwrap();
    people.iter().filter_map(|object| object.id().map(str::to_owned)).collect()
}

/// How many requests there were, an envelope counting as one.
fn requests(sim: &Sim) -> usize {
    let in_envelope = |note: &String| note == "in a batch";
    sim.journal().entries().iter().filter(|entry| !entry.notes.iter().any(in_envelope)).count()
}

#[tokio::test(start_paused = true)]
async fn the_members_become_those_of_the_list_in_the_fewest_requests() {
    let sim = tenant(60).build();
    let people = members(&sim);
    people.reconcile(users(&sim, 0..45)).await.unwrap();
    let before = requests(&sim);

    let wanted = users(&sim, 15..60);
    let plan = people.reconcile(&wanted).plan().await.unwrap();
    assert_eq!((plan.add.len(), plan.remove.len(), plan.unchanged), (15, 15, 30));
    assert_eq!(present(&people).await.len(), 45, "a plan changes nothing");
    let read = requests(&sim) - before;
    assert_eq!(read, 2);

    let outcome = people.reconcile(&wanted).await.unwrap();
    assert_eq!((outcome.added, outcome.removed, outcome.is_complete()), (15, 15, true));
    assert_eq!(requests(&sim) - before - read, 1 + plan.requests());
    assert_eq!(present(&people).await, wanted.into_iter().collect());
    assert_eq!(arrivals(&sim, "groups.members.add").len(), 0, "all were added in bulk");
    let again = people.reconcile(users(&sim, 15..60)).plan().await.unwrap();
    assert!(again.is_empty() && again.requests() == 0);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn one_who_spoils_the_twenty_is_told_alone() {
    let sim = tenant(30).build();
    let people = members(&sim);
    let mut wanted = users(&sim, 0..30);
    wanted.insert(3, sim.user_id("nobody"));
    // Somebody joins between the reading and the adding.
    let mut running =
        people.reconcile(wanted.iter().chain([&sim.user_id("ada")])).visibility(NoRetry).start();
    let Some(ReconcileUpdate::Planned(plan)) = running.advance().await.unwrap() else { panic!("no plan") };
    assert_eq!(plan.add.len(), 31);
    people.add(&users(&sim, [25])[0]).await.unwrap();

    let updates: Vec<_> = running.updates().try_collect().await.unwrap();
    let outcomes: Vec<LinkOutcome> = updates
        .into_iter()
        .filter_map(|update| if let ReconcileUpdate::Done(outcomes) = update { Some(outcomes) } else { None })
        .flatten()
        .collect();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_success()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].id().as_str(), sim.user_id("nobody"));
    assert!(failed[0].error().unwrap().is_not_found());
    let already = outcomes.iter().filter(|it| matches!(it, LinkOutcome::Added { how: Added::Already, .. }));
    assert_eq!(already.count(), 1, "user25 was there already, and spoiled no one else");
    assert_eq!((running.added(), present(&people).await.len()), (29, 31));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn killed_anywhere_it_ends_where_it_would_have() {
    for steps in 0..6 {
        let slow = Fault::delay("batch", seconds(2));
        let sim = tenant(100).fault(slow).build();
        let people = members(&sim);
        people.reconcile(users(&sim, 0..70)).await.unwrap();
        let wanted = users(&sim, 30..100);
        let task = people.reconcile(&wanted);
        let mut saved = task.checkpoint().unwrap().to_string();
        let mut running = task.start();
        for _ in 0..steps {
            running.advance().await.unwrap();
            saved = running.checkpoint().unwrap().to_string();
        }
        // In the middle of a step: the request has arrived, and its answer is never read.
        let killed = tokio::time::timeout(seconds(1), running.advance()).await;
        drop((killed, running));

        let other = client(&sim, "ada");
        let outcome = other.groups().resume_reconcile(&saved.parse().unwrap()).await.unwrap();
        assert!(outcome.is_complete());
        assert_eq!(present(&people).await, wanted.into_iter().collect(), "killed after {steps} steps");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_envelope_is_repeated_or_leaves_a_state_to_go_on_from() {
    let sim = tenant(40).fault(Fault::lose_connection("batch").times(2)).build();
    let people = members(&sim);
    let outcome = people.reconcile(users(&sim, 0..40)).await.unwrap();
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(present(&people).await, users(&sim, 0..40).into_iter().collect());

    let sim = tenant(40).fault(Fault::respond("groups.update", 503).times(8)).build();
    let people = members(&sim);
    let error = people.reconcile(users(&sim, 0..40)).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503), "{error}");
    assert!(people.reconcile(users(&sim, 0..40)).await.unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_group_never_loses_its_last_owner() {
    let sim = tenant(3).build();
    let owners = client(&sim, "ada").groups().owners(sim.group_id("Pilots").unwrap());
    let outcome = owners.reconcile(users(&sim, 0..2)).await.unwrap();
    assert_eq!((outcome.added, outcome.removed), (2, 1), "first added, then removed");

    // Nobody of the list exists, so that one of the two has to stay.
    let outcome = owners.reconcile([sim.user_id("nobody")]).visibility(NoRetry).await.unwrap();
    assert_eq!((outcome.added, outcome.removed), (0, 1));
    let stays = |outcome: &LinkOutcome| matches!(outcome, LinkOutcome::LastOwner { .. });
    assert_eq!(outcome.failures.iter().filter(|outcome| stays(outcome)).count(), 1, "{:?}", outcome.failures);
    assert_eq!(present(&owners).await.len(), 1);
    assert!(
        sim.journal().entries().iter().all(|entry| entry.status != Some(400)),
        "the service need not say no"
    );
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_owners_give_way_to_a_hundred_others() {
    let sim = tenant(200).build();
    let owners = client(&sim, "ada").groups().owners(sim.group_id("Pilots").unwrap());
    assert!(owners.reconcile(users(&sim, 0..100)).await.unwrap().is_complete());
    assert!(owners.reconcile(users(&sim, 100..200)).await.unwrap().is_complete());
    assert_eq!(present(&owners).await, users(&sim, 100..200).into_iter().collect());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_waited_for() {
    let sim = tenant(30).group_delay(seconds(100)).build();
    let groups = client(&sim, "ada").groups();
    let group = groups.create(unified_group("Crew", "crew")).await.unwrap();
    let outcome = groups.members(&group).reconcile(users(&sim, 0..30)).await.unwrap();
    assert_eq!((outcome.added, outcome.is_complete()), (30, true));
    let other = groups.create(unified_group("Others", "others")).await.unwrap();
    let error = groups.members(&other).reconcile(users(&sim, 0..30)).visibility(NoRetry).await.unwrap_err();
    assert!(error.is_not_yet_visible(), "{error}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_can_be_read_but_not_changed_yet_is_waited_for() {
    let message = "The source resource object or one of the objects being referenced don't exist.";
    let body =
        serde_json::json!({ "error": { "code": "Request_BadRequest", "message": message } }).to_string();
    let refusals = |times| {
        Fault::respond("groups.update", 400).content_type("application/json").body(body.clone()).times(times)
    };
    let sim = tenant(50).fault(refusals(7)).build();
    let outcome = members(&sim).reconcile(users(&sim, 0..50)).await.unwrap();
    assert_eq!((outcome.added, outcome.is_complete()), (50, true));
    assert_eq!(arrivals(&sim, "groups.members.add").len(), 20, "the bulk that was refused as the only one");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_user_stays_and_a_limit_stops_a_wrong_list() {
    let sim = tenant(5).build();
    let groups = client(&sim, "ada").groups();
    let new = users(&sim, 0..5).iter().fold(security_group("All", "all"), NewGroup::member);
    let all = groups.create(new.member(sim.group_id("Pilots").unwrap())).await.unwrap();
    let people = groups.members(&all);

    let error = people.reconcile(users(&sim, 0..1)).removal_limit(3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("4 of the members would be removed, and the limit is 3"), "{error}");
    assert_eq!(present(&people).await.len(), 6);

    let kept = people.reconcile(users(&sim, 0..1)).additions_only().await.unwrap();
    assert_eq!((kept.added, kept.removed), (0, 0));
    let outcome = people.reconcile(users(&sim, 0..1)).await.unwrap();
    assert_eq!((outcome.removed, present(&people).await.len()), (4, 2), "the group in it stays");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_decides_stops_it_at_once() {
    let sim = tenant(60).build();
    let groups = client(&sim, "ada").groups();
    let dynamic =
        unified_group("Rule", "rule").group_types(vec!["Unified".into(), "DynamicMembership".into()]);
    let group = groups.create(dynamic.membership_rule("user.department -eq \"x\"")).await.unwrap();
    let error = groups.members(&group).reconcile(users(&sim, 0..60)).await.unwrap_err();
    assert!(error.is_permission_denied(), "{error}");
    assert_eq!(arrivals(&sim, "groups.members.add").len(), 20, "one bulk is tried one by one, then no other");
    assert_clean(&sim);
}

fn crowd(sim: &Sim, owners: usize, members: usize) -> NewGroup {
    let group = users(sim, 0..owners).iter().fold(unified_group("Crew", "crew"), NewGroup::owner);
    users(sim, 0..members).iter().fold(group, NewGroup::member)
}

#[tokio::test(start_paused = true)]
async fn a_group_is_created_with_more_people_than_a_request_takes() {
    let sim = tenant(70).group_delay(seconds(60)).build();
    let groups = client(&sim, "ada").groups();
    let mut crowd = crowd(&sim, 25, 60);
    crowd = crowd.member(sim.user_id("nobody"));
    let created = groups.create_with_people(crowd).await.unwrap();
    assert_eq!((created.owners.len(), created.members.len()), (25, 61));
    assert!(created.stopped.is_none() && !created.is_complete());
    let failed: Vec<_> = created.members.iter().filter(|outcome| !outcome.is_success()).collect();
    assert_eq!(failed.iter().map(|it| it.id().as_str()).collect::<Vec<_>>(), [sim.user_id("nobody")]);
    assert_eq!(present(&groups.owners(&created.group)).await.len(), 25);
    assert_eq!(present(&groups.members(&created.group)).await.len(), 60);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_created_is_not_lost_when_the_rest_fails() {
    let sim = tenant(40).fault(Fault::respond("groups.update", 503).times(99)).build();
    let groups = client(&sim, "ada").groups();
    let created = groups.create_with_people(crowd(&sim, 1, 40)).await.unwrap();
    assert_eq!(
        created.stopped.as_ref().and_then(graph_facade::Error::status).map(|it| it.as_u16()),
        Some(503)
    );
    assert_eq!((created.owners.len(), created.members.len()), (1, 19), "those that it was created with");
    assert!(groups.get(&created.group).await.is_ok());
    let refused = groups.create_with_people(crowd(&sim, 0, 1).mail(false)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
}

/// For a group that the service doesn't make.
trait Mail {
    fn mail(self, enabled: bool) -> Self;
}

impl Mail for NewGroup {
    fn mail(mut self, enabled: bool) -> Self {
        self.mail_enabled = enabled;
        self
    }
}

#[tokio::test(start_paused = true)]
async fn an_app_reconciles_too() {
    let sim = tenant(3).build();
    let app: Client = builder(&sim, "ada").credential(StaticToken::new(sim.app_token())).build().unwrap();
    let people = app.groups().members(sim.group_id("Pilots").unwrap());
    assert!(people.reconcile(users(&sim, 0..3)).await.unwrap().is_complete());
    assert_clean(&sim);
}
