//! Names that Rust could not tell apart, could not have, or needs itself: every one gets another, always the same.

use crate::support::{document, fields, generated, models, snapshot};

/// A thing with a property for each of these types.
fn leading_to(types: &[&str], schemas: &str) -> String {
    let properties = types.iter().enumerate();
    let properties = properties.map(|(n, of)| format!("p{n}: {{$ref: '#/components/schemas/{of}'}}"));
    let properties = properties.collect::<Vec<_>>().join(", ");
    format!("    microsoft.graph.thing: {{type: object, properties: {{{properties}}}}}\n{schemas}")
}

#[test]
fn members_that_differ_in_case_or_punctuation() {
    snapshot!(models(
        "
    microsoft.graph.thing: {type: object, properties: {level: {$ref: '#/components/schemas/microsoft.graph.level'}}}
    microsoft.graph.level: {type: string, enum: [beginner, Beginner, be-ginner, BeGinner, 'a b', a-b, '', '-', '+', 1, '1', unknown, Unknown, Self, größe]}
",
        ""
    ));
}

#[test]
fn properties_that_differ_in_case_or_punctuation() {
    snapshot!(fields(
        "
    microsoft.graph.thing:
      type: object
      properties:
        '@odata.type': {type: string}
        odataType: {type: string}
        odata_type: {type: string}
        extra: {type: string}
        extra_: {type: string}
        '': {type: string}
        '-': {type: string}
        2fast: {type: string}
        gen: {type: string}
        async: {type: string}
        größe: {type: string}
        日本: {type: string}
        description@odata.type: {type: string}
        a1: {type: string}
        A1: {type: string}
"
    ));
}

#[test]
fn types_whose_namespaces_run_together() {
    let types = [
        "microsoft.graph.fooBar",
        "microsoft.graph.foo.bar",
        "microsoft.graph.FOOBar",
        "microsoft.graph.foo_bar",
    ];
    let schemas = types.map(|of| {
        format!("    {of}: {{type: object, properties: {{of: {{type: string, default: '{of}'}}}}}}\n")
    });
    snapshot!(fields(&leading_to(&types, &schemas.concat())));
}

#[test]
fn types_that_are_called_like_what_the_code_around_them_uses() {
    let names = [
        "option",
        "vec",
        "string",
        "box",
        "result",
        "some",
        "default",
        "extra",
        "collection",
        "id",
        "key",
        "field",
        "reference",
        "self",
        "type",
        "mod",
        "object",
        "property",
        "name",
        "visitor",
        "client",
        "2fa",
        "größe",
        "-",
    ];
    let types = names.map(|name| format!("microsoft.graph.{name}"));
    let types: Vec<_> = types.iter().map(String::as_str).collect();
    let schemas = types
        .iter()
        .map(|of| format!("    '{of}': {{type: object, properties: {{id: {{type: string}}}}}}\n"));
    snapshot!(fields(&leading_to(&types, &schemas.collect::<Vec<_>>().concat())));
}

#[test]
fn a_view_and_a_type_of_one_name() {
    let paths = "
  /things:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.thing'}}}}
      responses:
        '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/microsoft.graph.newThing'}}}}
";
    let schemas = "
    microsoft.graph.thing: {type: object, properties: {name: {type: string}, Name: {type: string}}}
    microsoft.graph.newThing: {type: object, properties: {id: {type: string}}}
";
    let surface = "
        [[keep]]
        id = 'things.create'
        method = 'POST'
        path = '/things'
        body = 'new'
        [types.thing]
        new = { required = ['Name'], optional = ['name'] }
    ";
    let files =
        generated(&document(paths, schemas), surface, "").unwrap_or_else(|problems| panic!("{problems}"));
    snapshot!(format!(
        "{}\n{}\n{}",
        files["models.rs"], files["models/thing.rs"], files["models/new_thing2.rs"]
    ));
}

#[test]
fn long_names_fit_into_file_names_and_stay_apart() {
    let long = "veryLongNamesOfTypes".repeat(20);
    let types = [format!("microsoft.graph.{long}A{long}"), format!("microsoft.graph.{long}B{long}")];
    let types = [types[0].as_str(), types[1].as_str()];
    let schemas =
        types.map(|of| format!("    ? {of}\n    : {{type: object, properties: {{id: {{type: string}}}}}}\n"));
    let models = models(&leading_to(&types, &schemas.concat()), "");
    let files: Vec<_> = models.lines().filter_map(|line| line.strip_prefix("// models/")).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files.iter().all(|file| file.len() <= 200), "{files:?}");
}

#[test]
fn files_have_names_that_every_file_system_takes() {
    let odd = [
        "aux", "AUX", "Con", "nul", "prn", "com1", "COM9", "lpt0", "com10", "thing.", "Thing..", "thing ",
        "mod", "self", "Self", "super", "crate", "gen", "async", "try", "THING", "tHING", "naïve", "NAÏVE",
        "../up", "/top", "a:b", "a\\b", "*", "?",
    ];
    let long = ["Ab".repeat(200), "A".repeat(400), "é".repeat(200)];
    let names: Vec<_> = odd.iter().copied().chain(long.iter().map(String::as_str)).collect();
    let property = |(index, name): (usize, &&str)| {
        let reference = format!("#/components/schemas/microsoft.graph.{name}");
        format!("p{index}: {{$ref: {reference:?}}}")
    };
    let properties: Vec<_> =
        names.iter().enumerate().filter(|(_, name)| !name.contains('/')).map(property).collect();
    let declared = names.iter().map(|name| {
        let name = format!("microsoft.graph.{name}");
        format!("    {name:?}: {{type: object, properties: {{id: {{type: string}}}}}}\n")
    });
    let thing =
        format!("    microsoft.graph.thing: {{type: object, properties: {{{}}}}}\n", properties.join(", "));
    let schemas = declared.collect::<String>() + &thing;
    let files = generated(&document(crate::support::GET_THING, &schemas), crate::support::KEEP_THING, "");
    let files = files.unwrap_or_else(|problems| panic!("{problems}"));
    let devices = ["aux", "con", "nul", "prn", "com0", "com1", "com9", "lpt0"];
    let mut seen = std::collections::BTreeSet::new();
    for path in files.keys().filter(|path| path.starts_with("models/")) {
        let stem = path.strip_prefix("models/").unwrap().strip_suffix(".rs").unwrap();
        assert!(stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{path}");
        assert!(!devices.contains(&stem) && stem.len() <= 250, "{path}");
        assert!(syn::parse_str::<syn::Ident>(stem).is_ok(), "{path}");
        assert!(seen.insert(stem.to_ascii_lowercase()), "{path}");
    }
    assert!(seen.contains("aux_") && seen.contains("com10") && seen.len() > 25, "{seen:?}");
}
