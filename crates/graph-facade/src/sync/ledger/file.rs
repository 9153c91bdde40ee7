//! The ledger in a file: a log in JSON Lines that only grows, and is replaced whole when too much of it is outdated.

use std::borrow::Borrow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{LedgerEntry, LedgerError, LedgerStore, TornTail};

mod line;
mod place;
mod read;

use line::{FileId, Line, VERSION};
use read::{Log, Unread};

/// So many entries of a new file are kept together by one sum.
const MOST_IN_A_FLUSH: usize = 1_000;

#[derive(Debug)]
pub(super) struct FileStore {
    path: PathBuf,
    log: Written,
    /// Whether the log's name is on the disk too.
    is_named: bool,
    tail: Option<TornTail>,
    /// Locked as long as the store lives. The log itself is replaced at times, and a lock with it.
    _lock: place::Lock,
}

/// The log as far as it is on the disk.
#[derive(Debug)]
struct Written {
    file: File,
    id: FileId,
    /// How many flushes there are.
    flushes: u64,
    /// So many bytes are whole. What is behind them was never confirmed.
    whole: u64,
    /// Whether there may be more in the file.
    is_torn: bool,
}

impl FileStore {
    pub(super) fn open(path: PathBuf) -> Result<Self, LedgerError> {
        // All ways to one ledger lead to one lock.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let io = |source| failed(&path, source);
        let lock = place::lock(&path).map_err(io)?;
        let Some(lock) = lock else { return Err(LedgerError::InUse { path: path.into() }) };
        let is_new = fs::metadata(&path).map_or_else(
            |error| if error.kind() == io::ErrorKind::NotFound { Ok(true) } else { Err(error) },
            // As an earlier release leaves it if it is killed early.
            |file| Ok(file.len() == 0),
        );
        let is_new = is_new.map_err(io)?;
        let log = if is_new {
            let (log, draft) = Written::draft(&path, &mut std::iter::empty()).map_err(io)?;
            fs::rename(draft, &path).map_err(io)?;
            log
        } else {
            let file = OpenOptions::new().read(true).append(true).open(&path).map_err(io)?;
            Written { file, id: FileId::new(), flushes: 0, whole: 0, is_torn: false }
        };
        let mut store = Self { path, log, is_named: !is_new, tail: None, _lock: lock };
        store.name().map_err(|source| failed(&store.path, source))?;
        Ok(store)
    }

    /// Puts a draft in the ledger's place. From then on it is what is written to, whether or not its name is on the disk yet.
    fn put_in_place(&mut self, (log, draft): (Written, PathBuf)) -> io::Result<()> {
        fs::rename(draft, &self.path)?;
        (self.log, self.is_named) = (log, false);
        self.name()
    }

    /// Makes the log's name durable, if it isn't.
    fn name(&mut self) -> io::Result<()> {
        if !self.is_named {
            place::sync_directory(&self.path)?;
            self.is_named = true;
        }
        Ok(())
    }

    fn read(&self, undated: u64, each: &mut dyn FnMut(LedgerEntry)) -> Result<Log, LedgerError> {
        let mut file = &self.log.file;
        let read = file.rewind().map_err(Unread::Io);
        let read = read.and_then(|()| read::read(BufReader::new(file), undated, each));
        read.map_err(|unread| match unread {
            Unread::NewerVersion(version) => {
                LedgerError::NewerVersion { path: self.path.clone().into(), version }
            }
            Unread::NotALedger => LedgerError::NotALedger { path: self.path.clone().into() },
            Unread::DamagedAt(line) => LedgerError::Damaged { path: self.path.clone().into(), line },
            Unread::Io(source) => failed(&self.path, source),
        })
    }

