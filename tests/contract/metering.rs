//! What is counted and measured.

use std::fmt::Write as _;
use std::future::Future;

use graph_facade::{BoxError, BoxFuture, Token, TokenProvider, TokenRequest, describe_metrics};
use graph_sim::{Fault, Sim};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use crate::support::{builder, pilots, seconds};

/// What `work` gives to the recorder of this thread, one line per series. A local recorder serves one thread, so all of the work
/// has to stay on it.
fn metrics_of(work: impl Future<Output = ()>) -> String {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let recorder = DebuggingRecorder::new();
    metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(work);
    });
    let mut lines: Vec<_> = recorder.snapshotter().snapshot().into_vec().into_iter().map(line).collect();
    lines.sort_unstable();
    lines.concat()
}

fn line(
    (key, unit, _, value): (
        metrics_util::CompositeKey,
        Option<metrics::Unit>,
        Option<metrics::SharedString>,
        DebugValue,
    ),
) -> String {
    let mut text = key.key().name().to_owned();
    for label in key.key().labels() {
        write!(text, " {}={}", label.key(), label.value()).unwrap();
    }
    let unit = unit.map_or("", |unit| unit.as_str());
    match value {
        DebugValue::Counter(count) => writeln!(text, ": {count}").unwrap(),
        DebugValue::Gauge(value) => writeln!(text, ": {value}").unwrap(),
        DebugValue::Histogram(values) => {
            let values: Vec<f64> = values.into_iter().map(Into::into).collect();
            writeln!(text, ": {values:?} {unit}").unwrap();
        }
    }
    text
}

/// A token that is refused, and then a good one.
#[derive(Debug)]
struct Stale(String);

impl TokenProvider for Stale {
    fn token<'a>(&'a self, request: &'a TokenRequest) -> BoxFuture<'a, Result<Token, BoxError>> {
        let token = if request.refused().is_some() { &self.0 } else { "stale" };
        Box::pin(async move { Ok(Token::new(token)) })
    }
}

#[test]
fn what_a_throttled_creation_its_polls_and_some_trouble_come_to() {
    let text = metrics_of(async {
        let sim = Sim::builder()
            .user("ada")
            .group("Pilots", ["ada"])
            .fault(Fault::throttle("communities.create").retry_after("2"))
            .fault(Fault::delay("groups.list", seconds(3)))
            .fault(Fault::lose_connection("users.get"))
            .fault(Fault::alter("users.get", |json| json["shoeSize"] = serde_json::json!(43)))
            .build();
        let client = builder(&sim, "ada").build().unwrap();
        client.communities().create(pilots()).await.unwrap().wait().await.unwrap();
        client.groups().list().await.unwrap();
        client.users().get(sim.user_id("ada")).await.unwrap();
        client.users().get("nobody").await.unwrap_err();
        let stale = builder(&sim, "ada").credential(Stale(sim.token("ada"))).build().unwrap();
        stale.groups().list().await.unwrap();
    });
    // After a lost connection, chance has a say in the wait.
    let certain: Vec<_> =
        text.lines().filter(|line| !line.contains("retry.wait graph.operation=users")).collect();
    insta::assert_snapshot!(certain.join("\n"));
}

#[test]
fn waits_for_the_limiter_are_measured() {
    let text = metrics_of(async {
        let sim = Sim::builder().community("Pilots", ["ada"]).build();
        let client = builder(&sim, "ada").build().unwrap();
        for _ in 0..11 {
            client.communities().get(sim.community_id("Pilots").unwrap()).await.unwrap();
        }
    });
    let waits = text.lines().find(|line| line.starts_with("graph.client.limiter.wait")).unwrap();
    let values = waits.split_once('[').unwrap().1.trim_end_matches("] seconds");
    let values: Vec<f64> = values.split(", ").map(|value| value.parse().unwrap()).collect();
    assert_eq!(values[..10], [0.0; 10], "{waits}");
    assert!(values.len() == 11 && (29.9..31.0).contains(&values[10]), "{waits}");
}
