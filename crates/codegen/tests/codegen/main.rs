//! What the generator reads, says and writes, on documents small enough to read and on the project's own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it fails")]

#[path = "../support/mod.rs"]
mod support;

mod budgets;
mod calls;
mod diff;
mod diff_complete;
mod downstream;
mod drift;
mod editing;
mod hostile;
mod input;
mod mistakes;
mod mutations;
mod names;
mod page;
mod receipts;
mod refusals;
mod scopes;
mod shapes;
mod slices;
mod troubles;
mod update;
mod workspace;
