//! One trouble of Graph's documents per test: a tiny schema that has it, and a snapshot of what is generated.

use crate::support::{GET_THING, KEEP_THING, client, document, generated, models, snapshot};

#[test]
fn inheritance_with_additional_properties_becomes_one_object() {
    snapshot!(models(
        "
    microsoft.graph.entity: {type: object, required: ['@odata.type'], properties: {id: {type: string}, '@odata.type': {type: string}}, additionalProperties: {type: object}}
    microsoft.graph.thing:
      allOf:
      - $ref: '#/components/schemas/microsoft.graph.entity'
      - type: object
        properties:
          parent: {$ref: '#/components/schemas/microsoft.graph.thing', x-ms-navigationProperty: true}
          '@odata.type': {type: string, default: '#microsoft.graph.thing'}
        additionalProperties: {type: object}
",
        "[types.thing]\nnavigation = ['parent']\n"
    ));
}

#[test]
fn a_nullable_enum_is_open_and_never_sends_its_sentinel() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      type: object
      properties:
        level: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.level'}, {type: object, nullable: true}]}
    microsoft.graph.level: {type: string, enum: [beginner, Yes, no, unknown, 2fast, unknownFutureValue]}
",
        ""
    ));
}

#[test]
fn numbers_go_by_their_format() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      type: object
      properties:
        count: {type: number, format: int32, minimum: -2147483648, maximum: 2147483647, nullable: true}
        size: {type: integer, format: int64}
        pages: {type: integer, minimum: 0}
        latitude: {anyOf: [{type: number, format: double}, {type: string}, {$ref: '#/components/schemas/ReferenceNumeric'}]}
    ReferenceNumeric: {type: string, enum: ['-INF', INF, NaN], nullable: true}
",
        ""
    ));
}

#[test]
fn dates_lists_and_names_that_rust_keeps_for_itself() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      type: object
      properties:
        createdDateTime: {type: string, format: date-time, pattern: '^[0-9]{4}$', nullable: true}
        tags: {type: array, items: {type: string, nullable: true}, nullable: true}
        type: {type: string, default: x}
        self: {type: string}
        extra: {type: string}
        anything: {type: object}
        request-id: {type: string}
",
        ""
    ));
}

#[test]
fn a_value_that_holds_its_own_type_is_boxed() {
    snapshot!(models(
        "
    microsoft.graph.thing: {type: object, properties: {inner: {$ref: '#/components/schemas/microsoft.graph.inner'}}}
    microsoft.graph.inner: {type: object, properties: {thing: {$ref: '#/components/schemas/microsoft.graph.thing'}, many: {type: array, items: {$ref: '#/components/schemas/microsoft.graph.inner'}}}}
",
        ""
    ));
}

#[test]
fn a_family_tells_its_members_by_their_type() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      type: object
      properties: {id: {type: string}}
      discriminator: {propertyName: '@odata.type', mapping: {'#microsoft.graph.book': '#/components/schemas/microsoft.graph.book'}}
    microsoft.graph.book:
      allOf:
      - $ref: '#/components/schemas/microsoft.graph.thing'
      - type: object
        properties: {title: {type: string}}
      x-ms-discriminator-value: '#microsoft.graph.book'
",
        "[types.thing]\nfamily = ['book']\n"
    ));
}

#[test]
fn older_documents_flag_no_single_navigation_but_it_is_cut_all_the_same() {
    let models = models(
        "
    microsoft.graph.entity: {type: object, properties: {id: {type: string}}}
    microsoft.graph.thing:
      allOf:
      - $ref: '#/components/schemas/microsoft.graph.entity'
      - type: object
        properties:
          drive: {$ref: '#/components/schemas/microsoft.graph.drive'}
          size: {$ref: '#/components/schemas/microsoft.graph.size'}
    microsoft.graph.drive: {allOf: [{$ref: '#/components/schemas/microsoft.graph.entity'}, {type: object, properties: {x: {type: string}}}]}
    microsoft.graph.size: {type: object, properties: {width: {type: number, format: int32}}}
",
        "",
    );
    assert!(models.contains("pub size: Option<Size>"), "{models}");
    assert!(!models.contains("Drive"), "{models}");
}

#[test]
fn a_key_may_stand_on_a_line_of_its_own() {
    let paths = GET_THING.replace("  /things/{thing-id}:\n", "  ? /things/{thing-id}\n  :\n");
    let schemas = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}}}";
    let files =
        generated(&document(&paths, schemas), KEEP_THING, "").unwrap_or_else(|problems| panic!("{problems}"));
    assert!(files["client.rs"].contains("fn things_get"));
}

