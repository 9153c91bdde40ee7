use std::sync::Arc;

use bytes::Bytes;
use graph_runtime::{ApiVersion, Dispatch as _, Identify as _, OperationInfo};
use graph_things::operations;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use crate::pipeline::tests::Untouchable;
use crate::testing::{Reply, Script, THINGS};
use crate::{BoxError, CallContext, Client, Error, ErrorKind, Middleware};

/// An operation that only v1.0 has; none of the table is like that.
static ONLY_IN_V1: OperationInfo = THINGS;

#[tokio::test(start_paused = true)]
async fn an_operation_that_the_version_lacks_is_refused_with_the_version_that_has_it() {
    let script = Script::new([]);
    let client = script.builder().credential(Untouchable).version(ApiVersion::Beta).build().unwrap();
    let url = Url::parse("https://graph.microsoft.com/beta/things").unwrap();
    let (headers, pipeline) = (HeaderMap::new(), &client.pipeline);
    let error = pipeline.get(&ONLY_IN_V1, &url, &headers, &client.terms()).await.unwrap_err();
    let expected = "things.get: nothing was sent: beta does not offer this; v1.0 does: build the client with that `version`";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(script.requests().is_empty());
}

async fn delete_part(client: &Client, headers: HeaderMap) -> Result<(), Error> {
    let id = "p1".identify().unwrap();
    let operation = &operations::PARTS_DELETE;
    let outcome = client.clone().call(operation, headers.into(), |writer| {
        Ok(writer.raw(graph_things::RawClient::new).parts_delete(&id))
    });
    outcome.await.map(|response| response.value)
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_header_that_the_operation_needs_is_refused_with_the_remedy() {
    let script = Script::new([]);
    let client = script.builder().credential(Untouchable).build().unwrap();
    let empty = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(""))]);
    for headers in [HeaderMap::new(), empty] {
        let error = delete_part(&client, headers).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
        let expected = "parts.delete: nothing was sent: the header `If-Match` is missing: read the object first \
             and send its `@odata.etag`, with `header` on the request";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert!(script.requests().is_empty());
}

/// Knows the etags of what it has seen.
#[derive(Debug)]
struct Etags;

impl Middleware for Etags {
    fn on_request(&self, _: &CallContext<'_>, headers: &mut HeaderMap) -> Result<(), BoxError> {
        headers.insert(header::IF_MATCH, HeaderValue::from_static("W/\"2\""));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_that_the_operation_needs_may_come_from_the_call_or_from_middleware() {
    let script = Script::new([Reply::new(204), Reply::new(204)]);
    let etag = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("W/\"1\""))]);
    delete_part(&script.client(), etag).await.unwrap();
    delete_part(&script.builder().call_middleware(Etags).build().unwrap(), HeaderMap::new()).await.unwrap();
    let sent: Vec<_> = script.requests().iter().map(|sent| sent.headers()["if-match"].clone()).collect();
    assert_eq!(sent, ["W/\"1\"", "W/\"2\""]);
}

#[tokio::test(start_paused = true)]
async fn steps_within_a_path_are_taken_before_the_request_is_sent() {
    let script = Script::new([Reply::new(200)]);
    let client = Arc::new(script.client());
    let call = |path: &str| {
        let request = http::Request::get(format!("https://graph.microsoft.com{path}"));
        Arc::clone(&client).dispatch(&THINGS, request.body(Bytes::new()).unwrap())
    };
    call("/v1.0/things/a/..\\%2e/%2E%2e/things?q=/../a").await.unwrap();
    assert_eq!(script.requests()[0].uri(), "https://graph.microsoft.com/v1.0/things?q=/../a");
    let refusal = call("/v1.0/things/../%2e%2E/secrets").await.unwrap_err().to_string();
    assert!(refusal.contains("is not below https://graph.microsoft.com: no request was sent"), "{refusal}");
    assert_eq!(script.requests().len(), 1);
}
