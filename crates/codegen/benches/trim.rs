//! What a trim of the upstream document costs, beside a full parse of it by serde-saphyr.
//!
//! `GRAPH_UPSTREAM=<the document> cargo bench -p codegen --bench trim`. One run takes seconds, so that five rounds with the
//! two in turn say more than a statistical harness's warm-up; each figure is a median.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it can't measure")]

use std::time::{Duration, Instant};

use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;

const ROUNDS: usize = 5;

fn main() {
    let Some(file) = std::env::var_os("GRAPH_UPSTREAM") else {
        println!("set GRAPH_UPSTREAM to the document that spec/upstream.toml names; nothing was measured");
        return;
    };
    let text = std::fs::read_to_string(file).expect("the document can be read");
    let surface = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/surface.toml");
    let surface = std::fs::read_to_string(surface).unwrap();
    let (mut parses, mut trims) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parses.push(time(|| full_parse(&text)));
        let text = text.clone();
        trims.push(time(|| {
            let source = Source::read("upstream.yaml", text).unwrap();
            let surface = Surface::read("surface.toml", &surface, &source).unwrap();
            drop(std::hint::black_box(trim::trim(&source, &surface).unwrap()));
        }));
    }
    let (parse, trim) = (median(parses), median(trims));
    println!("full parse by serde-saphyr  {} ms", parse.as_millis());
    println!("trim                        {} ms", trim.as_millis());
    let (ratio, bound) = (trim.as_secs_f64() / parse.as_secs_f64(), 0.6);
    let verdict = if ratio <= bound { "ok" } else { "missed" };
    println!("target trim/full-parse: {ratio:.2} (bound {bound}) {verdict}");
}

fn full_parse(text: &str) {
    let mut options = serde_saphyr::Options::default();
    // The default budget stops at documents a hundredth this size.
    options.budget = None;
    let value: serde_json::Value = serde_saphyr::from_str_with_options(text, options).unwrap();
    drop(std::hint::black_box(value));
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
