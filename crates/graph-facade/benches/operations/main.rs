//! What long-running operations cost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop where it fails")]

#[cfg(feature = "journal")]
mod journal;

fn main() {
    #[cfg(feature = "journal")]
    journal::run();
    #[cfg(not(feature = "journal"))]
    println!("the journal is measured with `--features journal`");
}
