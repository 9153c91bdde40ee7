//! A change that ends anywhere has happened or has not.

use std::collections::BTreeMap;

use super::*;

const BEFORE: [(&str, &str); 4] =
    [("a.rs", "old a"), ("kept.rs", "kept"), ("sub/b.rs", "old b"), ("sub/gone.rs", "gone")];
const PUTS: [(&str, &str); 4] =
    [("a.rs", "new a"), ("new.rs", "new"), ("sub/b.rs", "new b"), ("deep/er/c.rs", "new c")];

fn change() -> Change<'static> {
    Change { puts: PUTS.to_vec(), removals: vec!["sub/gone.rs"] }
}

fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("sub")).unwrap();
    for (path, text) in BEFORE {
        fs::write(root.path().join(path), text).unwrap();
    }
    root
}

/// Every file and folder, but for the stage.
fn content(root: &Path) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(root).unwrap().display().to_string();
            if name == STAGE {
                continue;
            }
            found.insert(name, fs::read_to_string(&entry).ok());
            if entry.is_dir() {
                folders.push(entry);
            }
        }
    }
    found
}

fn after() -> BTreeMap<String, Option<String>> {
    let root = tree();
    swap(root.path(), &change()).unwrap();
    assert!(!root.path().join(STAGE).exists());
    content(root.path())
}

/// Does the first `steps` of the change and stops, as a kill would. Gives whether that was all of it.
fn killed_after(steps: usize, root: &Path) -> bool {
    let stage = Stage::enter(root).unwrap();
    let plan = stage.plan(&change()).unwrap();
    run(&plan[..steps.min(plan.len())]).unwrap();
    steps >= plan.len()
}

/// The same for undoing.
fn killed_while_undoing(steps: usize, root: &Path) -> bool {
    let stage = Stage::enter(root).unwrap();
    let Ok(text) = fs::read_to_string(stage.journal()) else { return true };
    let plan = stage.undoing(&serde_json::from_str(&text).unwrap()).unwrap();
    run(&plan[..steps.min(plan.len())]).unwrap();
    steps >= plan.len()
}

#[test]
fn a_change_changes_everything() {
    let after = after();
    for (path, text) in PUTS {
        assert_eq!(after[path].as_deref(), Some(text));
    }
    assert!(!after.contains_key("sub/gone.rs"));
    assert_eq!(after["kept.rs"].as_deref(), Some("kept"));
}

#[test]
fn a_kill_after_any_step_leaves_what_was_or_what_is_to_be() {
    let after = after();
    let mut happened = Vec::new();
    for steps in 0.. {
        let root = tree();
        let before = content(root.path());
        let all = killed_after(steps, root.path());
        recover(root.path()).unwrap();
        let now = content(root.path());
        assert!(now == before || now == after, "after {steps} steps: {now:#?}");
        assert!(!root.path().join(STAGE).exists());
        happened.push(now == after);
        // Whatever happened, the change can be made now.
        swap(root.path(), &change()).unwrap();
        assert_eq!(content(root.path()), after);
        if all {
            break;
        }
    }
    assert!(happened.len() > 10);
    assert_eq!(
        happened.iter().filter(|happened| **happened).count(),
        1,
        "by the last step alone: {happened:?}"
    );
}

#[test]
fn undoing_may_be_killed_after_any_step_too() {
    for steps in 0.. {
        let mut undone = true;
        for undoing in 0.. {
            let root = tree();
            let before = content(root.path());
            if killed_after(steps, root.path()) {
                return;
            }
            undone &= killed_while_undoing(undoing, root.path());
            recover(root.path()).unwrap();
            assert_eq!(content(root.path()), before, "after {steps} steps, and {undoing} back");
            if undone {
                break;
            }
            undone = true;
        }
    }
}

#[test]
fn what_somebody_edited_in_between_is_not_overwritten() {
    let root = tree();
    let steps = Stage::enter(root.path()).unwrap().plan(&change()).unwrap().len() - 1;
    killed_after(steps, root.path());
    fs::write(root.path().join("new.rs"), "mine").unwrap();
    let problem = recover(root.path()).unwrap_err().to_string();
    assert!(problem.contains("new.rs: a change of many files was interrupted"), "{problem}");
    assert_eq!(fs::read_to_string(root.path().join("new.rs")).unwrap(), "mine");
}

#[test]
fn a_change_that_can_t_be_made_leaves_nothing_behind() {
    let root = tree();
    let before = content(root.path());
    // A file where a folder would have to be.
    let change = Change { puts: vec![("a.rs", "x"), ("kept.rs/c.rs", "x")], removals: Vec::new() };
    let problem = swap(root.path(), &change).unwrap_err().to_string();
    assert!(problem.ends_with("nothing was changed"), "{problem}");
    assert_eq!(content(root.path()), before);
    let fresh = root.path().join("fresh");
    swap(&fresh, &Change { puts: vec![("a/b", "x"), ("a", "x")], removals: Vec::new() }).unwrap_err();
    assert!(!fresh.exists());
}

#[test]
fn what_was_prepared_and_never_begun_is_in_nobodys_way() {
    let root = tree();
    let left = root.path().join(STAGE).join("new/a.rs");
    fs::create_dir_all(&left).unwrap();
    swap(root.path(), &change()).unwrap();
    assert_eq!(content(root.path()), after());
}

#[test]
fn two_at_once_are_one_too_many() {
    let root = tree();
    let stage = Stage::enter(root.path()).unwrap();
    let problem = swap(root.path(), &change()).unwrap_err().to_string();
    assert!(problem.contains("another command is at work here"), "{problem}");
    stage.leave().unwrap();
    swap(root.path(), &change()).unwrap();
}
