//! Small documents that lead to large results, and deep ones: each is refused with the place and the budget, or generated from.

use std::thread;

use codegen::problem::Problems;
use codegen::source::Source;
use codegen::{emit, yaml};

use crate::support::{GET_THING, KEEP_THING, document, generated};

/// What comes of a document on a stack of 2 MiB, which threads have.
fn outcome(document: String, surface: &str) -> Result<emit::Files, Problems> {
    let surface = surface.to_owned();
    let small = thread::Builder::new().stack_size(2 * 1024 * 1024);
    small.spawn(move || generated(&document, &surface, "")).unwrap().join().unwrap()
}

#[track_caller]
fn assert_refused(document: String, said: &[&str]) {
    let problems = outcome(document, KEEP_THING).unwrap_err().to_string();
    for said in said.iter().chain(&["\n  help: "]) {
        assert!(problems.contains(said), "{problems}");
    }
    assert!(problems.len() < 4000, "{} bytes", problems.len());
}

fn thing(schema: &str) -> String {
    document(GET_THING, &format!("    microsoft.graph.thing: {schema}"))
}

/// A line for each number.
fn concat(numbers: std::ops::Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

/// A document whose answer is `responses/r0`, and `responses` from there on.
fn answering(responses: &str) -> String {
    let path = "
  /things/{thing-id}:
    get:
      responses: {2XX: {$ref: '#/components/responses/r0'}}
";
    document(path, "    unused: {type: object}") + "  responses:\n" + responses
}

#[test]
fn references_that_double_at_every_step_are_refused() {
    let response = |index: usize| {
        let next = format!("{{$ref: '#/components/responses/r{}'}}", index + 1);
        format!(
            "    r{index}: {{description: x, headers: {{a: {{schema: {next}}}, b: {{schema: {next}}}}}}}\n"
        )
    };
    let responses = concat(0..20, response) + "    r20: {description: x}\n";
    let bomb = answering(&responses);
    assert!(bomb.len() < 4000);
    assert_refused(
        bomb,
        &[
            "#/components/responses/r",
            "what references and inheritance repeat becomes more than 1",
            " values",
        ],
    );
}

#[test]
fn references_that_nest_without_end_are_refused() {
    let response = |index: usize| {
        format!(
            "    r{index}: {{description: x, headers: {{a: {{schema: {{items: {{$ref: '#/components/responses/r{}'}}}}}}}}}}\n",
            index + 1
        )
    };
    let responses = concat(0..2000, response) + "    r2000: {description: x}\n";
    assert_refused(answering(&responses), &["#/components/responses/r0", "nested more than 256 levels deep"]);
}

#[test]
fn paths_that_stand_elsewhere_are_not_copied_without_end() {
    let properties = concat(0..500, |index| format!("p{index}: {{type: string}}, "));
    let large = format!(
        "  /large: {{get: {{responses: {{2XX: {{description: x, content: {{application/json: {{schema: {{type: object, properties: {{{properties}}}}}}}}}}}}}}}}}\n"
    );
    let paths = concat(0..300, |index| format!("  /p{index}: {{$ref: '#/paths/~1large'}}\n"));
    let keep = concat(0..300, |index| {
        format!("[[keep]]\nid = 'p{index}.get'\nmethod = 'GET'\npath = '/p{index}'\n")
    });
    let document = document(&(large + &paths), "    unused: {type: object}");
    let problems = outcome(document, &keep).unwrap_err().to_string();
    assert!(problems.contains("what references and inheritance repeat becomes more than"), "{problems}");
    assert_eq!(problems.matches("error: ").count(), 1);
}

#[test]
fn a_chain_of_paths_ends_somewhere() {
    let chain = |index: usize| format!("  /p{index}: {{$ref: '#/paths/~1p{}'}}\n", index + 1);
    let paths = concat(0..5000, chain);
    let surface = "[[keep]]\nid = 'p.get'\nmethod = 'GET'\npath = '/p0'\n";
    let problems = outcome(document(&paths, "    unused: {type: object}"), surface).unwrap_err().to_string();
    assert!(
        problems.contains("the chain of references from this path goes on for more than 64 steps"),
        "{problems}"
    );
}

#[test]
fn inheritance_of_5000_steps_is_refused_whatever_the_types_hold() {
    for own in ["", ", {type: object, properties: {x: {type: string}}}"] {
        let step = |index: usize| {
            format!(
                "    microsoft.graph.t{index}: {{allOf: [{{$ref: '#/components/schemas/microsoft.graph.t{}'}}{own}]}}\n",
                index + 1
            )
        };
        let chain = concat(0..5000, step);
        let schemas = format!(
            "{chain}    microsoft.graph.t5000: {{type: object}}\n    microsoft.graph.thing: {{allOf: [{{$ref: '#/components/schemas/microsoft.graph.t0'}}{own}]}}\n"
        );
        assert_refused(document(GET_THING, &schemas), &["goes on for more than 64 steps"]);
    }
}

#[test]
fn a_base_that_is_named_again_and_again_is_refused() {
    let properties = concat(0..1000, |index| format!("p{index}: {{type: string}}, "));
    let bases = concat(0..3000, |_| "{$ref: '#/components/schemas/microsoft.graph.base'}, ".to_owned());
    let schemas = format!(
        "    microsoft.graph.base: {{type: object, properties: {{{properties}}}}}\n    microsoft.graph.thing: {{allOf: [{bases}]}}\n"
    );
    assert_refused(
        document(GET_THING, &schemas),
        &["type thing", "what references and inheritance repeat becomes more than"],
    );
}

#[test]
fn inheritance_of_60_steps_is_not() {
    let step = |index: usize| {
        format!(
            "    microsoft.graph.t{index}: {{allOf: [{{$ref: '#/components/schemas/microsoft.graph.t{}'}}, {{type: object, properties: {{p{index}: {{type: string}}}}}}]}}\n",
            index + 1
        )
    };
    let chain = concat(0..60, step);
    let schemas = format!(
        "{chain}    microsoft.graph.t60: {{type: object}}\n    microsoft.graph.thing: {{allOf: [{{$ref: '#/components/schemas/microsoft.graph.t0'}}]}}\n"
    );
    let files =
        outcome(document(GET_THING, &schemas), KEEP_THING).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(files["models/thing.rs"].contains("pub p59: Option<String>"), "{}", files["models/thing.rs"]);
}

#[test]
fn what_many_types_inherit_of_a_large_one_is_counted() {
    let base = concat(0..2000, |index| format!("p{index}: {{type: string}}, "));
    let base = format!("    microsoft.graph.base: {{type: object, properties: {{{base}}}}}\n");
    let one = |index: usize| format!("d{index}: {{$ref: '#/components/schemas/microsoft.graph.d{index}'}}, ");
    let thing = concat(0..600, one);
    let thing = format!("    microsoft.graph.thing: {{type: object, properties: {{{thing}}}}}\n");
    let derived = concat(0..600, |index| {
        format!(
            "    microsoft.graph.d{index}: {{allOf: [{{$ref: '#/components/schemas/microsoft.graph.base'}}]}}\n"
        )
    });
    let schemas = base + &thing + &derived;
    assert_refused(
        document(GET_THING, &schemas),
        &["type d", "what references and inheritance repeat becomes more than"],
    );
}

#[test]
fn nesting_in_place_is_any_json_or_refused() {
    // Lists of lists, beyond what anybody writes, are JSON; more than 128 levels are none of ours.
    let lists = |levels: usize| {
        thing(&format!(
            "{{type: object, properties: {{x: {}{{type: string}}{}}}}}",
            "{type: array, items: ".repeat(levels),
            "}".repeat(levels)
        ))
    };
    let files = outcome(lists(100), KEEP_THING).unwrap_or_else(|problems| panic!("{problems}"));
    let model = &files["models/thing.rs"];
    assert!(model.contains("Vec<") && model.contains("::serde_json::Value"), "{model}");
    assert_refused(lists(3000), &["can't use more than 128 levels of nesting"]);
    for (open, close) in
        [("{allOf: [", "]}"), ("{properties: {x: ", "}}"), ("{anyOf: [", ", {type: string}]}")]
    {
        let nested = |levels: usize| {
            thing(&format!(
                "{{type: object, properties: {{x: {}{{type: string}}{}}}}}",
                open.repeat(levels),
                close.repeat(levels)
            ))
        };
        outcome(nested(50), KEEP_THING).unwrap_or_else(|problems| panic!("{open}: {problems}"));
        assert_refused(nested(3000), &["can't use more than 128 levels of nesting"]);
    }
    // A list of a list by way of names.
    let step = |index: usize| {
        format!(
            "    microsoft.graph.l{index}: {{type: array, items: {}{{$ref: '#/components/schemas/microsoft.graph.l{}'}}{}}}\n",
            "{type: array, items: ".repeat(40),
            index + 1,
            "}".repeat(40)
        )
    };
    let lists = concat(0..60, step);
    let schemas = format!(
        "{lists}    microsoft.graph.l60: {{type: string}}\n    microsoft.graph.thing: {{type: object, properties: {{x: {{$ref: '#/components/schemas/microsoft.graph.l0'}}}}}}\n"
    );
    outcome(document(GET_THING, &schemas), KEEP_THING).unwrap_or_else(|problems| panic!("{problems}"));
}

#[test]
fn no_text_is_too_deep_for_the_stack() {
    let levels = 50_000;
    let texts = [
        "[".repeat(levels),
        "{a: ".repeat(levels),
        "- ".repeat(levels),
        "? ".repeat(levels),
        format!("{}x{}", "[".repeat(levels), "]".repeat(levels)),
        concat(0..1000, |level| format!("{}a:\n", " ".repeat(level))),
        "&a ".repeat(levels),
        "!".repeat(levels),
    ];
    for text in texts {
        let small = thread::Builder::new().stack_size(2 * 1024 * 1024);
        let read = move || {
            let start: String = text.chars().take(20).collect();
            assert!(yaml::parse("deep.yaml", &text, 0).is_err(), "{start}");
            assert!(Source::read("deep.yaml", text.clone()).is_err(), "{start}");
            // Below a key that nobody keeps it's in nobody's way, or refused.
            drop(Source::read("deep.yaml", format!("openapi: 3.0.4\nx: {text}\n")));
        };
        small.spawn(read).unwrap().join().unwrap();
    }
    let surface = format!("{KEEP_THING}x = {}", "[".repeat(levels));
    outcome(thing("{type: object}"), &surface).unwrap_err();
}
