//! What long-running operations cost: requests, time under a quota, memory, and CPU while they are watched.
//!
//! `cargo bench -p graph-facade --bench operations`. The simulator answers, and the clock is virtual; memory and CPU time are real,
//! which needs Linux. Each target is a file.

#![allow(clippy::unwrap_used, reason = "a benchmark may stop where it fails")]
#![allow(clippy::cast_precision_loss, reason = "the figures are small")]

mod created;
mod measure;
mod watched;

fn main() {
    if let Some(measurement) = std::env::args().nth(1)
        && measurement == watched::MEMORY
    {
        return println!("{}", watched::memory());
    }
    let targets = [created::targets(), watched::targets()].concat();
    targets.iter().for_each(measure::Target::print);
}
