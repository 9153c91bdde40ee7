//! Queries: what is asked for is what comes, and what the directory would refuse is asked as it wants it.

use futures_util::TryStreamExt as _;
use graph_facade::models::Group;
use graph_facade::{
    Client, Consistency, ErrorCode, ErrorKind, Expand, Filter, Literal, PageLink, Search, asc, desc, field,
};
use graph_sim::{Sim, SimBuilder};

use crate::capture::taped;
use crate::support::{assert_clean, client};

fn network() -> SimBuilder {
    Sim::builder()
        .group("Pilots", ["ada", "grace"])
        .group("Pilot's aids", ["ada"])
        .group("Crew & \"cabin\"", ["grace"])
        .group("Ünïcode 🦀", ["ada"])
        .page_size(2)
}

async fn found(client: &Client, filter: impl Into<Filter>) -> Vec<String> {
    let groups = client.groups().list().filter(filter).items().map_ok(name);
    groups.try_collect().await.unwrap()
}

fn name(group: Group) -> String {
    group.display_name.unwrap()
}

#[tokio::test(start_paused = true)]
async fn filters_find_what_they_say() {
    let sim = network().build();
    let client = client(&sim, "ada");
    let named = || field("displayName");
    for (filter, expected) in [
        (named().eq("Pilot's aids"), "Pilot's aids"),
        (named().eq("Crew & \"cabin\""), "Crew & \"cabin\""),
        (named().starts_with("ünïcode 🦀"), "Ünïcode 🦀"),
        (named().is_in(["Pilots", "nobody"]), "Pilots"),
        (named().starts_with("P") & named().ne("Pilots"), "Pilot's aids"),
        (!named().starts_with("P") & !named().starts_with("C"), "Ünïcode 🦀"),
        (field("mail").ends_with("1@contoso.example"), "Pilots"),
        (field("groupTypes").any(|kind| kind.eq("Unified")) & named().eq("Pilots"), "Pilots"),
        (field("groupTypes").count().eq(1) & named().eq("Pilots"), "Pilots"),
        (
            field("description").eq(Literal::null()) & field("mailEnabled").eq(true) & named().eq("Pilots"),
            "Pilots",
        ),
        (
            field("createdDateTime").le(Literal::date_time("2026-01-05T09:00:00+01:00"))
                & named().eq("Pilots"),
            "Pilots",
        ),
        (named().eq("Pilots") & (Filter::raw("mailEnabled eq false") | "securityEnabled eq false"), "Pilots"),
        (Filter::raw("displayName ne 'Pilots' and startswith(displayName,'Pil')"), "Pilot's aids"),
    ] {
        assert_eq!(found(&client, filter.clone()).await, [expected], "{filter:?}");
    }
    assert_eq!(found(&client, "startswith(displayName,'Pil')").await.len(), 2);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn more_alternatives_than_the_directory_takes_are_asked_of_its_index() {
    let sim = network().build();
    let (client, tape) = taped(&sim, "ada");
    let names =
        |count: usize| (1..count).map(|number| format!("nobody {number}")).chain(["Pilots".to_owned()]);
    for count in [15, 16, 40] {
        assert_eq!(found(&client, field("displayName").is_in(names(count))).await, ["Pilots"]);
        let joined = names(count).map(|name| field("displayName").eq(name)).reduce(Filter::or).unwrap();
        assert_eq!(found(&client, joined).await, ["Pilots"]);
    }
    let eventual = tape.each(|sent| sent.request.headers().contains_key("consistencylevel"));
    assert_eq!(eventual, [false, false, true, true, true, true]);
    let list = client.groups().list().filter(field("displayName").is_in(names(16)));
    let error = list.consistency(Consistency::Session).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::RequestUnsupportedQuery), "{error}");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn searches_find_words() {
    let sim = network().build();
    let client = client(&sim, "ada");
    for (search, expected) in [
        (Search::term("displayName", "aids pilot"), vec!["Pilot's aids"]),
        (Search::term("displayName", "\"CABIN\""), vec!["Crew & \"cabin\""]),
        (
            Search::term("displayName", "crew") | Search::term("mail", "pilots"),
            vec!["Pilots", "Pilot's aids", "Crew & \"cabin\""],
        ),
        (Search::term("displayName", "pilot") & Search::term("mail", "pilots1"), vec!["Pilots"]),
        (Search::raw("\"displayName:crew\""), vec!["Crew & \"cabin\""]),
    ] {
        let groups = client.groups().list().search(search).items().map_ok(name);
        assert_eq!(groups.try_collect::<Vec<_>>().await.unwrap(), expected);
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn advanced_queries_say_so_on_every_page_also_in_another_process() {
    let sim = network().build();
    let (client, tape) = taped(&sim, "ada");
    let list =
        client.groups().list().filter(field("displayName").ne("Pilots")).order_by([asc("displayName")]);
    let page = list.top(1).await.unwrap();
    assert_eq!(page.count, Some(3), "it comes along");
    let link: PageLink = serde_json::from_str(&serde_json::to_string(&page.next.unwrap()).unwrap()).unwrap();
    let rest: Vec<_> =
        client.groups().list().resume_from(link).items().map_ok(name).try_collect().await.unwrap();
    assert_eq!(rest, ["Pilot's aids", "Ünïcode 🦀"]);
    let levels = tape.each(|sent| sent.request.headers()["consistencylevel"].clone());
    assert_eq!(levels, ["eventual"; 3]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn plain_queries_read_the_directory_proper() {
    let sim = network().build();
    let (client, tape) = taped(&sim, "ada");
    found(&client, field("displayName").starts_with("P")).await;
    client.groups().list().select(["id"]).top(3).await.unwrap();
    client.communities().list().order_by([desc("displayName")]).count().await.unwrap();
    let asked = tape.each(|sent| sent.request.headers().contains_key("consistencylevel"));
    assert!(asked.iter().all(|asked| !asked));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_caller_may_insist_and_hears_what_comes_of_it() {
    let sim = network().build();
    let list = client(&sim, "ada").groups().list().filter(field("displayName").ne("Pilots"));
    let error = list.consistency(Consistency::Session).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Service, Some(&ErrorCode::RequestUnsupportedQuery)));
    assert!(error.to_string().contains("eventual consistency"), "{error}");
    let page = client(&sim, "ada").groups().list().consistency(Consistency::Eventual).await.unwrap();
    assert_eq!(page.count, Some(4));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn counts_count_without_reading() {
    let sim = network().build();
    let groups = client(&sim, "ada").groups();
    let pilots = sim.group_id("Pilots").unwrap();
    assert_eq!(groups.count().await.unwrap(), 4);
    assert_eq!(groups.count().filter(field("displayName").starts_with("P")).await.unwrap(), 2);
    assert_eq!(groups.count().search(Search::term("displayName", "crew")).await.unwrap(), 1);
    assert_eq!(groups.members(&pilots).count().await.unwrap(), 2);
    assert_eq!(groups.owners(&pilots).count().filter(field("displayName").eq("Ada")).await.unwrap(), 1);
    let page = groups.list().count().top(1).await.unwrap();
    assert_eq!((page.items.len(), page.count), (1, Some(4)));
    assert_eq!(sim.journal().entries().len(), 6);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_answered_is_refused_unsent() {
    let sim = network().build();
    let list = || client(&sim, "ada").groups().list();
    for (list, reason) in [
        (list().filter(field("display name").eq("x")), "`display name` in `filter`"),
        (list().filter(field("displayName").eq("a\u{0}b")), "control character \\u{0}"),
        (list().select(["id,mail"]), "`id,mail` in `select`"),
        (list().order_by(["displayName down"]), "`displayName down` in `order_by`"),
        (list().search(Search::term("", "x")), "`search` names no property"),
        (list().expand([Expand::new("members").top(0)]), "`top(0)` in `expand`"),
        (list().expand(["members"]).filter(field("mail").ne("x")), "doesn't `expand`"),
    ] {
        let error = list.await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("groups.list")));
        assert!(error.message().contains(reason), "{error}");
    }
    assert_eq!(sim.journal().entries().len(), 0);
}
