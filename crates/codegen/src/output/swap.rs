//! Many files changed as one: all of them, or none.
//!
//! Before the first file changes, the new files and copies of the old ones stand in a folder beside ([`STAGE`]), and a journal
//! there says what each file was and what it becomes. Then one rename puts each new file in its place, so that every file is
//! at any moment either the old or the new one. Taking the journal away is the moment at which the change has happened.
//!
//! Who finds a journal undoes what it says, and who finds none clears the folder: a process that was killed anywhere leaves a
//! tree that is, as soon as the next command begins, what it was before. Undoing can be interrupted like everything else.
//! A file that somebody has edited in between is never overwritten. A journal is a file like any other, and may come with a tree
//! that somebody else has made: one that names what is not below the root, or that the copies beside it don't bear out, is refused
//! before anything is touched; so is every symbolic link on the way to a file ([`place`]). A power cut is not covered: nothing is synced to the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place;
use crate::lock::sha256;
use crate::problem::{Problem, Result};

/// The folder for what is under way, below the root.
pub(super) const STAGE: &str = ".codegen-stage";
const JOURNAL: &str = "journal.json";
const DRAFT: &str = "journal.draft";

/// What is to become of files, by their paths below a root.
#[derive(Debug, Default)]
pub(super) struct Change<'a> {
    /// Files to write, with their texts.
    pub(super) puts: Vec<(&'a str, &'a str)>,
    /// Files to remove.
    pub(super) removals: Vec<&'a str>,
}

impl Change<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.removals.is_empty()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    steps: Vec<Step>,
    /// Folders that come into being, the innermost first.
    folders: Vec<String>,
}

/// One file: SHA-256 of what it was and of what it becomes, where there is such a file.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    path: String,
    was: Option<String>,
    is: Option<String>,
}

/// One step that is done as a whole or not at all.
#[derive(Debug)]
enum Action {
    Folder(PathBuf),
    /// Into the stage; half a file there is nobody's harm.
    Write(PathBuf, String),
    Copy(PathBuf, PathBuf),
    Rename(PathBuf, PathBuf),
    /// Of a file; fine if there is none.
    Remove(PathBuf),
    /// Of a folder that came into being, if nothing is in it.
    RemoveFolder(PathBuf),
}

/// The stage, with nobody else in it.
struct Stage<'a> {
    root: &'a Path,
    folder: PathBuf,
    /// Held while this lives.
    lock: File,
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // To close the file would not do while a process that is being started has a copy of it.
        let _ = self.lock.unlock();
    }
}

/// Makes the change, or leaves everything as it is.
pub(super) fn swap(root: &Path, change: &Change<'_>) -> Result<()> {
    let made_root = !root.exists();
    let stage = Stage::enter(root)?;
    stage.undo()?;
    stage.clear()?;
    let outcome = stage.plan(change).and_then(|plan| run(&plan));
    if outcome.is_err() {
        stage.undo()?;
    }
    stage.leave()?;
    if made_root && outcome.is_err() {
        // It is empty, and if it is not, it is not ours.
        let _ = fs::remove_dir(root);
    }
    outcome.map_err(|problem| problem.help("nothing was changed"))
}

/// Undoes what an interrupted change has left below `root`; gives whether there was any.
pub fn recover(root: &Path) -> Result<bool> {
    if place::look(&root.join(STAGE))?.is_none() {
        return Ok(false);
    }
    let stage = Stage::enter(root)?;
    let undone = stage.undo()?;
    stage.leave()?;
    Ok(undone)
}

