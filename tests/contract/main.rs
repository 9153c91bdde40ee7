//! The facade's promises, held against the simulator: one topic per file.
//!
//! Time is tokio's and paused, so that nothing waits for real; only `loopback`, `admin` and part of `token_endpoint` talk over a socket. Every scenario that
//! is meant to be clean ends with [`support::assert_clean`].

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod admin;
mod answers;
mod batch;
mod capture;
mod connect;
mod credentials;
mod delta;
mod documented;
mod drift;
mod failures;
mod faults;
mod filter_properties;
mod golden;
mod hostile;
mod journey;
mod limits;
mod lists;
mod loopback;
mod members;
mod metering;
mod onenote_copy;
mod open_telemetry;
mod operation_journal;
mod operation_owners;
mod operation_pace;
mod operation_restart;
mod operation_set;
mod operation_status;
mod operation_trouble;
mod operation_vectors;
mod permissions;
mod queries;
mod reconcile;
mod recorder;
mod refused_unsent;
mod renewal;
mod repetition;
mod replay;
mod saved_forms;
mod saved_ledgers;
mod spans;
mod support;
mod surface;
mod sync_activities;
mod sync_contents;
mod table;
mod token_endpoint;
mod versions;
mod weather;
mod wire;
