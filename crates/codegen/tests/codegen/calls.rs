//! What operations may look like in Graph's documents, one trouble a test: what the raw client makes of it.

use crate::support::{KEEP_THING, document, generated, signature, signature_at, snapshot};

const THING: &str = "{application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}";
const OTHER: &str = "{application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.other'}}}";

/// The answers of a GET, each as `status: content`; a status without content has no body.
fn answers(answers: &[(&str, &str)]) -> String {
    let answers = answers.iter().map(|(status, content)| match *content {
        "" => format!("  '{status}': {{description: x}}\n"),
        content => format!("  '{status}': {{description: x, content: {content}}}\n"),
    });
    signature("get", &format!("responses:\n{}", answers.collect::<Vec<_>>().concat()))
}

fn all(cases: &[(&str, String)]) -> String {
    cases.iter().map(|(name, outcome)| format!("# {name}\n{outcome}\n\n")).collect::<Vec<_>>().concat()
}

#[test]
fn several_successes_become_one() {
    snapshot!(all(&[
        ("a body or none: it may be missing", answers(&[("200", THING), ("204", "")])),
        ("the same with a range", answers(&[("2XX", THING), ("204", "")])),
        ("one body under two codes", answers(&[("200", THING), ("201", THING)])),
        ("two bodies: JSON of whatever type", answers(&[("200", THING), ("201", OTHER)])),
        ("two bodies or none", answers(&[("200", THING), ("201", OTHER), ("204", "")])),
        (
            "JSON or bytes: bytes",
            answers(&[("200", THING), ("206", "{application/octet-stream: {schema: {type: string}}}")])
        ),
        ("bytes or none: bytes, of which there may be none", answers(&[("200", "{'*/*': {}}"), ("204", "")])),
        (
            "a range of errors beside a default",
            answers(&[("200", THING), ("4XX", OTHER), ("default", OTHER)])
        ),
    ]));
}

#[test]
fn an_answer_that_is_hardly_documented() {
    snapshot!(all(&[
        ("no responses at all", signature("get", "x-nothing: 1")),
        ("empty responses", signature("post", "responses: {}")),
        ("only a default, for success too", answers(&[("default", THING)])),
        (
            "only a default, for errors",
            answers(&[(
                "default",
                "{application/json: {schema: {$ref: '#/components/schemas/ODataError'}}}"
            )]),
        ),
        ("only a redirect", answers(&[("302", "")])),
        ("JSON without a schema", answers(&[("200", "{application/json: {}}")])),
        ("no media type", answers(&[("200", "{}")])),
    ]));
}

#[test]
fn an_answer_of_no_named_type() {
    let json = |schema: &str| answers(&[("200", &format!("{{application/json: {{schema: {schema}}}}}"))]);
    snapshot!(all(&[
        ("a text", json("{type: string}")),
        ("a date", json("{type: string, format: date-time}")),
        ("a whole number", json("{type: number, format: int32}")),
        (
            "a number",
            json(
                "{anyOf: [{type: number, format: double}, {type: string}, {type: string, enum: ['-INF', INF, NaN]}]}"
            )
        ),
        ("a list", json("{type: array, items: {$ref: '#/components/schemas/microsoft.graph.thing'}}")),
        (
            "lists in a list",
            json("{type: array, items: {type: array, items: {type: string, format: date-time}}}")
        ),
        ("an enum", json("{$ref: '#/components/schemas/microsoft.graph.level'}")),
        ("an enum in place", json("{type: string, enum: [a, b]}")),
        ("an object without properties", json("{type: object}")),
        (
            "several things",
            json(
                "{anyOf: [{$ref: '#/components/schemas/microsoft.graph.thing'}, {$ref: '#/components/schemas/microsoft.graph.other'}]}"
            )
        ),
        (
            "a wrapper",
            json("{allOf: [{$ref: '#/components/schemas/microsoft.graph.thing'}], nullable: true}")
        ),
        (
            "a description beside a reference",
            json("{$ref: '#/components/schemas/microsoft.graph.thing', description: x, nullable: true}")
        ),
    ]));
}

