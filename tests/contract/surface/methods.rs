//! Which method of the facade sends which operation, as the sources say: a method's documentation names its rows.

use std::collections::BTreeMap;
use std::path::Path;

const FACADE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/graph-facade/src");

/// The methods by the name of the row in the operation table, `GROUPS_GET` to `Groups::get`.
pub(super) fn by_row() -> BTreeMap<String, Vec<String>> {
    let mut methods = BTreeMap::new();
    read(Path::new(FACADE), &mut methods);
    methods
}

fn read(folder: &Path, methods: &mut BTreeMap<String, Vec<String>>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(&path, methods);
        } else {
            scan(&std::fs::read_to_string(&path).unwrap(), methods);
        }
    }
}

/// Rows stand right before the method; a method of `impl Type` belongs to that type.
fn scan(source: &str, methods: &mut BTreeMap<String, Vec<String>>) {
    let (mut of, mut rows) = ("", Vec::new());
    for line in source.lines() {
        let code = line.trim();
        if line.starts_with("impl") {
            let named = line.trim_end_matches(" {").rsplit(' ').next().unwrap_or_default();
            of = named.split('<').next().unwrap_or_default();
        } else if let Some(row) = code
            .strip_prefix("#[doc = ")
            .and_then(|text| text.trim_start_matches("graph_models::").strip_prefix("facts!("))
        {
            rows.push(row.trim_end_matches(")]").to_owned());
        } else if let Some(rest) = code.strip_prefix("pub fn ").or_else(|| code.strip_prefix("pub async fn "))
        {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            for row in rows.drain(..) {
                methods.entry(row).or_default().push(format!("{of}::{name}"));
            }
        }
    }
}
