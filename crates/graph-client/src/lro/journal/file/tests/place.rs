//! Where the file is, and who may read it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{Directory, ids, open};
use crate::lro::journal::store::{JournalError, JournalStore as _};

#[tokio::test]
async fn only_the_owner_may_read_a_new_journal() {
    let directory = Directory::new();
    let path = directory.journal();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let store = open(&path).unwrap();
    assert_eq!(mode(), 0o600);
    store.put("a", "1").await.unwrap();
    drop(store);
    let store = open(&path).unwrap();
    store.remove("a").await.unwrap();
    drop(store);
    assert_eq!(mode(), 0o600, "also after it was changed and closed");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    drop(open(&path).unwrap());
    assert_eq!(mode(), 0o640, "whoever lets a group read it may");
}

#[tokio::test]
async fn a_link_in_its_place_is_not_followed() {
    let directory = Directory::new();
    let (path, target) = (directory.journal(), directory.0.join("target"));
    let assert_refused = || {
        let error = open(&path).unwrap_err();
        assert!(matches!(error, JournalError::NotAFile { .. }), "{error}");
        assert!(error.to_string().ends_with("give the path of the file itself"), "{error}");
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    };
    symlink(&target, &path).unwrap();
    assert_refused();
    assert!(!target.exists(), "nothing is created where it leads");

    drop(open(&target).unwrap());
    let before = fs::read(&target).unwrap();
    assert_refused();
    assert!(fs::read(&target).unwrap() == before);

    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_refused();
}

#[tokio::test]
async fn what_is_no_plain_file_is_refused() {
    let directory = Directory::new();
    let error = open(&directory.0).unwrap_err();
    assert!(matches!(error, JournalError::NotAFile { .. }), "{error}");
}

#[tokio::test]
async fn a_directory_may_be_reached_through_a_link() {
    let (directory, other) = (Directory::new(), Directory::new());
    let link = other.0.join("data");
    symlink(&directory.0, &link).unwrap();
    let store = open(&link.join("operations.journal")).unwrap();
    store.put("a", "1").await.unwrap();
    drop(store);
    assert_eq!(ids(&open(&directory.journal()).unwrap()).await, ["a"]);
}
