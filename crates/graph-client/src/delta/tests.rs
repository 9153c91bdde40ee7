use std::error::Error as _;

use futures_util::{StreamExt as _, TryStreamExt as _};
use graph_runtime::{ApiVersion, Cloud};
use graph_things::models::Thing;
use serde_json::{Value, json};

use super::{Change, DeltaToken, InvalidDeltaToken, RemovalReason};
use crate::testing::{ROOT, Reply, Script};
use crate::{Error, ErrorKind, ForeignAddress};

fn next(token: &str) -> String {
    format!("{ROOT}/things/delta()?$skiptoken={token}")
}

fn end(token: &str) -> String {
    format!("{ROOT}/things/delta()?$deltatoken={token}")
}

#[allow(clippy::needless_pass_by_value, reason = "the argument is always a `json!`")]
fn page(value: Value, name: &str, link: &str) -> Reply {
    Reply::json(json!({ name: link, "value": value }))
}

fn middle(value: Value, token: &str) -> Reply {
    page(value, "@odata.nextLink", &next(token))
}

fn last(value: Value, token: &str) -> Reply {
    page(value, "@odata.deltaLink", &end(token))
}

fn gone() -> Reply {
    Reply::error(410, "resyncRequired", "Resync required.")
}

/// One word for each change.
fn words(changes: &[Change<Thing>]) -> Vec<String> {
    let word = |change: &Change<Thing>| match change {
        Change::Updated(group) => format!("~{}", group.id.as_deref().unwrap()),
        Change::Removed { id, reason } => format!("-{id} {reason}"),
        Change::Linked { object, relation, target } => format!("{object}.{relation}+{}", target.id),
        Change::Unlinked { object, relation, target, reason } => {
            format!("{object}.{relation}-{} {reason}", target.id)
        }
        Change::Restarted => "restarted".to_owned(),
    };
    changes.iter().map(word).collect()
}

async fn all(script: &Script) -> Result<Vec<String>, Error> {
    let changes: Vec<_> = script.client().things().delta().changes().try_collect().await?;
    Ok(words(&changes))
}

/// The token after a round with one page.
async fn token(script: &Script) -> DeltaToken {
    let pages: Vec<_> = script.client().things().delta().select(["id"]).pages().try_collect().await.unwrap();
    pages.last().unwrap().token.clone()
}

#[tokio::test(start_paused = true)]
async fn changes_come_as_the_service_tells_them() {
    let script = Script::new([
        middle(json!([]), "1"),
        middle(
            json!([
                { "id": "g1", "displayName": "New", "members@delta": [
                    { "@odata.type": "#microsoft.graph.user", "id": "u1" },
                    { "id": "u2", "@removed": { "reason": "deleted" } },
                ] },
                { "id": "g2", "@removed": { "reason": "changed" } },
            ]),
            "2",
        ),
        last(
            json!([
                { "id": "g1", "members@delta": [{ "id": "u1" }], "owners@delta": null },
                { "id": "g3", "@removed": { "reason": "evaporated" } },
                { "id": "g4", "@removed": {} },
                { "id": "g5", "@removed": null },
            ]),
            "3",
        ),
    ]);
    assert_eq!(
        all(&script).await.unwrap(),
        [
            "~g1",
            "g1.members+u1",
            "g1.members-u2 deleted",
            "-g2 changed",
            "~g1",
            "g1.members+u1",
            "-g3 evaporated",
            "-g4 ",
            "~g5"
        ]
    );
    assert_eq!(script.lines()[0], format!("GET {ROOT}/things/delta()"));
    assert_eq!(script.lines()[1..], [format!("GET {}", next("1")), format!("GET {}", next("2"))]);
}

#[test]
fn reasons_are_open() {
    for text in ["changed", "deleted", "evaporated", "", "Changed"] {
        assert_eq!(RemovalReason::from(text).as_str(), text);
    }
    assert!(matches!(RemovalReason::from("Changed"), RemovalReason::Unknown(_)));
}

