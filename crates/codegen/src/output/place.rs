//! Where below a root a file may be written, read back or removed.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::problem::{Problem, Result};

/// The place of the file that is called `path` below `root`. It is refused unless it is below it by its name, and on the disk:
/// no part of it may be a symbolic link, and the file, if there is one, is a regular one. The root itself may be a link, which is
/// the choice of whoever names it.
pub(super) fn file(root: &Path, path: &str) -> Result<PathBuf> {
    let place = named(root, path)?;
    let folders: Vec<_> = place.ancestors().skip(1).take_while(|folder| *folder != root).collect();
    for folder in folders.into_iter().rev() {
        match look(folder)? {
            Some(found) if found.is_dir() => {}
            // What stands here as a file makes no way out; whoever writes says what is wrong with it.
            Some(_) | None => return Ok(place),
        }
    }
    if let Some(found) = look(&place)?
        && !found.is_file()
    {
        let what = "a generated file goes here, and this is none";
        return Err(Problem::at(place.display(), what).help("move it away; nothing was written"));
    }
    Ok(place)
}

/// The place of a file or folder that is called `path` below `root`, by its name alone. No name begins with a dot: none of ours
/// does, and `.git` has files that are run.
pub(super) fn named(root: &Path, path: &str) -> Result<PathBuf> {
    let plain = |part: Component<'_>| match part {
        Component::Normal(name) => name.to_str().is_some_and(|name| !name.starts_with('.')),
        _ => false,
    };
    let sound = !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !part.is_empty())
        && Path::new(path).components().all(plain);
    if sound {
        return Ok(root.join(path));
    }
    let what = format!("`{path}` is no name of a file of the generator's below {}", root.display());
    Err(Problem::at(root.display(), what))
}

/// What is at `place`, if anything; a symbolic link is refused.
pub(super) fn look(place: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(place) {
        Ok(found) if found.is_symlink() => Err(link(place)),
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Problem::at(place.display(), error)),
    }
}

/// The refusal of a symbolic link.
pub(super) fn link(place: &Path) -> Problem {
    Problem::at(place.display(), "this is a symbolic link, and what is generated would go where it leads")
        .help("replace it by a folder or file of its own; the folder of --out itself may be a link")
}
