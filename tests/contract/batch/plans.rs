//! Whatever depends on whatever, and whatever is refused.

use graph_facade::{Batched, StandardRetry};
use graph_sim::Fault;
use proptest::prelude::*;
use serde_json::Value;

use super::{Tap, sim};
use crate::support::{assert_clean, builder, seconds};

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
