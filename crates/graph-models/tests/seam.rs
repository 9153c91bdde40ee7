//! The raw client through the seam: what leaves, and what comes back.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use graph_models::models::{Community, CommunityPrivacy, NewCommunity};
use graph_models::{
    BoxFuture, Dispatch, DispatchError, Failure, Id, OPERATIONS, OperationInfo, Quota, RawClient, Seam,
    operation, operations,
};
use http::{Request, Response};

/// Remembers the request and answers with one prepared outcome.
#[derive(Debug)]
struct Fake {
    seen: Mutex<Option<(&'static OperationInfo, Request<Bytes>)>>,
    outcome: Mutex<Option<Result<Response<Bytes>, DispatchError>>>,
}

impl Dispatch for Fake {
    fn dispatch(
        self: Arc<Self>,
        operation: &'static OperationInfo,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, DispatchError>> {
        *self.seen.lock().unwrap() = Some((operation, request));
        let outcome = self.outcome.lock().unwrap().take().unwrap();
        Box::pin(async move { outcome })
    }
}

fn answers(outcome: Result<Response<Bytes>, DispatchError>) -> (Arc<Fake>, RawClient) {
    let fake = Arc::new(Fake { seen: Mutex::default(), outcome: Mutex::new(Some(outcome)) });
    let client = RawClient::new("https://graph.microsoft.com/v1.0", Seam::new(fake.clone()));
    (fake, client)
}

fn answer(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("request-id", "r-1")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn pilots() -> NewCommunity {
    NewCommunity::new("Pilots", "Flight deck", CommunityPrivacy::Private)
}

#[tokio::test]
async fn a_request_leaves_with_its_operation() {
    let (fake, client) = answers(Ok(answer(200, "{}")));
    let id = Id::new("eyJ/=+%").unwrap();
    client.communities_get(&id, None, Some("id,displayName")).await.unwrap();
    let (operation, request) = fake.seen.lock().unwrap().take().unwrap();
    assert_eq!(operation, &operations::COMMUNITIES_GET);
    assert_eq!(
        request.uri().to_string(),
        "https://graph.microsoft.com/v1.0/employeeExperience/communities/eyJ%2F=+%25?%24select=id%2CdisplayName"
    );
    assert!(!request.headers().contains_key("api-version"));
}

#[tokio::test]
async fn a_space_in_a_query_is_percent_20_and_a_plus_stays_a_plus() {
    let (fake, client) = answers(Ok(answer(200, r#"{"value":[]}"#)));
    let filter = Some("displayName eq 'C++ & Co'");
    client.groups_list(None, None, filter, None, None, None, None, None).await.unwrap();
    let (_, request) = fake.seen.lock().unwrap().take().unwrap();
    assert_eq!(request.uri().query(), Some("%24filter=displayName%20eq%20%27C%2B%2B%20%26%20Co%27"));
}

#[tokio::test]
async fn an_empty_202_is_a_success_with_its_headers() {
    let (_, client) = answers(Ok(answer(202, "")));
    let response = client.communities_create(&pilots()).await.unwrap();
    assert_eq!(response.status, 202);
    assert_eq!(response.headers["request-id"], "r-1");
}

#[tokio::test]
async fn the_failure_of_the_dispatch_comes_back_unchanged() {
    let (_, client) = answers(Err("no token".into()));
    let failure = client.communities_create(&pilots()).await.unwrap_err();
    assert!(matches!(&failure, Failure::Dispatch(cause) if cause.to_string() == "no token"), "{failure:?}");
}

#[tokio::test]
async fn a_body_that_is_no_community_keeps_what_it_said() {
    let (_, client) = answers(Ok(answer(200, "<html>")));
    let failure = client.communities_get(&Id::new("c").unwrap(), None, None).await.unwrap_err();
    assert!(matches!(&failure, Failure::Decode { body, .. } if body == "<html>"), "{failure:?}");
}

#[tokio::test]
async fn an_empty_body_reads_as_null_and_nothing_else() {
    let (_, client) = answers(Ok(answer(200, "")));
    let failure = client.communities_get(&Id::new("c").unwrap(), None, None).await.unwrap_err();
    let Failure::Decode { body, source } = &failure else { panic!("{failure:?}") };
    assert_eq!((body.len(), source.to_string()), (0, "the body is empty".to_owned()));
    assert_eq!(graph_runtime::read::<Option<Community>>(b"").unwrap(), None);
}

#[test]
fn a_body_that_cant_be_read_says_why() {
    let cases: [(&[u8], &str); 4] = [
        (b" ", "EOF while parsing a value at line 1 column 1"),
        (b"null", "invalid type: null, expected an object of type Community at line 1 column 4"),
        (b"{} {}", "trailing characters at line 1 column 4"),
        (b"{\"x\":\"\xff\"}", "invalid utf-8 sequence of 1 bytes from index 6"),
    ];
    for (body, why) in cases {
        assert_eq!(graph_runtime::read::<Community>(body).unwrap_err().to_string(), why);
    }
}

#[tokio::test]
async fn a_dispatch_that_lets_an_error_pass_is_told_by_its_status() {
    let (_, client) = answers(Ok(answer(404, "")));
    let failure = client.communities_get(&Id::new("c").unwrap(), None, None).await.unwrap_err();
    assert!(matches!(failure, Failure::UnexpectedStatus(status) if status == 404), "{failure:?}");
}

#[tokio::test]
async fn what_can_t_be_serialised_is_never_dispatched() {
    let (fake, client) = answers(Ok(answer(202, "")));
    let new = NewCommunity::new("Pilots", "Flight deck", "unknownFutureValue".into());
    let failure = client.communities_create(&new).await.unwrap_err();
    assert!(
        matches!(&failure, Failure::InvalidRequest(why) if why.contains("`unknownFutureValue`")),
        "{failure:?}"
    );
    assert!(fake.seen.lock().unwrap().is_none());
}

#[tokio::test]
async fn a_call_is_written_instead_of_sent() {
    let client = RawClient::new("https://graph.microsoft.com/v1.0", Seam::unconnected());
    let id = Id::new("g1").unwrap();
    let written = client.groups_get(&id, None, Some("id")).into_request().unwrap();
    assert_eq!(written.operation, &operations::GROUPS_GET);
    assert_eq!(written.request.uri().path_and_query().unwrap().as_str(), "/v1.0/groups/g1?%24select=id");
    let mut unknown = Vec::new();
    let read = (written.read)(&answer(200, r#"{"id":"g1","nwe":1}"#), &mut |group| {
        group.inspect("", &mut |it| unknown.push(it.name.to_owned()));
    });
    assert_eq!((read.unwrap().id.unwrap().as_str(), unknown), ("g1", vec!["nwe".to_owned()]));

    let failure = client.groups_get(&id, None, None).await.unwrap_err();
    assert_eq!(failure.to_string(), "this client only writes requests");
    let new = NewCommunity::new("Pilots", "Flight deck", "unknownFutureValue".into());
    let failure = client.communities_create(&new).into_request().unwrap_err();
    assert!(matches!(failure, Failure::InvalidRequest(_)), "{failure:?}");
}

#[tokio::test]
async fn an_answer_is_read_as_the_caller_says() {
    let (_, client) = answers(Ok(answer(200, r#"{"value":[]}"#)));
    let list = client.groups_list(None, None, None, None, None, None, None, None);
    let length = list.read_by(|answer, _| Ok(answer.body().len())).await.unwrap();
    assert_eq!((length.value, length.status.as_u16()), (12, 200));
}

#[test]
fn the_table_is_sorted_and_complete() {
    assert!(OPERATIONS.is_sorted_by_key(|operation| operation.name));
    let create = operation("communities.create").unwrap();
    assert!(create.starts_operation && !create.idempotent);
    assert_eq!(
        create.bucket.map(|bucket| bucket.quotas),
        Some(&[Quota { requests: 10, window: Duration::from_secs(30) }][..])
    );
    assert_eq!(operation("communities.destroy"), None);
    for operation in OPERATIONS {
        // An envelope needs what the calls in it need.
        let permitted = !operation.delegated_scopes.is_empty() || !operation.application_scopes.is_empty();
        assert!(permitted || operation.id == "batch", "{}", operation.id);
        assert!(!operation.clouds.is_empty() && !operation.success.is_empty(), "{}", operation.id);
    }
}
