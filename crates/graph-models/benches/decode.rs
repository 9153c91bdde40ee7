//! What it costs to read a page of 100 groups and keep what is not known, beside a plain serde struct that drops it.
//!
//! `cargo bench -p graph-models --bench decode`. Rounds of both in turn; each figure is a median.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it can't measure")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use graph_models::models::Group;
use graph_models::{Collection, Inspect as _};

mod groups;
use groups::{Page, Plain, page};

const ROUNDS: usize = 1000;

fn main() {
    let (with_unknown, known_only) = (page(0, true, None), page(0, false, None));
    let plain = |page: &[u8]| drop(black_box(serde_json::from_slice::<Page<Plain>>(page).unwrap()));
    // What the raw client's methods read their answers with.
    let ours = |page: &[u8]| drop(black_box(read(page)));
    let works: [&dyn Fn(); 4] =
        [&|| plain(&with_unknown), &|| ours(&with_unknown), &|| plain(&known_only), &|| ours(&known_only)];
    let [base, kept, base_known, kept_known] = medians(works);
    println!("page of 100 groups, 6 unknown properties each");
    println!("  plain serde struct, from_slice, unknown dropped  {} µs", base.as_micros());
    println!("  Group, unknown kept                              {} µs", kept.as_micros());
    println!("page of 100 groups, nothing unknown");
    println!("  plain serde struct, from_slice                   {} µs", base_known.as_micros());
    println!("  Group                                            {} µs", kept_known.as_micros());
    let (unknown_page, known_page) = (read(&with_unknown), read(&known_only));
    let looks: [&dyn Fn(); 2] = [&|| look(&unknown_page), &|| look(&known_page)];
    let [found, nothing_found] = medians(looks);
    println!("looking for what is unknown in the pages read");
    println!("  6 unknown properties each, nothing unknown       {found:?}, {nothing_found:?}");
    target("decode-unknown-kept/plain", kept, base, 0.95);
    target("decode-known/plain", kept_known, base_known, 1.05);
    target("inspect-unknown/decode", found, kept, 0.05);
    target("inspect-known/decode", nothing_found, kept_known, 0.02);
}

fn read(page: &[u8]) -> Collection<Group> {
    graph_runtime::read(page).unwrap()
}

/// The walk alone.
fn look(page: &Collection<Group>) {
    let mut names = 0;
    page.inspect("", &mut |unknown| names += black_box(unknown).name.len());
    black_box(names);
}

fn target(name: &str, measured: Duration, base: Duration, bound: f64) {
    let ratio = measured.as_secs_f64() / base.as_secs_f64();
    let verdict = if ratio <= bound { "ok" } else { "missed" };
    println!("target {name}: {ratio:.2} (bound {bound}) {verdict}");
}

/// The works in turn, so that whatever else the machine does hits all alike.
fn medians<const N: usize>(works: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}