#[test]
fn views_hold_what_may_be_written_and_nothing_else() {
    let paths = "
  /things:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
      responses:
        '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
  /things/{thing-id}:
    patch:
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
      responses:
        '204': {description: ok}
";
    let schemas = "
    microsoft.graph.thing:
      type: object
      properties:
        id: {type: string}
        name: {type: string}
        note: {type: string, nullable: true}
        size: {type: number, format: int32}
        owners@odata.bind: {type: array, items: {type: string}, writeOnly: true}
";
    let surface = "
        [[keep]]
        id = 'things.create'
        method = 'POST'
        path = '/things'
        body = 'new'
        [[keep]]
        id = 'things.update'
        method = 'PATCH'
        path = '/things/{thing-id}'
        body = 'patch'
        [types.thing]
        new = { required = ['name'], optional = ['size', 'note'], bind = { owners = 'users' } }
        patch = ['name', 'note', 'size']
    ";
    let files = generated(&document(paths, schemas), surface, "").unwrap();
    snapshot!(files["models/thing.rs"]);
}

#[test]
fn keys_in_quotes_ids_and_lists_in_queries() {
    snapshot!(client(
        "
  /things(externalId='{externalId}')/parts/{part-id}:
    parameters:
    - {name: externalId, in: path, required: true, schema: {type: string}}
    - {name: part-id, in: path, required: true, schema: {type: string}}
    get:
      parameters:
      - {name: $select, in: query, style: form, explode: false, schema: {type: array, uniqueItems: true, items: {type: string}}}
      - {name: $top, in: query, schema: {type: integer, minimum: 0}}
      - {name: ConsistencyLevel, in: header, schema: {type: string}}
      responses:
        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
        4XX: {description: bad, content: {application/json: {schema: {type: object}}}}
        default: {description: bad}
",
        "[[keep]]\nid = 'things.parts.get'\nmethod = 'GET'\npath = \"/things(externalId='{externalId}')/parts/{part-id}\"\n"
    ));
}

#[test]
fn an_accepted_answer_has_no_body_and_a_picture_is_bytes() {
    snapshot!(client(
        "
  /things/{thing-id}/$value:
    put:
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      requestBody: {content: {image/jpeg: {schema: {type: string, format: binary}}}}
      responses:
        '202': {description: accepted, headers: {Location: {schema: {type: string}}}}
",
        "[[keep]]\nid = 'things.content.put'\nmethod = 'PUT'\npath = '/things/{thing-id}/$value'\n"
    ));
}

#[test]
fn a_body_without_a_name_gets_the_operations() {
    let paths = "
  /things/{thing-id}/check:
    post:
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {groupIds: {type: array, items: {type: string}}}}}}}
      responses:
        2XX: {description: ok, content: {application/json: {schema: {type: object, allOf: [{$ref: '#/components/schemas/Page'}, {type: object, properties: {value: {type: array, items: {type: string}}}}]}}}}
  /things/{thing-id}/mark:
    post:
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      responses:
        2XX: {description: ok, content: {application/json: {schema: {type: object, properties: {value: {type: boolean, nullable: true}}}}}}
  /things/{thing-id}/owner:
    get:
      parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
      responses:
        2XX: {description: ok, content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/microsoft.graph.thing'}, {type: object, nullable: true}]}}}}
";
    let schemas = "
    Page: {type: object, properties: {'@odata.nextLink': {type: string, nullable: true}}}
    microsoft.graph.thing: {type: object, properties: {id: {type: string}}}
";
    let surface = "
        [[keep]]
        id = 'things.check'
        method = 'POST'
        path = '/things/{thing-id}/check'
        [[keep]]
        id = 'things.mark'
        method = 'POST'
        path = '/things/{thing-id}/mark'
        [[keep]]
        id = 'things.owner.get'
        method = 'GET'
        path = '/things/{thing-id}/owner'
    ";
    let files =
        generated(&document(paths, schemas), surface, "").unwrap_or_else(|problems| panic!("{problems}"));
    let signatures =
        files["client.rs"].lines().filter(|line| line.contains("body: &'a") || line.contains("-> Result"));
    let signatures: Vec<_> = signatures.map(str::trim).collect();
    snapshot!(format!(
        "{}\n\n{}\n{}",
        signatures.join("\n"),
        files["models/things_check_body.rs"],
        files["models/things_mark_answer.rs"]
    ));
}

