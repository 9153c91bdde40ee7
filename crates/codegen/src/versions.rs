//! Where an operation is in the versions of the API, as `surface.toml` says: the upstream document knows one version.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::problem::Problem;
use crate::surface::{Operation, Surface, Version};

/// The path in beta, in the contract, where it is another.
const BETA_PATH: &str = "x-beta-path";
/// The versions that offer an operation, in the contract, where not all do.
const VERSIONS: &str = "x-versions";

/// A parameter in a template's segment, and what stands before and after it there.
type Parameter<'a> = (&'a str, &'a str, &'a str);

/// What is wrong with the paths in beta: addresses are carried over from one template to the other by position.
pub(crate) fn problems(operations: &[Operation]) -> Vec<Problem> {
    let mut problems: Vec<_> = operations.iter().filter_map(problem).collect();
    let mut targets = BTreeMap::new();
    for operation in operations.iter().filter(|it| it.versions.contains(&Version::Beta)) {
        let path = operation.beta_path.as_ref().unwrap_or(&operation.path);
        let Some(first) = targets.insert((path, &operation.method), operation) else { continue };
        // The same path in both versions is reported as what it is: kept twice.
        if first.path != operation.path {
            let what = format!("in beta, `{path}` is kept already, as `{}` ({})", first.id, first.place);
            problems.push(Problem::at(&operation.place, what).help("correct one of the two `beta_path`s"));
        }
    }
    problems
}

fn problem(operation: &Operation) -> Option<Problem> {
    let beta = operation.beta_path.as_ref()?;
    let (what, help) = if !operation.versions.contains(&Version::Beta) {
        (
            "`beta_path` is given, but `versions` leaves beta out".to_owned(),
            "remove `beta_path`, or add \"beta\" to `versions`",
        )
    } else if *beta == operation.path {
        ("`beta_path` is the same as `path`".to_owned(), "remove it: it is for paths that differ")
    } else if !beta.starts_with('/') {
        (format!("`beta_path` is no path: `{beta}`"), "begin it with a `/`")
    } else if !correspond(&operation.path, beta) {
        (
            format!("the parameters of `beta_path` are not those of `path`: `{beta}`, `{}`", operation.path),
            "give it as many parameters, in the same order, one to a segment, and in quotes where they are there",
        )
    } else {
        return None;
    };
    Some(Problem::at(&operation.place, what).help(help))
}

/// Whether the parameters of two templates stand for the same things. A name may differ, as in
/// `{groupSetting-id}` and `{directorySetting-id}`, unless both templates have it.
fn correspond(path: &str, beta: &str) -> bool {
    let (Some(here), Some(there)) = (parameters(path), parameters(beta)) else { return false };
    let is_in = |name: &str, all: &[Parameter<'_>]| all.iter().any(|(_, other, _)| *other == name);
    here.len() == there.len()
        && here.iter().zip(&there).all(|((before, name, after), (beta_before, beta_name, beta_after))| {
            let as_quoted = before.ends_with('\'') == beta_before.ends_with('\'')
                && after.starts_with('\'') == beta_after.starts_with('\'');
            as_quoted && (name == beta_name || !is_in(name, &there) && !is_in(beta_name, &here))
        })
}

/// The parameters of a template; none if a segment has several or a brace that has no other.
fn parameters(template: &str) -> Option<Vec<Parameter<'_>>> {
    let segments = template.split('/').filter(|segment| segment.contains(['{', '}']));
    segments
        .map(|segment| {
            let (before, rest) = segment.split_once('{')?;
            let (name, after) = rest.split_once('}')?;
            let alone = ![before, name, after].iter().any(|part| part.contains(['{', '}']));
            (alone && !name.is_empty()).then_some((before, name, after))
        })
        .collect()
}

/// Says in the contract what differs in beta, for those who know nothing but the contract.
pub(crate) fn annotate(contract: &mut Value, surface: &Surface) {
    for operation in &surface.operations {
        let path = contract.get_mut("paths").and_then(|paths| paths.get_mut(&operation.path));
        let Some(entry) = path.and_then(|item| item.get_mut(&operation.method)) else { continue };
        if let Some(beta) = &operation.beta_path {
            entry[BETA_PATH] = beta.as_str().into();
        }
        if ![Version::V1, Version::Beta].iter().all(|version| operation.versions.contains(version)) {
            entry[VERSIONS] = operation.versions.iter().map(|version| version.name()).collect();
        }
    }
    contract.sort_all_objects();
}
