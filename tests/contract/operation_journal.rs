//! The journal of operations: what it knows at each moment, and what a new process makes of it.

use std::error::Error as _;

use graph_facade::models::Community;
use graph_facade::{
    Client, ClientBuilder, ErrorKind, JournalError, JournalOutcome, NoRetry, Operation, OperationJournal,
    QuotaKey, Resumption, Update,
};
use graph_sim::{Fault, Sim, Timeline};
use serde_json::json;

use crate::support::journal::Shelf;
use crate::support::{
    POLL, arrivals, assert_clean, assert_patient, builder, pass, pilots, seconds, statuses,
};

/// A client as a new process builds it, over the records that the earlier ones left.
fn process(sim: &Sim, shelf: &Shelf) -> Client {
    journaled(sim, shelf).build().unwrap()
}

fn journaled(sim: &Sim, shelf: &Shelf) -> ClientBuilder {
    builder(sim, "ada").journal(OperationJournal::new(shelf.clone())).retry(NoRetry)
}

async fn resume_all(client: &Client) -> Vec<Resumption<Community>> {
    client.operations().resume_all().await.unwrap()
}

/// The one that there is, as what it must be.
macro_rules! only {
    ($resumptions:expr, $kind:ident) => {{
        let mut resumptions = $resumptions;
        match (resumptions.pop(), resumptions.pop()) {
            (Some(Resumption::$kind(only)), None) => only,
            other => panic!("{other:?}"),
        }
    }};
}

mod changes_at_once;
mod stalled_store;

