//! The generator on Microsoft's own documents: `GRAPH_UPSTREAM` names the one that `spec/upstream.toml` does, others are beside it;
//! `GRAPH_PERMISSIONS` names the file of permissions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use codegen::source::Source;

#[path = "../support/mod.rs"]
mod support;

mod areas;
mod diff;
mod downstream;
mod permissions;
mod slices;
mod workspace;

/// The path of the pinned document.
fn pinned() -> String {
    std::env::var("GRAPH_UPSTREAM").expect("GRAPH_UPSTREAM names the upstream document")
}

/// The path of the pinned file of permissions.
fn pinned_permissions() -> String {
    std::env::var("GRAPH_PERMISSIONS").expect("GRAPH_PERMISSIONS names the upstream file of permissions")
}

/// The folder of all documents.
fn folder() -> PathBuf {
    Path::new(&pinned()).parent().expect("GRAPH_UPSTREAM names a file").to_owned()
}

/// The path of a document, by its name below the folder.
fn document(name: &str) -> PathBuf {
    folder().join(name)
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A document, read once for all tests of this process; they need it to the end.
fn source(name: &str) -> &'static Source {
    static READ: LazyLock<Mutex<BTreeMap<String, &'static Source>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    read.entry(name.to_owned()).or_insert_with(|| {
        let source = Source::read(name, text_of(&document(name).display().to_string()));
        Box::leak(Box::new(source.unwrap_or_else(|problem| panic!("{problem}"))))
    })
}
