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

    pub(crate) fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(self.ledger())
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
    ledger.note("b", Some(Held::Pending(1_767_225_601)));
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
    let ledger = directory.open().unwrap();
    assert_eq!(known(&ledger), before);
    assert_eq!(before.len(), 3);
    let text = fs::read_to_string(directory.ledger()).unwrap();
    let without_sums: Vec<_> = text.lines().map(|line| line.split(",\"sum\"").next().unwrap()).collect();
    insta::assert_snapshot!(without_sums[2..].join("\n"), @r#"
    {"synced":{"number":0
    {"of":"provider"}
    {"written":{"key":"a \"quoted\"\nkey","content":"6b86b273ff34fce19d6b804eff5a3f57"}}
    {"pending":{"key":"b","at":1767225601}}
    {"deactivated":{"key":"c","at":1767225600}}
    {"written":{"key":"d","content":"d4735e3a265e16eee03f59718b9b5d03"}}
    {"gone":"d"}
    {"flush":{"number":1
    {"synced":{"number":1
    "#);
    assert_eq!(without_sums[0], r#"{"version":2}"#);
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
    let mut ledger = directory.open().unwrap();
    assert!(matches!(ledger.bind("another"), Err(LedgerError::OfAnother { .. })));
    ledger.bind("provider").unwrap();
}

/// Where the last flush begins and where it ends.
fn last_flush(text: &[u8]) -> (usize, usize) {
    let lines = text.split_inclusive(|byte| *byte == b'\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end, line.starts_with(b"{\"flush\"") || line.starts_with(b"{\"synced\":{\"number\":0")))
    });
    let ends: Vec<_> = lines.filter(|(_, is_end)| *is_end).map(|(end, _)| end).collect();
    (ends[ends.len() - 2], ends[ends.len() - 1])
}

/// Wherever a crash cuts the file, the flushes before the cut are there, and the ledger takes more.
#[test]
fn a_torn_end_is_cut_off() {
    let directory = Directory::new();
    let mut ledger = filled(&directory.ledger());
    let first = known(&ledger);
    ledger.note("b", Some(written("4")));
    ledger.flush().unwrap();
    let second = known(&ledger);
    drop(ledger);
    let whole = fs::read(directory.ledger()).unwrap();
    let (start, end) = last_flush(&whole);
    let confirmed = start + whole[start..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in start..=whole.len() {
        fs::write(directory.ledger(), &whole[..cut]).unwrap();
        let mut ledger = directory.open().unwrap();
        assert_eq!(known(&ledger), if cut < end { first.clone() } else { second.clone() }, "{cut}");
        let is_whole = [start, confirmed, end, whole.len()].contains(&cut);
        assert!(ledger.torn_tail().is_some() != is_whole, "{cut}: {:?}", ledger.torn_tail());
        ledger.note("e", Some(written("3")));
        ledger.flush().unwrap();
        let before = known(&ledger);
        drop(ledger);
        let again = directory.open().unwrap();
        assert_eq!((known(&again), again.torn_tail()), (before, None), "{cut}");
    }
}

/// A random number generator whose seed is printed, and can be given as `SEED`.
fn seeded() -> fastrand::Rng {
    let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

/// Notes at random, and what the ledger knows after them.
fn note_some(ledger: &mut Ledger, random: &mut fastrand::Rng) -> Vec<(String, Held)> {
    for _ in 0..random.usize(1..40) {
        let key = format!("key {}", random.u8(..30));
        let held = match random.u8(..4) {
            0 => None,
            1 => Some(Held::Pending(random.u64(..))),
            2 => Some(Held::Deactivated(random.u64(..))),
            _ => Some(written(&random.u64(..).to_string())),
        };
        ledger.note(&key, held);
    }
    known(ledger)
}

const SECTOR: usize = 512;

/// What a disk shows after a power failure: of all that was not on it, each sector is there, zeroed, torn, random, or something
/// else that stood in the file; and the end may be missing.
fn after_power_failure(text: &[u8], on_the_disk: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut shown = text.to_vec();
    // Often enough all of it is there, however long it is.
    if random.u8(..4) == 0 {
        return shown;
    }
    let mut at = on_the_disk;
    while at < text.len() {
        let end = ((at / SECTOR + 1) * SECTOR).min(text.len());
        let sector = &mut shown[at..end];
        match random.u8(..6) {
            0 | 1 => {}
            2 => sector.fill(0),
            3 => {
                let kept = random.usize(..=sector.len());
                sector[kept..].fill(0);
            }
            4 => sector.fill_with(|| random.u8(..)),
            _ => {
                let from = random.usize(..=text.len() - sector.len());
                sector.copy_from_slice(&text[from..from + end - at]);
            }
        }
        at = end;
    }
    shown.truncate(random.usize(on_the_disk..=text.len()).max(if random.bool() { text.len() } else { 0 }));
    shown
}

/// Whatever a power failure leaves of what was not yet on the disk: what was is there, and no wrong belief.
#[test]
fn a_power_failure_costs_nothing_that_was_confirmed() {
    let mut random = seeded();
    let (mut kept, mut lost) = (0, 0);
    for _ in 0..100 {
        let directory = Directory::new();
        let mut ledger = directory.open().unwrap();
        let mut confirmed = Vec::new();
        for _ in 0..random.usize(1..4) {
            confirmed = note_some(&mut ledger, &mut random);
            ledger.flush().unwrap();
        }
        for _ in 0..random.usize(1..3) {
            let unconfirmed = note_some(&mut ledger, &mut random);
            ledger.flush().unwrap();
            drop(ledger);
            let text = fs::read(directory.ledger()).unwrap();
            let (start, end) = last_flush(&text);
            // The line that confirms the flush can't be there if the flush is not on the disk.
            let shown = after_power_failure(&text[..end], start, &mut random);
            fs::write(directory.ledger(), &shown).unwrap();
            ledger = directory.open().unwrap();
            let found = known(&ledger);
            assert!(found == confirmed || found == unconfirmed, "{found:?}");
            *if found == unconfirmed { &mut kept } else { &mut lost } += 1;
            // The line that confirms the flush before may be there alone.
            let line = start + text[start..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let is_whole = [start, line, end].iter().any(|cut| shown == text[..*cut]);
            assert_eq!(ledger.torn_tail().is_none(), is_whole);
            // Life goes on behind what was cut off.
            confirmed = note_some(&mut ledger, &mut random);
            ledger.flush().unwrap();
        }
        drop(ledger);
        assert_eq!(known(&directory.open().unwrap()), confirmed);
    }
    assert!(kept > 0 && lost > 0, "{kept} kept, {lost} lost");
}

/// One wrong byte anywhere in what was confirmed is found, and the file is left as it is.
#[test]
fn damage_to_what_was_confirmed_is_refused() {
    let mut random = seeded();
    let directory = Directory::new();
    let mut ledger = filled(&directory.ledger());
    note_some(&mut ledger, &mut random);
    ledger.flush().unwrap();
    drop(ledger);
    let whole = fs::read(directory.ledger()).unwrap();
    let (_, end) = last_flush(&whole);
    let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for at in 0..end {
        let mut text = whole.clone();
        // Another letter case as often as all else together, as it is what a reader of hexadecimal digits may pass over.
        text[at] ^= if random.bool() { 0x20 } else { random.u8(1..=255) };
        fs::write(directory.ledger(), &text).unwrap();
        match directory.open() {
            Err(LedgerError::NotALedger { .. } | LedgerError::NewerVersion { .. }) if at < first_line => {}
            Err(LedgerError::Damaged { .. }) if at >= first_line => {}
            other => panic!("{at}: {other:?}"),
        }
        assert_eq!(fs::read(directory.ledger()).unwrap(), text, "{at}");
    }
}

#[test]
fn what_is_no_ledger_is_refused_and_left_as_it_is() {
    let directory = Directory::new();
    for (foreign, is_newer) in [("hello\n", false), ("{\"version\":3}\n", true), ("{\"vers", false)] {
        fs::write(directory.ledger(), foreign).unwrap();
        let error = directory.open().unwrap_err();
        match error {
            LedgerError::NewerVersion { version: 3, .. } if is_newer => {}
            LedgerError::NotALedger { .. } if !is_newer => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read_to_string(directory.ledger()).unwrap(), foreign);
    }
}

/// The files are their owner's, and a link that was put in the place of one is not followed.
#[cfg(unix)]
#[test]
fn nobody_else_reads_it_or_says_where_it_is_written() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let directory = Directory::new();
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", directory.ledger().display()));
    let other = beside(".other");
    fs::write(&other, "precious").unwrap();
    symlink(&other, beside(".new")).unwrap();
    drop(filled(&directory.ledger()));
    for path in [directory.ledger(), beside(".lock")] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::remove_file(beside(".lock")).unwrap();
    for target in [other.clone(), beside(".dangling")] {
        symlink(&target, beside(".lock")).unwrap();
        let error = directory.open().unwrap_err();
        assert!(error.to_string().contains("remove it"), "{error}");
        fs::remove_file(beside(".lock")).unwrap();
    }
    assert!(!beside(".dangling").exists());
    assert_eq!(fs::read_to_string(&other).unwrap(), "precious");

    // Both ways lead to one lock, and the link stays one.
    symlink(directory.ledger(), beside(".link")).unwrap();
    let mut ledger = Ledger::open(beside(".link")).unwrap();
    assert!(matches!(Ledger::open(directory.ledger()), Err(LedgerError::InUse { .. })));
    ledger.compact().unwrap();
    assert!(fs::symlink_metadata(beside(".link")).unwrap().is_symlink());
    assert_eq!(fs::metadata(directory.ledger()).unwrap().permissions().mode() & 0o777, 0o600);
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
    let mut ledger = directory.open().unwrap();
    assert!(fs::metadata(directory.ledger()).unwrap().len() < long / 100);
    assert_eq!(known(&ledger), before);
    ledger.note("b", None);
    ledger.flush().unwrap();
    drop(ledger);
    assert_eq!(directory.open().unwrap().len(), 2);
}