#[tokio::test(start_paused = true)]
async fn what_is_known_is_written_at_once() {
    let sim = Sim::builder().user("ada").timeline(Timeline::new().stay("running", seconds(40))).build();
    let shelf = Shelf::watching(&sim);
    let mut operation = process(&sim, &shelf).communities().create(pilots()).await.unwrap();
    operation.wait().await.unwrap();
    // Each with the requests that had reached the service by then.
    let expected = [
        "put intended, 0 requests",
        "put sent, 0 requests",
        "put accepted, 1 requests",
        "put accepted, asking, 1 requests",
        "put accepted, 2 requests",
        "put accepted, asking, 2 requests",
        "put accepted, 3 requests",
        "put ended, 3 requests",
    ];
    assert_eq!(shelf.log(), expected);
    operation.acknowledge().await.unwrap();
    assert_eq!(shelf.records(), [""; 0]);
    assert_patient(&sim, 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_gone_on_with_and_never_polled_too_soon() {
    let sim = Sim::builder().user("ada").timeline(Timeline::new().stay("running", seconds(100))).build();
    let shelf = Shelf::default();
    let id = {
        let mut operation = process(&sim, &shelf).communities().create(pilots()).await.unwrap();
        pass(seconds(40)).await;
        assert!(matches!(operation.poll().await.unwrap(), Update::Pending(_)));
        operation.save().client_request_id().to_owned()
    };
    for _ in 0..6 {
        let mut operation = only!(resume_all(&process(&sim, &shelf)).await, Resumed);
        operation.poll().await.unwrap();
        pass(seconds(10)).await;
    }
    assert_eq!(arrivals(&sim, POLL), [seconds(40), seconds(80)]);

    let client = process(&sim, &shelf);
    let mut operation = only!(resume_all(&client).await, Resumed);
    assert_eq!(operation.save().client_request_id(), id);
    let community = operation.wait().await.unwrap();
    assert_eq!(community.id, sim.community_id("Pilots"));
    drop(operation);

    let ended = only!(resume_all(&client).await, Ended);
    assert_eq!((ended.resource_id(), &*ended.intent.name), (community.id.as_deref(), "Pilots"));
    ended.acknowledge().await.unwrap();
    drop(ended);
    assert!(resume_all(&client).await.is_empty() && shelf.records().is_empty());
    assert_eq!(arrivals(&sim, "communities.create").len(), 1);
    assert_patient(&sim, 3);
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_was_under_way_counts_from_the_restart() {
    let sim = Sim::builder().user("ada").fault(Fault::delay(POLL, seconds(20))).build();
    let shelf = Shelf::default();
    let mut operation = process(&sim, &shelf).communities().create(pilots()).await.unwrap();
    // The process dies at 45 s, while it waits for the answer to a poll of 31 s.
    tokio::time::timeout(seconds(45), operation.wait()).await.unwrap_err();
    drop(operation);
    let mut operation = only!(resume_all(&process(&sim, &shelf)).await, Resumed);
    operation.wait().await.unwrap();
    assert_eq!(arrivals(&sim, POLL)[..2], [seconds(31), seconds(76)]);
    assert_patient(&sim, 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_ambiguous_until_somebody_settles_it() {
    let sim = Sim::builder().user("ada").fault(Fault::lose_connection("communities.create")).build();
    let shelf = Shelf::default();
    let error = process(&sim, &shelf).communities().create(pilots()).await.unwrap_err();
    assert!(error.maybe_processed());
    assert!(error.to_string().contains("the journal keeps it"), "{error}");

    let client = process(&sim, &shelf);
    let early = only!(resume_all(&client).await, Ambiguous);
    assert!(early.candidates.is_empty(), "it is still being created");
    drop(early);
    pass(seconds(80)).await;
    let ambiguous = only!(resume_all(&client).await, Ambiguous);
    assert_eq!(ambiguous.candidates.len(), 1);
    assert_eq!(ambiguous.candidates[0].id, sim.community_id("Pilots"));
    assert_eq!(ambiguous.intent.client_request_id, error.client_request_id().unwrap());
    let ended = ambiguous.adopt(&ambiguous.candidates[0]).await.unwrap();
    assert_eq!(ended.resource_id(), sim.community_id("Pilots").as_deref());
    drop((ambiguous, ended));

    only!(resume_all(&client).await, Ended).acknowledge().await.unwrap();
    assert!(shelf.records().is_empty());
    assert_eq!(arrivals(&sim, "communities.create").len(), 1, "never sent again");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn candidates_are_of_that_name_and_time_and_nobody_elses() {
    let lost = Fault::lose_connection("communities.create").before_processing();
    let sim = Sim::builder().community("Pilots", ["ada"]).user("ada").fault(lost.skip(1)).build();
    let shelf = Shelf::default();
    pass(seconds(2 * 60 * 60)).await;
    let client = process(&sim, &shelf);
    let mut first = client.communities().create(pilots()).await.unwrap();
    client.communities().create(pilots()).await.unwrap_err();
    let first = first.wait().await.unwrap();

    let unacknowledged = only!(resume_all(&client).await, Ambiguous);
    assert!(unacknowledged.candidates.is_empty(), "one is two hours old, the other is the first call's");
    unacknowledged.abandon().await.unwrap();
    let records = shelf.records();
    assert_eq!(records.len(), 1);
    assert!(records[0].contains(first.id.as_deref().unwrap()));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_surely_did_not_do_leaves_no_record() {
    for (fault, kind) in [
        (Fault::respond("communities.create", 400), ErrorKind::Service),
        (Fault::respond("communities.create", 403), ErrorKind::Service),
        (Fault::throttle("communities.create").retry_after("5"), ErrorKind::Throttled),
    ] {
        let sim = Sim::builder().user("ada").fault(fault).build();
        let shelf = Shelf::default();
        let error = process(&sim, &shelf).communities().create(pilots()).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed()), (kind, false));
        assert_eq!(shelf.records(), [""; 0]);
    }
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::watching(&sim);
    let mut nameless = pilots();
    nameless.display_name = "x".repeat(256);
    process(&sim, &shelf).communities().create(nameless).await.unwrap_err();
    assert_eq!(shelf.log(), [""; 0], "refused before there was anything to write");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_dies_while_it_waits_has_sent_nothing() {
    let sim =
        Sim::builder().user("ada").fault(Fault::throttle("communities.create").retry_after("60")).build();
    let shelf = Shelf::watching(&sim);
    let client = builder(&sim, "ada").journal(OperationJournal::new(shelf.clone())).build().unwrap();
    let call = client.communities().create(pilots()).send();
    tokio::time::timeout(seconds(30), call).await.unwrap_err();
    assert_eq!(shelf.log()[1..], ["put sent, 0 requests", "put intended, 1 requests"]);
    let unsent = only!(resume_all(&client).await, Unsent);
    assert_eq!(unsent.intent.name, "Pilots");
    unsent.abandon().await.unwrap();
    assert_eq!(shelf.records(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_anywhere_leaves_a_record_that_is_true() {
    let mut stages = std::collections::BTreeSet::new();
    for polls in 1.. {
        let sim = Sim::builder().user("ada").fault(Fault::delay("communities.create", seconds(1))).build();
        let shelf = Shelf::default();
        let client = process(&sim, &shelf);
        let ended =
            crate::support::journal::poll_times(client.communities().create(pilots()).send(), polls).await;
        let is_over = ended.is_some();
        drop((ended, client));
        pass(seconds(80)).await;
        let created = sim.community_id("Pilots");
        let mut found = resume_all(&process(&sim, &shelf)).await;
        let stage = match (found.pop(), &created) {
            (None, None) => "nothing",
            (Some(Resumption::Unsent(_)), None) => "unsent",
            (Some(Resumption::Ambiguous(unanswered)), created) => {
                let candidates: Vec<_> = unanswered.candidates.into_iter().map(|found| found.id).collect();
                assert_eq!(candidates, created.iter().cloned().map(Some).collect::<Vec<_>>());
                "ambiguous"
            }
            (Some(Resumption::Resumed(mut operation)), Some(id)) => {
                assert_eq!(operation.wait().await.unwrap().id.as_ref(), Some(id));
                "resumed"
            }
            other => panic!("after {polls} polls: {other:?}"),
        };
        assert!(found.is_empty());
        stages.insert(stage);
        if is_over {
            break;
        }
    }
    assert_eq!(stages.into_iter().collect::<Vec<_>>(), ["ambiguous", "nothing", "resumed", "unsent"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_given_out_twice() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    let client = process(&sim, &shelf);
    let operation = client.communities().create(pilots()).await.unwrap();
    assert!(resume_all(&client).await.is_empty(), "its handle is alive");
    drop(operation);
    let resumed = only!(resume_all(&client).await, Resumed);
    assert!(resume_all(&client.clone()).await.is_empty());
    drop(resumed);
    assert_eq!(resume_all(&client).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_written_nothing_is_sent() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    let client = process(&sim, &shelf);
    for writes in [0, 1] {
        shelf.fail_after(writes);
        let error = client.communities().create(pilots()).await.unwrap_err();
        assert_eq!((error.kind(), error.maybe_processed(), error.attempts()), (ErrorKind::Journal, false, 0));
        assert!(error.source().unwrap().is::<JournalError>(), "{error}");
        assert!(statuses(&sim).is_empty());
    }
    shelf.recover();
    only!(resume_all(&client).await, Unsent);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_later_loses_nothing() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    let client = process(&sim, &shelf);
    shelf.fail_after(2);
    let mut operation: Operation<Community> = client.communities().create(pilots()).await.unwrap();
    let error = operation.wait().await.unwrap_err();
    assert_eq!((error.kind(), error.location()), (ErrorKind::Journal, Some(operation.location())));
    assert!(arrivals(&sim, POLL).is_empty(), "no poll that a restart would not know of");
    shelf.recover();
    operation.wait().await.unwrap();
    drop(operation);
    only!(resume_all(&client).await, Ended);
    assert_patient(&sim, 1);
}

#[tokio::test(start_paused = true)]
async fn the_record_is_readable_and_holds_no_secret() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    let client = process(&sim, &shelf).with_quota_key(QuotaKey::new().tenant("contoso").user("ada"));
    let operation = client.communities().create(pilots().owner(sim.user_id("ada"))).await.unwrap();
    let saved = operation.save();
    let mut record: serde_json::Value = serde_json::from_str(&shelf.records()[0]).unwrap();
    assert_eq!(
        record["stage"]["accepted"]["saved"].take(),
        serde_json::to_value(&saved).unwrap(),
        "as the handle would be saved"
    );
    assert_eq!(
        record,
        json!({
            "version": 1, "operation": "communities.create", "name": "Pilots", "root": "https://graph.microsoft.com",
            "cloud": "global", "api_version": "v1.0", "tenant": "contoso", "user": "ada",
            "stage": {"accepted": {"saved": null, "asking": false}},
        })
    );
}

#[tokio::test(start_paused = true)]
async fn records_of_others_are_left_alone_and_odd_ones_are_named() {
    let sim = Sim::builder().user("ada").build();
    let shelf = Shelf::default();
    drop(process(&sim, &shelf).communities().create(pilots()).await.unwrap());
    let record = shelf.records()[0].clone();
    shelf.place(
        "elsewhere",
        &record.replace("https://graph.microsoft.com\",\"cloud", "https://x.example\",\"cloud"),
    );
    shelf.place("future", &record.replacen("\"version\":1", "\"version\":2", 1));
    shelf.place("evil", &record.replace("https://graph.microsoft.com/v1.0", "https://evil.example/v1.0"));
    shelf.place("torn", &record[..40]);
    let mut unusable: Vec<_> = resume_all(&process(&sim, &shelf))
        .await
        .into_iter()
        .filter_map(|resumption| match resumption {
            Resumption::Unusable { client_request_id, error, .. } => Some((client_request_id, error.kind())),
            Resumption::OtherOwner { owner, records, .. } => {
                assert_eq!((&*owner.root, records), ("https://x.example", 1));
                None
            }
            _ => None,
        })
        .collect();
    unusable.sort_by(|(one, _), (other, _)| one.cmp(other));
    let expected = [
        ("evil".to_owned(), ErrorKind::InvalidRequest),
        ("future".to_owned(), ErrorKind::Journal),
        ("torn".to_owned(), ErrorKind::Journal),
    ];
    assert_eq!(unusable, expected);
    assert_eq!(shelf.records().len(), 5);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_kept_until_it_is_forgotten() {
    let timeline = Timeline::new().end_with_detail("failed", "the network is full");
    let sim = Sim::builder().user("ada").timeline(timeline).build();
    let shelf = Shelf::default();
    let client = process(&sim, &shelf);
    let mut operation = client.communities().create(pilots()).await.unwrap();
    let early = operation.acknowledge().await.unwrap_err();
    assert!(early.message().contains("still under way"), "{early}");
    operation.wait().await.unwrap_err();
    drop(operation);
    let ended = only!(resume_all(&client).await, Ended);
    let JournalOutcome::Failed { detail, .. } = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(detail.as_deref(), Some("the network is full"));
    let at = ended.ended_at;
    drop(ended);
    for (time, forgotten) in [(at, 0), (at + seconds(1), 1), (at + seconds(1), 0)] {
        assert_eq!(client.operations().forget_ended_before(time).await.unwrap(), forgotten);
    }
    assert_eq!(shelf.records(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_journal_says_so() {
    let sim = Sim::builder().user("ada").build();
    let client = builder(&sim, "ada").build().unwrap();
    let error = client.operations().resume_all::<Community>().await.unwrap_err();
    assert!(error.message().contains("`.journal(…)`"), "{error}");
    client.communities().create(pilots()).await.unwrap().acknowledge().await.unwrap();
}
