use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::io::BufReader;
use std::task::Poll;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use graph_models::models::NewLearningContent;

use super::ledger::tests::Directory;
use super::{
    Held, ItemOutcome, ItemReport, LearningCatalog, Ledger, LedgerError, MostRemovals, Row, SyncEngine,
    SyncError, SyncEvent, SyncSummary, Withheld, json_lines,
};
use crate::testing::{FakeCredential, start_time};
use crate::{Client, Clock};
use service::Contents;

#[path = "../../benches/sync/service.rs"]
mod service;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn engine(service: &Contents) -> SyncEngine<LearningCatalog> {
    let client = Client::builder()
        .credential(FakeCredential)
        .transport(service.clone())
        .clock(Clock::starting_at(start_time()))
        .build()
        .unwrap();
    client.sync_learning_contents("provider")
}

fn content(key: &str, title: &str) -> NewLearningContent {
    NewLearningContent::new(key, title, "https://example.com/course", "en-us")
}

/// Contents `0..count`, of one title.
fn contents(count: usize, title: &str) -> Vec<NewLearningContent> {
    (0..count).map(|number| content(&format!("key-{number}"), title)).collect()
}

async fn sync(
    engine: &SyncEngine<LearningCatalog>,
    input: Vec<NewLearningContent>,
    ledger: &mut Ledger,
) -> SyncSummary {
    engine.run(stream::iter(input), ledger).await.unwrap()
}

/// Brings about what a test begins with.
async fn seed(engine: &SyncEngine<LearningCatalog>, input: Vec<NewLearningContent>, ledger: &mut Ledger) {
    let summary = sync(engine, input, ledger).await;
    assert!(summary.is_complete(), "{summary}");
}

/// What a run says about each item, and what came of it.
async fn reported<R>(
    engine: &SyncEngine<LearningCatalog>,
    input: impl Iterator<Item = R> + Send,
    ledger: &mut Ledger,
) -> (Vec<ItemReport>, SyncSummary)
where
    R: Into<Row<NewLearningContent>>,
{
    let mut run = engine.run(stream::iter(input), ledger);
    let mut reports = Vec::new();
    while let Some(event) = run.next().await {
        if let SyncEvent::Item(report) = event.unwrap() {
            reports.push(report);
        }
    }
    (reports, run.summary().unwrap().clone())
}