#[tokio::test(start_paused = true)]
async fn the_first_request_alone_has_the_query_and_every_request_the_headers() {
    let script = Script::new([middle(json!([]), "1"), last(json!([]), "2"), last(json!([]), "3")]);
    let client = script.client();
    let things = client.things();
    let delta = things.delta().select(["displayName", "members"]).only(["g1", "g'2"]).minimal();
    let pages: Vec<_> = delta.pages().try_collect().await.unwrap();
    let later = things.delta().resume(pages[1].token.clone()).minimal().pages();
    assert_eq!(later.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    let filter = "%24filter=id%20eq%20%27g1%27%20or%20id%20eq%20%27g%27%272%27";
    assert_eq!(
        script.lines(),
        [
            format!("GET {ROOT}/things/delta()?{filter}&%24select=displayName%2Cmembers"),
            format!("GET {}", next("1")),
            format!("GET {}", end("2")),
        ]
    );
    for request in script.requests() {
        assert_eq!(request.headers()["prefer"], "return=minimal, include-unknown-enum-members");
        assert!(!request.headers().contains_key("ConsistencyLevel"));
    }
}

#[tokio::test(start_paused = true)]
async fn from_now_asks_for_a_token_alone() {
    let script = Script::new([last(json!([]), "1")]);
    let delta = script.client().things().delta().select(["displayName"]).only(["g1"]).from_now();
    let pages: Vec<_> = delta.pages().try_collect().await.unwrap();
    assert!(pages[0].token.is_complete());
    let query = "%24select=displayName&%24filter=id%20eq%20%27g1%27&%24deltatoken=latest";
    assert_eq!(script.lines(), [format!("GET {ROOT}/things/delta()?{query}")]);
}

#[tokio::test(start_paused = true)]
async fn the_token_moves_on_when_a_page_is_done_with() {
    let script = Script::new([
        middle(json!([{ "id": "g1" }, { "id": "g2" }]), "1"),
        last(json!([{ "id": "g3" }]), "2"),
    ]);
    let mut changes = script.client().things().delta().changes();
    let mut seen = Vec::new();
    while let Some(change) = changes.try_next().await.unwrap() {
        let is_complete = changes.token().map(DeltaToken::is_complete);
        seen.push((words(&[change]).concat(), is_complete));
    }
    assert_eq!(seen, [("~g1".to_owned(), None), ("~g2".to_owned(), None), ("~g3".to_owned(), Some(false))]);
    assert!(changes.token().unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_round_goes_on_where_it_was() {
    let script = Script::new([
        middle(json!([{ "id": "g1" }]), "1"),
        Reply::error(404, "NotFound", "gone fishing"),
        last(json!([{ "id": "g2" }]), "2"),
    ]);
    let mut changes = script.client().things().delta().changes();
    changes.try_next().await.unwrap().unwrap();
    let error = changes.try_next().await.unwrap_err();
    assert!(!error.is_resync_required() && error.operation() == Some("things.delta"));
    assert!(changes.next().await.is_none(), "the stream ends after an error");
    let saved = changes.token().unwrap().to_json();

    let token: DeltaToken = saved.parse().unwrap();
    let rest: Vec<_> = script.client().things().delta().resume(token).changes().try_collect().await.unwrap();
    assert_eq!(words(&rest), ["~g2"]);
    assert_eq!(script.lines()[2], format!("GET {}", next("1")));
}

#[tokio::test(start_paused = true)]
async fn a_lost_place_is_told_apart() {
    for (reply, expected) in [
        (gone(), true),
        (Reply::new(410), true),
        (Reply::new(410).header("location", &end("")), true),
        (Reply::error(400, "syncStateNotFound", "The delta token is expired."), true),
        (Reply::error(404, "ResyncRequired", ""), true),
        (Reply::error(400, "Request_BadRequest", "Badly formed token."), false),
    ] {
        let script = Script::new([last(json!([]), "1"), reply]);
        let token = token(&script).await;
        let error = script.client().things().delta().resume(token).pages().try_next().await.unwrap_err();
        assert_eq!(error.is_resync_required(), expected, "{error}");
        assert_eq!(error.to_string().contains("start again without the delta token"), expected, "{error}");
    }
    let script = Script::new([Reply::new(410)]);
    let error = script.client().things().get("g1").await.unwrap_err();
    assert!(!error.is_resync_required(), "a group that is gone is another matter");
}

#[tokio::test(start_paused = true)]
async fn a_round_restarts_by_itself_once_and_with_the_query_of_the_first() {
    let script = Script::new([
        last(json!([]), "1"),
        gone(),
        middle(json!([{ "id": "g1" }]), "2"),
        last(json!([{ "id": "g2" }]), "3"),
    ]);
    let token = token(&script).await;
    let changes = script.client().things().delta().resume(token).restart().changes();
    assert_eq!(words(&changes.try_collect::<Vec<_>>().await.unwrap()), ["restarted", "~g1", "~g2"]);
    assert_eq!(script.lines()[2], format!("GET {ROOT}/things/delta()?%24select=id"));

    let script = Script::new([last(json!([]), "1"), gone(), middle(json!([]), "2"), gone()]);
    let token = self::token(&script).await;
    let changes = script.client().things().delta().resume(token).restart().changes();
    assert!(changes.try_collect::<Vec<_>>().await.unwrap_err().is_resync_required(), "not for ever");

    let script = Script::new([gone()]);
    let first = script.client().things().delta().restart().pages().try_next().await;
    assert!(first.unwrap_err().is_resync_required(), "there is nothing to restart from");
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_nowhere_but_where_it_is_from() {
    let script = Script::new([last(json!([]), "1")]);
    let token = token(&script).await;
    let json: Value = serde_json::from_str(&token.to_json()).unwrap();
    let with = |name: &str, value: &str| {
        let mut json = json.clone();
        json[name] = value.into();
        json.to_string().parse::<DeltaToken>().unwrap()
    };
    for (token, reason) in [
        (with("operation", "users.delta"), "belongs to users.delta, not to things.delta"),
        (with("cloud", "china"), "belongs to the cloud China"),
        (with("api_version", "beta"), "belongs to version beta"),
        (with("link", "https://evil.example/v1.0/things/delta()?$deltatoken=x"), "is not below"),
        (with("root", "https://evil.example"), "is not below"),
    ] {
        let error = script.client().things().delta().resume(token).pages().try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
        assert!(error.message().contains(reason), "{error}");
        assert_eq!(
            error.source().is_some_and(<dyn std::error::Error>::is::<ForeignAddress>),
            reason == "is not below"
        );
    }
    let gov = script.builder().cloud(Cloud::UsGov).build().unwrap();
    assert!(gov.things().delta().resume(token.clone()).pages().try_next().await.is_err());
    let beta = script.builder().version(ApiVersion::Beta).build().unwrap();
    assert!(beta.things().delta().resume(token).pages().try_next().await.is_err());
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_survives_as_json_and_is_cut_short_elsewhere() {
    let script = Script::new([last(json!([]), "a-very-long-token-of-the-service")]);
    let token = token(&script).await;
    insta::assert_snapshot!(token.to_json(), @r#"{"version":1,"operation":"things.delta","link":"https://graph.microsoft.com/v1.0/things/delta()?$deltatoken=a-very-long-token-of-the-service","complete":true,"root":"https://graph.microsoft.com","cloud":"global","api_version":"v1.0","select":"id"}"#);
    assert_eq!(token.to_json().parse::<DeltaToken>().unwrap(), token);
    let nested = serde_json::to_string(&[&token]).unwrap();
    assert_eq!(serde_json::from_str::<Vec<DeltaToken>>(&nested).unwrap(), std::slice::from_ref(&token));
    for shown in [
        token.to_string(),
        format!("{token:?}"),
        format!("{:?}", script.client().things().delta().resume(token)),
    ] {
        assert!(shown.contains("(…ervice)") && !shown.contains("very-long"), "{shown}");
    }
    assert!(matches!("{}".parse::<DeltaToken>(), Err(InvalidDeltaToken::Malformed(_))));
    let newer = r#"{"version":2}"#.parse::<DeltaToken>();
    assert!(matches!(newer, Err(InvalidDeltaToken::UnknownVersion(2))));
}

#[tokio::test(start_paused = true)]
async fn what_would_break_is_refused_unsent() {
    let script = Script::new([last(json!([]), "1")]);
    let token = token(&script).await;
    let delta = || script.client().things().delta();
    for (delta, reason) in [
        (delta().select(["id"]).resume(token.clone()), "the token carries the query"),
        (delta().only(["g1"]).resume(token), "the token carries the query"),
        (delta().only([".."]), "is a step in a path"),
        (delta().only::<[&str; 0]>([]), "`filter` is empty"),
        (delta().only(["g"; 51]), "names 51 objects"),
        (delta().select(["a b"]).from_now(), "`a b` in `select`"),
    ] {
        let error = delta.pages().try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("things.delta")));
        assert!(error.message().contains(reason), "{error}");
    }
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_can_not_be_followed_or_read_says_so() {
    for reply in [
        Reply::json(json!({ "value": [] })),
        last(json!([{ "@removed": { "reason": "deleted" } }]), "1"),
        last(json!([{ "id": "g1", "members@delta": [{}] }]), "1"),
        last(json!([{ "id": "g1", "members@delta": 7 }]), "1"),
    ] {
        let script = Script::new([reply]);
        let error = all(&script).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-1")), "{error}");
    }
    let script =
        Script::new([page(json!([]), "@odata.nextLink", "https://evil.example/v1.0/things/delta()")]);
    assert!(all(&script).await.unwrap_err().source().unwrap().is::<ForeignAddress>());
    let script = Script::new([middle(json!([]), "1"), middle(json!([]), "1"), middle(json!([]), "1")]);
    assert!(all(&script).await.unwrap_err().source().unwrap().is::<crate::PageLoop>());
}
