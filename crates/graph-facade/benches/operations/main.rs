//! What long-running operations cost: requests, time under a quota, memory, CPU while they are watched, and the journal.
//!
//! `cargo bench -p graph-facade --bench operations --features journal`. The simulator answers, and the clock is virtual; memory, CPU
//! time and the disk are real, which needs Linux. Each target is a file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it fails")]
#![allow(clippy::cast_precision_loss, reason = "the figures are small")]

mod created;
#[cfg(feature = "journal")]
mod journal;
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
    #[cfg(feature = "journal")]
    journal::run();
    #[cfg(not(feature = "journal"))]
    println!("the journal is measured with `--features journal`");
}
