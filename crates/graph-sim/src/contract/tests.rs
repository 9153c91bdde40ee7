use http::StatusCode;
use serde_json::{Value, json};

use super::Contract;
use crate::document::Document;
use crate::reply::Reply;

const DOCUMENT: &str = r"
openapi: 3.0.4
paths:
  /things:
    get:
      operationId: things.list
      x-ms-pageable: { nextLinkName: '@odata.nextLink' }
      parameters: [{ $ref: '#/components/parameters/top' }]
      responses:
        2XX: { $ref: '#/components/responses/things' }
    post:
      operationId: things.create
      requestBody: { $ref: '#/components/requestBodies/thing' }
      responses:
        '202': { description: accepted }
  /things/{thing-id}:
    get:
      operationId: things.get
      responses:
        2XX: { content: { application/json: { schema: { $ref: '#/components/schemas/thing' } } } }
    patch:
      operationId: things.update
      requestBody: { $ref: '#/components/requestBodies/thing' }
      responses:
        2XX: { content: { application/json: { schema: { $ref: '#/components/schemas/thing' } } } }
components:
  parameters:
    top: { name: $top, in: query, schema: { type: integer } }
  requestBodies:
    thing: { content: { application/json: { schema: { $ref: '#/components/schemas/thing' } } } }
  responses:
    things: { content: { application/json: { schema: { $ref: '#/components/schemas/thingCollectionResponse' } } } }
  schemas:
    page: { type: object, properties: { '@odata.nextLink': { type: string, nullable: true } } }
    thingCollectionResponse:
      type: object
      allOf:
        - $ref: '#/components/schemas/page'
        - type: object
          properties: { value: { type: array, items: { $ref: '#/components/schemas/thing' } } }
    entity:
      type: object
      required: ['@odata.type']
      properties: { id: { type: string }, '@odata.type': { type: string } }
    thing:
      allOf:
        - $ref: '#/components/schemas/entity'
        - type: object
          required: ['@odata.type', name]
          additionalProperties: { type: object }
          properties:
            name: { type: string }
            note: { type: string, nullable: true }
            count: { type: number, format: int32 }
            groupId: { type: string, readOnly: true }
            changed: { type: string, format: date-time, nullable: true }
            color:
              anyOf: [{ $ref: '#/components/schemas/color' }, { type: object, nullable: true }]
            part: { anyOf: [{ $ref: '#/components/schemas/part' }, { type: object, nullable: true }] }
            owners: { type: array, items: { $ref: '#/components/schemas/entity' }, x-ms-navigationProperty: true }
            lead: { anyOf: [{ $ref: '#/components/schemas/entity' }], x-ms-navigationProperty: true }
    boxedThing:
      allOf:
        - $ref: '#/components/schemas/thing'
        - type: object
          properties: { box: { type: string } }
    part: { type: object, properties: { size: { type: integer } } }
    color: { type: string, enum: [red, unknownFutureValue] }
";

fn contract() -> Contract {
    Contract::compile(&Document::parse(DOCUMENT).unwrap()).unwrap()
}

fn request(operation: &str, body: &Value) -> Vec<String> {
    let breaches = contract().check_request(operation, std::iter::empty(), Some(body));
    breaches.iter().map(ToString::to_string).collect()
}

fn response(operation: &str, reply: &Reply) -> Vec<String> {
    contract().check_response(operation, reply).iter().map(ToString::to_string).collect()
}

/// `expected` is what the only breach says; empty if there is none.
#[track_caller]
fn assert_breach(found: &[String], expected: &str) {
    match found {
        [] => assert_eq!(expected, ""),
        [only] if !expected.is_empty() => assert!(only.contains(expected), "{only}"),
        _ => panic!("expected '{expected}', found {found:?}"),
    }
}

#[test]
fn requests() {
    for (body, expected) in [
        (json!({ "name": "a" }), ""),
        (json!({ "name": "a", "@odata.type": "#thing" }), ""),
        (json!({}), "\"name\" is a required property"),
        (json!({ "name": null }), "/name: null is not of type \"string\""),
        (json!({ "name": "a", "note": null }), ""),
        (json!({ "name": "a", "note": 1 }), "/note: 1 is not of type \"string\""),
        (json!({ "name": "a", "count": 1.5 }), "/count: 1.5 is not of type \"integer\""),
        (json!({ "name": "a", "groupId": "b" }), "/groupId: the property 'groupId' is read-only"),
        (json!({ "name": "a", "color": null }), ""),
        (json!({ "name": "a", "color": "red" }), ""),
        (json!({ "name": "a", "color": "blue" }), "/color: \"blue\" is not one of"),
        (json!({ "name": "a", "color": "unknownFutureValue" }), "/color"),
        (json!({ "name": "a", "part": { "size": 1 } }), ""),
        (json!({ "name": "a", "part": { "sise": 1 } }), "/part: the property 'sise' is unknown"),
        (json!({ "name": "a", "owners@odata.bind": ["x"], "lead@odata.bind": "x" }), ""),
        (
            json!({ "name": "a", "owners@odata.bind": "x" }),
            "/owners@odata.bind: \"x\" is not of type \"array\"",
        ),
        (json!({ "name": "a", "changed": "2026-01-05T00:00:00.123456-08:00" }), ""),
        (json!({ "name": "a", "changed": "yesterday" }), "/changed: \"yesterday\" is not a \"date-time\""),
    ] {
        assert_breach(&request("things.create", &body), expected);
    }
}

