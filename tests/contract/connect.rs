//! The raw client of a generated crate goes through the facade's pipeline.

use graph_facade::graph_models::RawClient;
use graph_facade::{Error, ErrorKind};
use graph_sim::{Fault, Sim};

use super::support::{assert_clean, client, statuses};

#[tokio::test(start_paused = true)]
async fn its_calls_carry_a_token_and_are_tried_again() {
    let sim = Sim::builder().user("ada").fault(Fault::throttle("communities.list").times(1)).build();
    let raw = client(&sim, "ada").connect(RawClient::new);
    let page = raw.communities_list(None, None, None, None, None, None, None, None).await.unwrap().value;
    assert!(page.value.is_empty());
    assert_eq!(statuses(&sim), [Some(429), Some(200)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_the_pipelines_error() {
    let sim = Sim::builder().user("ada").build();
    let raw = client(&sim, "ada").connect(RawClient::new);
    let nobody = graph_facade::Id::new("nobody").unwrap();
    let error = Error::from(raw.communities_get(&nobody, None, None).await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.operation(), Some("communities.get"));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
}
