//! The forms that schemas may have in Graph's documents, and what becomes of each.

use crate::support::{GET_THING, KEEP_THING, document, fields, generated, models, snapshot};

fn refusal(schemas: &str) -> String {
    let generated = generated(&document(GET_THING, schemas), KEEP_THING, "");
    generated.map_or_else(|problems| problems.to_string(), |files| format!("{:?}", files.keys()))
}

#[test]
fn unions() {
    snapshot!(fields(
        "
    microsoft.graph.thing:
      type: object
      properties:
        aNullableReference: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {type: object, nullable: true}]}
        bWrapped: {allOf: [{$ref: '#/components/schemas/microsoft.graph.part'}], nullable: true}
        cWrappedWithWords: {allOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {description: x}]}
        dSiblings: {$ref: '#/components/schemas/microsoft.graph.part', description: x, nullable: true}
        eSeveralObjects: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {$ref: '#/components/schemas/microsoft.graph.other'}]}
        fOneOfWithDiscriminator: {oneOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {$ref: '#/components/schemas/microsoft.graph.other'}], discriminator: {propertyName: '@odata.type'}}
        gNumber: {oneOf: [{type: number, format: float}, {type: string}, {type: string, enum: ['-INF', INF, NaN]}], nullable: true}
        hNumbers: {anyOf: [{type: integer}, {type: number}]}
        iTexts: {anyOf: [{type: string}, {type: string, format: date-time}]}
        jOpenEnum: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.level'}, {type: string}]}
        kNumberOrText: {anyOf: [{type: integer}, {type: string}]}
        lLists: {type: array, items: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {type: object, nullable: true}]}}
        mListsOfSeveral: {type: array, items: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.part'}, {$ref: '#/components/schemas/microsoft.graph.level'}]}}
        nListsInLists: {type: array, items: {type: array, items: {type: integer, format: int32}}}
        oNot: {not: {type: string}}
        pUnknownType: {type: file}
        qNothing: {}
        rNullOnly: {enum: [null]}
        sNoItems: {type: array}
        tMap: {type: object, additionalProperties: {type: string}}
        uSeveralTypes: {type: [string, 'null']}
        vEmptyUnion: {anyOf: []}
    microsoft.graph.part: {type: object, properties: {id: {type: string}}}
    microsoft.graph.other: {type: object, properties: {id: {type: string}}}
    microsoft.graph.level: {type: string, enum: [low, high]}
"
    ));
}

#[test]
fn objects_and_enums_in_place_get_the_owners_name() {
    snapshot!(fields(
        "
    microsoft.graph.thing:
      type: object
      properties:
        part: {type: object, nullable: true, properties: {size: {type: integer}, inner: {type: object, properties: {level: {type: string, enum: [a, b]}}}}, additionalProperties: {type: object}}
        parts: {type: array, items: {type: object, properties: {id: {type: string}}}}
        level: {type: string, enum: [low, high, null], nullable: true, default: other}
        both: {allOf: [{$ref: '#/components/schemas/microsoft.graph.base'}, {type: object, properties: {more: {type: string}}}]}
        either: {anyOf: [{type: object, properties: {deep: {type: string}}}, {type: object, nullable: true}]}
        empty: {type: object, properties: {}}
    microsoft.graph.base: {type: object, properties: {id: {type: string}}}
    microsoft.graph.thingPart: {type: object, properties: {taken: {type: string}}}
    ThingLevel: {type: object}
"
    ));
}

#[test]
fn components_that_are_only_a_name_for_something_plain() {
    snapshot!(fields(
        "
    microsoft.graph.thing:
      type: object
      properties:
        a: {$ref: '#/components/schemas/Text'}
        b: {$ref: '#/components/schemas/Numbers'}
        c: {$ref: '#/components/schemas/AnotherName'}
        d: {$ref: '#/components/schemas/Levels'}
        e: {$ref: '#/components/schemas/Codes'}
        f: {$ref: '#/components/schemas/NoMembers'}
        g: {$ref: '#/components/schemas/Anything'}
        h: {$ref: '#/components/schemas/Either'}
        i: {$ref: '#/components/schemas/EmptyObject'}
        j: {$ref: '#/components/schemas/HeldByItself'}
        k: {$ref: '#/components/schemas/NullableLevel'}
        l: {$ref: '#/components/schemas/Heir'}
    Text: {type: string, format: date-time}
    Numbers: {type: array, items: {type: number, format: int64}}
    AnotherName: {$ref: '#/components/schemas/Base'}
    Levels: {type: array, items: {$ref: '#/components/schemas/NullableLevel'}}
    Level: {type: string, enum: [low, true, null, 3]}
    NullableLevel: {allOf: [{$ref: '#/components/schemas/Level'}], nullable: true}
    Codes: {type: integer, format: int32, enum: [1, 2, 3]}
    NoMembers: {type: string, enum: []}
    Anything: {}
    Either: {oneOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/Heir'}]}
    EmptyObject: {type: object}
    HeldByItself: {type: array, items: {$ref: '#/components/schemas/HeldByItself'}}
    Base: {type: object, properties: {id: {type: string}}}
    Heir: {allOf: [{$ref: '#/components/schemas/Base'}]}
"
    ));
}

#[test]
fn inheritance_in_every_way_of_writing_it() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      allOf:
      - $ref: '#/components/schemas/microsoft.graph.base'
      - allOf: [{$ref: '#/components/schemas/microsoft.graph.middle'}, {type: object, properties: {c: {type: string}}}]
      properties: {d: {type: number, format: int32, default: 7, minimum: 0}}
    microsoft.graph.base: {type: object, properties: {a: {type: string}}}
    microsoft.graph.middle: {allOf: [{$ref: '#/components/schemas/microsoft.graph.base'}, {type: object, properties: {b: {type: string}}}, {$ref: '#/components/schemas/microsoft.graph.base'}]}
",
        ""
    ));
}

#[test]
fn a_page_inside_of_something_is_an_object() {
    snapshot!(fields(
        "
    microsoft.graph.thing: {type: object, properties: {id: {type: string}, page: {$ref: '#/components/schemas/Page'}}}
    Page: {type: object, properties: {value: {type: array, items: {type: string}}, '@odata.nextLink': {type: string}}}
"
    ));
}

#[test]
fn what_leads_to_itself_alone_is_refused() {
    let ring = |schemas: &str| {
        refusal(&format!(
            "    microsoft.graph.thing: {{type: object, properties: {{a: {{$ref: '#/components/schemas/a'}}}}}}\n{schemas}"
        ))
    };
    let cases = [
        ("itself", ring("    a: {$ref: '#/components/schemas/a'}")),
        ("a ring", ring("    a: {$ref: '#/components/schemas/b'}\n    b: {$ref: '#/components/schemas/a'}")),
        (
            "by inheritance",
            ring(
                "    a: {allOf: [{$ref: '#/components/schemas/b'}]}\n    b: {allOf: [{$ref: '#/components/schemas/a'}]}",
            ),
        ),
        (
            "by inheritance with properties",
            ring(
                "    a: {allOf: [{$ref: '#/components/schemas/b'}, {type: object, properties: {x: {type: string}}}]}\n    b: {allOf: [{$ref: '#/components/schemas/a'}, {type: object, properties: {y: {type: string}}}]}",
            ),
        ),
        (
            "by a union, which is any JSON",
            ring("    a: {anyOf: [{$ref: '#/components/schemas/a'}, {type: string}]}"),
        ),
    ];
    snapshot!(cases.map(|(name, outcome)| format!("# {name}\n{outcome}\n")).concat());
}
