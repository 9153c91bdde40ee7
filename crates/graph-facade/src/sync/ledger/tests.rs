use std::fs;
use std::path::{Path, PathBuf};

use super::{Held, Ledger, LedgerError};
use crate::sync::Fingerprint;

/// A directory of one test, removed at its end.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("graph-ledger-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.0.join("courses.ledger")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn written(content: &str) -> Held {
    Held::Written(Fingerprint::of(content.as_bytes()))
}

/// Everything that a ledger knows, sorted.
fn known(ledger: &Ledger) -> Vec<(String, Held)> {
    let mut known: Vec<_> = ledger.iter().map(|(key, held)| (key.to_owned(), held)).collect();
    known.sort_by(|(one, _), (other, _)| one.cmp(other));
    known
}

fn filled(path: &Path) -> Ledger {
    let mut ledger = Ledger::open(path).unwrap();
    ledger.bind("provider").unwrap();
    ledger.note("a \"quoted\"\nkey", Some(written("1")));
    ledger.note("b", Some(Held::Pending));
    ledger.note("c", Some(Held::Deactivated(1_767_225_600)));
    ledger.note("d", Some(written("2")));
    ledger.note("d", None);
    ledger.flush().unwrap();
    ledger
}

#[test]
fn what_was_noted_is_there_after_opening_again() {
    let directory = Directory::new();
    let before = known(&filled(&directory.ledger()));
    let ledger = Ledger::open(directory.ledger()).unwrap();
    assert_eq!(known(&ledger), before);
    assert_eq!(before.len(), 3);
    insta::assert_snapshot!(fs::read_to_string(directory.ledger()).unwrap(), @r#"
    {"version":1}
    {"of":"provider"}
    {"written":{"key":"a \"quoted\"\nkey","content":"6b86b273ff34fce19d6b804eff5a3f57"}}
    {"pending":"b"}
    {"deactivated":{"key":"c","at":1767225600}}
    {"written":{"key":"d","content":"d4735e3a265e16eee03f59718b9b5d03"}}
    {"gone":"d"}
    "#);
}

#[test]
fn a_second_run_is_refused_as_long_as_the_first_lasts() {
    let directory = Directory::new();
    let first = filled(&directory.ledger());
    assert!(matches!(Ledger::open(directory.ledger()), Err(LedgerError::InUse { .. })));
    drop(first);
    assert!(Ledger::open(directory.ledger()).is_ok());
}

#[test]
fn a_ledger_belongs_to_one_target() {
    let directory = Directory::new();
    drop(filled(&directory.ledger()));
    let mut ledger = Ledger::open(directory.ledger()).unwrap();
    assert!(matches!(ledger.bind("another"), Err(LedgerError::OfAnother { .. })));
    ledger.bind("provider").unwrap();
}

/// Wherever a crash cuts the file, the entries before the cut are there, and the ledger takes more.
#[test]
fn a_torn_end_is_cut_off() {
    let directory = Directory::new();
    drop(filled(&directory.ledger()));
    let whole = fs::read(directory.ledger()).unwrap();
    let mut most = 0;
    for end in 0..=whole.len() {
        fs::write(directory.ledger(), &whole[..end]).unwrap();
        let mut ledger = Ledger::open(directory.ledger()).unwrap();
        let entries = whole[..end].split(|byte| *byte == b'\n').count() - 1;
        most = most.max(ledger.len());
        assert!(ledger.len() <= entries.saturating_sub(2), "{end}");
        ledger.note("e", Some(written("3")));
        ledger.flush().unwrap();
        let before = known(&ledger);
        drop(ledger);
        assert_eq!(known(&Ledger::open(directory.ledger()).unwrap()), before, "{end}");
    }
    assert_eq!(most, 4);
}

#[test]
fn a_damaged_ledger_is_refused_and_left_as_it_is() {
    for (damage, line) in [("{\"pending\":\"x\"", 3), ("nonsense", 3)] {
        let directory = Directory::new();
        drop(filled(&directory.ledger()));
        let mut lines: Vec<_> =
            fs::read_to_string(directory.ledger()).unwrap().lines().map(str::to_owned).collect();
        lines[2] = damage.into();
        let text = lines.join("\n") + "\n";
        fs::write(directory.ledger(), &text).unwrap();
        let error = Ledger::open(directory.ledger()).unwrap_err();
        assert!(matches!(error, LedgerError::Damaged { line: found, .. } if found == line), "{error}");
        assert_eq!(fs::read_to_string(directory.ledger()).unwrap(), text);
    }
    let directory = Directory::new();
    for (foreign, is_newer) in [("hello\n", false), ("{\"version\":2}\n", true)] {
        fs::write(directory.ledger(), foreign).unwrap();
        let error = Ledger::open(directory.ledger()).unwrap_err();
        assert_eq!(matches!(error, LedgerError::NewerVersion { version: 2, .. }), is_newer, "{error}");
        assert_eq!(fs::read_to_string(directory.ledger()).unwrap(), foreign);
    }
}

#[test]
fn a_ledger_of_outdated_entries_is_written_anew() {
    let directory = Directory::new();
    let mut ledger = filled(&directory.ledger());
    for round in 0..2_000 {
        ledger.note("b", Some(written(&round.to_string())));
    }
    ledger.flush().unwrap();
    let (before, long) = (known(&ledger), fs::metadata(directory.ledger()).unwrap().len());
    drop(ledger);
    let mut ledger = Ledger::open(directory.ledger()).unwrap();
    assert!(fs::metadata(directory.ledger()).unwrap().len() < long / 100);
    assert_eq!(known(&ledger), before);
    ledger.note("b", None);
    ledger.flush().unwrap();
    drop(ledger);
    assert_eq!(Ledger::open(directory.ledger()).unwrap().len(), 2);
}
