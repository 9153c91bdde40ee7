//! The operation table and the specification that the simulator answers by are about the same operations.

use std::collections::BTreeSet;

use graph_facade::graph_models::{ApiVersion, OPERATIONS, OperationInfo};
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../spec/graph-v1.0.yaml");

/// `id METHOD template` of every operation in the specification.
fn specified() -> BTreeSet<String> {
    let document: Value = serde_saphyr::from_str(DOCUMENT).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                found.insert(format!("{id} {} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

#[test]
fn every_row_is_in_the_specification_with_the_same_method_and_path_and_nothing_else_is() {
    let rows: BTreeSet<String> =
        OPERATIONS.iter().map(|row| format!("{} {} {}", row.id, row.method, row.template)).collect();
    assert_eq!(rows.len(), OPERATIONS.len());
    assert_eq!(rows, specified());
}

#[test]
fn what_can_not_be_repeated_is_known() {
    let unsafe_rows: Vec<_> = OPERATIONS.iter().filter(|row| !row.idempotent).map(|row| row.id).collect();
    insta::assert_snapshot!(unsafe_rows.join("\n"));
}

#[test]
fn only_the_creation_of_a_community_and_copies_go_on_after_their_answers() {
    let lasting = OPERATIONS.iter().filter(|row| row.starts_operation).map(|row| row.id);
    let expected =
        ["communities.create", "onenote_notebooks.copy", "onenote_pages.copy", "onenote_sections.copy"];
    assert_eq!(lasting.collect::<Vec<_>>(), expected);
}

#[test]
fn every_operation_has_a_rate_limit() {
    // What is in an envelope counts, not the envelope.
    for row in OPERATIONS.iter().filter(|row| row.id != "batch") {
        let bucket = row.bucket.unwrap_or_else(|| panic!("{} is in no bucket of limits.toml", row.id)).id;
        let engage = ["communities.", "engagement_"].iter().any(|area| row.id.starts_with(area));
        assert_eq!(bucket == "viva_engage", engage, "{}", row.id);
    }
}

#[test]
fn what_needs_a_header_is_known_and_its_words_say_so() {
    let document: Value = serde_saphyr::from_str(DOCUMENT).unwrap();
    for row in OPERATIONS.iter().filter(|row| !row.required_headers.is_empty()) {
        let words = &document["paths"][row.template][row.method.to_lowercase()]["description"];
        for header in row.required_headers {
            assert!(words.as_str().unwrap().contains(&format!("`{header}`")), "{}: {words}", row.id);
        }
    }
    let needing = |header| {
        let rows = OPERATIONS.iter().filter(move |row| row.required_headers == [header]);
        rows.map(|row| row.id).collect::<Vec<_>>()
    };
    let changes_planner = |row: &&&OperationInfo| {
        row.template.starts_with("/planner/") && ["PATCH", "DELETE"].contains(&row.method)
    };
    let of_planner: Vec<_> = OPERATIONS.iter().filter(changes_planner).map(|row| row.id).collect();
    assert_eq!(needing("If-Match"), of_planner);
    assert_eq!(
        needing("ConsistencyLevel"),
        ["groups.count", "groups.members.count", "groups.transitive_members.count"]
    );
}

#[test]
fn only_group_settings_have_other_paths_in_beta() {
    let moved = OPERATIONS.iter().filter(|row| row.template_for(ApiVersion::Beta) != row.template);
    let moved: Vec<_> =
        moved.map(|row| format!("{} {}", row.id, row.template_for(ApiVersion::Beta))).collect();
    insta::assert_snapshot!(moved.join("\n"));
    assert!(OPERATIONS.iter().all(|row| row.template_for(ApiVersion::V1) == row.template));
}
