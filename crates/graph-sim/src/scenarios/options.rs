//! Which query options each list and each object takes.

use std::fmt::Write as _;

use super::furnished::furnished;
use super::*;
use crate::document::{Document, Endpoint};

const SPECIFICATION: &str = include_str!("../../../../spec/graph-v1.0.yaml");

/// Every system option, with a value that every list understands.
const OPTIONS: [(&str, &str); 8] = [
    ("$select", "id"),
    ("$expand", ""),
    ("$filter", "id%20eq%20'x'"),
    ("$orderby", "id"),
    ("$search", "%22displayName:x%22"),
    ("$count", "true"),
    ("$top", "1"),
    ("$skip", "0"),
];

fn reads(document: &Document) -> impl Iterator<Item = Endpoint<'_>> {
    let in_v1 = |it: &Endpoint<'_>| it.versions().is_none_or(|mut versions| versions.any(|it| it != "beta"));
    document.endpoints().filter(move |it| it.method == "get" && in_v1(it))
}

/// What is known to be refused is 400, what is unknown 501; nobody is told that there is nothing where a filter was ignored.
#[tokio::test(start_paused = true)]
async fn every_option_of_every_read_is_answered_refused_or_unknown() {
    let document = Document::parse(SPECIFICATION).unwrap();
    let it = furnished().await;
    let advanced = Client::new(&it.sim, "ada").header("consistencylevel", "eventual");
    let mut table = String::new();
    for endpoint in reads(&document) {
        let declared: Vec<&str> = document.query_parameters(&endpoint).collect();
        // Ten requests in 30 seconds.
        pass(31).await;
        let path = it.path(&format!("/v1.0{}", endpoint.path));
        let window = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-02-01T00:00:00Z";
        let window = if declared.contains(&"startDateTime") { window } else { "" };
        let mut row = Vec::new();
        for (option, value) in OPTIONS.iter().filter(|(option, _)| declared.contains(option)) {
            let answer = advanced.get(&format!("{path}?{window}&{option}={value}")).await;
            row.push((*option, answer.status.as_u16()));
        }
        let refused = row.iter().filter(|(_, status)| *status != 200);
        let refused: Vec<String> = refused.map(|(option, status)| format!("{option} {status}")).collect();
        writeln!(table, "{:<60} {}", endpoint.id, refused.join(", ")).unwrap();
    }
    insta::assert_snapshot!(table);
}
