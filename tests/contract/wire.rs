//! Golden wire vectors: every request as it leaves the client.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use graph_facade::models::{CommunityPatch, CommunityPrivacy};
use graph_facade::{Client, CopyTo, Search, desc, field};
use graph_sim::{Sim, Timeline};
use http::{HeaderName, HeaderValue};

use crate::capture::{Tape, taped};
use crate::support::{assert_clean, pilots, seconds};
use crate::versions::call_settings;

fn network() -> Sim {
    let timeline = Timeline::new().stay("running", seconds(45));
    Sim::builder()
        .user("ada")
        .user("grace")
        .community("Crew", ["ada"])
        .group("Café & Bar", ["ada"])
        .timeline(timeline)
        .notebook("Café & Bar", "Menus")
        .build()
}

async fn call_communities(client: &Client, sim: &Sim) {
    let (communities, crew) = (client.communities(), sim.community_id("Crew").unwrap());
    communities.list().await.unwrap();
    communities.list().select(["id", "displayName"]).order_by(["displayName desc"]).top(5).await.unwrap();
    communities.get(&crew).await.unwrap();
    communities.get(&crew).select(["privacy"]).await.unwrap();
    communities.owners(&crew).await.unwrap();
    assert_eq!(communities.owners_count(&crew).await.unwrap(), 1);
    communities.owner(&crew, sim.user_id("ada")).await.unwrap();
    assert!(communities.owner(&crew, sim.user_id("grace")).await.unwrap_err().is_not_found());
    communities.group(&crew).await.unwrap();
    let change = CommunityPatch::new().display_name("Crew & cabin").privacy(CommunityPrivacy::Public);
    communities.update(&crew, change).await.unwrap();
    communities.delete(&crew).await.unwrap();
}

async fn call_operations(client: &Client, sim: &Sim) {
    let new = pilots().owner(sim.user_id("ada")).owner("grace@contoso.example");
    client.communities().create(new).await.unwrap().wait().await.unwrap();
    let without_owners = client.communities().create(pilots()).await;
    assert!(without_owners.is_ok());
}

async fn call_copies(client: &Client, sim: &Sim) {
    let (groups, bar) = (client.groups(), sim.group_id("Café & Bar").unwrap());
    let [notebook, section, page] =
        ["Menus", "Section of Menus", "Page of Menus"].map(|name| sim.onenote_id(name).unwrap());
    let to = || CopyTo::group(&*bar);
    groups.copy_notebook(&*bar, &*notebook, to()).await.unwrap().wait().await.unwrap();
    groups.copy_section(&*bar, &*section, &*notebook, to()).await.unwrap().wait().await.unwrap();
    groups.copy_page(&*bar, &*page, &*section, to()).await.unwrap().wait().await.unwrap();
}

async fn call_groups(client: &Client, sim: &Sim) {
    let (groups, bar) = (client.groups(), sim.group_id("Café & Bar").unwrap());
    groups.list().await.unwrap();
    let filtered = groups.list().filter(field("displayName").starts_with("Café & B")).select(["id"]).top(1);
    assert_eq!(filtered.await.unwrap().items.len(), 1);
    let counted = groups.list().count().order_by(["displayName"]).top(1).items();
    assert_eq!(counted.try_collect::<Vec<_>>().await.unwrap().len(), 2, "two pages with the same headers");
    let searched =
        groups.list().search(Search::term("displayName", "say \"bar\"") | Search::term("mail", "a&b"));
    assert_eq!(searched.await.unwrap().items.len(), 0);
    let wanted = groups.list().filter(field("displayName").ne("O'Brien+")).order_by([desc("displayName")]);
    assert_eq!(wanted.top(1).await.unwrap().count, Some(2));
    let round = groups.delta().select(["displayName", "members"]).only([&bar]).minimal().pages();
    let token = round.try_collect::<Vec<_>>().await.unwrap().remove(0).token;
    groups.delta().resume(token).pages().try_collect::<Vec<_>>().await.unwrap();
    groups.delta().from_now().pages().try_collect::<Vec<_>>().await.unwrap();
    groups.get(&bar).await.unwrap();
    let not_crew = field("displayName").starts_with("Café") & field("displayName").ne("Crew");
    assert_eq!(groups.count().filter(not_crew).await.unwrap(), 1);
    assert_eq!(groups.transitive_members_count(&bar).await.unwrap(), 1);
    for people in [groups.members(&bar), groups.owners(&bar)] {
        people.list().await.unwrap();
        assert_eq!(people.count().await.unwrap(), 1);
        people.add(sim.user_id("grace")).await.unwrap();
        people.remove(sim.user_id("grace")).await.unwrap();
    }
    client.users().get("grace@contoso.example").select(["id", "displayName"]).await.unwrap();
}