    /// When the file was written last, in seconds after 1970: nothing in it is younger.
    fn written_at(&self) -> io::Result<u64> {
        let at = self.log.file.metadata()?.modified()?;
        Ok(at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// Writes the file of an earlier version in this one's form.
    fn convert(&mut self, whole: u64, undated: u64) -> io::Result<()> {
        let mut file = &self.log.file;
        file.rewind()?;
        let lines = io::BufRead::split(BufReader::new(file.take(whole)), b'\n');
        let mut broken = None;
        let mut entries = lines.filter_map(|line| match line {
            Ok(mut line) => {
                line.push(b'\n');
                Line::parse(&line)?.into_entry(undated)
            }
            Err(error) => {
                broken = Some(error);
                None
            }
        });
        let draft = Written::draft(&self.path, &mut entries)?;
        drop(entries);
        if let Some(error) = broken {
            return Err(error);
        }
        self.put_in_place(draft)
    }
}

impl LedgerStore for FileStore {
    /// What a crash left of the last flush is cut off. Anything else that can't be read is damage. What is read is on the disk then:
    /// a process that was killed may have left a flush that only the memory of the system has.
    fn load(&mut self, each: &mut dyn FnMut(LedgerEntry)) -> Result<(), LedgerError> {
        let undated = self.written_at().map_err(|source| failed(&self.path, source))?;
        let log = self.read(undated, each)?;
        self.tail = log.tail;
        let settled = match log.id {
            None => self.convert(log.whole, undated),
            Some(id) => {
                (self.log.id, self.log.flushes, self.log.whole) = (id, log.flushes, log.whole);
                self.log.is_torn = log.tail.is_some();
                self.log.cut().and_then(|()| self.log.file.sync_data())
            }
        };
        settled.map_err(|source| failed(&self.path, source))
    }

    fn append(&mut self, entries: &[LedgerEntry]) -> Result<(), LedgerError> {
        let appended = self.name().and_then(|()| self.log.append(entries));
        appended.map_err(|source| failed(&self.path, source))
    }

    fn replace(&mut self, entries: &mut dyn Iterator<Item = LedgerEntry>) -> Result<(), LedgerError> {
        let replaced = Written::draft(&self.path, entries).and_then(|draft| self.put_in_place(draft));
        replaced.map_err(|source| failed(&self.path, source))
    }

    fn torn_tail(&self) -> Option<TornTail> {
        self.tail
    }
}

impl Written {
    /// A file with these entries beside the ledger, on the disk.
    fn draft(path: &Path, entries: &mut dyn Iterator<Item = LedgerEntry>) -> io::Result<(Self, PathBuf)> {
        let (file, name) = place::draft(path)?;
        let mut log = Self { file, id: FileId::new(), flushes: 0, whole: 0, is_torn: false };
        let mut file = BufWriter::new(&log.file);
        let mut text = Vec::new();
        Line::Version(VERSION).put(&mut text)?;
        Line::Id(line::Text(log.id.0)).put(&mut text)?;
        let mut entries = entries.peekable();
        loop {
            file.write_all(&text)?;
            log.whole += text.len() as u64;
            if entries.peek().is_none() {
                break;
            }
            text = log.id.flush(log.flushes + 1, entries.by_ref().take(MOST_IN_A_FLUSH))?;
            log.flushes += 1;
        }
        let mut text = Vec::new();
        // It gets its name when it is on the disk.
        log.id.synced(log.flushes).put(&mut text)?;
        file.write_all(&text)?;
        log.whole += text.len() as u64;
        file.flush()?;
        drop(file);
        log.file.sync_all()?;
        Ok((log, name))
    }

    fn append(&mut self, entries: &[LedgerEntry]) -> io::Result<()> {
        self.cut()?;
        let number = self.flushes + 1;
        let lines = self.id.flush(number, entries.iter())?;
        self.is_torn = true;
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        (self.flushes, self.whole) = (number, self.whole + lines.len() as u64);
        // From here on, damage to this flush is no crash's. The line need not be on the disk before the next flush is.
        let mut synced = Vec::new();
        self.id.synced(number).put(&mut synced)?;
        if self.file.write_all(&synced).is_ok() {
            self.whole += synced.len() as u64;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Cuts off what was never confirmed.
    fn cut(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole)?;
            self.file.sync_data()?;
            self.is_torn = false;
        }
        Ok(())
    }
}

impl FileId {
    /// The lines of these entries, and their sum.
    fn flush(self, number: u64, entries: impl Iterator<Item: Borrow<LedgerEntry>>) -> io::Result<Vec<u8>> {
        let mut lines = Vec::with_capacity(entries.size_hint().0.saturating_mul(96));
        for entry in entries {
            Line::from(entry.borrow()).put(&mut lines)?;
        }
        let mut sum = self.sum(number);
        sum.add(&lines);
        Line::Flush { number, sum: sum.end() }.put(&mut lines)?;
        Ok(lines)
    }
}

fn failed(path: &Path, source: io::Error) -> LedgerError {
    LedgerError::Io { path: path.into(), source: Arc::new(source) }
}
