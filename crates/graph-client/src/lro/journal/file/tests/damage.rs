//! Damage anywhere in a file: it is refused, or makes no difference, and never ends the process.

use std::fs;
use std::path::Path;

use super::{Directory, filled, ids, open};
use crate::lro::journal::store::{JournalError, JournalStore as _};

const SEED: &str = "GRAPH_JOURNAL_SEED";

/// A journal of forty records as a killed process leaves it.
async fn killed(path: &Path) -> Vec<u8> {
    drop(filled(path).await);
    let store = open(path).unwrap();
    store.put("id40", "the last").await.unwrap();
    fs::read(path).unwrap()
}

/// Spoils one byte after the other; run in a process of its own, with little memory.
#[tokio::test]
#[ignore = "a part of `a_spoilt_byte_never_ends_the_process`"]
async fn spoil() {
    let mut random = fastrand::Rng::with_seed(std::env::var(SEED).unwrap().parse().unwrap());
    let directory = Directory::new();
    let path = directory.journal();
    for (kind, whole, records) in
        [("closed", filled(&path).await, 40), ("killed", killed(&directory.0.join("killed")).await, 41)]
    {
        // All sizes and flags, some of the two commits, and some of all else.
        let commits = (0..60).map(|_| random.usize(64..320)).collect::<Vec<_>>();
        let pages = (0..60).map(|_| random.usize(320..whole.len())).collect::<Vec<_>>();
        let mut refused = 0;
        for place in (0..28).chain(commits).chain(pages) {
            let mut spoilt = whole.clone();
            spoilt[place] ^= if random.bool() { 1 << random.u32(..8) } else { random.u8(1..) };
            fs::write(&path, &spoilt).unwrap();
            match open(&path) {
                Ok(store) => {
                    let found = ids(&store).await.len();
                    // A commit that is not whole is taken for one that the process died in.
                    let goes_back = kind == "killed" && found == records - 1;
                    assert!(found == records || goes_back, "{kind}, {place}: {found} records");
                }
                Err(JournalError::Damaged { .. }) => {
                    refused += 1;
                    assert!(fs::read(&path).unwrap() == spoilt, "{kind}, {place}: it was changed");
                }
                Err(other) => panic!("{kind}, {place}: {other}"),
            }
        }
        println!("{kind}: {refused} refused, {} bytes", whole.len());
        assert!(refused > 10, "{kind}: {refused}");
    }
    println!("all tried");
}

#[cfg(unix)]
#[test]
fn a_spoilt_byte_never_ends_the_process() {
    let seed = std::env::var(SEED).unwrap_or_else(|_| fastrand::u64(..).to_string());
    println!("{SEED}={seed}");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 1000000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["lro::journal::file::tests::damage::spoil", "--exact", "--ignored", "--nocapture"])
        .env(SEED, seed)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{text}{} panics of redb caught", errors.matches("panicked at").count());
    assert!(output.status.success() && text.contains("all tried"), "{}\n{text}{errors}", output.status);
}

/// The byte that made redb allocate 8.8 TB: the order of the page at which the records begin.
#[tokio::test]
async fn a_page_of_terabytes_is_refused() {
    let directory = Directory::new();
    let path = directory.journal();
    let whole = filled(&path).await;
    for slot in [64, 192] {
        for root in [8, 40] {
            let mut spoilt = whole.clone();
            spoilt[slot + root + 7] ^= 0xF8;
            fs::write(&path, &spoilt).unwrap();
            match open(&path) {
                Ok(store) => {
                    assert_eq!(ids(&store).await.len(), 40, "the older commit is of no use any more");
                }
                Err(error) => assert!(matches!(error, JournalError::Damaged { .. }), "{error}"),
            }
        }
    }
}

#[tokio::test]
async fn the_older_of_two_commits_is_not_taken_for_the_newer() {
    let directory = Directory::new();
    let path = directory.journal();
    let store = open(&path).unwrap();
    store.put("a", "1").await.unwrap();
    drop(store);
    let mut spoilt = fs::read(&path).unwrap();
    spoilt[9] ^= 1;
    fs::write(&path, &spoilt).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}
