//! The ledger in a file: a log in JSON Lines that only grows, and is replaced whole when too much of it is outdated.

use std::borrow::Cow;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Fingerprint, Held, LedgerEntry, LedgerError, LedgerStore};

/// The version of the form below.
const VERSION: u32 = 1;

/// One line. Of the variants, the first of a file is its version.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line<'a> {
    Version(u32),
    Of(Cow<'a, str>),
    Written { key: Cow<'a, str>, content: Content },
    Pending(Cow<'a, str>),
    Deactivated { key: Cow<'a, str>, at: u64 },
    Gone(Cow<'a, str>),
}

/// A fingerprint, as a text.
struct Content(Fingerprint);

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'a> From<&'a LedgerEntry> for Line<'a> {
    fn from(entry: &'a LedgerEntry) -> Self {
        match entry {
            LedgerEntry::Of(name) => Self::Of(Cow::Borrowed(name)),
            LedgerEntry::Item { key, held: Some(Held::Written(content)) } => {
                Self::Written { key: Cow::Borrowed(key), content: Content(*content) }
            }
            LedgerEntry::Item { key, held: Some(Held::Pending) } => Self::Pending(Cow::Borrowed(key)),
            LedgerEntry::Item { key, held: Some(Held::Deactivated(at)) } => {
                Self::Deactivated { key: Cow::Borrowed(key), at: *at }
            }
            LedgerEntry::Item { key, held: None } => Self::Gone(Cow::Borrowed(key)),
        }
    }
}

impl Line<'_> {
    /// The entry, if it is one.
    fn into_entry(self) -> Option<LedgerEntry> {
        let (key, held) = match self {
            Self::Version(_) => return None,
            Self::Of(name) => return Some(LedgerEntry::Of(name.into())),
            Self::Written { key, content } => (key, Some(Held::Written(content.0))),
            Self::Pending(key) => (key, Some(Held::Pending)),
            Self::Deactivated { key, at } => (key, Some(Held::Deactivated(at))),
            Self::Gone(key) => (key, None),
        };
        Some(LedgerEntry::Item { key: key.into(), held })
    }
}

#[derive(Debug)]
pub(super) struct FileStore {
    path: PathBuf,
    file: File,
    /// So many bytes are whole lines on the disk. What is behind them was never confirmed.
    whole: u64,
    /// Whether there may be more in the file.
    is_torn: bool,
    /// Locked as long as the store lives. The log itself is replaced at times, and a lock with it.
    _lock: File,
}

impl FileStore {
    pub(super) fn open(path: PathBuf) -> Result<Self, LedgerError> {
        let io = |source| failed(&path, source);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(beside(&path, ".lock"));
        let lock = lock.map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::InUse { path: path.into() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(io)?;
        Ok(Self { path, file, whole: 0, is_torn: false, _lock: lock })
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole)?;
        }
        self.is_torn = true;
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.is_torn = false;
        self.whole += lines.len() as u64;
        Ok(())
    }

    /// Writes a new file beside the old one and puts it in its place.
    fn rewrite(&self, entries: &mut dyn Iterator<Item = LedgerEntry>) -> io::Result<(File, u64)> {
        let next = beside(&self.path, ".new");
        let mut file = BufWriter::new(File::create(&next)?);
        let (mut length, mut text) = (0, Vec::new());
        let mut write = |line: &Line<'_>| {
            text.clear();
            put(&mut text, line)?;
            length += text.len() as u64;
            file.write_all(&text)
        };
        write(&Line::Version(VERSION))?;
        for entry in entries {
            write(&Line::from(&entry))?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&next, &self.path)?;
        sync_directory(&self.path)?;
        Ok((OpenOptions::new().read(true).append(true).open(&self.path)?, length))
    }
}

impl LedgerStore for FileStore {
    /// What a crash left of the last lines is cut off. A line that can't be read before one that can is damage.
    fn load(&mut self, each: &mut dyn FnMut(LedgerEntry)) -> Result<(), LedgerError> {
        let io = |source| failed(&self.path, source);
        let mut reader = BufReader::new(&self.file);
        let (mut number, mut line, mut end, mut bad) = (0, Vec::new(), 0, None);
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(io)?;
            if length == 0 {
                break;
            }
            number += 1;
            end += length as u64;
            let read = if line.ends_with(b"\n") { serde_json::from_slice(&line).ok() } else { None };
            match read {
                Some(Line::Version(version)) if number == 1 && version != VERSION => {
                    return Err(LedgerError::NewerVersion { path: self.path.clone().into(), version });
                }
                Some(Line::Version(_)) if number == 1 => self.whole = end,
                Some(line) if number > 1 && bad.is_none() => match line.into_entry() {
                    Some(entry) => {
                        each(entry);
                        self.whole = end;
                    }
                    None => bad = Some(number),
                },
                None if number > 1 || HEADER.starts_with(&line) => bad = bad.or(Some(number)),
                _ => {
                    let line = bad.unwrap_or(number);
                    return Err(LedgerError::Damaged { path: self.path.clone().into(), line });
                }
            }
        }
        self.is_torn = end > self.whole;
        if self.whole == 0 {
            let (file, length) = self.rewrite(&mut std::iter::empty()).map_err(io)?;
            (self.file, self.whole, self.is_torn) = (file, length, false);
        }
        Ok(())
    }

    fn append(&mut self, entries: &[LedgerEntry]) -> Result<(), LedgerError> {
        let mut lines = Vec::with_capacity(entries.len() * 96);
        let written = entries.iter().try_for_each(|entry| put(&mut lines, &Line::from(entry)));
        written.and_then(|()| self.write(&lines)).map_err(|source| failed(&self.path, source))
    }

    fn replace(&mut self, entries: &mut dyn Iterator<Item = LedgerEntry>) -> Result<(), LedgerError> {
        let (file, length) = self.rewrite(entries).map_err(|source| failed(&self.path, source))?;
        (self.file, self.whole, self.is_torn) = (file, length, false);
        Ok(())
    }
}

/// The first line, of which a crash may leave the beginning.
const HEADER: &[u8] = b"{\"version\":1}\n";

/// Adds a line.
fn put(to: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.push(b'\n');
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes a new name in a directory durable, where directories can be opened.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> LedgerError {
    LedgerError::Io { path: path.into(), source: Arc::new(source) }
}
