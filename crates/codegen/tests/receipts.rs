//! What a receipt says of a document whose costs can be counted by hand.

#![allow(clippy::unwrap_used, reason = "a test may stop where it fails")]

mod support;

use codegen::receipt::Receipt;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;
use support::{GET_THING, document};

/// `owner` would pull in `user` and `photo`, and `user` leads back to what is kept; `parts` would pull in `part`, which
/// shares `photo` with it.
const SCHEMAS: &str = "
    microsoft.graph.entity: {type: object, properties: {id: {type: string}}}
    microsoft.graph.thing:
      allOf:
      - {$ref: '#/components/schemas/microsoft.graph.entity'}
      - type: object
        properties:
          level: {$ref: '#/components/schemas/microsoft.graph.level'}
          size: {type: number, format: int32}
          owner: {$ref: '#/components/schemas/microsoft.graph.user'}
          parts: {type: array, items: {$ref: '#/components/schemas/microsoft.graph.part'}, x-ms-navigationProperty: true}
    microsoft.graph.level: {type: string, enum: [low, high]}
    microsoft.graph.user:
      allOf:
      - {$ref: '#/components/schemas/microsoft.graph.entity'}
      - type: object
        properties:
          photo: {$ref: '#/components/schemas/microsoft.graph.photo'}
          things: {type: array, items: {$ref: '#/components/schemas/microsoft.graph.thing'}, x-ms-navigationProperty: true}
    microsoft.graph.part: {type: object, properties: {photo: {$ref: '#/components/schemas/microsoft.graph.photo'}, next: {$ref: '#/components/schemas/microsoft.graph.part'}}}
    microsoft.graph.photo: {type: object, properties: {width: {type: number, format: int32}}}
    microsoft.graph.elsewhere: {type: object}
";

const SURFACE: &str = "
    [budget]
    schemas = 5
    [[keep]]
    path = '/things/*'
    [types.thing]
    properties = ['level']
";

fn with_receipt(look: impl FnOnce(&Receipt<'_>)) {
    let source = Source::read("upstream.yaml", document(GET_THING, SCHEMAS)).unwrap();
    let surface =
        Surface::read("surface.toml", SURFACE, &source).unwrap_or_else(|problems| panic!("{problems}"));
    let trimmed = trim::trim(&source, &surface).unwrap_or_else(|problems| panic!("{problems}"));
    look(&Receipt::new(&source, &surface, &trimmed).unwrap());
}

#[test]
fn for_people() {
    with_receipt(|receipt| insta::assert_snapshot!(receipt.text()));
}

#[test]
fn for_machines() {
    with_receipt(|receipt| insta::assert_snapshot!(receipt.json()));
}
