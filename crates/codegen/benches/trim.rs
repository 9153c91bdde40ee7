//! What a trim of the upstream document costs: in time beside a full parse of it by serde-saphyr, in memory beside its size.
//!
//! `cargo bench -p codegen --bench trim`, with `GRAPH_UPSTREAM=<the document>` on the real one. One run takes seconds, so that
//! five rounds with the works in turn say more than a statistical harness's warm-up; each time is a median. Memory is the peak
//! of a process of its own that reads the file and trims it once.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it can't measure")]

mod measure;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use codegen::receipt::Receipt;
use codegen::source::Source;
use codegen::surface::Surface;
use codegen::trim;
use measure::{ROOT, document, median, target, time};

const ROUNDS: usize = 5;
/// Makes this program trim the file behind it and print its own peak memory in kB.
const PEAK: &str = "--peak-of-trim";

fn main() {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let [_, flag, file] = arguments.as_slice()
        && flag == PEAK
    {
        return print_peak(Path::new(file));
    }
    let (file, text) = document();
    let surface = surface();
    let (mut parses, mut trims, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parses.push(time(|| full_parse(&text)).0);
        let text = text.clone();
        let (trim, (source, surface, trimmed)) = time(|| {
            let source = Source::read("upstream.yaml", text).unwrap();
            let surface = Surface::read("surface.toml", &surface, &source).unwrap();
            let trimmed = trim::trim(&source, &surface).unwrap();
            (source, surface, trimmed)
        });
        trims.push(trim);
        let write =
            || Receipt::new(&source, &surface, &trimmed).map(|receipt| (receipt.text(), receipt.json()));
        receipts.push(time(|| black_box(write().unwrap())).0);
    }
    let [parse, trim, receipt] = [parses, trims, receipts].map(median);
    let peak = peak_of_trim(&file);
    println!("full parse by serde-saphyr  {} ms", parse.as_millis());
    println!("trim                        {} ms", trim.as_millis());
    println!("its receipt                 {} ms", receipt.as_millis());
    let size = u32::try_from(text.len() / 1024).unwrap();
    println!("the document                {size} kB");
    match peak {
        Some(peak) => println!("peak memory of a trim       {peak} kB"),
        None => println!("peak memory of a trim       not measured: this system has no /proc"),
    }
    target("trim/full-parse", trim.as_secs_f64() / parse.as_secs_f64(), 0.6);
    target("receipt/trim", receipt.as_secs_f64() / trim.as_secs_f64(), 1.0);
    if let Some(peak) = peak {
        target("trim-memory/file", f64::from(peak) / f64::from(size), 2.5);
    }
}

fn surface() -> String {
    std::fs::read_to_string(Path::new(ROOT).join("spec/surface.toml")).unwrap()
}

fn full_parse(text: &str) {
    let mut options = serde_saphyr::Options::default();
    // The default budget stops at documents a hundredth this size.
    options.budget = None;
    let value: serde_json::Value = serde_saphyr::from_str_with_options(text, options).unwrap();
    drop(black_box(value));
}

/// The peak memory in kB of another process that trims `file`; none where the system does not tell.
fn peak_of_trim(file: &Path) -> Option<u32> {
    let output = Command::new(std::env::current_exe().unwrap()).arg(PEAK).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().ok()
}

fn print_peak(file: &Path) {
    let source = Source::open(file).unwrap();
    let surface = Surface::read("surface.toml", &surface(), &source).unwrap();
    drop(black_box(trim::trim(&source, &surface).unwrap()));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    println!("{}", peak.unwrap_or("unknown"));
}
