//! Calls that the transport brings together by itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use graph_facade::{BatchingTransport, ErrorKind, Limiter, NoRetry, Transport};
use graph_sim::Fault;
use http::{Request, Response};
use serde_json::Value;
use tokio::time::Instant;

use super::{envelopes, gathering, journal, sim};
use crate::support::{assert_clean, builder, seconds};

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_moment_travel_together() {
    let sim = sim([]);
    let ada = gathering(&sim);
    let (pilots, crew) = (sim.group_id("Pilots").unwrap(), sim.group_id("Crew").unwrap());
    let groups = ada.groups();
    let (first, second, missing) = tokio::join!(
        groups.get(&*pilots).send_full(),
        groups.get(&*crew).send_full(),
        groups.get("missing").send()
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.value.display_name.as_deref(), first.attempts()), (Some("Pilots"), 1));
    assert_eq!(second.value.display_name.as_deref(), Some("Crew"));
    assert_ne!(first.request_id(), second.request_id());
    assert!(missing.unwrap_err().is_not_found());
    assert_eq!(
        journal(&sim),
        ["in groups.get 200", "in groups.get 200", "in groups.get 404", "alone batch 200"]
    );
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_call_alone_travels_without_an_envelope_and_a_count_beside_it() {
    let sim = sim([]);
    let ada = gathering(&sim);
    ada.groups().get(&*sim.group_id("Pilots").unwrap()).await.unwrap();
    assert_eq!(journal(&sim), ["alone groups.get 200"]);
    let (group, groups) = (sim.group_id("Crew").unwrap(), ada.groups());
    let (count, _, _) = tokio::join!(groups.count(), groups.get(&*group), groups.get(&*group));
    assert_eq!(count.unwrap(), 2);
    assert_eq!(
        journal(&sim)[1..],
        ["alone groups.count 200", "in groups.get 200", "in groups.get 200", "alone batch 200"]
    );
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn envelopes_take_twenty_and_the_full_one_does_not_wait() {
    let (sim, start) = (sim([]), Instant::now());
    let ada = gathering(&sim);
    let id = sim.group_id("Pilots").unwrap();
    let read = || async { ada.groups().get(&*id).await.unwrap() };
    join_all((0..20).map(|_| read())).await;
    assert_eq!((envelopes(&sim), start.elapsed()), (1, Duration::ZERO));
    join_all((0..45).map(|_| read())).await;
    assert_eq!((envelopes(&sim), sim.journal().entries().len()), (4, 65 + 4));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn only_the_refused_call_is_tried_again_after_its_own_wait() {
    let sim = sim([Fault::throttle("groups.get").skip(1).retry_after("7")]);
    let (ada, start) = (gathering(&sim), Instant::now());
    let id = sim.group_id("Pilots").unwrap();
    let read = || async {
        let attempts = ada.groups().get(&*id).send_full().await.unwrap().attempts();
        (attempts, start.elapsed().as_secs())
    };
    assert_eq!(join_all((0..3).map(|_| read())).await, [(1, 0), (2, 7), (1, 0)]);
    assert_eq!(journal(&sim).last().unwrap(), "alone groups.get 200");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn the_envelopes_failure_is_everyones() {
    let sim =
        sim([Fault::throttle("batch").retry_after("3"), Fault::lose_connection("batch").before_processing()]);
    // After a refusal, the limiter would send the two one after the other.
    let batching = BatchingTransport::new(sim.transport());
    let ada = builder(&sim, "ada").transport(batching).limiter(Limiter::disabled()).build().unwrap();
    let start = Instant::now();
    let id = sim.group_id("Pilots").unwrap();
    let read = || async { ada.groups().get(&*id).send_full().await.unwrap().attempts() };
    let attempts = join_all((0..2).map(|_| read())).await;
    assert!(attempts.iter().all(|attempts| *attempts == 3), "{attempts:?}\n{}", sim.journal());
    assert!(start.elapsed() >= seconds(3));
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_missing_is_an_error_and_no_hang() {
    let drop_first = |json: &mut Value| drop(json["responses"].as_array_mut().unwrap().remove(0));
    let sim = sim([Fault::alter("batch", drop_first)]);
    let transport = BatchingTransport::new(sim.transport());
    let ada = builder(&sim, "ada").transport(transport).retry(NoRetry).build().unwrap();
    let id = sim.group_id("Pilots").unwrap();
    let (first, second) = tokio::join!(ada.groups().get(&*id).send(), ada.groups().get(&*id).send());
    assert!(first.is_ok());
    let error = second.unwrap_err();
    assert!(error.kind() == ErrorKind::Connect && error.maybe_processed(), "{error}");
    let cause = std::error::Error::source(std::error::Error::source(&error).unwrap()).unwrap().to_string();
    assert_eq!(cause, "the batch's answer has none for the id 2");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_disturbs_nobody() {
    let sim = sim([Fault::delay("batch", seconds(2))]);
    let ada = gathering(&sim);
    let id = sim.group_id("Pilots").unwrap();
    let read = || ada.groups().get(&*id).send();
    // Before the departure its request stays behind, also that of the first, whose window it was.
    let early = tokio::time::timeout(Duration::from_millis(2), read());
    let (early, first, second) = tokio::join!(early, read(), read());
    assert!(early.is_err() && first.is_ok() && second.is_ok());
    assert_eq!(journal(&sim), ["in groups.get 200", "in groups.get 200", "alone batch 200"]);
    // After it, the others still get their answers, and nothing is sent twice.
    let late = tokio::time::timeout(seconds(1), read());
    let (late, first, second) = tokio::join!(late, read(), read());
    assert!(late.is_err() && first.is_ok() && second.is_ok());
    assert_eq!(sim.journal().entries().len(), 3 + 4, "\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn strangers_do_not_share_an_envelope() {
    let sim = sim([]);
    let transport = Arc::new(BatchingTransport::new(sim.transport()));
    let of = |user: &str| builder(&sim, user).transport(Shared(Arc::clone(&transport))).build().unwrap();
    let (ada, grace, id) = (of("ada"), of("grace"), sim.group_id("Pilots").unwrap());
    let (a, b) = tokio::join!(ada.groups().get(&*id).send(), grace.groups().get(&*id).send());
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(journal(&sim), ["alone groups.get 200", "alone groups.get 200"]);
}

/// One transport of several clients.
struct Shared(Arc<BatchingTransport>);

impl Transport for Shared {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> graph_facade::BoxFuture<'_, Result<Response<Bytes>, graph_facade::TransportError>> {
        self.0.send(request)
    }
}
