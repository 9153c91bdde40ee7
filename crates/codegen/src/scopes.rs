//! The least privileged permissions that a list of operations needs.

use std::collections::BTreeSet;

use crate::problem::{Problem, Problems};
use crate::surface::{Operation, Surface};

/// What `cargo codegen scopes` prints for the operations called `ids`.
pub fn report(surface: &Surface, ids: &[String]) -> Result<String, Problems> {
    let mut operations = Vec::new();
    let mut problems = Vec::new();
    for id in ids {
        match surface.operations.iter().find(|operation| operation.id == *id) {
            Some(operation) => operations.push(operation),
            None => problems.push(
                Problem::at(&surface.file, format!("no operation is called `{id}`"))
                    .help("the ids are those of its `[[keep]]` tables, such as `communities.create`"),
            ),
        }
    }
    let delegated = line("on behalf of a user", &operations, |operation| &operation.delegated);
    let application = line("for an app alone", &operations, |operation| &operation.application);
    Problems::unless(problems, delegated + &application)
}

fn line(grant: &str, operations: &[&Operation], accepted: fn(&Operation) -> &[String]) -> String {
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
