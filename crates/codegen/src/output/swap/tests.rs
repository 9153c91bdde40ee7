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

/// A journal that somebody has written, with the copies that it speaks of.
fn with_journal(journal: &serde_json::Value, copies: &[(&str, &str)]) -> tempfile::TempDir {
    let around = tempfile::tempdir().unwrap();
    let root = around.path().join("root");
    fs::create_dir_all(root.join(STAGE).join("old")).unwrap();
    fs::write(root.join("a.rs"), "mine").unwrap();
    fs::write(around.path().join("outside"), "outside").unwrap();
    fs::write(root.join(STAGE).join(JOURNAL), journal.to_string()).unwrap();
    for (path, text) in copies {
        let copy = root.join(STAGE).join("old").join(path);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::write(copy, text).unwrap();
    }
    around
}

#[test]
fn a_journal_that_lies_is_refused_and_nothing_is_touched() {
    let step = |path: &str, was: Option<&str>, is: Option<&str>| {
        let digest = |text: Option<&str>| text.map(|text| sha256([text]));
        serde_json::json!({ "path": path, "was": digest(was), "is": digest(is) })
    };
    let outside = |path: &str| step(path, None, Some("outside"));
    let (put, mine) = (step("a.rs", Some("old"), Some("mine")), step("a.rs", None, Some("mine")));
    let cases = [
        ("a file above is removed", vec![outside("../outside")], vec![]),
        ("a file above is removed, by way of a folder", vec![outside("sub/../../outside")], vec![]),
        ("a file above is written", vec![step("../other", Some("x"), None)], vec![("../other", "x")]),
        ("a file at the top is removed", vec![outside("/etc/hostname")], vec![]),
        (
            "a hook of git is written",
            vec![step(".git/hooks/x", Some("x"), None)],
            vec![(".git/hooks/x", "x")],
        ),
        ("the stage itself", vec![step(".codegen-stage/lock", Some("x"), Some(""))], vec![]),
        ("the root", vec![step("", Some("x"), None)], vec![]),
        ("another notation", vec![step("..\\outside", Some("x"), None)], vec![]),
        ("the copy is another", vec![put.clone()], vec![("a.rs", "evil")]),
        ("there is no copy", vec![put.clone()], vec![]),
        ("a file twice", vec![mine.clone(), put], vec![("a.rs", "old")]),
        ("a folder instead of the copy", vec![step("a.rs", Some("old"), Some("mine"))], vec![("a.rs/x", "")]),
        ("one that lies behind one that doesn't", vec![mine, outside("../outside")], vec![]),
    ];
    for (name, steps, copies) in cases {
        let around = with_journal(&serde_json::json!({ "steps": steps, "folders": [] }), &copies);
        let before = everything(around.path());
        let problem = recover(&around.path().join("root")).expect_err(name).to_string();
        assert!(
            problem.contains("then remove the folder .codegen-stage") || problem.contains("move it"),
            "{name}: {problem}"
        );
        assert_eq!(everything(around.path()), before, "{name}");
    }
    let folders = serde_json::json!({ "steps": [], "folders": ["../empty"] });
    let around = with_journal(&folders, &[]);
    fs::create_dir(around.path().join("empty")).unwrap();
    recover(&around.path().join("root")).unwrap_err();
    assert!(around.path().join("empty").exists());
}

/// What can't be read may tell of the only copies of what was there.
#[test]
fn a_journal_that_can_t_be_read_is_not_taken_for_none() {
    let around = with_journal(&serde_json::Value::Null, &[("a.rs", "old")]);
    let root = around.path().join("root");
    fs::write(root.join(STAGE).join(JOURNAL), [0xff]).unwrap();
    for outcome in [recover(&root).map(drop), swap(&root, &change()).map(drop)] {
        let problem = outcome.unwrap_err().to_string();
        assert!(problem.contains("then remove the folder .codegen-stage"), "{problem}");
        assert_eq!(fs::read_to_string(root.join(STAGE).join("old/a.rs")).unwrap(), "old");
        assert_eq!(fs::read_to_string(root.join("a.rs")).unwrap(), "mine");
    }
}