#[tokio::test(start_paused = true)]
async fn only_what_differs_is_written_and_in_full_envelopes() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    let engine = engine(&service);
    let first = sync(&engine, contents(205, "Taxiing"), &mut ledger).await;
    assert_eq!((first.counts.created, first.is_complete()), (205, true));
    assert_eq!(service.state().requests, 11);
    assert_eq!(service.state().items, 205);

    let mut input = contents(205, "Taxiing");
    input[7].title = "Landing".into();
    input.push(content("it's new", "Stalls"));
    let second = sync(&engine, input.clone(), &mut ledger).await;
    assert_eq!((second.counts.created, second.counts.changed, second.counts.unchanged), (1, 1, 204));
    assert_eq!(service.state().items, 207);
    assert_eq!(service.state().content("key-7").unwrap()["title"], "Landing");
    assert_eq!(service.state().content("it's new").unwrap()["isActive"], true);

    assert_eq!(sync(&engine, input, &mut ledger).await.counts.unchanged, 206);
    assert_eq!(service.state().items, 207);
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_what_a_run_does_and_sends_nothing() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    let engine = engine(&service);
    seed(&engine, contents(3, "Taxiing"), &mut ledger).await;
    let requests = service.state().requests;
    let input = [
        content("key-0", "Taxiing"),
        content("key-1", "Landing"),
        content("new", "Stalls"),
        content("", "?"),
    ];
    let plan = engine.plan(stream::iter(input[..3].to_vec()), &ledger).await.unwrap();
    insta::assert_snapshot!(plan, @r"
    line 2: change key-1
    line 3: create new
    deactivate key-2
    1 to create, 1 to change, 1 to deactivate, 0 to delete, 1 unchanged, 0 refused
    ");
    let plan = engine.plan(stream::iter(input), &ledger).await.unwrap();
    insta::assert_snapshot!(plan, @r"
    line 2: change key-1
    line 3: create new
    line 4: refused; `externalId` is missing
    1 to create, 1 to change, 0 to deactivate, 0 to delete, 1 unchanged, 1 refused
    nothing would be removed: 1 rows can't be read, and may be those of any items: correct them, and repeat the run
    ");
    assert_eq!(service.state().requests, requests);
}

#[tokio::test(start_paused = true)]
async fn bad_rows_are_refused_with_line_and_reason_and_the_rest_goes_on() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    let engine = engine(&service);
    let lines = r#"{"externalId":"a","title":"Taxiing","contentWebUrl":"https://example.com/a","languageTag":"en-us"}

{"externalId":"a","title":"Landing","contentWebUrl":"https://example.com/b","languageTag":"en-us"}
{"externalId":"b","title":"Stalls","contentWebUrl":"example.com","languageTag":"english please","duration":"PDT1H"}
{"externalId":"c","title":7}
{"externalId":"d","title":"Spins","contentWebUrl":"https://example.com/d","languageTag":"en-us"}
{"externalId":"e","title":"Sp"#;
    let (reports, summary) =
        reported(&engine, json_lines(BufReader::new(lines.as_bytes())), &mut ledger).await;
    let mut written = Vec::new();
    for report in &reports {
        report.write_json_line(&mut written).unwrap();
    }
    insta::assert_snapshot!(String::from_utf8(written).unwrap(), @r#"
    {"line":3,"key":"a","outcome":"refused","problems":[{"property":"externalId","message":"is the same as in line 1: each must be there once"}]}
    {"line":4,"key":"b","outcome":"refused","problems":[{"property":"contentWebUrl","message":"is `example.com`, and must be a whole address, such as https://example.com/course"},{"property":"languageTag","message":"is `english please`, and must be a language tag, such as en-us"},{"property":"duration","message":"is `PDT1H`, and must be an ISO 8601 duration, such as PT1H20M"}]}
    {"line":5,"key":"c","outcome":"refused","problems":[{"message":"can't be read: LearningContent.title: invalid type: integer `7`, expected a string (column 27)"}]}
    {"line":7,"outcome":"refused","problems":[{"message":"can't be read: LearningContent.title: EOF while parsing a string (column 29)"}]}
    {"line":1,"key":"a","action":"create","outcome":"done"}
    {"line":6,"key":"d","action":"create","outcome":"done"}
    "#);
    assert_eq!((summary.counts.created, summary.counts.refused), (2, 4));
    assert_eq!(service.state().held.len(), 2);

    let too_long = contents(1, &"x".repeat(256));
    assert_eq!(sync(&engine, too_long, &mut ledger).await.counts.refused, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_deactivated_and_deleted_after_its_grace() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    let engine = engine(&service).delete_after(7 * DAY);
    seed(&engine, contents(4, "Taxiing"), &mut ledger).await;
    service.state().held.remove("key-3");

    let summary = sync(&engine, contents(2, "Taxiing"), &mut ledger).await;
    assert_eq!((summary.counts.deactivated, summary.counts.gone), (1, 1));
    let kept = service.state().content("key-2").unwrap();
    assert_eq!((&kept["isActive"], &kept["title"]), (&false.into(), &"Taxiing".into()));

    tokio::time::sleep(6 * DAY).await;
    assert_eq!(sync(&engine, contents(2, "Taxiing"), &mut ledger).await.counts.written(), 0);
    tokio::time::sleep(DAY).await;
    assert_eq!(sync(&engine, contents(2, "Taxiing"), &mut ledger).await.counts.deleted, 1);
    assert_eq!((service.state().held.len(), ledger.len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_within_its_grace_is_on_offer_again() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    let engine = engine(&service);
    seed(&engine, contents(2, "Taxiing"), &mut ledger).await;
    seed(&engine, contents(1, "Taxiing"), &mut ledger).await;
    assert_eq!(service.state().content("key-1").unwrap()["isActive"], false);
    assert_eq!(sync(&engine, contents(2, "Taxiing"), &mut ledger).await.counts.changed, 1);
    assert_eq!(service.state().content("key-1").unwrap()["isActive"], true);
}

#[tokio::test(start_paused = true)]
async fn without_grace_it_is_deleted_at_once_and_without_deletion_never() {
    for (grace, held) in [(Some(Duration::ZERO), 1), (None, 2)] {
        let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
        let engine = engine(&service).delete_after(grace);
        seed(&engine, contents(2, "Taxiing"), &mut ledger).await;
        seed(&engine, contents(1, "Taxiing"), &mut ledger).await;
        tokio::time::sleep(1_000 * DAY).await;
        seed(&engine, contents(1, "Taxiing"), &mut ledger).await;
        assert_eq!(service.state().held.len(), held, "{grace:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_unless_it_is_known_what_is_missing() {
    let service = Contents::default();
    let mut ledger = Ledger::in_memory();
    let engine = engine(&service);
    seed(&engine, contents(200, "Taxiing"), &mut ledger).await;

    let some = |count| contents(count, "Taxiing").into_iter().map(Row::from);
    let cases: Vec<(Vec<Row<NewLearningContent>>, Option<Withheld>)> = vec![
        (
            some(199).chain([Row::Broken { reason: "disk on fire".into() }]).collect(),
            Some(Withheld::InputBroke { reason: "disk on fire".into() }),
        ),
        (
            some(199).chain([Row::unreadable(200, None, "not JSON")]).collect(),
            Some(Withheld::Unreadable { rows: 1 }),
        ),
        (some(199).chain([Row::unreadable(200, Some("key-199"), "not a content")]).collect(), None),
        (vec![], Some(Withheld::TooMany { removals: 200, limit: 0, held: 200 })),
        (some(179).collect(), Some(Withheld::TooMany { removals: 21, limit: 20, held: 200 })),
    ];
    for (input, expected) in cases {
        let plan_is = expected.clone();
        let (_, summary) = reported(&engine, input.into_iter(), &mut ledger).await;
        assert_eq!(summary.withheld, expected, "{plan_is:?}");
        assert_eq!(summary.counts.written(), 0);
    }
    let expecting = engine.clone().expecting(200);
    let withheld = sync(&expecting, contents(199, "Taxiing"), &mut ledger).await.withheld;
    assert_eq!(withheld, Some(Withheld::TooFewRows { expected: 200, found: 199 }));

    assert_eq!(sync(&engine, contents(180, "Taxiing"), &mut ledger).await.counts.deactivated, 20);
    let all = engine.clone().most_removals(MostRemovals::Items(usize::MAX));
    assert_eq!(sync(&all, vec![], &mut ledger).await.counts.deactivated, 180);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_run_holds_back_and_loses_nothing() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    service.state().latency = Duration::from_millis(200);
    service.state().refusals = [(50, 30, 17), (100, 1, 5)].into();
    let engine = engine(&service);
    let summary = sync(&engine, contents(400, "Taxiing"), &mut ledger).await;
    assert_eq!(summary.counts.created, 400);
    assert!(summary.throttled >= Duration::from_secs(22), "{:?}", summary.throttled);
    assert!(summary.throttled < summary.elapsed, "{:?} of {:?}", summary.throttled, summary.elapsed);
    assert_eq!(service.state().held.len(), 400);
    assert!(service.state().writes.values().all(|writes| *writes == 1));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_fails_is_tried_again_by_the_next_run() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    service.state().status = 400;
    let engine = engine(&service);
    let input = vec![content("!bad", "Taxiing"), content("good", "Taxiing")];
    let (reports, summary) = reported(&engine, input.into_iter(), &mut ledger).await;
    assert_eq!((summary.counts.created, summary.counts.failed), (1, 1));
    let failed = reports.iter().find(|report| report.outcome == ItemOutcome::Failed).unwrap();
    assert!(failed.error.as_deref().unwrap().contains("400"), "{failed}");
    assert_eq!((ledger.held("!bad"), ledger.len()), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_stops_when_everything_fails() {
    for (status, is_stop) in [(401, true), (400, false)] {
        let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
        service.state().status = status;
        let engine = engine(&service).failures_in_a_row(50);
        let input = (0..10_000).map(|number| content(&format!("!{number}"), "Taxiing"));
        let error = engine.run(stream::iter(input), &mut ledger).await.unwrap_err();
        assert_eq!(matches!(error, SyncError::Stopped(_)), is_stop, "{error}");
        assert!(service.state().items < 500, "{}", service.state().items);
        assert!(ledger.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn stock_taken_is_what_a_run_compares_with() {
    let service = Contents::default();
    let engine = engine(&service);
    seed(&engine, contents(30, "Taxiing"), &mut Ledger::in_memory()).await;
    let changed = content("key-4", "Tampered with");
    seed(&engine, vec![changed], &mut Ledger::in_memory()).await;

    let mut ledger = Ledger::in_memory();
    assert_eq!(engine.take_stock(&mut ledger).await.unwrap(), 30);
    let summary = sync(&engine, contents(30, "Taxiing"), &mut ledger).await;
    assert_eq!((summary.counts.changed, summary.counts.unchanged), (1, 29));
}

#[tokio::test(start_paused = true)]
async fn progress_has_rate_and_time_left() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    service.state().latency = Duration::from_secs(1);
    let engine = engine(&service).envelopes(1);
    let mut run = engine.run(stream::iter(contents(100, "Taxiing")), &mut ledger);
    let mut seen = Vec::new();
    while let Some(event) = run.next().await {
        if let SyncEvent::Progress(progress) = event.unwrap() {
            seen.push((
                progress.counts.created,
                progress.rate().round(),
                progress.eta().unwrap().as_secs_f64().round(),
            ));
        }
    }
    assert_eq!(seen, [(20, 20.0, 4.0), (40, 20.0, 3.0), (60, 20.0, 2.0), (80, 20.0, 1.0), (100, 20.0, 0.0)]);
}

/// The wait that the service asks for may be over while somebody is busy with what is told.
#[tokio::test(start_paused = true)]
async fn a_throttled_run_goes_on_for_a_reader_that_takes_its_time() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    service.state().refusals = [(50, 10, 1)].into();
    let engine = engine(&service);
    // Three envelopes, whose answers come at once.
    let mut run = engine.run(stream::iter(contents(60, "Taxiing")), &mut ledger);
    while let Some(event) = tokio::time::timeout(DAY, run.next()).await.unwrap() {
        event.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(run.summary().unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_ledger_of_another_provider_is_refused() {
    let (service, mut ledger) = (Contents::default(), Ledger::in_memory());
    seed(&engine(&service), contents(1, "Taxiing"), &mut ledger).await;
    let other = SyncEngine::new(LearningCatalog::new(&crate::testing::Script::new([]).client(), "other"));
    let error = other.run(stream::iter(contents(1, "Taxiing")), &mut ledger).await.unwrap_err();
    assert!(matches!(error, SyncError::Ledger(LedgerError::OfAnother { .. })), "{error}");
}

/// Runs to the end, or stops after so many polls.
async fn killed_after(
    engine: &SyncEngine<LearningCatalog>,
    input: Vec<NewLearningContent>,
    ledger: &mut Ledger,
    polls: usize,
) -> bool {
    let (mut run, mut left) = (engine.run(stream::iter(input), ledger), polls);
    poll_fn(|context| {
        loop {
            match run.poll_next_unpin(context) {
                Poll::Ready(None) => return Poll::Ready(false),
                Poll::Ready(Some(event)) => drop(event.unwrap()),
                Poll::Pending if left == 0 => return Poll::Ready(true),
                Poll::Pending => {
                    left -= 1;
                    return Poll::Pending;
                }
            }
        }
    })
    .await
}

/// Killed again and again, at any point: in the end the service has what it should, and nothing was written again but what was
/// under way when the run was killed.
#[tokio::test(start_paused = true)]
async fn a_killed_run_is_gone_on_with() {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut kills, directory) = (0, Directory::new());
    let service = Contents::default();
    let engine = engine(&service).most_removals(MostRemovals::Items(usize::MAX)).delete_after(Duration::ZERO);
    while kills < 100 {
        let titles = (0..120).map(|key| (format!("key-{key}"), random.u8(..4)));
        let desired: BTreeMap<_, _> = titles.filter(|(_, title)| *title > 0).collect();
        let input: Vec<_> =
            desired.iter().map(|(key, title)| content(key, &format!("Title {title}"))).collect();
        {
            let mut state = service.state();
            state.latency = Duration::from_millis(random.u64(..400));
            state.refusals = [(random.u64(1..80), random.u64(..30), random.u64(1..9))].into();
            state.writes.clear();
            state.deletions = 0;
        }
        let before = service.state().held.clone();
        let mut again: HashMap<String, u32> = HashMap::new();
        loop {
            let mut ledger = directory.open().unwrap();
            for (key, held) in ledger.iter() {
                *again.entry(key.to_owned()).or_default() += u32::from(matches!(held, Held::Pending(_)));
            }
            if !killed_after(&engine, input.clone(), &mut ledger, random.usize(..40)).await {
                break;
            }
            kills += 1;
            // What was sent before the kill still arrives.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let state = service.state();
        let keys: Vec<_> = state.held.keys().collect();
        assert_eq!(keys, desired.keys().collect::<Vec<_>>());
        for (key, title) in &desired {
            let (held, title) = (state.content(key).unwrap(), format!("Title {title}"));
            assert_eq!(held["title"], title, "{key}");
            let was =
                before.get(key).map(|held| serde_json::from_str::<serde_json::Value>(held.get()).unwrap());
            let needed = u32::from(was.is_none_or(|was| was["title"] != title));
            let writes = state.writes.get(key).copied().unwrap_or_default();
            let most = needed + again.get(key).copied().unwrap_or_default();
            assert!(writes <= most, "{key} was written {writes} times, at most {most} were needed");
        }
    }
}
