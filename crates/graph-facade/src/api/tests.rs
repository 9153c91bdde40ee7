use graph_models::models::{Community, CommunityPatch, CommunityPrivacy, NewCommunity};
use serde_json::{Value, json};

use super::{Added, Removed};
use crate::testing::{ROOT, Reply, Script};
use crate::{Error, ErrorKind};

fn body(script: &Script, index: usize) -> Value {
    serde_json::from_slice(script.requests()[index].body()).unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, reason: &str) {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{error}");
    assert!(error.operation().is_some(), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_the_service_would_refuse_is_not_sent() {
    let script = Script::new([]);
    let communities = script.client().communities();
    let new = |name: &str, description: &str| NewCommunity::new(name, description, CommunityPrivacy::Public);
    let long = |length| "x".repeat(length);
    refused(communities.create(new(&long(256), "")).await, "`displayName` has 256 characters");
    refused(communities.create(new("", &long(1025))).await, "`description` has 1025 characters");
    let many = (0..101).fold(new("", ""), |community, number| community.owner(format!("u{number}")));
    refused(communities.create(many).await, "101 owners");
    refused(communities.create(new("", "").owner(Community::default())).await, "no `id`");
    refused(communities.create(new("", "").owner("..")).await, "step in a path");
    let sentinel = CommunityPrivacy::from("unknownFutureValue");
    refused(communities.create(NewCommunity::new("", "", sentinel.clone())).await, "`unknownFutureValue`");
    refused(communities.update("c1", CommunityPatch::new()).await, "changes nothing");
    refused(communities.update("c1", CommunityPatch::new().display_name(long(256))).await, "256");
    refused(communities.update("c1", CommunityPatch::new().privacy(sentinel)).await, "`unknownFutureValue`");
    refused(communities.get("..").await, "step in a path");
    refused(communities.get(".").await, "step in a path");
    refused(communities.delete("").await, "empty");
    refused(communities.get(Community::default()).await, "no `id`");
    refused(script.client().groups().members("").add("u1").await, "empty");
    refused(script.client().groups().members("g1").add("").await, "empty");
}

#[tokio::test(start_paused = true)]
async fn a_change_sends_what_is_set() {
    let script = Script::new([Reply::new(204)]);
    let change = CommunityPatch::new().display_name("Navigators");
    script.client().communities().update("c1", change).await.unwrap();
    assert_eq!(script.lines(), [format!("PATCH {ROOT}/employeeExperience/communities/c1")]);
    assert_eq!(body(&script, 0), json!({"displayName": "Navigators"}));
}

#[tokio::test(start_paused = true)]
async fn ids_become_one_segment_of_the_path() {
    let script = Script::new([Reply::json(json!({})), Reply::json(json!({"value": []}))]);
    let client = script.client();
    client.users().get("ada/..#1@example.com").select(["id"]).await.unwrap();
    client.communities().owners("a?b").await.unwrap();
    assert_eq!(
        script.lines(),
        [
            format!("GET {ROOT}/users/ada%2F..%231@example.com?%24select=id"),
            format!("GET {ROOT}/employeeExperience/communities/a%3Fb/owners"),
        ]
    );
}

const EXISTS: &str =
    "One or more added object references already exist for the following modified properties: 'members'.";
const LAST_OWNER: &str = "The group must have at least one owner, hence this owner cannot be removed.";
const ABSENT: &str =
    "One or more removed object references do not exist for the following modified properties: 'members'.";

#[tokio::test(start_paused = true)]
async fn adding_twice_is_no_error() {
    let script = Script::new([Reply::new(204), Reply::error(400, "Request_BadRequest", EXISTS)]);
    let members = script.client().groups().members("g1");
    assert_eq!(members.add("u/1").await.unwrap(), Added::Now);
    let again = members.add("u/1").send_full().await.unwrap();
    assert_eq!((again.value, again.status.as_u16(), again.request_id()), (Added::Already, 400, Some("r-1")));
    assert_eq!(script.lines()[0], format!("POST {ROOT}/groups/g1/members/$ref"));
    assert_eq!(body(&script, 0), json!({"@odata.id": format!("{ROOT}/directoryObjects/u%2F1")}));
}

#[tokio::test(start_paused = true)]
async fn removing_tells_absence_from_other_refusals() {
    let missing = Reply::error(404, "Request_ResourceNotFound", "Resource 'g1' does not exist or …");
    let script = Script::new([
        Reply::new(204),
        Reply::error(400, "Request_BadRequest", ABSENT),
        Reply::error(400, "Request_BadRequest", LAST_OWNER),
        missing,
        Reply::error(404, "Request_ResourceNotFound", "Resource 'U1' does not exist or …"),
    ]);
    let owners = script.client().groups().owners("g1");
    assert_eq!(owners.remove("u1").await.unwrap(), Removed::Now);
    assert_eq!(owners.remove("u1").await.unwrap(), Removed::Already);
    assert!(owners.remove("u1").await.unwrap_err().is_last_owner());
    assert!(owners.remove("u1").await.unwrap_err().is_not_found(), "the group is what is missing");
    assert_eq!(owners.remove("u1").await.unwrap(), Removed::Already);
    assert_eq!(script.lines()[0], format!("DELETE {ROOT}/groups/g1/owners/u1/$ref"));
}

#[test]
fn everything_can_cross_threads() {
    fn crosses<T: Send>(_: T) {}
    fn is_shared<T: Send + Sync + Unpin>() {}
    is_shared::<crate::Client>();
    is_shared::<crate::Operation<Community>>();
    is_shared::<crate::PageLink>();
    let script = Script::new([]);
    let client = script.client();
    crosses(client.communities().get("c1").into_future());
    crosses(client.communities().list().items());
    crosses(client.communities().list().send());
    crosses(client.groups().members("g1").add("u1").send_full());
    crosses(async move {
        let new = NewCommunity::new("", "", CommunityPrivacy::Public);
        let mut operation = client.communities().create(new).await?;
        operation.poll().await?;
        operation.wait().await
    });
}
