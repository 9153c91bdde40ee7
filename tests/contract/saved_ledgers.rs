//! Ledgers that earlier releases wrote, in `tests/vectors/ledger/`: this release goes on with each of them. A file there is never
//! written anew; a form that changes gets further files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::stream;
use graph_facade::models::NewLearningContent;
use graph_facade::sync::{Fingerprint, Held, Ledger, SyncError};
use graph_sim::Sim;

use crate::support::client;

/// What the ledgers are of.
const PROVIDER: &str = "13727311-e7bb-470d-8b20-6a23d9030d70";

/// A copy of a ledger, in a directory of its own that goes with it.
struct Copy(PathBuf);

impl Copy {
    fn of(ledger: &[u8]) -> Self {
        let directory = std::env::temp_dir().join(format!("graph-saved-ledger-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("courses.ledger"), ledger).unwrap();
        Self(directory)
    }

    fn path(&self) -> PathBuf {
        self.0.join("courses.ledger")
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a ledger says, in words that no change of its types touches.
fn said(path: &Path) -> BTreeMap<String, String> {
    let ledger = Ledger::open(path).unwrap();
    let said = ledger.iter().map(|(key, held)| {
        let held = match held {
            Held::Written(content) => format!("written {content}"),
            Held::Deactivated(at) => format!("deactivated {at}"),
            other => format!("{other:?}").split('(').next().unwrap_or_default().to_lowercase(),
        };
        (key.to_owned(), held)
    });
    said.collect()
}

fn written(content: &str) -> String {
    format!("written {}", Fingerprint::of(content.as_bytes()))
}

/// Whether a run for this provider may use the ledger.
async fn is_of(provider: &str, path: &Path) -> bool {
    let engine = client(&Sim::builder().user("ada").build(), "ada").sync_learning_contents(provider);
    let rows = stream::iter(Vec::<NewLearningContent>::new());
    match engine.plan(rows, &Ledger::open(path).unwrap()).await {
        Ok(_) => true,
        Err(SyncError::Ledger(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_holds_what_was_written() {
    let all = [
        ("a \"quoted\"\nkey", written("1")),
        ("pending", "pending".to_owned()),
        ("off/the offer", "deactivated 1767225600".to_owned()),
        ("ключ", written("3")),
    ];
    let mut torn = all.clone();
    torn[1].1 = written("4");
    let with_torn = torn.into_iter().chain([("torn", "pending".to_owned())]);
    for (name, ledger, expected) in [
        ("unbegun", include_bytes!("../vectors/ledger/v1_unbegun.jsonl").as_slice(), vec![]),
        ("every line", include_bytes!("../vectors/ledger/v1_every_line.jsonl"), all.to_vec()),
        ("compacted", include_bytes!("../vectors/ledger/v1_compacted.jsonl"), all.to_vec()),
        ("torn", include_bytes!("../vectors/ledger/v1_torn.jsonl"), with_torn.collect()),
    ] {
        let copy = Copy::of(ledger);
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(key, held)| (key.to_owned(), held)).collect();
        // The second time it may have a newer form.
        for _ in 0..2 {
            assert_eq!(said(&copy.path()), expected, "{name}");
            assert!(is_of(PROVIDER, &copy.path()).await, "{name}");
        }
        assert_eq!(is_of("another", &copy.path()).await, name == "unbegun", "{name}");
    }
}
