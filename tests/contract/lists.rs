//! Lists: every page, no page twice, and no page of anybody else.

use futures_util::{StreamExt as _, TryStreamExt as _};
use graph_facade::models::Group;
use graph_facade::{Error, ErrorKind, ForeignAddress, PageLink, PageLoop};
use graph_sim::{Fault, Sim, SimBuilder};
use serde_json::{Value, json};

use crate::support::{assert_clean, client};

const NEXT: &str = "@odata.nextLink";

/// Five groups on three pages.
fn five_groups() -> SimBuilder {
    let names = ["Anna", "Berta", "Cäsar", "Dora", "Emil"];
    names.iter().fold(Sim::builder(), |sim, name| sim.group(name, ["ada"])).page_size(2)
}

fn name(group: Group) -> String {
    group.display_name.unwrap()
}

/// What a list gives until it ends, and how it ends.
async fn read(sim: &Sim) -> (Vec<String>, Result<(), Error>) {
    let mut items = client(sim, "ada").groups().list().items();
    let mut names = Vec::new();
    let end = loop {
        assert!(names.len() < 100, "a list of five never ends");
        match items.try_next().await {
            Ok(Some(group)) => names.push(name(group)),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(items.next().await.is_none(), "the stream ends after an error too");
    (names, end)
}

#[tokio::test(start_paused = true)]
async fn all_items_of_all_pages_come_in_order() {
    let sim = five_groups().build();
    let (names, end) = read(&sim).await;
    end.unwrap();
    assert_eq!(names, ["Anna", "Berta", "Cäsar", "Dora", "Emil"]);
    insta::assert_snapshot!(sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_when_its_first_item_is_asked_for() {
    let sim = five_groups().build();
    let mut items = client(&sim, "ada").groups().list().items();
    assert_eq!(sim.journal().entries().len(), 0);
    for requests in [1, 1, 2, 2, 3] {
        items.try_next().await.unwrap().unwrap();
        assert_eq!(sim.journal().entries().len(), requests);
    }
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_page_without_items_is_not_the_end() {
    let empty = Fault::alter("groups.list", |json| json["value"] = json!([])).times(1);
    let null = Fault::alter("groups.list", |json| json["value"] = Value::Null).times(1);
    for fault in [empty, null] {
        let sim = five_groups().fault(fault).build();
        let (names, end) = read(&sim).await;
        end.unwrap();
        assert_eq!(names, ["Cäsar", "Dora", "Emil"], "the first page is empty, the others are not");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_to_another_host_is_refused_and_no_token_goes_there() {
    for link in [
        "https://graph.microsoft.com.evil.example/v1.0/groups?$skiptoken=x",
        "https://evil.example/v1.0/groups",
        "https://user@graph.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com:8443/v1.0/groups",
        "http://graph.microsoft.com/v1.0/groups",
        "//evil.example/v1.0/groups",
    ] {
        let sim = five_groups().fault(Fault::alter("groups.list", |json| json[NEXT] = link.into())).build();
        let (names, end) = read(&sim).await;
        assert_eq!(names, ["Anna", "Berta"], "what was read is not lost");
        let error = end.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("groups.list")));
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<ForeignAddress>(), "{link}: {error}");
        assert!(!error.to_string().contains("skiptoken"), "queries may hold what people search for: {error}");
        assert_eq!(sim.journal().entries().len(), 1, "{link}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_links_lead_in_a_circle_ends_with_an_error() {
    let mut first = None;
    let fault = Fault::alter("groups.list", move |json| {
        json[NEXT] = first.get_or_insert_with(|| json[NEXT].clone()).clone();
    });
    let sim = five_groups().fault(fault).build();
    let (names, end) = read(&sim).await;
    let error = end.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(std::error::Error::source(&error).unwrap().is::<PageLoop>(), "{error}");
    assert_eq!(names[..4], ["Anna", "Berta", "Cäsar", "Dora"]);
    assert!(sim.journal().entries().len() <= 4, "\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn another_process_goes_on_where_a_page_ended() {
    let sim = five_groups().build();
    let page = client(&sim, "ada").groups().list().await.unwrap();
    assert_eq!(page.items.len(), 2);
    let saved = serde_json::to_string(&page.next.unwrap()).unwrap();

    let link: PageLink = serde_json::from_str(&saved).unwrap();
    let rest = client(&sim, "ada").groups().list().resume_from(link).items().map_ok(name);
    assert_eq!(rest.try_collect::<Vec<_>>().await.unwrap(), ["Cäsar", "Dora", "Emil"]);
    assert_eq!(sim.journal().entries().len(), 3);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_link_from_elsewhere_is_refused_before_anything_is_sent() {
    let sim = five_groups().build();
    let link: PageLink = serde_json::from_str(r#""https://evil.example/v1.0/groups""#).unwrap();
    let error = client(&sim, "ada").groups().list().resume_from(link).await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().is::<ForeignAddress>(), "{error}");
    assert_eq!(sim.journal().entries().len(), 0);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_query_holds_on_every_page_and_the_count_comes_with_the_first() {
    let sim = five_groups().build();
    let list =
        client(&sim, "ada").groups().list().select(["displayName"]).count().order_by(["displayName desc"]);
    let pages: Vec<_> = list.pages().try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.count).collect::<Vec<_>>(), [Some(5), None, None]);
    let groups: Vec<Group> = pages.into_iter().flat_map(|page| page.items).collect();
    assert!(groups.iter().all(|group| group.mail.is_none()), "selected away");
    assert_eq!(groups.into_iter().map(name).collect::<Vec<_>>(), ["Emil", "Dora", "Cäsar", "Berta", "Anna"]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_for_now_is_read_again() {
    let sim = five_groups().fault(Fault::respond("groups.list", 503).skip(1)).build();
    let (names, end) = read(&sim).await;
    end.unwrap();
    assert_eq!((names.len(), sim.journal().entries().len()), (5, 4));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn each_page_counts_against_the_quota() {
    let sim = (0..25).fold(Sim::builder(), |sim, number| sim.community(&format!("C{number:02}"), ["ada"]));
    let sim = sim.page_size(1).build();
    let all: Vec<_> = client(&sim, "ada").communities().list().items().try_collect().await.unwrap();
    assert_eq!(all.len(), 25);
    assert!(sim.journal().entries().iter().all(|entry| entry.status == Some(200)), "\n{}", sim.journal());
    assert_clean(&sim);
}
