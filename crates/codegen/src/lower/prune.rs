//! Drops the components that nothing reaches any more.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::trim::references;

pub(super) fn run(document: &mut Value) {
    let mut queue = references(&document["paths"]);
    let Some(schemas) = super::schemas(document) else { return };
    let mut reached = BTreeSet::new();
    while let Some(reference) = queue.pop() {
        let name = reference.trim_start_matches("#/components/schemas/").to_owned();
        if let Some(schema) = schemas.get(&name)
            && reached.insert(name)
        {
            queue.extend(references(schema));
        }
    }
    schemas.retain(|name, _| reached.contains(name));
}