#[test]
fn what_an_open_type_does_not_declare_is_no_breach_of_a_request_and_one_of_a_response() {
    let odd = json!({ "name": "a", "nmae": {}, "note": 1, "@odata.type": "#thing" });
    let breaches = contract().check_request("things.create", std::iter::empty(), Some(&odd));
    let found: Vec<_> = breaches.iter().map(|it| (it.to_string(), it.is_undeclared)).collect();
    let undeclared = "/nmae: only an extension could have declared this property".to_owned();
    let wrong = "/note: 1 is not of type \"string\"".to_owned();
    assert!(found.contains(&(undeclared, true)) && found.contains(&(wrong, false)), "{found:?}");
    assert_eq!(found.len(), 2);
    let odd = json!({ "name": "a", "nmae": {} });
    assert_breach(&response("things.get", &Reply::ok(odd)), "the property 'nmae' is unknown");
}

#[test]
fn a_change_needs_nothing_but_keeps_the_types() {
    assert_breach(&request("things.update", &json!({})), "");
    assert_breach(&request("things.update", &json!({ "note": null })), "");
    assert_breach(&request("things.update", &json!({ "name": null })), "/name");
}

#[test]
fn responses() {
    for (body, expected) in [
        (json!({}), ""),
        (json!({ "@odata.context": "…", "groupId": "b", "owners": [{ "id": "c" }] }), ""),
        (json!({ "color": "unknownFutureValue" }), ""),
        (json!({ "color": "blue" }), "/color"),
        (json!({ "box": "b" }), "the property 'box' is unknown"),
        (json!({ "box": "b", "@odata.type": "#boxedThing" }), ""),
        (json!({ "box": 1, "@odata.type": "#boxedThing" }), "/box"),
    ] {
        assert_breach(&response("things.get", &Reply::ok(body)), expected);
    }
}

#[test]
fn items_of_a_collection() {
    let page = |item: Value| Reply::ok(json!({ "@odata.nextLink": "…", "value": [item] }));
    assert_breach(&response("things.list", &page(json!({ "@odata.type": "#boxedThing", "box": "b" }))), "");
    assert_breach(
        &response("things.list", &page(json!({ "box": "b" }))),
        "/value/0: the property 'box' is unknown",
    );
}

#[test]
fn a_deliberate_value_is_spared_and_no_other() {
    let odd = json!({ "color": "blue", "note": 1 });
    let reply = Reply { deliberate: vec!["/color"], ..Reply::ok(odd) };
    assert_breach(&response("things.get", &reply), "/note");
}

#[test]
fn bodies_and_statuses() {
    for (operation, reply, expected) in [
        ("things.create", Reply::empty(StatusCode::ACCEPTED), ""),
        ("things.create", Reply::empty(StatusCode::CREATED), "the status 201 is not documented"),
        (
            "things.create",
            Reply { status: StatusCode::ACCEPTED, ..Reply::ok(json!({})) },
            "there should be no body",
        ),
        ("things.update", Reply::no_content(), ""),
        ("things.get", Reply::empty(StatusCode::OK), "the body is missing"),
        ("things.get", Reply { status: StatusCode::NOT_FOUND, ..Reply::ok(json!({ "error": {} })) }, ""),
    ] {
        assert_breach(&response(operation, &reply), expected);
    }
    let missing = contract().check_request("things.create", std::iter::empty(), None);
    assert_breach(&[missing[0].to_string()], "the body is missing");
}

#[test]
fn query_options() {
    let check = |names: &[&str]| contract().check_request("things.list", names.iter().copied(), None);
    assert_eq!(check(&["$top", "$skiptoken", "debug"]), []);
    assert_breach(&[check(&["$filter"])[0].to_string()], "'$filter'");
}

#[test]
fn properties_include_what_derives() {
    let contract = contract();
    for operation in ["things.get", "things.list"] {
        let names = contract.properties(operation).unwrap();
        assert!(names.contains("id") && names.contains("name") && names.contains("box"), "{names:?}");
    }
    assert!(contract.properties("things.create").is_none());
}

/// What a request or answer of every operation may not be, so that none goes by unseen.
#[test]
fn no_operation_goes_by_unseen() {
    let spec = crate::spec::Spec::shared();
    let nonsense = json!({ "nonsense": 1 });
    let (mut bodiless, mut other) = (Vec::new(), Vec::new());
    for endpoint in spec.document.endpoints() {
        let id = endpoint.id;
        let contract = &spec.contract;
        assert!(!contract.check_request(id, ["$nonsense"].into_iter(), Some(&nonsense)).is_empty(), "{id}");
        let refused = !contract.check_request(id, std::iter::empty(), Some(&nonsense)).is_empty();
        assert!(refused || !contract.takes_body(id), "{id} takes any body");
        let responses = endpoint.node["responses"].as_object().unwrap();
        let (status, node) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        let status = status.replace("XX", "00").parse().unwrap();
        let content = spec.document.resolve(node)["content"].as_object();
        let reply = Reply { status, ..Reply::ok(nonsense.clone()) };
        match content {
            Some(content) if !content.keys().any(|kind| kind.contains("json")) => other.push(id),
            None => bodiless.push(id),
            Some(_) => {}
        }
        assert!(!contract.check_response(id, &reply).is_empty(), "{id} takes any answer");
    }
    insta::assert_snapshot!(format!("without a body: {bodiless:#?}\nno JSON: {other:#?}"));
}