#[test]
fn an_object_whose_properties_are_entries_is_a_map() {
    snapshot!(models(
        "
    microsoft.graph.thing:
      type: object
      properties:
        assignments: {$ref: '#/components/schemas/microsoft.graph.assignments'}
        flags: {$ref: '#/components/schemas/microsoft.graph.flags'}
    microsoft.graph.assignments: {type: object, properties: {'@odata.type': {type: string}}, additionalProperties: {type: object}}
    microsoft.graph.assignment: {type: object, properties: {orderHint: {type: string, nullable: true}}}
    microsoft.graph.flags: {type: object, properties: {'@odata.type': {type: string}}, additionalProperties: {type: object}}
",
        "[types.assignments]\nmap = 'assignment'\n[types.flags]\nmap = 'boolean'\n"
    ));
}

const MAP: &str = "
    microsoft.graph.thing:
      type: object
      properties:
        assignments: {nullable: true, allOf: [{$ref: '#/components/schemas/microsoft.graph.assignments'}]}
        '@odata.etag': {type: string, readOnly: true}
    microsoft.graph.assignments: {type: object, properties: {'@odata.type': {type: string}}, additionalProperties: {type: object}}
";

#[test]
fn a_type_that_upstream_uses_and_does_not_declare_comes_from_the_overlay() {
    let surface = format!("{KEEP_THING}[types.assignments]\nmap = 'assignment'\n");
    let overlay = "[[add]]\nschema = 'assignment'\nnow = {type = 'object', properties = {orderHint = {type = 'string'}}}\n\
                   reason = 'r'\nsource = 's'\n";
    let files = generated(&document(GET_THING, MAP), &surface, overlay).unwrap();
    assert!(files["models/assignment.rs"].contains("pub order_hint: Option<String>"));
    assert!(files["models/assignments.rs"].contains("OpenMap<Assignment>"));
    let thing = &files["models/thing.rs"];
    assert!(thing.contains("graph_runtime::tagged! { Thing }"), "{thing}");

    let nowhere = generated(&document(GET_THING, MAP), &surface, "").unwrap_err().to_string();
    assert!(
        nowhere.contains("`[types.assignments]` is a map of `assignment`, which is no type"),
        "{nowhere}"
    );
    let twice = generated(&document(GET_THING, MAP), &surface, &format!("{overlay}{overlay}")).unwrap_err();
    let expected = "this addition no longer applies: the schema `assignment` is there already";
    assert!(twice.to_string().contains(expected), "{twice}");
}

#[test]
fn a_body_that_is_neither_json_nor_any_bytes_keeps_its_media_type() {
    let paths = "
  /pages:
    post:
      requestBody: {content: {text/html: {schema: {type: string}}}}
      responses:
        '202': {description: accepted}
";
    let surface = "[[keep]]\nid = 'pages.create'\nmethod = 'POST'\npath = '/pages'\n";
    let files = generated(&document(paths, "    A: {type: string}"), surface, "").unwrap();
    let operations = &files["operations.rs"];
    assert!(operations.contains(".media_type(\"text/html\")"), "{operations}");
}

#[test]
fn a_header_that_must_be_there_is_in_the_row_and_its_words_and_not_among_the_arguments() {
    let paths = "
  /things/{thing-id}:
    parameters:
    - {name: thing-id, in: path, required: true, schema: {type: string}}
    delete:
      description: Deletes one.
      parameters:
      - {name: If-Match, in: header, required: true, schema: {type: string}}
      - {name: ConsistencyLevel, in: header, schema: {type: string}}
      responses: {'204': {description: done}}
";
    let surface = "[[keep]]\nid = 'things.delete'\nmethod = 'DELETE'\npath = '/things/{thing-id}'\n";
    let files = generated(&document(paths, "    A: {type: string}"), surface, "").unwrap();
    let operations = &files["operations.rs"];
    assert!(operations.contains(".required_headers(&[\"If-Match\"])"), "{operations}");
    assert!(operations.contains("Needs the header `If-Match`."), "{operations}");
    assert!(!files["client.rs"].contains("if_match"), "{}", files["client.rs"]);
}

#[test]
fn a_property_with_aliases_is_read_by_all_its_names() {
    let schemas = "
    microsoft.graph.thing:
      type: object
      properties:
        externalcourseId: {type: string, nullable: true, x-aliases: [of, upstream]}
";
    let overlay = "
[[correct]]
schema = 'thing'
at = 'properties/externalcourseId/x-aliases'
now = ['externalCourseId', 'courseId']
reason = 'it is spelt in three ways'
source = 'seen'
";
    // Such keys are the overlay's to say, and none of a document's is believed.
    let files = generated(&document(GET_THING, schemas), KEEP_THING, overlay).unwrap();
    let row = "externalcourse_id: \"externalcourseId\" | \"externalCourseId\" | \"courseId\",";
    assert!(files["models/thing.rs"].contains(row), "{}", files["models/thing.rs"]);
}
