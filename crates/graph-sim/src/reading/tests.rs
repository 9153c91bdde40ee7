use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Reading;
use crate::spec::Spec;
use crate::types::{Property, SENTINEL, Scalar, Types};

/// How deep the types nest in what is tried.
const DEPTH: usize = 4;

/// As a client may write it, and as the metadata does.
type Pair = (Value, Value);

fn value(types: &Types, property: &Property, depth: usize, tried: &mut BTreeSet<String>) -> Pair {
    if let Some(member) = property.members.iter().rfind(|member| *member != SENTINEL) {
        return (json!(member.to_uppercase()), json!(member));
    }
    match (property.scalar, &property.target) {
        (Some(Scalar::Bool), _) => (json!("True"), json!(true)),
        (Some(Scalar::Number), _) => (json!(" 3"), json!(3)),
        (Some(Scalar::Moment), _) => (json!("2026-01-05T10:00:00.50+02:00"), json!("2026-01-05T08:00:00.5Z")),
        (None, Some(target)) if depth > 0 => object(types, target, depth - 1, tried),
        (None, Some(_)) => (Value::Null, Value::Null),
        (None, None) => (json!("Some Text"), json!("Some Text")),
    }
}

fn object(types: &Types, of: &str, depth: usize, tried: &mut BTreeSet<String>) -> Pair {
    let (mut sent, mut read) = (Map::new(), Map::new());
    for (name, property) in types.properties(of).filter(|(name, _)| !name.contains('@')) {
        tried.insert(format!("{of}.{name}"));
        let (odd, plain) = value(types, property, depth, tried);
        sent.insert(name.to_uppercase(), json!([odd]));
        read.insert(name.to_owned(), json!([plain]));
        if property.is_navigation {
            sent.insert(format!("{}@OData.Bind", name.to_uppercase()), json!("an address"));
            read.insert(format!("{name}@odata.bind"), json!("an address"));
        }
    }
    if let Some(entry) = types.of_member(of, "Key Of Mine") {
        let (odd, plain) = value(types, entry, depth, tried);
        sent.insert("Key Of Mine".to_owned(), odd);
        read.insert("Key Of Mine".to_owned(), plain);
    }
    if of.starts_with("microsoft.graph.") {
        sent.insert("@odata.type".to_owned(), json!(of));
        read.insert("@odata.type".to_owned(), json!(format!("#{of}")));
    }
    (sent.into(), read.into())
}

/// Every operation with a body, every property of it, every member, every type.
#[test]
fn every_body_is_read_in_every_spelling() {
    let spec = Spec::shared();
    let mut tried = BTreeSet::new();
    for endpoint in spec.document.endpoints() {
        let Some(declared) = spec.types.request(endpoint.id) else { continue };
        let (mut body, expected) = value(&spec.types, declared, DEPTH, &mut tried);
        Reading::new(&spec.types).read(endpoint.id, &mut body).unwrap();
        assert_eq!(body, expected, "{}", endpoint.id);
        // What is spelled well stays as it is.
        let mut again = body.clone();
        let mut reading = Reading::new(&spec.types);
        reading.read(endpoint.id, &mut again).unwrap();
        assert_eq!((again, reading.remarks), (body, Vec::new()), "{}", endpoint.id);
    }
    assert!(tried.len() > 250, "{}", tried.len());
    for one in
        ["plannerAssignment.orderHint", "onenotePatchContentCommand.action", "post.body", "itemBody.content"]
    {
        assert!(tried.contains(&format!("microsoft.graph.{one}")), "{one}");
    }
}

fn read(operation: &str, mut body: Value) -> (Value, Vec<String>) {
    let mut reading = Reading::new(&Spec::shared().types);
    reading.read(operation, &mut body).unwrap();
    (body, reading.remarks)
}

#[test]
fn texts_that_are_read_as_something_else_are_remarked_upon() {
    let (body, remarks) =
        read("groups.create", json!({ "mailEnabled": "true", "unseenCount": "1", "theme": "1" }));
    assert_eq!(body, json!({ "mailEnabled": true, "unseenCount": 1, "theme": "1" }));
    assert_eq!(
        remarks,
        ["/mailEnabled: the text \"true\" was read as true", "/unseenCount: the text \"1\" was read as 1"]
    );
    for stays in
        [json!({ "mailEnabled": "yes" }), json!({ "mailEnabled": "1" }), json!({ "unseenCount": "true" })]
    {
        assert_eq!(read("groups.create", stays.clone()), (stays, Vec::new()));
    }
}

#[test]
fn the_name_of_a_type_counts_in_whatever_case_its_annotation_is() {
    let all = json!({ "@OData.Type": "microsoft.graph.openTypeExtension", "@odata.type": "#x" });
    let mut reading = Reading::new(&Spec::shared().types);
    assert!(reading.read("groups.create", &mut all.clone()).is_err(), "it is there twice");
    let (body, _) = read(
        "planner_tasks.update",
        json!({ "assignments": { "7": {
        "@OData.Type": "#microsoft.graph.plannerassignment", "ORDERHINT": " !" } } }),
    );
    let expected = json!({ "@odata.type": "#microsoft.graph.plannerAssignment", "orderHint": " !" });
    assert_eq!(body["assignments"]["7"], expected);
}

#[test]
fn dates_without_an_offset_are_read_where_the_documentation_has_them() {
    for (operation, name, sent, expected) in [
        ("learning_contents.upsert", "createdDateTime", "2026-01-05T08:00:00", "2026-01-05T08:00:00Z"),
        (
            "learning_contents.upsert",
            "createdDateTime",
            "2026-01-05T08:00:00.1234567",
            "2026-01-05T08:00:00.1234567Z",
        ),
        (
            "learning_contents.upsert",
            "createdDateTime",
            "2026-01-05T08:00:00.10+00:00",
            "2026-01-05T08:00:00.10Z",
        ),
        ("learning_contents.upsert", "createdDateTime", "2026-01-05T23:30:00-01:00", "2026-01-06T00:30:00Z"),
        ("learning_contents.upsert", "createdDateTime", "yesterday", "yesterday"),
        ("planner_tasks.create", "dueDateTime", "2026-01-05T08:00:00", "2026-01-05T08:00:00"),
        ("planner_tasks.create", "dueDateTime", "2026-01-05T08:00:00+01:00", "2026-01-05T07:00:00Z"),
    ] {
        assert_eq!(read(operation, json!({ name: sent })).0, json!({ name: expected }), "{sent}");
    }
}

#[test]
fn words_of_the_documentation_are_read_like_members() {
    let body =
        json!({ "Visibility": "hiddenmembership", "GROUPTYPES": ["unified"], "displayName": "PUBLIC" });
    let expected =
        json!({ "visibility": "HiddenMembership", "groupTypes": ["Unified"], "displayName": "PUBLIC" });
    assert_eq!(read("groups.create", body).0, expected);
}

#[test]
fn a_property_in_two_spellings_is_refused() {
    let mut body = json!({ "DisplayName": "a", "displayName": "b" });
    let refusal = Reading::new(&Spec::shared().types).read("groups.create", &mut body).unwrap_err();
    assert!(refusal.status == 400 && refusal.message.contains("/displayName"), "{}", refusal.message);
}