#[test]
fn media_types() {
    let body = |content: &str| {
        signature(
            "post",
            &format!("requestBody: {{content: {content}}}\nresponses: {{'204': {{description: x}}}}"),
        )
    };
    let answer = |content: &str| answers(&[("200", content)]);
    snapshot!(all(&[
        (
            "JSON among others is taken",
            body(
                "{multipart/form-data: {schema: {type: object}}, application/json: {schema: {type: string}}}"
            )
        ),
        (
            "JSON under another name",
            body("{application/json;odata.metadata=minimal: {schema: {type: string}}}")
        ),
        ("several that are not JSON", body("{image/png: {}, image/jpeg: {}}")),
        ("a range", body("{image/*: {schema: {type: string, format: binary}}}")),
        ("anything", body("{'*/*': {}}")),
        (
            "bytes under odd schemas",
            body("{application/octet-stream: {schema: {type: object, nullable: true}}}")
        ),
        ("a form", body("{application/x-www-form-urlencoded: {schema: {type: object}}}")),
        ("a text", body("{text/plain: {schema: {type: string}}}")),
        ("none", body("{}")),
        ("a picture as an answer", answer("{image/jpeg: {schema: {type: string, format: binary}}}")),
        ("a text as an answer", answer("{text/plain; charset=utf-8: {schema: {type: integer}}}")),
        ("a problem in JSON as an answer", answer("{application/problem+json: {schema: {type: object}}}")),
        ("JSON or a page of HTML", answer("{text/html: {}, application/json: {schema: {type: boolean}}}")),
    ]));
}

#[test]
fn parameters_of_the_path() {
    let call = |path: &str, parameters: &str| {
        signature_at(
            path,
            "get",
            &format!("parameters: [{parameters}]\nresponses: {{'204': {{description: x}}}}"),
        )
    };
    snapshot!(all(&[
        ("not said to be required", call("/things/{a}", "{name: a, in: path, schema: {type: string}}")),
        ("not declared", call("/things/{a}/parts(key='{b}')", "")),
        (
            "declared but not there",
            call("/things", "{name: a, in: path, required: true, schema: {type: string}}")
        ),
        (
            "with content in place of a schema",
            call(
                "/things/f(ids={ids})",
                "{name: ids, in: path, required: true, content: {application/json: {schema: {type: array}}}}"
            )
        ),
        (
            "a list",
            call(
                "/things/f(ids={ids})",
                "{name: ids, in: path, required: true, schema: {type: array, items: {type: string}}}"
            )
        ),
        (
            "dates",
            call(
                "/things/f(from={from},to='{to}')",
                "{name: from, in: path, required: true, schema: {type: string, format: date-time}}, {name: to, in: path, required: true, schema: {type: string, format: date}}"
            )
        ),
        (
            "a number, and a truth value",
            call(
                "/things/f(top={top},all={all})",
                "{name: top, in: path, required: true, schema: {type: integer}}, {name: all, in: path, required: true, schema: {type: boolean}}"
            )
        ),
        ("the same but for case, and a keyword", call("/things/{thing-id}/parts/{thingId}/{type}", "")),
        (
            "one of the query's name",
            call("/things/f(top={top})", "{name: $top, in: query, schema: {type: integer}}")
        ),
        ("the body's name", call("/things/{body}", "")),
        (
            "an alias",
            call("/things/f(id='@id')", "{name: '@id', in: query, required: true, schema: {type: string}}")
        ),
    ]));
}

#[test]
fn parameters_of_the_query() {
    let call = |parameters: &str| {
        signature("get", &format!("parameters: [{parameters}]\nresponses: {{'204': {{description: x}}}}"))
    };
    snapshot!(all(&[
        (
            "a list of an enum",
            call(
                "{name: $select, in: query, style: form, explode: false, schema: {type: array, items: {type: string, enum: [a, b]}}}"
            )
        ),
        (
            "styles",
            call(
                "{name: a, in: query, style: deepObject, schema: {type: object}}, {name: b, in: query, style: spaceDelimited, schema: {type: array}}"
            )
        ),
        ("content", call("{name: a, in: query, content: {application/json: {schema: {type: object}}}}")),
        ("no schema", call("{name: a, in: query}")),
        (
            "headers and cookies",
            call(
                "{name: If-Match, in: header, schema: {type: string}}, {name: c, in: cookie, schema: {type: string}}"
            )
        ),
        (
            "numbers",
            call(
                "{name: a, in: query, schema: {type: number, format: double}}, {name: b, in: query, schema: {type: number, format: int32}}, {name: c, in: query, schema: {type: boolean, default: false}}"
            )
        ),
        (
            "an enum by reference",
            call("{name: a, in: query, schema: {$ref: '#/components/schemas/microsoft.graph.level'}}")
        ),
        (
            "twice, with and without the dollar sign",
            call(
                "{name: count, in: query, schema: {type: string}}, {name: $count, in: query, schema: {type: boolean}}"
            )
        ),
        (
            "twice the same",
            call(
                "{name: a, in: query, schema: {type: string}}, {name: a, in: query, schema: {type: string}}"
            )
        ),
        (
            "two that would be one argument",
            call(
                "{name: a-b, in: query, schema: {type: string}}, {name: aB, in: query, schema: {type: string}}"
            )
        ),
        ("one without a name", call("{in: query, schema: {type: string}}")),
        (
            "names that the client uses itself",
            call(
                "{name: url, in: query}, {name: request, in: query}, {name: self, in: query}, {name: type, in: query}"
            )
        ),
    ]));
}