impl<'a> Stage<'a> {
    fn enter(root: &'a Path) -> Result<Self> {
        let folder = root.join(STAGE);
        let at = |error: &io::Error| Problem::at(folder.display(), error);
        Self::is_ours(&folder)?;
        fs::create_dir_all(&folder).map_err(|error| at(&error))?;
        let lock = File::create(folder.join("lock")).map_err(|error| at(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, folder, lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Problem::at(folder.display(), "another command is at work here")
                    .help("wait until it is done"))
            }
            Err(TryLockError::Error(error)) => Err(at(&error)),
        }
    }

    /// Refuses a stage that no command can have made: links lead elsewhere, and a pipe would be waited for.
    fn is_ours(folder: &Path) -> Result<()> {
        let parts = [("lock", false), (JOURNAL, false), (DRAFT, false), ("new", true), ("old", true)];
        let parts = parts.map(|(part, is_folder)| (folder.join(part), is_folder));
        for (part, is_folder) in std::iter::once((folder.to_owned(), true)).chain(parts) {
            if let Some(found) = place::look(&part)?
                && !(if is_folder { found.is_dir() } else { found.is_file() })
            {
                let what = "this is nothing that a command has left";
                return Err(Problem::at(part.display(), what).help(format!("remove the folder {STAGE}")));
            }
        }
        Ok(())
    }

    /// Clears what was prepared and never begun.
    fn clear(&self) -> Result<()> {
        let parts = ["new", "old"].map(|part| self.folder.join(part));
        let cleared = parts.iter().try_for_each(|part| if_there(fs::remove_dir_all(part)));
        cleared.map_err(|error| Problem::at(self.folder.display(), error))
    }

    fn leave(self) -> Result<()> {
        fs::remove_dir_all(&self.folder).map_err(|error| Problem::at(self.folder.display(), error))
    }

    fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Every step of the change, in order.
    fn plan(&self, change: &Change<'_>) -> Result<Vec<Action>> {
        let (mut prepare, mut act) = (Vec::new(), Vec::new());
        let mut journal = Journal { steps: Vec::new(), folders: self.missing_folders(change) };
        for (path, text) in &change.puts {
            let (file, new) = (place::file(self.root, path)?, self.folder.join("new").join(path));
            prepare.extend(folder_of(&new));
            prepare.push(Action::Write(new.clone(), (*text).to_owned()));
            let was = self.keep(path, &mut prepare)?;
            journal.steps.push(Step { path: (*path).to_owned(), was, is: Some(sha256([*text])) });
            act.extend(folder_of(&file));
            act.push(Action::Rename(new, file));
        }
        for path in &change.removals {
            let was = self.keep(path, &mut prepare)?;
            journal.steps.push(Step { path: (*path).to_owned(), was, is: None });
            act.push(Action::Remove(self.root.join(path)));
        }
        let text = serde_json::to_string(&journal).map_err(|error| Problem::at(JOURNAL, error))?;
        let draft = self.folder.join(DRAFT);
        prepare.extend([Action::Write(draft.clone(), text), Action::Rename(draft, self.journal())]);
        act.push(Action::Remove(self.journal()));
        prepare.extend(act);
        Ok(prepare)
    }

    /// Plans a copy of the file at `path`, if there is one; gives its SHA-256.
    fn keep(&self, path: &str, plan: &mut Vec<Action>) -> Result<Option<String>> {
        let file = place::file(self.root, path)?;
        let was = digest_of(&file)?;
        if was.is_some() {
            let kept = self.folder.join("old").join(path);
            plan.extend(folder_of(&kept));
            plan.push(Action::Copy(file, kept));
        }
        Ok(was)
    }

    /// Undoes what the journal says, if there is one.
    fn undo(&self) -> Result<bool> {
        let text = match fs::read_to_string(self.journal()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            // Whatever the reason, the copies that it tells of must not be taken for waste.
            Err(error) => return Err(self.lie(error)),
        };
        let journal = serde_json::from_str(&text).map_err(|error| self.lie(error))?;
        run(&self.undoing(&journal)?)?;
        Ok(true)
    }

    /// The steps back. What has gone back already is left alone.
    fn undoing(&self, journal: &Journal) -> Result<Vec<Action>> {
        let mut plan = Vec::new();
        let mut named = BTreeSet::new();
        for Step { path, was, is } in &journal.steps {
            let file = place::file(self.root, path).map_err(|problem| self.lie(problem.text()))?;
            if !named.insert(path) {
                return Err(self.lie(format!("it names `{path}` twice")));
            }
            let present = digest_of(&file)?;
            if present == *was {
                continue;
            }
            if present != *is {
                let what = "a change of many files was interrupted, and this one was edited since";
                let help = format!("restore the files that you need, then remove the folder {STAGE}");
                return Err(Problem::at(file.display(), what).help(help));
            }
            plan.push(match was {
                Some(was) => Action::Rename(self.kept(path, was)?, file),
                None => Action::Remove(file),
            });
        }
        for folder in &journal.folders {
            let folder = place::named(self.root, folder).map_err(|problem| self.lie(problem.text()))?;
            // Through a link it would be a folder elsewhere.
            for above in folder.ancestors().take_while(|above| *above != self.root) {
                place::look(above)?;
            }
            plan.push(Action::RemoveFolder(folder));
        }
        plan.push(Action::Remove(self.journal()));
        Ok(plan)
    }

    /// The copy of what the file at `path` was.
    fn kept(&self, path: &str, was: &str) -> Result<PathBuf> {
        let kept = place::file(&self.folder.join("old"), path)?;
        match digest_of(&kept)? {
            Some(found) if found == was => Ok(kept),
            _ => Err(self.lie(format!("the copy of `{path}` beside it is not what the file was"))),
        }
    }

    /// The refusal of a journal that no interrupted command can have left.
    fn lie(&self, what: impl std::fmt::Display) -> Problem {
        let help = format!(
            "nothing was touched; restore the generated files if a command was interrupted here, then remove the folder {STAGE}"
        );
        Problem::at(self.journal().display(), format!("no interrupted command left this: {what}")).help(help)
    }

    /// The folders that the change makes, the innermost first.
    fn missing_folders(&self, change: &Change<'_>) -> Vec<String> {
        let above = change.puts.iter().flat_map(|(path, _)| Path::new(path).ancestors().skip(1));
        let missing = above.filter(|folder| *folder != Path::new("") && !self.root.join(folder).exists());
        let mut missing: Vec<_> = missing.map(|folder| folder.to_string_lossy().replace('\\', "/")).collect();
        missing.sort_by(|one, other| other.cmp(one));
        missing.dedup();
        missing
    }
}

impl Action {
    fn run(&self) -> Result<()> {
        let (at, done) = match self {
            Self::Folder(folder) => (folder, fs::create_dir_all(folder)),
            Self::Write(file, text) => (file, fs::write(file, text)),
            Self::Copy(from, to) => (to, fs::copy(from, to).map(drop)),
            Self::Rename(from, to) => (to, fs::rename(from, to)),
            Self::Remove(file) => (file, if_there(fs::remove_file(file))),
            // Somebody's file in it is a reason to leave it.
            Self::RemoveFolder(folder) => (folder, fs::remove_dir(folder).or(Ok(()))),
        };
        done.map_err(|error| Problem::at(at.display(), error))
    }
}

fn run(plan: &[Action]) -> Result<()> {
    plan.iter().try_for_each(Action::run)
}

fn folder_of(file: &Path) -> Option<Action> {
    file.parent().map(|folder| Action::Folder(folder.to_owned()))
}

/// SHA-256 of the file; nothing if there is none.
fn digest_of(file: &Path) -> Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(sha256([bytes]))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::at(file.display(), error)),
    }
}

fn if_there(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests;
