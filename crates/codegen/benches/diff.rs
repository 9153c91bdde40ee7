//! What a diff of two large documents costs beside parsing both.
//!
//! `cargo bench -p codegen --bench diff`, with `GRAPH_UPSTREAM=<the document>` on the real one. The other document is the same
//! with one property in fifty changed. The works take turns; each time is a median, and the processor's.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it can't measure")]

mod measure;

use std::hint::black_box;

use codegen::diff::compare;
use codegen::source::Source;
use measure::{cpu_time, document, median, target};

const ROUNDS: usize = 5;
/// One in so many nullable properties is changed.
const ONE_IN: usize = 50;

fn main() {
    let (_, old) = document();
    let new = changed(&old);
    let (mut parses, mut diffs) = (Vec::new(), Vec::new());
    let mut found = 0;
    for _ in 0..ROUNDS {
        parses.push(cpu_time(|| [&old, &new].map(|text| full_parse(text))).0);
        let (texts, diff) = ((old.clone(), new.clone()), |(old, new)| {
            let old = Source::read("old.yaml", old).unwrap();
            let new = Source::read("new.yaml", new).unwrap();
            compare(&old, &new, &[]).unwrap().changes.len()
        });
        let (took, changes) = cpu_time(|| diff(texts));
        diffs.push(took);
        found = changes;
    }
    let [parse, diff] = [parses, diffs].map(median);
    println!("full parse of both by serde-saphyr  {} ms", parse.as_millis());
    println!("diff of both, {found} changes  {} ms", diff.as_millis());
    target("diff/full-parse-of-both", diff.as_secs_f64() / parse.as_secs_f64(), 1.3);
}

fn changed(text: &str) -> String {
    let mut pieces = text.split("nullable: true");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.enumerate().fold(first, |mut text, (index, piece)| {
        text.push_str(if index % ONE_IN == 0 { "nullable: false" } else { "nullable: true" });
        text.push_str(piece);
        text
    })
}

fn full_parse(text: &str) {
    let mut options = serde_saphyr::Options::default();
    // The default budget stops at documents a hundredth this size.
    options.budget = None;
    options.strict_booleans = true;
    black_box(serde_saphyr::from_str_with_options::<serde_json::Value>(text, options).unwrap());
}
