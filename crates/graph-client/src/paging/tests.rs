use std::error::Error as _;

use futures_util::{StreamExt, TryStreamExt};
use graph_things::models::Thing;
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{PageLink, PageLoop};
use crate::testing::{ROOT, Reply, Script};
use crate::{Error, ErrorKind, Expand, ForeignAddress, field};

fn page(ids: &[&str], next: Option<&str>) -> Reply {
    let items: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    let mut body = json!({"@odata.context": "…", "value": items});
    if let Some(next) = next {
        body["@odata.nextLink"] = json!(next);
    }
    Reply::json(body)
}

fn link(token: &str) -> String {
    format!("{ROOT}/things?$skiptoken={token}")
}

async fn ids(script: &Script) -> Result<Vec<String>, Error> {
    script.client().things().list().items().map_ok(|group: Thing| group.id.unwrap()).try_collect().await
}

#[tokio::test(start_paused = true)]
async fn items_of_all_pages_come_in_order_also_past_an_empty_page() {
    let (second, third) = (link("2"), link("3"));
    let script = Script::new([page(&[], Some(&second)), page(&["a", "b"], Some(&third)), page(&["c"], None)]);
    assert_eq!(ids(&script).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(script.lines()[1..], [format!("GET {second}"), format!("GET {third}")]);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_when_it_is_asked_for() {
    let second = link("2");
    let script = Script::new([page(&["a"], Some(&second))]);
    let mut items = script.client().things().list().items();
    assert!(script.requests().is_empty());
    assert_eq!(items.try_next().await.unwrap().unwrap().id.as_deref(), Some("a"));
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_foreign_next_page_ends_the_list() {
    let script = Script::new([page(
        &["a"],
        Some("https://graph.microsoft.com.evil.example/v1.0/things?$skiptoken=2"),
    )]);
    let mut items = script.client().things().list().items();
    assert!(items.next().await.unwrap().is_ok());
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("things.list")));
    assert!(error.source().unwrap().is::<ForeignAddress>());
    assert!(items.next().await.is_none());
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_pages_ends_the_list() {
    let (one, two) = (link("1"), link("2"));
    for circle in [vec![&one], vec![&one, &two]] {
        let pages = circle.iter().cycle().take(10).map(|next| page(&["a"], Some(next)));
        let script = Script::new(pages.collect::<Vec<_>>());
        let error = ids(&script).await.unwrap_err();
        assert!(error.source().unwrap().is::<PageLoop>(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_query_goes_out_once_and_its_headers_with_every_page() {
    let second = link("2");
    let script = Script::new([page(&["a"], Some(&second)), page(&["b"], None)]);
    let list = script.client().things().list().select(["id", "displayName"]).top(2).count();
    let list =
        list.header(HeaderName::from_static("prefer"), HeaderValue::from_static("odata.maxpagesize=2"));
    let pages: Vec<_> = list.pages().try_collect().await.unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(
        script.lines()[0],
        format!("GET {ROOT}/things?%24count=true&%24select=id%2CdisplayName&%24top=2")
    );
    for request in script.requests() {
        assert_eq!(request.headers()["Prefer"], "odata.maxpagesize=2, include-unknown-enum-members");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_from_a_link() {
    let second = link("2");
    let script = Script::new([page(&["a"], Some(&second)), page(&["b"], None)]);
    let first = script.client().things().list().await.unwrap();
    let saved = serde_json::to_string(&first.next.unwrap()).unwrap();
    let link: PageLink = serde_json::from_str(&saved).unwrap();
    let rest = script.client().things().list().resume_from(link).send_full().await.unwrap();
    assert_eq!(rest.value.items[0].id.as_deref(), Some("b"));
    assert_eq!(rest.value.next, None);
    assert_eq!(rest.request_id(), Some("r-1"));
}

#[tokio::test(start_paused = true)]
async fn a_query_that_would_break_is_refused_unsent() {
    let script = Script::new([]);
    let error = script.client().things().list().select([""; 0]).items().try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("things.list")));
}

#[tokio::test(start_paused = true)]
async fn an_expansion_is_one_option_on_the_wire() {
    let group = Reply::json(json!({"id": "g1"}));
    let script = Script::new([page(&["a"], None), group]);
    let client = script.client();
    let things = client.things();
    let members = Expand::new("members").select(["id", "mail"]).filter(field("mail").eq("a&b;c")).top(5);
    things.list().expand([members, "owners".into()]).filter(field("mail").eq("a+b")).await.unwrap();
    things.get("g1").expand(["members($select=id)"]).await.unwrap();
    let expand =
        "members%28%24select%3Did%2Cmail%3B%24filter%3Dmail%20eq%20%27a%26b%3Bc%27%3B%24top%3D5%29%2Cowners";
    assert_eq!(
        script.lines(),
        [
            format!("GET {ROOT}/things?%24expand={expand}&%24filter=mail%20eq%20%27a%2Bb%27"),
            format!("GET {ROOT}/things/g1?%24expand=members%28%24select%3Did%29"),
        ]
    );
}