/// Every file and folder, the stage of `root/` included, but for the lock.
fn everything(around: &Path) -> BTreeMap<String, Option<String>> {
    let mut found = content(around);
    found.retain(|name, _| !name.ends_with("lock"));
    found
}

#[cfg(unix)]
#[test]
fn a_link_on_the_way_is_refused_and_nothing_is_touched() {
    use std::os::unix::fs::symlink;
    let links = [
        "a.rs",
        "sub",
        "deep",
        STAGE,
        ".codegen-stage/lock",
        ".codegen-stage/journal.draft",
        ".codegen-stage/new",
    ];
    for link in links {
        let (root, elsewhere) = (tree(), tree());
        let target = elsewhere.path().join(if link.ends_with("a.rs") { "a.rs" } else { "sub" });
        fs::create_dir_all(root.path().join(link).parent().unwrap()).unwrap();
        if link == "sub" {
            fs::remove_dir_all(root.path().join(link)).unwrap();
        }
        if link == "a.rs" {
            fs::remove_file(root.path().join(link)).unwrap();
        }
        symlink(target, root.path().join(link)).unwrap();
        let (before, there) = (content(root.path()), content(elsewhere.path()));
        let problem = swap(root.path(), &change()).expect_err(link).to_string();
        assert!(problem.contains("this is a symbolic link"), "{link}: {problem}");
        assert_eq!((content(root.path()), content(elsewhere.path())), (before, there), "{link}");
    }
    // Through a link at the root itself, everything goes.
    let (root, by_link) = (tree(), tempfile::tempdir().unwrap());
    symlink(root.path(), by_link.path().join("root")).unwrap();
    swap(&by_link.path().join("root"), &change()).unwrap();
    assert_eq!(content(root.path()), after());
}

#[cfg(unix)]
#[test]
fn a_journal_does_not_lead_through_links_either() {
    use std::os::unix::fs::symlink;
    let step = serde_json::json!({ "path": "sub/outside", "was": null, "is": sha256(["outside"]) });
    let around = with_journal(&serde_json::json!({ "steps": [step], "folders": [] }), &[]);
    symlink(around.path(), around.path().join("root/sub")).unwrap();
    recover(&around.path().join("root")).unwrap_err();
    assert!(around.path().join("outside").exists());
}

const PARTS: [&str; 11] = ["..", ".", "", "a.rs", "sub", "/", "outside", ".git", "root", "\\", "C:"];

proptest::proptest! {
    // Whatever a journal says, nothing outside of the root changes, and a refusal changes nothing inside.
    #[test]
    fn no_journal_leads_out(
        parts in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(PARTS.to_vec()), 1..5),
            1..4,
        ),
        kinds in proptest::collection::vec((proptest::bool::ANY, proptest::bool::ANY), 4),
    ) {
        let texts = ["mine", "outside"];
        let steps: Vec<_> = parts.iter().zip(&kinds).map(|(parts, (was, is))| {
            let is = texts[usize::from(*is)];
            serde_json::json!({ "path": parts.join("/"), "was": was.then(|| sha256(["old"])), "is": sha256([is]) })
        }).collect();
        let folders: Vec<_> = parts.iter().map(|parts| parts.join("/")).collect();
        let around = with_journal(&serde_json::json!({ "steps": steps, "folders": folders }), &[("a.rs", "old")]);
        fs::create_dir(around.path().join("empty")).unwrap();
        let before = everything(around.path());
        let undone = recover(&around.path().join("root"));
        let now = everything(around.path());
        let outside = |of: &BTreeMap<String, Option<String>>| {
            let mut of = of.clone();
            of.retain(|name, _| !name.starts_with("root"));
            of
        };
        proptest::prop_assert_eq!(outside(&now), outside(&before));
        if undone.is_err() {
            proptest::prop_assert_eq!(now, before);
        }
    }
}
