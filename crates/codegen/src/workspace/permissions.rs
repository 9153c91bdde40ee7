//! The second upstream source of a checkout: who may call what.

use std::path::{Path, PathBuf};

use super::{SURFACE, Workspace};
use crate::diff::Change;
use crate::lock::Lock;
use crate::permissions::{self, FILE, SOURCE, Table, changes};
use crate::problem::{Problems, Result, read_named};
use crate::surface::Surface;

/// A file and its text.
pub(super) type Output = (String, String);

impl Workspace {
    /// The permissions of `lock`: of the file itself, if one is given, or as they are committed; none if none are pinned.
    pub(super) fn permissions(&self, lock: &Lock, file: Option<&Path>) -> Result<Option<Table>> {
        if let Some(file) = file {
            let (name, text) = (file.display().to_string(), read_named(file, SOURCE)?);
            // What is no such file at all is no other one to move on to.
            let table = Table::of_upstream(&name, &text)?;
            lock.expect_permissions(&name, &text)?;
            return Ok(Some(table));
        }
        if lock.permissions.is_none() {
            return Ok(None);
        }
        let text = self.read(FILE)?;
        lock.expect_permissions_slice(FILE, &text)?;
        Table::read(FILE, &text).map(Some)
    }

    /// Gives the operations of `surface` their permissions; gives the slice of them, and the lock on it.
    pub(super) fn permit(
        &self,
        surface: &mut Surface,
        lock: Lock,
        file: Option<&Path>,
    ) -> std::result::Result<(Lock, Option<Output>), Problems> {
        let Some(table) = self.permissions(&lock, file)? else { return Ok((lock, None)) };
        let overlay = self.overlay()?;
        let slice = table.trim(surface, overlay.permissions());
        permissions::assign(surface, &slice, overlay.permissions())?;
        let text = slice.text()?;
        Ok((lock.with_permissions(&text), Some((FILE.to_owned(), text))))
    }

    /// What the last of `files` changes: of the one before it, or of what is committed.
    pub(super) fn permission_changes(&self, files: &[PathBuf]) -> std::result::Result<Vec<Change>, Problems> {
        let surface = Surface::read_what_exists(SURFACE, &self.read(SURFACE)?, &self.committed()?)?;
        let overlay = self.overlay()?;
        let of = |file: &PathBuf| {
            let table = Table::of_upstream(&file.display().to_string(), &read_named(file, SOURCE)?)?;
            Ok::<_, Problems>(table.trim(&surface, overlay.permissions()))
        };
        match files {
            [] => Ok(Vec::new()),
            [new] => {
                let committed = self.permissions(&self.lock()?, None)?.unwrap_or_default();
                Ok(changes::between(&committed, &of(new)?))
            }
            [old, .., new] => Ok(changes::between(&of(old)?, &of(new)?)),
        }
    }
}
