//! What can't be generated from is refused with the file, the place and the remedy.

use crate::support::{GET_THING, KEEP_THING, document, generated};

const THING: &str = "    microsoft.graph.thing: {type: object, properties: {id: {type: string}}}";

/// What the generator says of input that it refuses.
fn refusal(document: &str, surface: &str, overlay: &str) -> String {
    match generated(document, surface, overlay) {
        Ok(files) => format!("nothing was refused: {:?}", files.keys()),
        Err(problems) => problems.to_string(),
    }
}

fn of_surface(surface: &str) -> String {
    refusal(&document(GET_THING, THING), surface, "")
}

fn of_schemas(schemas: &str) -> String {
    refusal(&document(GET_THING, schemas), KEEP_THING, "")
}

#[test]
fn a_line_of_the_surface_that_matches_nothing() {
    insta::assert_snapshot!(of_surface("\n[[keep]]\nid = 'a'\nmethod = 'GET'\npath = '/Things/{id}'\n"), @r"
    error: surface.toml:2: upstream.yaml has no path `/Things/{id}`
      help: did you mean `/things/{thing-id}`?
    ");
    insta::assert_snapshot!(of_surface("[[keep]]\nid = 'a'\nmethod = 'DELETE'\npath = '/things/{thing-id}'\n"), @r"
    error: surface.toml:1: `/things/{thing-id}` has no DELETE in upstream.yaml
      help: it has: GET
    ");
    insta::assert_snapshot!(of_surface(&format!("{KEEP_THING}[types.thing]\nnavigation = ['owners']\n[types.book]\n")), @r"
    error: surface.toml: `[types.book]` matches nothing: no kept operation reaches that type
      help: remove it, or check its spelling
    error: surface.toml: `[types.thing]` keeps `owners`, which the type does not declare
      help: check its spelling; an inherited property is kept where it is declared
    ");
    insta::assert_snapshot!(of_surface("# nothing\n"), @r"
    error: surface.toml: the surface is empty
      help: add a `[[keep]]` table with a `path`
    ");
}

#[test]
fn a_surface_that_is_not_well_formed() {
    insta::assert_snapshot!(of_surface("[[keep]]\nid = 'a'\nmethod = 'GET'\nroute = '/things'\n"), @r"
    error: surface.toml:4: unknown field `route`, expected one of `id`, `path`, `method`, `methods`, `body`, `idempotent`, `starts_operation`, `delegated`, `application`, `clouds`, `versions`, `beta_path`, `added`
      help: write it in the form of spec/surface.toml
    ");
    insta::assert_snapshot!(of_surface("[[keep]]\nid = 'a'\nmethod = 'Fetch'\npath = '/things/{thing-id}'\n"), @r"
    error: surface.toml:1: `Fetch` is no HTTP method
      help: one of GET, PUT, POST, DELETE, PATCH, HEAD, OPTIONS
    ");
}

#[test]
fn two_operations_with_one_name_or_one_target() {
    let twice = format!("{KEEP_THING}{}", KEEP_THING.replace("things.get", "things_get"));
    insta::assert_snapshot!(of_surface(&twice), @r"
    error: surface.toml:5: `things_get` and `things.get` (surface.toml:1) are both the method `things_get`
      help: give one of them another id
    error: surface.toml:5: `/things/{thing-id}` is kept already, as `things.get` (surface.toml:1)
      help: remove one of the two
    ");
}

#[test]
fn a_path_in_beta_that_addresses_can_not_be_carried_over_to() {
    let not_those = "the parameters of `beta_path` are not those of `path`";
    for (line, expected) in [
        ("beta_path = '/items'", not_those),
        ("beta_path = '/{owner-id}/items/{thing-id}'", not_those),
        ("beta_path = \"/items(key='{thing-id}')\"", not_those),
        ("beta_path = '/items/{a}{b}'", not_those),
        ("beta_path = '/items/{thing-id'", not_those),
        ("beta_path = '/things/{thing-id}'", "`beta_path` is the same as `path`"),
        ("beta_path = 'items/{item-id}'", "`beta_path` is no path: `items/{item-id}`"),
        (
            "beta_path = '/items/{i}'\nversions = ['v1.0']",
            "`beta_path` is given, but `versions` leaves beta out",
        ),
    ] {
        let said = of_surface(&format!("{KEEP_THING}{line}\n"));
        assert!(said.starts_with(&format!("error: surface.toml:1: {expected}")), "{line}: {said}");
        assert!(said.contains("\n  help: "), "{line}: {said}");
    }
}

#[test]
fn two_operations_with_one_path_in_beta() {
    let items = "[[keep]]\nid = 'items.get'\nmethod = 'GET'\npath = '/items/{item-id}'\n";
    let both = format!("{KEEP_THING}beta_path = '/items/{{item-id}}'\n{items}");
    insta::assert_snapshot!(of_surface(&both), @r"
    error: surface.toml:6: in beta, `/items/{item-id}` is kept already, as `things.get` (surface.toml:1)
      help: correct one of the two `beta_path`s
    ");
}

#[test]
fn parameters_of_a_path_in_beta_may_have_other_names_but_no_other_order() {
    let paths = "
  /a/{x-id}/b/{y-id}:
    parameters:
    - {name: x-id, in: path, required: true, schema: {type: string}}
    - {name: y-id, in: path, required: true, schema: {type: string}}
    get: {responses: {2XX: {description: ok}}}
";
    let document = document(paths, THING);
    let with = |beta: &str| {
        let surface = format!(
            "[[keep]]\nid = 'b.get'\nmethod = 'GET'\npath = '/a/{{x-id}}/b/{{y-id}}'\nbeta_path = '{beta}'\n"
        );
        generated(&document, &surface, "").map(|files| files["operations.rs"].contains(beta))
    };
    assert_eq!(with("/c/{x-id}/d/{z-id}").ok(), Some(true));
    assert_eq!(with("/c/{v-id}/d/{w-id}").ok(), Some(true));
    assert!(with("/c/{y-id}/d/{x-id}").unwrap_err().to_string().contains("in the same order"));
    assert!(with("/c/{y-id}/d/{z-id}").unwrap_err().to_string().contains("in the same order"));
}

#[test]
fn a_reference_that_leads_nowhere() {
    insta::assert_snapshot!(of_schemas("    microsoft.graph.thing: {type: object, properties: {part: {$ref: '#/components/schemas/microsoft.graph.part'}}}"), @r"
    error: upstream.yaml:14: `microsoft.graph.thing` refers to `#/components/schemas/microsoft.graph.part`, which does not exist
      help: the upstream document is broken, or was cut too far: trim from a whole one
    ");
    insta::assert_snapshot!(of_schemas("    microsoft.graph.thing: {type: object, properties: {part: {$ref: 'other.yaml#/part'}}}"), @r"
    error: upstream.yaml: `microsoft.graph.thing` refers to `other.yaml#/part`, outside of the components
      help: bundle the document into one file first
    ");
}

#[test]
fn a_correction_that_no_longer_applies() {
    let overlay = "\n[[correct]]\nschema = 'thing'\nat = 'properties/id/readOnly'\nwas = true\nnow = false\nreason = 'r'\nsource = 's'\n";
    insta::assert_snapshot!(refusal(&document(GET_THING, THING), KEEP_THING, overlay), @r"
    error: overlay.toml:2: this correction no longer applies: `properties/id/readOnly` is nothing, not true
      help: see whether upstream was corrected; then remove it or adapt `was`
    ");
    let gone = "[[correct]]\noperation = 'books.get'\nat = 'responses/204'\nreason = 'r'\nsource = 's'\n";
    insta::assert_snapshot!(refusal(&document(GET_THING, THING), KEEP_THING, gone), @r"
    error: overlay.toml:1: this correction no longer applies: there is no operation `books.get` in the trimmed document
      help: remove the correction, or keep what it corrects in surface.toml
    ");
    let baseless = "[[correct]]\nschema = 'thing'\nat = 'x'\n";
    insta::assert_snapshot!(refusal(&document(GET_THING, THING), KEEP_THING, baseless), @r"
    error: overlay.toml:1: missing field `reason`
      help: write it in the form of spec/overlay.toml
    ");
}

#[test]
fn additions_that_nobody_needs_or_keeps_are_refused() {
    let add = |what: &str| format!("\n[[add]]\n{what}\nreason = 'r'\nsource = 's'\n");
    let kept = |rest: &str| format!("{KEEP_THING}\n[[keep]]\nadded = true\n{rest}\n");
    let things = || document(GET_THING, THING);
    let thing = "now = { responses = { '204' = {} } }";
    let put = kept("id = 'things.put'\nmethod = 'PUT'\npath = '/things/{thing-id}'");
    insta::assert_snapshot!(refusal(&things(), KEEP_THING, &add(&format!("operation = 'things.put'\n{thing}"))), @r#"
    error: overlay.toml:2: the surface keeps no operation `things.put` as added
      help: add a `[[keep]]` with `id = "things.put"` and `added = true`, or remove this
    "#);
    insta::assert_snapshot!(refusal(&things(), &put, ""), @r"
    error: surface.toml:6: `things.put` is kept as added, and no overlay adds it
      help: say in an `[[add]]` what it takes and gives, or leave out `added`
    ");
    insta::assert_snapshot!(refusal(&things(), KEEP_THING, &add("schema = 'thing'\nnow = {}")), @r"
    error: overlay.toml:2: this addition no longer applies: the schema `thing` is there already
      help: see whether upstream has it now; then remove the addition
    ");
    insta::assert_snapshot!(refusal(&things(), KEEP_THING, &add("now = {}")), @r"
    error: overlay.toml:2: an addition needs either `operation` or `schema`
      help: give the one that is added
    ");
}

#[test]
fn what_is_added_is_generated_like_the_rest() {
    let surface = format!(
        "{KEEP_THING}\n[[keep]]\nadded = true\nid = 'things.part.put'\nmethod = 'PUT'\npath = '/things/{{thing-id}}/parts/{{part-id}}'\n"
    );
    let overlay = "
[[add]]
operation = 'things.part.put'
now = { requestBody = { content = { 'application/json' = { schema = { '$ref' = '#/components/schemas/microsoft.graph.part' } } } }, responses = { '204' = {} } }
reason = 'r'
source = 's'

[[add]]
schema = 'part'
now = { type = 'object', properties = { size = { type = 'integer', format = 'int32' } } }
reason = 'r'
source = 's'
";
    let files = generated(&document(GET_THING, THING), &surface, overlay).unwrap();
    let client = &files["client.rs"];
    assert!(client.contains("fn things_part_put("), "{client}");
    assert!(client.contains("thing_id: &graph_runtime::Id,\n        part_id: &graph_runtime::Id,\n        body: &crate::models::Part"), "{client}");
    assert!(files["models/part.rs"].contains("pub size: Option<i32>"));
    assert!(files["operations.rs"].contains("/things/{thing-id}/parts/{part-id}"));
}

#[test]
fn a_file_that_is_not_openapi_3_0() {
    insta::assert_snapshot!(refusal("swagger: '2.0'\npaths: {}\n", KEEP_THING, ""), @r"
    error: upstream.yaml: this is no OpenAPI 3.0 document: there is no `openapi` key
      help: the generator reads OpenAPI 3.0; convert the document, or take Microsoft Graph's own
    ");
    insta::assert_snapshot!(refusal("openapi: 3.1.0\npaths: {}\n", KEEP_THING, ""), @r#"
    error: upstream.yaml: this is no OpenAPI 3.0 document: `openapi` is "3.1.0", not 3.0.x
      help: the generator reads OpenAPI 3.0; convert the document, or take Microsoft Graph's own
    "#);
    insta::assert_snapshot!(refusal("just words", KEEP_THING, ""), @"error: upstream.yaml: this is no OpenAPI document: its top level is not a mapping");
}

#[test]
fn yaml_that_is_broken_or_says_things_twice() {
    insta::assert_snapshot!(refusal("openapi: 3.0.4\npaths: [\n  a: }\n", KEEP_THING, ""));
    let twice = document(&format!("{GET_THING}  /things/{{thing-id}}: {{}}"), THING);
    insta::assert_snapshot!(refusal(&twice, KEEP_THING, ""), @"error: upstream.yaml:11: `paths / /things/{thing-id}` stands here again; it is declared first on line 5");
    insta::assert_snapshot!(of_schemas("    microsoft.graph.thing: {type: object, type: object}"), @"error: upstream.yaml:14:43: can't use the key `type`, which stands here twice");
}

#[test]
fn inheritance_that_goes_in_circles() {
    insta::assert_snapshot!(of_schemas("    microsoft.graph.thing: {allOf: [{$ref: '#/components/schemas/microsoft.graph.base'}]}
    microsoft.graph.base: {allOf: [{$ref: '#/components/schemas/microsoft.graph.thing'}]}"), @r"
    error: type base: it is nothing but a reference to itself, by way of `microsoft.graph.base`, `microsoft.graph.thing`
      help: the upstream document is broken: correct one of the references there
    ");
}
