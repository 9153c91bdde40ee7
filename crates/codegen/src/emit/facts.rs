//! What the documentation of a method says about its operation, as a macro that gives it as text.

use std::fmt::Write as _;

use serde_json::Value;

use super::{HEADER, operations};
use crate::escape;
use crate::limits::Limits;
use crate::lower::REQUIRED_HEADERS;
use crate::names;
use crate::permissions::corrections::Beside;
use crate::surface::{CloudName, Operation, Surface, Version};

/// How many clouds there are.
const CLOUDS: usize = 4;

/// The macro `facts!`: a row's name in, Markdown out. Text that rustfmt and prettyplease leave alone.
pub(super) fn emit(lowered: &Value, surface: &Surface, limits: &Limits) -> String {
    let mut operations: Vec<_> = surface.operations.iter().collect();
    operations.sort_by_key(|operation| Surface::method_name(&operation.id));
    let mut text = format!(
        "{HEADER}\n//! What is known of each operation, as text for the documentation of what sends it.\n\n\
         /// The facts of an operation, by the name of its row: `#[doc = facts!(GROUPS_GET)]`.\n\
         #[doc(hidden)]\n#[macro_export]\nmacro_rules! facts {{\n"
    );
    for operation in operations {
        let name = names::screaming(&operation.id);
        // Writing to a string does not fail.
        let _ = writeln!(text, "    ({name}) => {{ {:?} }};", markdown(lowered, operation, limits));
    }
    text.push_str("}\n");
    text
}

fn markdown(lowered: &Value, operation: &Operation, limits: &Limits) -> String {
    let mut lines = vec![
        escape::code(&format!("{} {}", operation.method.to_uppercase(), operation.path)),
        format!("- On behalf of a user: {}", permissions(&operation.delegated)),
        format!("- As the app: {}", permissions(&operation.application)),
    ];
    if !operation.resource_specific.is_empty() {
        lines.push(format!("- As the app, for one resource: {}", permissions(&operation.resource_specific)));
    }
    lines.extend(operation.beside.iter().map(beside));
    lines.push(format!("- Where: {}", places(operation)));
    if let Some(bucket) = limits.of(&operation.id) {
        let scope: Vec<_> = bucket.scope.iter().map(|part| part.as_str()).collect();
        let quotas: Vec<_> = bucket.quotas.iter().map(operations::describe).collect();
        let quotas = if quotas.is_empty() { "none published".to_owned() } else { quotas.join(", ") };
        lines.push(format!("- Limit: {quotas}, for each {}", scope.join(" and ")));
    }
    let headers = lowered["paths"][&operation.path][&operation.method][REQUIRED_HEADERS].as_array();
    let headers: Vec<_> = headers.into_iter().flatten().filter_map(Value::as_str).collect();
    if !headers.is_empty() {
        let headers: Vec<_> = headers.iter().map(|header| escape::code(header)).collect();
        lines.push(format!("- Header: {}", headers.join(", ")));
    }
    lines.push(format!("- Refusals: {}", refusals(operation, &headers)));
    lines.insert(1, String::new());
    lines.join("\n")
}

/// What the service answers where it does not do it, beside what the operation's own description says.
fn refusals(operation: &Operation, headers: &[&str]) -> String {
    let mut refusals = vec!["403 without the permission"];
    if operation.path.contains('{') {
        refusals.push("404 for what does not exist");
    }
    if headers.contains(&"If-Match") {
        refusals.push("412 if it has changed since it was read");
    }
    refusals.push("429 over the limit");
    refusals.join(", ")
}

fn beside(Beside { permission, condition }: &Beside) -> String {
    format!("- Beside one of them, where {}: {}", escape::markdown(condition), escape::code(permission))
}

/// The least privileged permission first.
fn permissions(names: &[String]) -> String {
    match names {
        [] => "not offered".to_owned(),
        [least, others @ ..] => {
            let others: Vec<_> = others.iter().map(|name| escape::code(name)).collect();
            let or = if others.is_empty() { String::new() } else { format!(", or {}", others.join(", ")) };
            format!("{}{or}", escape::code(least))
        }
    }
}

fn places(operation: &Operation) -> String {
    let versions: Vec<_> = operation
        .versions
        .iter()
        .map(|version| match version {
            Version::V1 => "v1.0",
            Version::Beta => "beta",
        })
        .collect();
    let clouds: Vec<_> = operation.clouds.iter().copied().map(cloud).collect();
    let clouds = if operation.clouds.len() == CLOUDS {
        "every cloud".to_owned()
    } else {
        format!("only {}", clouds.join(", "))
    };
    format!("{}; {clouds}", versions.join(" and "))
}

fn cloud(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Global => "the global cloud",
        CloudName::UsGov => "US Government L4",
        CloudName::UsGovDod => "US Government L5",
        CloudName::China => "China",
    }
}
