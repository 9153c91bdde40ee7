//! The catalogue of a provider in Viva Learning.

use futures_util::TryStreamExt;
use graph_facade::models::{Level, NewLearningContent};
use graph_sim::{Fault, Sim};

use super::Stage;
use super::learning_providers::contoso;
use crate::capture::taped_by;
use crate::support::{assert_clean, builder_of_both, client_of_both, pass, seconds};

fn course(external_id: &str) -> NewLearningContent {
    NewLearningContent::new(external_id, "Take-off", "https://contoso.example/take-off", "en-us")
}

pub(super) async fn all(stage: Stage) {
    let client = stage.both();
    let provider = client.learning_providers().create(contoso()).await.unwrap();
    let contents = client.learning_providers().contents(&provider);
    assert_eq!(contents.list().await.unwrap().items, []);

    let whole = course("take-off/1").duration("PT20M").level(Level::Beginner).is_premium(true);
    let made = contents.upsert_by_external_id(whole).await.unwrap().unwrap();
    assert_eq!((made.is_premium, made.is_active), (Some(true), Some(true)));
    assert_eq!(contents.get_by_external_id("take-off/1").await.unwrap(), made);

    let replaced =
        contents.upsert_by_external_id(course("take-off/1").format("video")).await.unwrap().unwrap();
    assert_eq!(replaced.id, made.id);
    assert_eq!((replaced.duration, replaced.level, replaced.is_premium), (None, None, Some(false)));

    let renamed = contents.upsert(&made, course("take-off/2")).await.unwrap().unwrap();
    assert_eq!(contents.get(&made).select(["externalId"]).await.unwrap().external_id, renamed.external_id);
    assert!(contents.get_by_external_id("take-off/1").await.unwrap_err().is_not_found());
    contents.upsert("my-own-id", course("landing")).await.unwrap();
    let taken = contents.upsert("my-own-id", course("take-off/2")).await.unwrap_err();
    assert!(taken.to_string().contains("Another item"), "{taken}");

    let ids: Vec<_> = contents.list().top(1).items().map_ok(|it| it.external_id).try_collect().await.unwrap();
    assert_eq!(ids, [Some("take-off/2".to_owned()), Some("landing".to_owned())]);

    contents.delete_by_external_id("landing").await.unwrap();
    assert!(contents.delete("my-own-id").await.unwrap_err().is_not_found());
    contents.delete(&made).await.unwrap();
    assert!(contents.delete_by_external_id("take-off/2").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn external_ids_may_hold_anything() {
    let sim = Sim::builder().user("ada").build();
    let (client, tape) = taped_by(&sim, builder_of_both(&sim, "ada"));
    let provider = client.learning_providers().create(contoso()).await.unwrap();
    let contents = client.learning_providers().contents(&provider);
    let table = [
        ("O'Brien", "O''Brien"),
        ("''", "''''"),
        ("a/b/../c", "a%2Fb%2F..%2Fc"),
        ("..", ".."),
        ("a\\..\\b", "a%5C..%5Cb"),
        ("50%", "50%25"),
        ("%2F", "%252F"),
        ("#1?x=y&z", "%231%3Fx=y&z"),
        ("C+ +", "C+%20+"),
        ("🛫", "%F0%9F%9B%AB"),
        ("x')", "x'')"),
        ("('x", "(''x"),
        ("two\nlines", "two%0Alines"),
        ("\"q\"", "%22q%22"),
    ];
    for (external_id, _) in table {
        let made = contents.upsert_by_external_id(course(external_id)).await.unwrap().unwrap();
        assert_eq!(made.external_id.as_deref(), Some(external_id));
        assert_eq!(contents.get_by_external_id(external_id).await.unwrap(), made, "{external_id}");
        contents.delete_by_external_id(external_id).await.unwrap();
    }
    let sent = tape.each(|sent| sent.request.uri().path().to_owned());
    let below =
        format!("/v1.0/employeeExperience/learningProviders/{}/learningContents", provider.id.unwrap());
    let expected = table.map(|(_, encoded)| format!("{below}(externalId='{encoded}')"));
    assert_eq!(sent[1..], expected.map(|path| [path.clone(), path.clone(), path]).concat());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn every_success_of_an_upsert_is_one() {
    let body = r#"{"externalId":"take-off","title":"Take-off"}"#;
    for (status, body) in [(200, body), (201, body), (202, body), (202, ""), (204, "")] {
        let fault = Fault::respond("learning_contents.upsert*", status).times(2).body(body);
        let sim = Sim::builder().user("ada").fault(fault.content_type("application/json")).build();
        let contents = client_of_both(&sim, "ada").learning_providers().contents("1");
        let by_id = contents.upsert("2", course("take-off")).send_full().await.unwrap();
        let by_key = contents.upsert_by_external_id(course("take-off")).send_full().await.unwrap();
        for answer in [by_id, by_key] {
            assert_eq!((answer.status.as_u16(), answer.attempts()), (status, 1));
            assert_eq!(answer.value.is_some(), !body.is_empty(), "{status}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_service_must_refuse_is_not_sent() {
    let stage = Stage::new();
    let contents = stage.client.learning_providers().contents("1");
    let mut relative = course("1");
    relative.content_web_url = "/take-off".to_owned();
    let mut tagless = course("1");
    tagless.language_tag = "en us".to_owned();
    for (content, named) in [
        (course(""), "`externalId` is empty"),
        (relative, "`contentWebUrl` is `/take-off`"),
        (tagless, "`languageTag` is `en us`"),
        (course("1").duration("20 minutes"), "`duration` is `20 minutes`"),
        (course("1").number_of_pages(-1), "`numberOfPages` is -1"),
    ] {
        let refused = contents.upsert_by_external_id(content).await.unwrap_err();
        assert!(refused.to_string().contains(named), "{refused}");
    }
    let empty = contents.get_by_external_id("").await.unwrap_err();
    assert!(empty.to_string().contains("`externalId` is empty"), "{empty}");
    let nobodys = stage.client.learning_providers().contents("").delete("1").await.unwrap_err();
    assert!(nobodys.to_string().contains("id is empty"), "{nobodys}");
    assert_eq!(stage.sim.journal().entries().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn learners_find_a_course_a_day_later() {
    const HOUR: u64 = 60 * 60;
    let sim = Sim::builder().user("ada").token_lifetime(seconds(100 * HOUR)).build();
    let client = client_of_both(&sim, "ada");
    let provider = client.learning_providers().create(contoso()).await.unwrap().id.unwrap();
    let contents = client.learning_providers().contents(&provider);
    contents.upsert_by_external_id(course("take-off")).await.unwrap();
    contents.upsert_by_external_id(course("draft").is_searchable(false)).await.unwrap();
    pass(seconds(23 * HOUR)).await;
    assert_eq!(sim.found_courses(&provider, "take"), [""; 0]);
    pass(seconds(HOUR)).await;
    assert_eq!(sim.found_courses(&provider, "take"), ["take-off"]);
    assert_eq!(sim.found_courses(&provider, "landing"), [""; 0]);

    let mut renamed = course("take-off");
    renamed.title = "Landing".to_owned();
    contents.upsert_by_external_id(renamed).await.unwrap();
    pass(seconds(HOUR)).await;
    contents.upsert_by_external_id(course("draft")).await.unwrap();
    contents.delete_by_external_id("take-off").await.unwrap();
    assert_eq!(sim.found_courses(&provider, "take"), ["take-off"], "as it was a day ago");
    pass(seconds(23 * HOUR)).await;
    assert_eq!(sim.found_courses(&provider, "landing"), ["take-off"]);
    pass(seconds(HOUR)).await;
    assert_eq!(sim.found_courses(&provider, ""), ["draft"]);
    assert_clean(&sim);
}
