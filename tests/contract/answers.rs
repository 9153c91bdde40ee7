//! What a caller gets for successful answers that nobody expected.

use std::sync::{Arc, Mutex};

use graph_facade::models::CommunityPrivacy;
use graph_facade::{ErrorKind, ForeignAddress};
use graph_sim::{Fault, Sim};
use http::HeaderName;
use serde_json::{Value, json};

use crate::support::{assert_clean, client, pilots, statuses};

#[tokio::test(start_paused = true)]
async fn an_enum_member_of_tomorrow_is_kept_byte_for_byte() {
    let fault = Fault::alter("communities.get", |json| json["privacy"] = "Hidden Membership".into());
    let sim = Sim::builder().community("Pilots", ["ada"]).fault(fault).build();
    let id = sim.community_id("Pilots").unwrap();

    let community = client(&sim, "ada").communities().get(id).await.unwrap();
    let privacy = community.privacy.clone().unwrap();
    assert!(privacy.is_unknown());
    assert_eq!(privacy.as_str(), "Hidden Membership");
    assert_eq!(privacy, CommunityPrivacy::from("Hidden Membership"));
    assert_eq!(community.display_name.as_deref(), Some("Pilots"), "the rest is read as ever");
    assert_eq!(serde_json::to_value(&community).unwrap()["privacy"], "Hidden Membership");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn a_property_of_tomorrow_is_kept_and_written_back() {
    let sent = Arc::new(Mutex::new(Value::Null));
    let copy = Arc::clone(&sent);
    let fault = Fault::alter("communities.get", move |json| {
        json["mood"] = json!({"today": ["calm", 1.50, null]});
        json["description"] = Value::Null;
        *copy.lock().unwrap() = json.clone();
    });
    let sim = Sim::builder().community("Pilots", ["ada"]).fault(fault).build();
    let id = sim.community_id("Pilots").unwrap();

    let community = client(&sim, "ada").communities().get(id).await.unwrap();
    assert_eq!(community.extra.get("mood"), Some(r#"{"today":["calm",1.5,null]}"#));
    assert_eq!(serde_json::to_value(&community).unwrap(), *sent.lock().unwrap(), "nulls included");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_without_an_address_says_what_is_missing_and_is_not_repeated() {
    let sim = Sim::builder().user("ada").fault(Fault::respond("communities.create", 202)).build();

    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.message().contains("the address of its operation is missing"), "{error}");
    assert!(error.maybe_processed(), "the service accepted, so the community may come");
    assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (202, 1));
    assert!(error.request_id().is_some() && error.client_request_id().is_some());
    assert_eq!(statuses(&sim), [Some(202)], "never a second POST");
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_that_names_another_host_is_reported_and_not_followed() {
    let address = "https://graph.microsoft.com.evil.example/v1.0/ops/1";
    let header = (HeaderName::from_static("operation-location"), address.parse().unwrap());
    let fault = Fault::respond("communities.create", 202).header(header.0, header.1);
    let sim = Sim::builder().user("ada").fault(fault).build();

    let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<ForeignAddress>().unwrap().address, address);
    assert_eq!(error.location(), Some(address), "so that nothing is lost");
    assert!(error.maybe_processed());
    assert_eq!(statuses(&sim), [Some(202)]);
    assert_clean(&sim);
}

#[tokio::test(start_paused = true)]
async fn no_error_about_an_acceptance_says_that_nothing_was_sent() {
    let address = "https://evil.example/v1.0/ops/1".parse().unwrap();
    let foreign = Fault::respond("communities.create", 202)
        .header(HeaderName::from_static("operation-location"), address);
    for fault in [Fault::respond("communities.create", 202), foreign] {
        let sim = Sim::builder().user("ada").fault(fault).build();
        let error = client(&sim, "ada").communities().create(pilots()).await.unwrap_err();
        assert!(!error.to_string().contains("nothing was sent"), "{error}");
        assert_clean(&sim);
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_is_no_json_is_an_error_with_everything_about_the_answer() {
    let page = "<html>Sign in to the guest network</html>";
    let fault = Fault::respond("groups.list", 200).content_type("text/html").body(page);
    let sim = Sim::builder().user("ada").fault(fault).build();

    let error = client(&sim, "ada").groups().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.body(), page);
    assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (200, 1));
    assert!(error.request_id().is_some() && error.client_request_id().is_some());
    assert_clean(&sim);
}