/// What holds for every request, whatever it asks.
fn assert_common(tape: &Tape) {
    let ids = tape.each(|sent| {
        let headers = sent.request.headers();
        assert!(
            headers["prefer"].to_str().unwrap().contains("include-unknown-enum-members"),
            "{}",
            sent.operation
        );
        assert!(!headers.contains_key("api-version"), "{}", sent.operation);
        assert!(headers["user-agent"].to_str().unwrap().starts_with("graph-facade/"), "{}", sent.operation);
        assert!(headers["authorization"].is_sensitive(), "{}", sent.operation);
        assert_eq!(
            headers.contains_key("content-type"),
            !sent.request.body().is_empty(),
            "{}",
            sent.operation
        );
        headers["client-request-id"].clone()
    });
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "every call has an id of its own");
}

#[tokio::test(start_paused = true)]
async fn communities_on_the_wire() {
    let sim = network();
    let (client, tape) = taped(&sim, "ada");
    call_communities(&client, &sim).await;
    assert_common(&tape);
    insta::assert_snapshot!(tape.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn creating_a_community_on_the_wire() {
    let sim = network();
    let (client, tape) = taped(&sim, "ada");
    call_operations(&client, &sim).await;
    assert_common(&tape);
    insta::assert_snapshot!(tape.print());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn groups_and_users_on_the_wire() {
    let sim = network();
    let (client, tape) = taped(&sim, "ada");
    call_groups(&client, &sim).await;
    assert_common(&tape);
    insta::assert_snapshot!(tape.print());
    assert_clean(&sim);
}

/// Calls everything that is called here; the ids of the operations that succeeded.
pub(crate) async fn called() -> BTreeSet<String> {
    let sim = network();
    let (client, tape) = taped(&sim, "ada");
    call_operations(&client, &sim).await;
    call_communities(&client, &sim).await;
    call_groups(&client, &sim).await;
    call_settings(&client).await;
    call_copies(&client, &sim).await;

    let meant = tape.each(|sent| sent.operation.to_owned());
    let journal = sim.journal();
    let understood: Vec<_> = journal.entries().iter().map(|entry| entry.operation.clone().unwrap()).collect();
    assert_eq!(meant, understood, "the facade and the specification call each request the same");
    assert_clean(&sim);
    let successes = journal.entries().iter().filter(|entry| entry.status.is_some_and(|it| it < 300));
    successes.filter_map(|entry| entry.operation.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_caller_are_sent_and_the_pipelines_own_stay() {
    let sim = network();
    let (client, tape) = taped(&sim, "ada");
    let header = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
    let mut list = client.groups().list();
    for (name, value) in [
        header("x-ms-throttle-priority", "low"),
        header("prefer", "odata.maxpagesize=5"),
        header("authorization", "Bearer mine"),
        header("client-request-id", "mine"),
    ] {
        list = list.header(name, value);
    }
    list.await.unwrap();
    tape.each(|sent| {
        let headers = sent.request.headers();
        assert_eq!(headers["x-ms-throttle-priority"], "low");
        assert_eq!(headers["prefer"], "odata.maxpagesize=5, include-unknown-enum-members");
        assert_eq!(headers.get_all("authorization").iter().count(), 1);
        assert_eq!(headers["authorization"], format!("Bearer {}", sim.token("ada")));
        assert_ne!(headers["client-request-id"], "mine");
    });
    assert_clean(&sim);
}
