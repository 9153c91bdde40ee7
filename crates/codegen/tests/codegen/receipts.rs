//! What a receipt says of a document whose costs can be counted by hand.

use crate::support::{GET_THING, document};
use codegen::receipt::{self, Receipt};
use codegen::source::Source;
use codegen::surface::{Surface, Used};
use codegen::trim;

/// `owner` would pull in `user` and `photo`, and `user` leads back to what is kept; `parts` would pull in `part`, which
/// shares `photo` with it and leads to itself. Only the discriminator of `photo` leads to `elsewhere`.
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
    microsoft.graph.photo:
      type: object
      properties: {width: {type: number, format: int32}}
      discriminator: {propertyName: '@odata.type', mapping: {'#microsoft.graph.elsewhere': '#/components/schemas/microsoft.graph.elsewhere'}}
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

fn with_receipt(look: impl FnOnce(&Surface, Receipt<'_>)) {
    let source = Source::read("upstream.yaml", document(GET_THING, SCHEMAS)).unwrap();
    let surface =
        Surface::read("surface.toml", SURFACE, &source).unwrap_or_else(|problems| panic!("{problems}"));
    let trimmed = trim::trim(&source, &surface).unwrap_or_else(|problems| panic!("{problems}"));
    look(&surface, Receipt::new(&source, &surface, &trimmed).unwrap());
}

#[test]
fn for_people() {
    with_receipt(|_, receipt| insta::assert_snapshot!(receipt.text()));
}

#[test]
fn for_machines() {
    with_receipt(|_, receipt| insta::assert_snapshot!(receipt.json()));
}

#[test]
fn what_is_used_is_filled_in_as_if_the_trim_had_known_it() {
    with_receipt(|surface, receipt| {
        let (text, json) = (receipt.text(), receipt.json());
        let receipt = receipt.used(Used { schemas: 3, lines: 70 });
        assert!(receipt.text().contains("budget      3 of 5 schemas\n"), "{}", receipt.text());
        let mut filled = (text, json);
        for lines in [1, 70] {
            let used = Used { schemas: 3, lines };
            filled = (
                receipt::in_text(&filled.0, &surface.budget, used),
                receipt::in_json("receipt.json", &filled.1, &surface.budget, used).unwrap(),
            );
        }
        assert_eq!(filled, (receipt.text(), receipt.json()));
    });
}

#[test]
fn what_is_no_receipt_is_refused() {
    with_receipt(|surface, _| {
        let used = Used { schemas: 3, lines: 70 };
        let refused = receipt::in_json("receipt.json", "<<<<<<< ours", &surface.budget, used).unwrap_err();
        assert!(refused.to_string().starts_with("receipt.json: this is no receipt"), "{refused}");
    });
}
