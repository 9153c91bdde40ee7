//! `$batch`: many calls in one request, and each of them as if it were alone.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use graph_facade::{
    Batched, BatchingTransport, Client, ErrorKind, Limiter, NoRetry, StandardRetry, Transport,
};
use graph_sim::{Fault, Sim};
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::Value;
use tokio::time::Instant;
use tower_service::Service;

use crate::support::{assert_clean, builder, client, pilots, seconds};

fn sim(faults: impl IntoIterator<Item = Fault>) -> Sim {
    let sim = Sim::builder().user("ada").user("grace").group("Pilots", ["ada"]).group("Crew", ["ada"]);
    faults.into_iter().fold(sim, graph_sim::SimBuilder::fault).build()
}

/// A client whose calls travel together.
fn gathering(sim: &Sim) -> Client {
    builder(sim, "ada").transport(BatchingTransport::new(sim.transport())).build().unwrap()
}

/// `POST /v1.0/$batch` is `envelope`; what was in it is `in`; anything else `alone`; with the status.
fn journal(sim: &Sim) -> Vec<String> {
    let line = |entry: &graph_sim::Entry| {
        let operation = entry.operation.clone().unwrap_or_default();
        let place = if entry.notes.iter().any(|note| note == "in a batch") { "in" } else { "alone" };
        format!("{place} {operation} {}", entry.status.unwrap_or_default())
    };
    sim.journal().entries().iter().map(line).collect()
}

fn envelopes(sim: &Sim) -> usize {
    journal(sim).iter().filter(|line| line.starts_with("alone batch")).count()
}

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

