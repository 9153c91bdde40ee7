//! What an exporter of OpenTelemetry gets of the spans.

use std::sync::{Arc, Mutex};

use graph_sim::{Fault, Sim};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::client;

/// Keeps what it is given.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn integers_are_integers() {
    let sim = Sim::builder().user("ada").fault(Fault::throttle("groups.list")).build();
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    client(&sim, "ada").groups().list().await.unwrap();
    drop(guard);

    let spans = kept.0.lock().unwrap();
    let values = |key: &str| -> Vec<Value> {
        let all = spans.iter().flat_map(|span| &span.attributes);
        all.filter(|KeyValue { key: name, .. }| name.as_str() == key).map(|pair| pair.value.clone()).collect()
    };
    assert_eq!(values("graph.attempts"), [Value::I64(2)]);
    assert_eq!(values("http.response.status_code"), [Value::I64(429), Value::I64(200)]);
    assert_eq!(values("http.request.resend_count"), [Value::I64(1)]);
    assert_eq!(values("server.port"), [Value::I64(443), Value::I64(443)]);
    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["GET /v1.0/groups", "GET /v1.0/groups", "groups.list"]);
}
