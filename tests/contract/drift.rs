//! What the service sends and the models do not know: told once, counted, and never with a value.

use futures_util::TryStreamExt as _;
use graph_facade::models::Group;
use graph_facade::{Client, UnknownKind};
use graph_sim::{Fault, Sim};
use serde_json::json;

use crate::recorder::record;
use crate::support::{assert_clean, builder, client, pilots};

const EVENT: &str = "the models do not know this";

/// What, type, name and place, where it was first seen, and how often.
fn drift(client: &Client) -> Vec<String> {
    let of = |kind: UnknownKind| kind.as_str();
    let entries = client.drift().entries.into_iter();
    let line = entries.map(|it| {
        let place = it.place.unwrap_or_default();
        format!(
            "{} {} {} at {place:?} from {} ×{}",
            of(it.what),
            it.type_name,
            it.name,
            it.first_seen,
            it.count
        )
    });
    line.collect()
}

#[tokio::test(start_paused = true)]
async fn each_name_is_told_once_and_counted_for_all_clones() {
    let moved_on = Fault::alter("groups.list", |json| {
        for group in json["value"].as_array_mut().unwrap() {
            group["ownersAge"] = json!("Ada is 36");
            group["extension_0123_badge"] = json!("Ada");
        }
    });
    let names = ["Pilots", "Cooks", "Nurses"];
    let sim = names.iter().fold(Sim::builder(), |sim, name| sim.group(name, ["ada"]));
    let sim = sim.page_size(2).fault(moved_on.times(9)).build();
    let (recording, _guard) = record();
    let client = client(&sim, "ada");
    let clone = client.as_app().on_behalf_of_user();
    client.groups().list().items().try_collect::<Vec<Group>>().await.unwrap();
    clone.groups().list().await.unwrap();
    assert_eq!(drift(&client), ["property Group ownersAge at \"\" from groups.list ×3"]);
    assert_eq!(client.drift(), clone.drift());
    assert_eq!(recording.values(EVENT, "graph.drift.name"), ["ownersAge"]);
    assert_eq!(recording.values(EVENT, "graph.operation"), ["groups.list"]);
    assert!(recording.fields().iter().all(|(_, value)| !value.contains("Ada")));
}

#[tokio::test(start_paused = true)]
async fn members_and_types_are_seen_wherever_an_answer_is_read() {
    let polled = Fault::alter("engagement_async_operations.get", |json| json["progress"] = json!(7)).times(1);
    let fetched = Fault::alter("communities.get", |json| json["privacy"] = json!("secret")).times(9);
    let listed = Fault::alter("groups.members.list", |json| {
        json["value"] = json!([{"@odata.type": "#microsoft.graph.robot", "id": "r2"}]);
    });
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(polled).fault(fetched).fault(listed).build();
    let client = client(&sim, "ada");
    client.communities().create(pilots()).await.unwrap().wait().await.unwrap();
    client.groups().members(sim.group_id("Pilots").unwrap()).list().await.unwrap();
    let expected = [
        "member CommunityPrivacy secret at \"Community.privacy\" from communities.get ×1",
        "property EngagementAsyncOperation progress at \"\" from engagement_async_operations.get ×1",
        "type DirectoryObject #microsoft.graph.robot at \"\" from groups.members.list ×1",
    ];
    assert_eq!(drift(&client), expected);
    // What `cargo codegen diff --drift` reads.
    let json = serde_json::to_string_pretty(&client.drift()).unwrap();
    assert_eq!(json, include_str!("../../crates/codegen/tests/support/drift.json").trim_end());
}

#[tokio::test(start_paused = true)]
async fn a_raw_clients_calls_count_too() {
    let moved_on = Fault::alter("groups.list", |json| json["value"][0]["new"] = json!(1));
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(moved_on).build();
    let client = client(&sim, "ada");
    let raw = client.connect(graph_facade::graph_models::RawClient::new);
    raw.groups_list(None, None, None, None, None, None, None, None).await.unwrap();
    assert_eq!(drift(&client), ["property Group new at \"\" from groups.list ×1"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_unknown_of_what_is_modelled_and_nothing_is_looked_for_if_unwanted() {
    let sim = Sim::builder().group("Pilots", ["ada"]).build();
    let knowing = client(&sim, "ada");
    knowing.groups().list().await.unwrap();
    assert_eq!(drift(&knowing), [""; 0]);
    assert_clean(&sim);

    let moved_on = Fault::alter("groups.list", |json| json["value"][0]["new"] = json!(1));
    let sim = Sim::builder().group("Pilots", ["ada"]).fault(moved_on).build();
    let incurious = builder(&sim, "ada").without_drift().build().unwrap();
    let (recording, _guard) = record();
    incurious.groups().list().await.unwrap();
    assert_eq!((drift(&incurious), recording.values(EVENT, "graph.drift.name")), (vec![], vec![]));
}