#[tokio::test(start_paused = true)]
async fn a_batch_gives_each_call_its_typed_result() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("grace")));
    let group = batch.add(ada.groups().get(&*id).select(["displayName"])).depends_on(&added);
    let created = batch.add(ada.communities().create(pilots()));
    let missing = batch.add(ada.groups().get("missing"));
    let left = batch.add(ada.groups().get(&*id)).depends_on(&missing);
    let outcome = batch.await.unwrap();
    assert!(!outcome.all_succeeded());
    assert_eq!(outcome.take(added).unwrap(), graph_facade::Added::Now);
    assert_eq!(outcome.take(group).unwrap().display_name.as_deref(), Some("Pilots"));
    assert!(outcome.take(missing).unwrap_err().is_not_found());
    let left = outcome.take(left).unwrap_err();
    assert!(left.is_failed_dependency(), "{left}");
    assert_eq!(envelopes(&sim), 1, "\n{}", sim.journal());
    outcome.take(created).unwrap().wait().await.unwrap();
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_dependent_outlives_the_refusals_of_what_it_depends_on() {
    let sim = sim([Fault::throttle("groups.members.add").retry_after("120")]);
    let (ada, start) = (client(&sim, "ada"), Instant::now());
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("grace")));
    let group = batch.add(ada.groups().get(&*id)).depends_on(&added);
    let outcome = batch.await.unwrap();
    assert!(outcome.all_succeeded(), "\n{}", sim.journal());
    assert_eq!((outcome.take_full(group).unwrap().attempts(), start.elapsed().as_secs()), (2, 120));
    assert_eq!(outcome.take_full(added).unwrap().attempts(), 2);
    assert_eq!(envelopes(&sim), 2);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_wish_fulfilled_before_is_a_success_to_depend_on() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let id = sim.group_id("Pilots").unwrap();
    let mut batch = ada.batch();
    let added = batch.add(ada.groups().members(&*id).add(&*sim.user_id("ada")));
    let group = batch.add(ada.groups().get(&*id)).depends_on(&added);
    let outcome = batch.await.unwrap();
    assert_eq!(outcome.take(added).unwrap(), graph_facade::Added::Already);
    assert!(outcome.take(group).is_ok(), "\n{}", sim.journal());
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_chain_longer_than_an_envelope_and_than_the_quota_keeps_its_order() {
    let sim = sim([]);
    let (ada, start) = (client(&sim, "ada"), Instant::now());
    let mut batch = ada.batch();
    let mut last: Option<Batched<_>> = None;
    for _ in 0..25 {
        let next = batch.add(ada.communities().create(pilots()));
        last = Some(match &last {
            Some(before) => next.depends_on(before),
            None => next,
        });
    }
    let outcome = batch.await.unwrap();
    assert!(outcome.all_succeeded(), "\n{}", sim.journal());
    assert_eq!(start.elapsed().as_secs(), 60, "ten calls in thirty seconds");
    assert_eq!(envelopes(&sim), 3);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_ordered_is_refused_unsent() {
    let sim = sim([]);
    let ada = client(&sim, "ada");
    let mut batch = ada.batch();
    let first = batch.add(ada.groups().get("1"));
    let second = batch.add(ada.groups().get("2"));
    drop(first.depends_on(&second));
    insta::assert_snapshot!(batch.await.unwrap_err(), @"nothing was sent: call 1 of the batch depends on a call that comes later: add that one first");

    let (mut batch, mut other) = (ada.batch(), ada.batch());
    let foreign = other.add(ada.groups().get("1"));
    drop(batch.add(ada.groups().get("2")).depends_on(&foreign));
    insta::assert_snapshot!(batch.await.unwrap_err(), @"nothing was sent: call 1 of the batch depends on a call of another batch: add both to one");

    let outcome = ada.batch().await.unwrap();
    assert!(outcome.all_succeeded());
    assert_eq!(outcome.take(foreign).unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(sim.journal().entries().is_empty());
}

/// A request, and its body.
type Envelope = (Request<Bytes>, Value);

/// Hands requests on, and remembers the envelopes.
#[derive(Clone)]
struct Tap {
    inner: graph_sim::Transport,
    envelopes: Arc<Mutex<Vec<Envelope>>>,
}

impl Tap {
    fn on(sim: &Sim) -> Self {
        Self { inner: sim.transport(), envelopes: Arc::default() }
    }

    fn take(&self) -> Vec<Envelope> {
        std::mem::take(&mut self.envelopes.lock().unwrap())
    }
}

impl Service<Request<Bytes>> for Tap {
    type Response = Response<Bytes>;
    type Error = graph_sim::ConnectionLost;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let json = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        if json.get("requests").is_some() {
            self.envelopes.lock().unwrap().push((request.clone(), json));
        }
        self.inner.call(request)
    }
}

#[tokio::test(start_paused = true)]
async fn the_envelope_is_written_as_documented() {
    let sim = sim([]);
    let tap = Tap::on(&sim);
    let ada = builder(&sim, "ada").transport(tap.clone()).build().unwrap();
    let mut batch = ada.batch();
    let created = batch.add(ada.communities().create(pilots()));
    let get = ada
        .groups()
        .get("a b/c")
        .select(["id"])
        .header(http::header::IF_NONE_MATCH, "\"e\"".parse().unwrap());
    drop(batch.add(get).depends_on(&created));
    drop(batch.await.unwrap());
    let [(request, mut json)] = tap.take().try_into().unwrap();
    assert_eq!(request.uri(), "https://graph.microsoft.com/v1.0/$batch");
    assert_eq!(request.headers()["authorization"], format!("Bearer {}", sim.token("ada")));
    for item in json["requests"].as_array_mut().unwrap() {
        let id = item["headers"]["client-request-id"].take();
        assert_eq!(id.as_str().map(str::len), Some(36));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

/// For each call those before it that it depends on.
fn plans() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 1..60).prop_map(
        |calls| {
            let picks = calls.into_iter().enumerate();
            picks
                .map(|(call, picks)| {
                    picks.iter().filter(|_| call > 0).map(|pick| pick.index(call.max(1))).collect()
                })
                .collect()
        },
    )
}

/// The number that a call reads as its group, so that it is known in the envelope.
fn number(url: &str) -> usize {
    url.trim_start_matches("/groups/").parse().unwrap()
}

/// Sends a batch of this plan to a service that refuses some requests for now, and gives what went in envelopes: which
/// call, and whether it was processed.
async fn carried(plan: &[Vec<usize>], refusals: u32) -> (bool, Vec<Vec<(usize, Vec<usize>)>>, Vec<usize>) {
    let missing =
        Fault::respond("groups.get", 200).content_type("application/json").body("{}").times(u32::MAX);
    let sim = sim([Fault::throttle("groups.get").times(refusals).retry_after("2"), missing]);
    let tap = Tap::on(&sim);
    let patient = StandardRetry::default().attempts(100).time_limit(seconds(10_000));
    let ada = builder(&sim, "ada").transport(tap.clone()).retry(patient).build().unwrap();
    let mut batch = ada.batch();
    let mut calls: Vec<Batched<_>> = Vec::new();
    for (call, after) in plan.iter().enumerate() {
        let added = batch.add(ada.groups().get(&*call.to_string()));
        calls.push(after.iter().fold(added, |added, before| added.depends_on(&calls[*before])));
    }
    let outcome = batch.await.unwrap();
    assert_clean(&sim);
    let envelopes = tap.take().into_iter().map(|(_, json)| {
        let items = json["requests"].as_array().unwrap().clone();
        let by_id = |id: &Value| {
            items.iter().find(|it| it["id"] == *id).map(|it| number(it["url"].as_str().unwrap()))
        };
        let ties =
            |item: &Value| item["dependsOn"].as_array().into_iter().flatten().filter_map(by_id).collect();
        items.iter().map(|item| (number(item["url"].as_str().unwrap()), ties(item))).collect()
    });
    let processed = sim
        .journal()
        .entries()
        .iter()
        .filter(|it| it.status == Some(200) && it.path != "/v1.0/$batch")
        .map(|it| number(it.path.trim_start_matches("/v1.0")))
        .collect();
    (outcome.all_succeeded(), envelopes.collect(), processed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_plan_goes_in_legal_envelopes_each_call_once_and_in_order(plan in plans(), refusals in 0_u32..30) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (all_succeeded, envelopes, processed) = runtime.block_on(carried(&plan, refusals));
        prop_assert!(all_succeeded);
        for envelope in &envelopes {
            prop_assert!((2..=20).contains(&envelope.len()));
            for (position, (call, ties)) in envelope.iter().enumerate() {
                // Whoever is in the same envelope and needed is tied to, and stands before.
                let before: Vec<_> = envelope[..position].iter().map(|(call, _)| *call).collect();
                prop_assert!(ties.iter().all(|tie| before.contains(tie) && plan[*call].contains(tie)));
            }
        }
        // Each call is processed once, after everything that it depends on.
        let position = |call: usize| processed.iter().position(|it| *it == call);
        prop_assert_eq!(processed.len(), plan.len());
        for (call, after) in plan.iter().enumerate() {
            let own = position(call);
            prop_assert!(own.is_some());
            prop_assert!(after.iter().all(|before| position(*before) < own));
        }
    }
}
