//! Addresses in bodies: every place where the contract has one takes every form of it.

use std::collections::BTreeSet;

use super::*;
use crate::address::tests::forms;
use crate::document::json_content;
use crate::spec::Spec;

/// The directory's types.
const DIRECTORY: [&str; 3] = ["user", "group", "directoryObject"];

/// Names of directory objects that a body may hold, by operation.
fn places() -> BTreeSet<(String, String)> {
    let document = &Spec::shared().document;
    let mut places = BTreeSet::new();
    for endpoint in document.endpoints() {
        let body = document.resolve(&endpoint.node["requestBody"]);
        let mut queue: Vec<&Value> = json_content(body).into_iter().collect();
        while let Some(schema) = queue.pop().map(|schema| document.resolve(schema)) {
            queue.extend(schema["allOf"].as_array().into_iter().flatten());
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let text = property.to_string();
                let is_of_directory =
                    DIRECTORY.iter().any(|it| text.contains(&format!("schemas/microsoft.graph.{it}\"")));
                if property["x-ms-navigationProperty"] == true && is_of_directory {
                    places.insert((endpoint.id.to_owned(), format!("{name}@odata.bind")));
                } else if name == "@odata.id" {
                    places.insert((endpoint.id.to_owned(), name.clone()));
                }
            }
        }
    }
    places
}

/// The tenant, and a client that no quota stops.
fn tenant() -> (Sim, Client) {
    let sim = Sim::builder().group("Pilots", ["ada"]).user("grace").unlimited().build();
    let ada = Client::new(&sim, "ada");
    (sim, ada)
}

/// A request that names `address` where `operation` takes it.
async fn send(sim: &Sim, ada: &Client, operation: &str, name: &str, address: &str) -> Answer {
    let group = format!("/v1.0/groups/{}", sim.group_id("Pilots").unwrap());
    let roles = "/v1.0/employeeExperience/roles";
    match operation {
        "communities.create" => {
            let mut body = new_community("Crew");
            body[name] = json!([address]);
            ada.post(COMMUNITIES, body).await
        }
        "engagement_roles.members.add" => {
            let role = ada.get(roles).await.each("id")[0].to_owned();
            ada.post(&format!("{roles}/{role}/members"), json!({ name: address })).await
        }
        "groups.create" => {
            let mut body = json!({ "displayName": "Crew", "mailNickname": "crew", "mailEnabled": true });
            body["securityEnabled"] = json!(false);
            body["groupTypes"] = json!(["Unified"]);
            body[name] = json!([address]);
            ada.post("/v1.0/groups", body).await
        }
        "groups.update" => ada.patch(&group, json!({ name: [address] })).await,
        "groups.members.add" => ada.post(&format!("{group}/members/$ref"), json!({ name: address })).await,
        "groups.owners.add" => ada.post(&format!("{group}/owners/$ref"), json!({ name: address })).await,
        other => panic!("{other} takes addresses in {name}, and nobody tries it"),
    }
}

/// Places that the contract has and the service doesn't write.
const UNWRITTEN: [(&str, &str); 4] = [
    ("communities.create", "group@odata.bind"),
    ("communities.update", "group@odata.bind"),
    ("communities.update", "owners@odata.bind"),
    ("groups.update", "owners@odata.bind"),
];

#[tokio::test(start_paused = true)]
async fn every_place_takes_every_form_of_an_address() {
    let mut tried = 0;
    for (operation, name) in places() {
        if UNWRITTEN.contains(&(operation.as_str(), name.as_str())) {
            continue;
        }
        let id = tenant().0.user_id("grace");
        let forms = ["users", "directoryObjects"].map(|collection| forms(ROOT, collection, &id));
        for form in forms.iter().flatten() {
            let (sim, ada) = tenant();
            let answer = send(&sim, &ada, &operation, &name, form).await;
            assert!(answer.status.is_success(), "{operation}, {name}, {form}: {}", answer.json);
            assert_eq!(sim.violations(), [""; 0], "{operation}, {name}, {form}");
            tried += 1;
        }
        let (sim, ada) = tenant();
        for wrong in [format!("https://other.example/v1.0/users/{id}"), format!("{ROOT}/users/{id}")] {
            let answer = send(&sim, &ada, &operation, &name, &wrong).await;
            assert_eq!(answer.status, 400, "{operation}, {name}, {wrong}: {}", answer.json);
        }
    }
    assert!(tried > 200, "{tried}");
}

#[tokio::test(start_paused = true)]
async fn what_the_tenant_lacks_is_not_found_whatever_its_kind() {
    let (sim, ada) = tenant();
    for collection in ["users", "groups", "devices", "servicePrincipals", "directoryObjects"] {
        let address = format!("{ROOT}/v1.0/{collection}/{}", sim.user_id("nobody"));
        for operation in ["groups.members.add", "groups.owners.add"] {
            let answer = send(&sim, &ada, operation, "@odata.id", &address).await;
            answer.assert_refused(404, "Request_ResourceNotFound", &sim.user_id("nobody"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_is_not_found_in_a_collection_of_another_kind() {
    let (sim, ada) = tenant();
    let (grace, pilots) = (sim.user_id("grace"), sim.group_id("Pilots").unwrap());
    for operation in ["groups.members.add", "groups.owners.add"] {
        for (collection, id) in [("groups", &grace), ("users", &pilots), ("devices", &grace)] {
            let address = format!("{ROOT}/v1.0/{collection}/{id}");
            let answer = send(&sim, &ada, operation, "@odata.id", &address).await;
            answer.assert_refused(404, "Request_ResourceNotFound", id);
        }
    }
    let as_group = format!("{ROOT}/v1.0/groups/{grace}");
    for (operation, name) in
        [("engagement_roles.members.add", "user@odata.bind"), ("communities.create", "owners@odata.bind")]
    {
        let answer = send(&sim, &ada, operation, name, &as_group).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.json);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_made_in_a_group_by_any_address_of_it() {
    let (sim, ada) = tenant();
    let id = sim.group_id("Pilots").unwrap();
    for url in forms(ROOT, "groups", &id) {
        let plan = json!({ "title": "Plan", "container": { "url": url } });
        let answer = ada.post("/v1.0/planner/plans", plan).await;
        assert_eq!(answer.status, 201, "{url}: {}", answer.json);
    }
    let plan = json!({ "title": "Plan", "container": { "url": format!("{ROOT}/v1.0/users/{id}") } });
    ada.post("/v1.0/planner/plans", plan).await.assert_refused(400, "", "only groups are containers");
    assert_eq!(sim.violations(), [""; 0]);
}
