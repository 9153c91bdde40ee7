use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::{fs, iter};

use futures_util::FutureExt as _;
use futures_util::future::join_all;

use super::FileStore;
use crate::lro::journal::store::{JournalError, JournalStore as _};

mod damage;
#[cfg(unix)]
mod place;

/// A directory of one test, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("graph-journal-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("operations.journal")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> Result<FileStore, JournalError> {
    FileStore::open(path.to_owned())
}

async fn ids(store: &FileStore) -> Vec<String> {
    store.all().await.unwrap().into_iter().map(|(id, _)| id).collect()
}

/// A journal of forty records that was closed in peace.
async fn filled(path: &Path) -> Vec<u8> {
    let store = open(path).unwrap();
    for index in 0..40 {
        store.put(&format!("id{index}"), &"x".repeat(400)).await.unwrap();
    }
    drop(store);
    fs::read(path).unwrap()
}

#[tokio::test]
async fn records_are_found_again() {
    let directory = Directory::new();
    let path = directory.journal();
    let store = open(&path).unwrap();
    store.put("a", "1").await.unwrap();
    store.put("b", "2").await.unwrap();
    store.put("b", "3").await.unwrap();
    store.put("c", "4").await.unwrap();
    store.remove("c").await.unwrap();
    store.remove("d").await.unwrap();
    drop(store);
    let all = open(&path).unwrap().all().await.unwrap();
    assert_eq!(all, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "3".to_owned())]);
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "and nothing else is in the directory");
}

#[tokio::test]
async fn changes_made_at_once_are_all_carried_out() {
    let directory = Directory::new();
    let store = open(&directory.journal()).unwrap();
    let names: Vec<_> = (0..100).map(|index| format!("id{index}")).collect();
    let outcomes = join_all(names.iter().map(|id| store.put(id, "x"))).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(ids(&store).await.len(), 100);
}

#[test]
fn threads_share_a_journal() {
    let directory = Directory::new();
    let store = open(&directory.journal()).unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::thread::scope(|scope| {
        for task in 0..8 {
            let (store, runtime) = (&store, runtime());
            scope.spawn(move || {
                for index in 0..25 {
                    runtime.block_on(store.put(&format!("{task}-{index}"), "x")).unwrap();
                }
            });
        }
    });
    assert_eq!(runtime().block_on(ids(&store)).len(), 200);
}

#[tokio::test]
async fn a_change_that_was_begun_is_carried_out_though_its_future_is_dropped() {
    let directory = Directory::new();
    let store = open(&directory.journal()).unwrap();
    assert!(store.put("polled once", "x").now_or_never().is_none());
    assert_eq!(ids(&store).await, ["polled once"]);
    drop(store.put("not begun", "x"));
    let mut first = store.put("first", "x");
    let mut second = store.put("second", "x");
    poll_fn(|context| {
        assert!(first.as_mut().poll(context).is_pending() && second.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(first);
    assert_eq!(ids(&store).await, ["first", "polled once", "second"], "both went in one transaction");
    second.await.unwrap();
}

#[tokio::test]
async fn one_process_at_a_time() {
    let directory = Directory::new();
    let path = directory.journal();
    let store = open(&path).unwrap();
    store.put("a", "1").await.unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::InUse { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("operations.journal") && message.contains("a journal of its own"), "{message}");
    store.put("b", "2").await.unwrap();
    drop(store);
    assert_eq!(ids(&open(&path).unwrap()).await, ["a", "b"]);
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused_and_left_alone() {
    let directory = Directory::new();
    let path = directory.journal();
    let whole = filled(&path).await;
    let cuts =
        iter::once(0).chain([1, 100, 511]).chain((512..whole.len()).step_by(4096)).chain([whole.len() - 1]);
    for cut in cuts {
        fs::write(&path, &whole[..cut]).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "cut at {cut}: {error}");
        assert!(error.to_string().contains("restore it, or move it away"), "{error}");
        assert!(fs::read(&path).unwrap() == whole[..cut], "cut at {cut}, it was changed");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(ids(&open(&path).unwrap()).await.len(), 40);
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let directory = Directory::new();
    let path = directory.journal();
    let whole = filled(&path).await;
    let mut spoilt = whole.clone();
    let text = whole.windows(100).position(|bytes| bytes.iter().all(|byte| *byte == b'x')).unwrap();
    spoilt[text + 50] = b'y';
    for bytes in [b"hello".to_vec(), vec![0; 8192], vec![b'x'; 100_000], spoilt] {
        fs::write(&path, &bytes).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
        assert!(fs::read(&path).unwrap() == bytes, "{error}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_release_says_to_update() {
    let directory = Directory::new();
    let path = directory.journal();
    drop(open(&path).unwrap());
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(super::database::ABOUT).unwrap().insert("version", 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::NewerVersion { version: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().ends_with("update to a newer release"), "{error}");
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_named() {
    let error = open(Path::new("/nowhere/operations.journal")).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("/nowhere/operations.journal"), "{error}");
}

/// Writes until the disk is full; run in a process of its own, whose files can't get larger than two megabytes.
#[tokio::test]
#[ignore = "a part of `a_full_disk_loses_nothing`"]
async fn fill() {
    let path = PathBuf::from(std::env::var_os(FILLED).unwrap());
    let store = open(&path).unwrap();
    let mut written = 0;
    let error = loop {
        match store.put(&format!("id{written}"), &"x".repeat(2000)).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, JournalError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(store.all().await.unwrap().len(), written, "the journal can still be read");
    store.put("id0", "short").await.unwrap();
    println!("written {written}.");
}

const FILLED: &str = "GRAPH_JOURNAL_TO_FILL";

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let directory = Directory::new();
    let path = directory.journal();
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["lro::journal::file::tests::fill", "--exact", "--ignored", "--nocapture"])
        .env(FILLED, &path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let written: usize = text.split("written ").nth(1).unwrap().split('.').next().unwrap().parse().unwrap();
    assert!(written > 10, "{text}");
    let store = open(&path).unwrap();
    store.put("there is room again", "x").await.unwrap();
    let ids = ids(&store).await;
    assert_eq!(ids.iter().filter(|id| id.starts_with("id")).count(), written);
}
