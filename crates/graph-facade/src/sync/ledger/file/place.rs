//! The files of a ledger: made for their owner alone, and never by way of a link that somebody else has put there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The lock beside a ledger. It is given back when this is dropped, also where a child process that was being started just then
/// has inherited the file: closing it would not do.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // What remains locked after a failure is unlocked by the end of the process.
        let _ = self.0.unlock();
    }
}

/// The lock beside a ledger; none if another run has it.
pub(super) fn lock(path: &Path) -> io::Result<Option<Lock>> {
    let path = beside(path, ".lock");
    let mut options = private();
    let lock = match options.create_new(true).open(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if !fs::symlink_metadata(&path)?.is_file() {
                let why = format!("{} is no plain file: remove it", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
            options.create_new(false).open(&path)?
        }
        other => other?,
    };
    match lock.try_lock() {
        Ok(()) => Ok(Some(Lock(lock))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A new file beside a ledger, with the permissions of the one that it will replace. What is left of an earlier one goes.
pub(super) fn draft(path: &Path) -> io::Result<(File, PathBuf)> {
    let draft = beside(path, ".new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = private().read(true).append(true).create_new(true).open(&draft)?;
    if let Ok(before) = fs::metadata(path) {
        file.set_permissions(before.permissions())?;
    }
    Ok((file, draft))
}

/// Makes a new name in the directory of `path` durable, where directories can be opened.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::lock;

    #[test]
    fn a_lock_ends_with_its_owner_though_a_child_process_has_inherited_the_file() {
        let ledger = std::env::temp_dir().join(format!("graph-ledger-{}", uuid::Uuid::new_v4()));
        let first = lock(&ledger).unwrap().unwrap();
        assert!(lock(&ledger).unwrap().is_none());
        let inherited = first.0.try_clone().unwrap();
        drop(first);
        assert!(lock(&ledger).unwrap().is_some());
        drop(inherited);
        std::fs::remove_file(super::beside(&ledger, ".lock")).unwrap();
    }
}
