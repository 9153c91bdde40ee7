use graph_runtime::Collection;
use graph_things::models::Thing;
use graph_things::operations;
use serde_json::{Value, json};

use super::*;

fn see<T: Inspect + serde::de::DeserializeOwned>(log: &DriftLog, answer: Value) {
    log.answer_read(&operations::PARTS_LIST, &serde_json::from_value::<T>(answer).unwrap());
}

fn names(report: &DriftReport) -> Vec<(&str, u64)> {
    report.entries.iter().map(|drift| (drift.name.as_str(), drift.count)).collect()
}

#[test]
fn an_answer_counts_once_however_many_objects_have_the_name() {
    let log = DriftLog::default();
    let page =
        json!({"value": [{"new": 1, "newer": 2}, {"newer": 1}, {"new": 3, "newer": 4}, {"newest": 5}]});
    see::<Collection<Thing>>(&log, page);
    see::<Thing>(&log, json!({"newer": 1}));
    assert_eq!(names(&log.report()), [("new", 1), ("newer", 2), ("newest", 1)]);
}

#[test]
fn the_report_is_sorted_and_survives_serde() {
    let log = DriftLog::default();
    see::<Thing>(&log, json!({"zebra": 1, "parts": [{"wheel": 1}]}));
    see::<Thing>(&log, json!({"privacy": "secret", "ant": 1}));
    let report = log.report();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(
        serde_json::from_str::<DriftReport>(&serde_json::to_string(&report).unwrap()).unwrap(),
        report
    );
}

#[test]
fn a_service_gone_astray_fills_no_memory() {
    let log = DriftLog::default();
    let object = |range: std::ops::Range<usize>| {
        Value::Object(range.map(|number| (format!("p{number}"), Value::Null)).collect())
    };
    see::<Thing>(&log, object(0..MOST));
    assert!(!log.report().truncated);
    see::<Thing>(&log, object(MOST - 1..MOST + 2));
    let report = log.report();
    assert_eq!((report.entries.len(), report.truncated), (MOST, true));
    let last = report.entries.iter().find(|drift| drift.name == format!("p{}", MOST - 1)).unwrap();
    assert_eq!(last.count, 2, "what is known goes on being counted");
}

#[test]
fn a_long_name_is_cut_between_characters() {
    let log = DriftLog::default();
    let cut = format!("{}ä", "x".repeat(LONGEST - 1));
    see::<Thing>(&log, json!({ cut: 1 }));
    assert_eq!(log.report().entries[0].name, format!("{}…", "x".repeat(LONGEST - 1)));
}
