//! The operation table and the specification that the simulator answers by are about the same operations.

use std::collections::BTreeSet;

use graph_facade::graph_models::OPERATIONS;
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
fn only_the_creation_of_a_community_goes_on_after_its_answer() {
    let lasting = OPERATIONS.iter().filter(|row| row.starts_operation).map(|row| row.id);
    assert_eq!(lasting.collect::<Vec<_>>(), ["communities.create"]);
}

#[test]
fn every_operation_has_a_rate_limit() {
    for row in OPERATIONS {
        let bucket = row.bucket.unwrap_or_else(|| panic!("{} is in no bucket of limits.toml", row.id)).id;
        let engage = ["communities.", "engagement_"].iter().any(|area| row.id.starts_with(area));
        assert_eq!(bucket == "viva_engage", engage, "{}", row.id);
    }
}