/// The outcome for a whole document, of which [`KEEP_THING`]'s operation is kept.
fn outcome(text: &str) -> String {
    match generated(text, KEEP_THING, "") {
        Ok(files) => {
            let client = &files["client.rs"];
            let from = client.find("pub fn things_").unwrap_or_default();
            client[from..].split(" {\n").next().unwrap_or_default().to_owned()
        }
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn shared_parts_are_put_where_they_are_used() {
    let shared = "
  /things/{thing-id}:
    parameters:
    - $ref: '#/components/parameters/id'
    - {name: $top, in: query, schema: {type: string}}
    get:
      parameters:
      - $ref: '#/components/parameters/a~1top'
      requestBody: {$ref: '#/components/requestBodies/body'}
      responses:
        '200': {$ref: '#/components/responses/answer'}
";
    let schemas = format!(
        "    microsoft.graph.thing: {{type: object}}
  parameters:
    id: {{$ref: '#/components/parameters/realId'}}
    realId: {{name: thing-id, in: path, schema: {{type: string}}}}
    a/top: {{name: $top, in: query, schema: {{type: integer}}}}
  requestBodies:
    body: {{content: {THING}}}
  responses:
    answer: {{description: x, content: {THING}}}"
    );
    snapshot!(outcome(&document(shared, &schemas)));
}

#[test]
fn shared_parts_that_lead_to_themselves_are_refused() {
    let paths = |parameter: &str, body: &str, answer: &str| {
        format!(
            "
  /things/{{thing-id}}:
    get:
      parameters: [{parameter}]
      requestBody: {body}
      responses: {{'200': {answer}}}
"
        )
    };
    let schemas = "    microsoft.graph.thing: {type: object}
  parameters:
    a: {$ref: '#/components/parameters/a'}
  requestBodies:
    b: {$ref: '#/components/requestBodies/c'}
    c: {$ref: '#/components/requestBodies/b'}
  responses:
    d: {$ref: '#/components/responses/d'}";
    let none = "{content: {}}";
    snapshot!(all(&[
        (
            "parameters",
            outcome(&document(&paths("{$ref: '#/components/parameters/a'}", none, "{}"), schemas))
        ),
        ("bodies", outcome(&document(&paths("", "{$ref: '#/components/requestBodies/b'}", "{}"), schemas))),
        ("responses", outcome(&document(&paths("", none, "{$ref: '#/components/responses/d'}"), schemas))),
        (
            "nothing there",
            outcome(&document(&paths("{$ref: '#/components/parameters/z'}", none, "{}"), schemas))
        ),
    ]));
}

#[test]
fn a_path_that_is_a_reference_to_another() {
    let paths = |reference: &str| {
        format!(
            "
  /things/{{thing-id}}: {{$ref: '{reference}'}}
  /other/{{thing-id}}:
    get: {{responses: {{'200': {{description: x, content: {THING}}}}}}}
  /ring: {{$ref: '#/paths/~1things~1%7Bthing-id%7D'}}
  /loop: {{$ref: '#/paths/~1things~1{{thing-id}}'}}
"
        )
    };
    let outcome =
        |reference: &str| outcome(&document(&paths(reference), "    microsoft.graph.thing: {type: object}"));
    snapshot!(all(&[
        ("found", outcome("#/paths/~1other~1{thing-id}")),
        ("itself", outcome("#/paths/~1things~1{thing-id}")),
        ("a ring", outcome("#/paths/~1loop")),
        ("nothing there", outcome("#/paths/~1nowhere")),
        ("another file", outcome("other.yaml#/paths/~1things")),
    ]));
}

#[test]
fn a_path_that_is_kept_twice_in_other_words() {
    let paths = "
  /things/{thing-id}: {get: {responses: {'204': {description: x}}}}
  /Things/{id}: {get: {responses: {'204': {description: x}}}}
  /things/f(a='{a}'): {get: {responses: {'204': {description: x}}}}
  /things/f(a='{b}'): {get: {responses: {'204': {description: x}}}}
";
    let kept = ["/things/{thing-id}", "/Things/{id}", "/things/f(a='{a}')", "/things/f(a='{b}')"];
    let tables = kept.iter().zip('a'..);
    let tables =
        tables.map(|(path, id)| format!("[[keep]]\nid = 'things.{id}'\nmethod = 'GET'\npath = \"{path}\"\n"));
    let generated =
        generated(&document(paths, "    A: {type: object}"), &tables.collect::<Vec<_>>().concat(), "");
    snapshot!(generated.map(|_| ()).unwrap_err().to_string());
}
