//! The permissions that operations need, for people and for machines.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::near;
use crate::problem::{Problem, Problems};
use crate::surface::{Operation, Surface};

/// The operations called `ids`.
pub fn named<'s>(surface: &'s Surface, ids: &[String]) -> Result<Vec<&'s Operation>, Problems> {
    let mut operations = Vec::new();
    let mut problems = Vec::new();
    for id in ids {
        match surface.operations.iter().find(|operation| operation.id == *id) {
            Some(operation) => operations.push(operation),
            None => {
                let otherwise =
                    "the ids are those of its `[[keep]]` tables; `cargo codegen scopes --all` lists them";
                let help = near::help(id, surface.ids(), otherwise);
                let what = format!("no operation is called `{id}`");
                problems.push(Problem::at(&surface.file, what).help(help));
            }
        }
    }
    Problems::unless(problems, operations)
}

/// The least that suffices for all of `operations`.
pub fn report(operations: &[&Operation]) -> String {
    let mut text = line("on behalf of a user", operations, |operation| &operation.delegated);
    text += &line("for an app alone", operations, |operation| &operation.application);
    for ((permission, condition), ids) in beside(operations) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<20} {permission} where {condition}: {}", "and beside it", ids.join(", "));
    }
    text
}

/// The least of each of `operations`, a line for each: id, on behalf of a user, for an app alone.
pub fn table(operations: &[&Operation]) -> String {
    let width = operations.iter().map(|operation| operation.id.len()).max().unwrap_or_default();
    let least = |list: &[String]| list.first().map_or("–", String::as_str).to_owned();
    let lines = operations.iter().map(|operation| {
        let Operation { id, delegated, application, .. } = operation;
        format!("{id:<width$}  {:<36}  {}\n", least(delegated), least(application))
    });
    lines.collect()
}

/// What each of `operations` takes, by id: an object of JSON.
pub fn json(operations: &[&Operation]) -> String {
    let rows: BTreeMap<&str, Value> =
        operations.iter().map(|operation| (operation.id.as_str(), row(operation))).collect();
    format!("{:#}\n", json!(rows))
}

fn row(operation: &Operation) -> Value {
    let Operation { path, method, delegated, application, resource_specific, beside, .. } = operation;
    let mut row = Map::from_iter([
        ("method".to_owned(), method.to_uppercase().into()),
        ("path".to_owned(), path.as_str().into()),
        // What is not known is null, and not a list of none.
        ("delegated".to_owned(), json!(operation.knows_scopes.then_some(delegated))),
        ("application".to_owned(), json!(operation.knows_scopes.then_some(application))),
    ]);
    if !resource_specific.is_empty() {
        row.insert("resourceSpecific".to_owned(), json!(resource_specific));
    }
    if !beside.is_empty() {
        row.insert("beside".to_owned(), json!(beside));
    }
    Value::Object(row)
}

/// What some calls need beside the others, with the ids of their operations.
fn beside<'a>(operations: &[&'a Operation]) -> BTreeMap<(&'a str, &'a str), Vec<&'a str>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for operation in operations {
        for beside in &operation.beside {
            let key = (beside.permission.as_str(), beside.condition.as_str());
            all.entry(key).or_default().push(operation.id.as_str());
        }
    }
    all
}

fn line(grant: &str, operations: &[&Operation], accepted: fn(&Operation) -> &[String]) -> String {
    let unknown: Vec<_> = operations.iter().filter(|it| !it.knows_scopes).map(|it| it.id.as_str()).collect();
    if !unknown.is_empty() {
        return format!("{grant:<20} not known of {}\n", unknown.join(", "));
    }
    // An envelope needs no permission, whoever sends it.
    let needs = |it: &&&Operation| !it.delegated.is_empty() || !it.application.is_empty();
    let operations: Vec<_> = operations.iter().filter(needs).collect();
    let lacking: Vec<_> = operations.iter().filter(|operation| accepted(operation).is_empty()).collect();
    if lacking.is_empty() {
        let lists: Vec<_> = operations.iter().map(|operation| accepted(operation)).collect();
        return format!("{grant:<20} {}\n", least(&lists).into_iter().collect::<Vec<_>>().join(" "));
    }
    let ids: Vec<_> = lacking.iter().map(|operation| operation.id.as_str()).collect();
    format!("{grant:<20} not offered by {}\n", ids.join(", "))
}

/// Of each list one permission suffices, least first. Takes the least of each, and drops what another one covers.
fn least<'a>(lists: &[&'a [String]]) -> BTreeSet<&'a str> {
    let mut chosen: BTreeSet<&str> =
        lists.iter().filter_map(|list| list.first()).map(String::as_str).collect();
    for candidate in chosen.clone() {
        let covered = lists
            .iter()
            .all(|list| list.iter().any(|scope| scope != candidate && chosen.contains(scope.as_str())));
        if covered {
            chosen.remove(candidate);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::least;

    #[test]
    fn a_permission_that_another_one_covers_is_left_out() {
        let list = |scopes: &[&str]| scopes.iter().map(|&scope| scope.to_owned()).collect::<Vec<_>>();
        let (read, write, other) =
            (list(&["A.Read", "A.Write"]), list(&["A.Write"]), list(&["B.Read", "B.Write"]));
        let cases: [(&[&[String]], &[&str]); 4] = [
            (&[&read], &["A.Read"]),
            (&[&read, &write], &["A.Write"]),
            (&[&write, &read, &other], &["A.Write", "B.Read"]),
            (&[], &[]),
        ];
        for (lists, expected) in cases {
            assert_eq!(least(lists).into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
