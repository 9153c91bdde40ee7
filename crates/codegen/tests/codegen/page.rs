//! The page of a diff in a browser: opened from a file, filtered, and read as it is then.

use std::fs;
use std::process::Command;

use codegen::diff::{compare, report};
use codegen::source::Source;

const OLD: &str = include_str!("../support/diff.yaml");

/// A page with a change of each class, and a name that is markup.
fn page() -> String {
    let edits = [
        ("        name: {type: string, nullable: true}\n", ""),
        ("size:", "size: {type: integer, format: int32, description: the <b>number</b>}\n        weight:"),
        ("enum: [low, high,", "enum: [low, middle, high,"),
        ("'204': {description: gone}", "'202': {description: gone}"),
    ];
    let new = edits.iter().fold(OLD.to_owned(), |document, (from, to)| {
        assert!(document.contains(from), "{from}");
        document.replacen(from, to, 1)
    });
    let source = |file, text: &str| Source::read(file, text.to_owned()).unwrap();
    report::html(&compare(&source("old.yaml", OLD), &source("new.yaml", &new), &[]).unwrap())
}

/// The rows that a reader sees, each as its class and its place, and what the page says of their number.
fn seen(fragment: &str) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diff.html");
    fs::write(&file, page()).unwrap();
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    let output = browser.arg(format!("file://{}{fragment}", file.display())).output();
    let dom = String::from_utf8(output.expect("chromium is on the PATH").stdout).unwrap();
    let rows = dom.split("<tr ").skip(1).filter(|row| row.starts_with("data-class"));
    let visible = rows.filter(|row| !row.split('>').next().unwrap().contains("hidden"));
    let rows = visible.map(|row| {
        let cells: Vec<_> = row.split("<td").skip(1).map(cell).collect();
        format!("{} {}", cells[0], cells[1])
    });
    let shown = dom.split("id=\"shown\">").nth(1).unwrap().split('<').next().unwrap();
    (rows.collect(), shown.to_owned())
}

/// The text of a cell, from what stands behind its `<td`.
fn cell(html: &str) -> &str {
    html.split_once('>').unwrap().1.split("</td>").next().unwrap()
}

#[test]
#[ignore = "needs a browser: chromium, as Debian packages it"]
fn a_page_is_filtered_by_class_and_by_words() {
    let (rows, shown) = seen("");
    assert!(rows.iter().any(|row| row.starts_with("major ")), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("behavioural ")), "{rows:?}");
    assert!(
        !rows.iter().any(|row| row.starts_with("patch ")),
        "what no program can see is left out: {rows:?}"
    );
    let all: usize = shown.split(" of ").nth(1).unwrap().parse().unwrap();
    assert!(rows.len() < all && shown.starts_with(&format!("{} of", rows.len())), "{shown}");

    let (rows, _) = seen("#class=minor");
    assert_eq!(rows, ["minor level", "minor group.weight"]);
    let (rows, shown) = seen("#class=minor,major&text=GROUP");
    assert_eq!(rows, ["major group.name", "minor group.weight"]);
    assert_eq!(shown, format!("2 of {all}"));
    let (rows, _) = seen("#class=major,minor,behavioural,patch");
    assert_eq!(rows.len(), all);
    let (rows, shown) = seen("#text=nothing%20like%20this");
    assert_eq!((rows.len(), shown), (0, format!("0 of {all}")));
}
