//! The schemas of the models, behind the feature `schemars`.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

use graph_models::models::Group;

#[test]
fn a_schema_names_the_properties_as_the_wire_does() {
    let schema = serde_json::to_value(schemars::schema_for!(Group)).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    assert!(properties.contains_key("displayName") && properties.contains_key("@odata.type"));
    assert_eq!(properties["mailEnabled"]["type"], "boolean");
    assert_eq!(schema["$defs"]["GraphDateTime"]["format"], "date-time");
}
