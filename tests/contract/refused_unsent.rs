//! What never leaves the client: the journal stays empty.

use std::fmt::Debug;

use graph_facade::models::{
    CommunityPatch, CommunityPrivacy, GroupPatch, GroupSettingPatch, NewCommunity, NewGroupSetting,
    SettingValue, User,
};
use graph_facade::{BoxFuture, Client, Error, ErrorKind, GroupNames, unified_group};
use graph_sim::Sim;

use crate::support::{assert_clean, client, pilots};

/// The call is refused for this reason before anything is sent.
#[track_caller]
fn assert_unsent<T: Debug>(sim: &Sim, outcome: Result<T, Error>, reason: &str) {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{error}");
    assert!(error.message().contains(reason), "{error}");
    assert!(error.operation().is_some() && !error.maybe_processed(), "{error}");
    assert_eq!(sim.journal().to_string(), "", "{error}");
}

type Call = fn(Client, &'static str) -> BoxFuture<'static, Result<String, Error>>;

/// Every call that takes an id, with an id in every place.
const CALLS: [Call; 31] = [
    |client, id| Box::pin(async move { show(client.communities().get(id).await) }),
    |client, id| Box::pin(async move { show(client.communities().group(id).await) }),
    |client, id| Box::pin(async move { show(client.communities().owners(id).await) }),
    |client, id| Box::pin(async move { show(client.communities().delete(id).await) }),
    |client, id| {
        let change = CommunityPatch::new().description("New");
        Box::pin(async move { show(client.communities().update(id, change).await) })
    },
    |client, id| Box::pin(async move { show(client.communities().create(pilots().owner(id)).await) }),
    |client, id| Box::pin(async move { show(client.groups().get(id).await) }),
    |client, id| {
        Box::pin(async move { show(client.groups().create(unified_group("G", "g").owner(id)).await) })
    },
    |client, id| {
        let group = unified_group("G", "g").member(id);
        Box::pin(async move { show(client.groups().create_with_people(group).await) })
    },
    |client, id| {
        let change = GroupPatch::new().theme("Teal");
        Box::pin(async move { show(client.groups().update(id, change).await) })
    },
    |client, id| Box::pin(async move { show(client.groups().delete(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().renew(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().member_groups(id, false).await) }),
    |client, id| Box::pin(async move { show(client.groups().check_member_groups("g", [id]).await) }),
    |client, id| {
        let names = GroupNames::new().display_name("G");
        Box::pin(async move { show(client.groups().validate_of_group(id, names).await) })
    },
    |client, id| Box::pin(async move { show(client.groups().transitive_members(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().members("g").reconcile([id]).await) }),
    |client, id| Box::pin(async move { show(client.groups().members(id).reconcile([""; 0]).await) }),
    |client, id| Box::pin(async move { show(client.deleted_items().restore(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().members(id).list().await) }),
    |client, id| Box::pin(async move { show(client.groups().members(id).add("u").await) }),
    |client, id| Box::pin(async move { show(client.groups().members("g").add(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().members(id).remove("u").await) }),
    |client, id| Box::pin(async move { show(client.groups().members("g").remove(id).await) }),
    |client, id| Box::pin(async move { show(client.groups().owners(id).add("u").await) }),
    |client, id| Box::pin(async move { show(client.groups().owners("g").remove(id).await) }),
    |client, id| Box::pin(async move { show(client.group_settings().get(id).await) }),
    |client, id| Box::pin(async move { show(client.group_settings().delete(id).await) }),
    |client, id| Box::pin(async move { show(client.group_settings().template(id).await) }),
    |client, id| {
        let change = GroupSettingPatch::new().values(vec![SettingValue::default()]);
        Box::pin(async move { show(client.group_settings().update(id, change).await) })
    },
    |client, id| Box::pin(async move { show(client.users().get(id).await) }),
];

fn show<T: Debug>(outcome: Result<T, Error>) -> Result<String, Error> {
    outcome.map(|value| format!("{value:?}"))
}

#[tokio::test(start_paused = true)]
async fn an_id_that_a_url_would_resolve_away_is_refused_by_every_call() {
    let sim = Sim::builder().user("ada").build();
    for (id, reason) in [
        ("..", "`..` is a step in a path"),
        (".", "`.` is a step in a path"),
        ("", "is empty"),
        ("delta", "`delta` addresses something other than an object"),
        ("$count", "`$count` addresses something other than an object"),
        ("$batch", "`$batch` addresses something other than an object"),
    ] {
        for call in CALLS {
            let outcome = call(client(&sim, "ada"), id).await;
            assert_unsent(&sim, outcome, reason);
        }
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_was_read_without_its_id_is_refused() {
    let sim = Sim::builder().user("ada").build();
    let outcome = client(&sim, "ada").users().get(User::default()).await;
    assert_unsent(&sim, outcome, "has no `id`");
}

#[tokio::test(start_paused = true)]
async fn the_sentinel_of_an_enum_is_never_sent() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let (client, sentinel) = (client(&sim, "ada"), CommunityPrivacy::from("unknownFutureValue"));
    let new = NewCommunity::new("Pilots", "Flight deck", sentinel.clone());
    assert_unsent(&sim, client.communities().create(new).await, "`unknownFutureValue`");
    let (id, change) = (sim.community_id("Pilots").unwrap(), CommunityPatch::new().privacy(sentinel));
    assert_unsent(&sim, client.communities().update(id, change).await, "`unknownFutureValue`");
}

fn community(name: usize, description: usize, owners: usize) -> NewCommunity {
    let new = NewCommunity::new("n".repeat(name), "d".repeat(description), CommunityPrivacy::Public);
    (0..owners).fold(new, |new, number| new.owner(format!("u{number}@contoso.example")))
}

#[tokio::test(start_paused = true)]
async fn what_is_over_a_limit_of_the_service_is_refused() {
    let sim = Sim::builder().community("Pilots", ["ada"]).build();
    let (communities, id) = (client(&sim, "ada").communities(), sim.community_id("Pilots").unwrap());
    for (new, reason) in [
        (community(256, 0, 0), "`displayName` has 256 characters, and at most 255"),
        (community(1, 1_025, 0), "`description` has 1025 characters, and at most 1024"),
        (community(1, 1, 101), "101 owners, and at most 100"),
    ] {
        assert_unsent(&sim, communities.create(new).await, reason);
    }
    let change = CommunityPatch::new().display_name("n".repeat(256));
    assert_unsent(&sim, communities.update(&id, change).await, "`displayName` has 256 characters");
    assert_unsent(&sim, communities.update(&id, CommunityPatch::new()).await, "the change changes nothing");
}

#[tokio::test(start_paused = true)]
async fn what_is_just_within_the_limits_is_sent_and_accepted() {
    let sim =
        (0..100).fold(Sim::builder().user("ada"), |sim, number| sim.user(&format!("u{number}"))).build();
    let accepted = client(&sim, "ada").communities().create(community(255, 1_024, 100)).await.unwrap();
    assert!(accepted.location().starts_with("https://"));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_query_that_asks_for_nothing_is_refused() {
    let sim = Sim::builder().user("ada").build();
    let groups = client(&sim, "ada").groups();
    assert_unsent(&sim, groups.list().top(0).await, "`top(0)`");
    assert_unsent(&sim, groups.list().select([""]).await, "`select` names no property");
    assert_unsent(&sim, groups.list().filter("").await, "`filter` is empty");
}

#[tokio::test(start_paused = true)]
async fn settings_without_a_value_are_refused() {
    let sim = Sim::builder().user("ada").build();
    let settings = client(&sim, "ada").group_settings();
    assert_unsent(&sim, settings.create(NewGroupSetting::new("t1", Vec::new())).await, "`values` is empty");
    assert_unsent(&sim, settings.update("s1", GroupSettingPatch::new()).await, "`values` is empty");
}
