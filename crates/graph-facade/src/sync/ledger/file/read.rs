//! Reading a ledger's file: what of it is whole, what a crash left of the last flush, and what is damage.

use std::io::{self, BufRead};

use super::super::{LedgerEntry, TornTail};
use super::line::{FileId, Line, VERSION};

/// What a file is.
#[derive(Debug)]
pub(super) struct Log {
    /// Its id; none in version 1.
    pub(super) id: Option<FileId>,
    /// The number of the last flush that is whole.
    pub(super) flushes: u64,
    /// So many bytes at its beginning are whole.
    pub(super) whole: u64,
    /// What is behind them.
    pub(super) tail: Option<TornTail>,
}

/// Why a file can't be read.
#[derive(Debug)]
pub(super) enum Unread {
    NotALedger,
    NewerVersion(u32),
    DamagedAt(u64),
    Io(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Gives out the entries of all flushes that are whole. In version 1, items are pending since `undated`.
///
/// A flush is written only when the one before is on the disk, which a line says. So what can't be read is the tail that a crash left,
/// unless such a line behind it tells otherwise.
pub(super) fn read(
    reader: impl BufRead,
    undated: u64,
    each: &mut dyn FnMut(LedgerEntry),
) -> Result<Log, Unread> {
    let mut lines = Lines { reader, text: Vec::new(), number: 0, end: 0 };
    lines.next()?;
    match Line::parse(&lines.text) {
        Some(Line::Version(1)) => read_first_version(lines, undated, each),
        Some(Line::Version(VERSION)) => {
            lines.next()?;
            match Line::parse(&lines.text) {
                Some(Line::Id(id)) => read_flushes(lines, FileId(id.0), undated, each),
                _ => Err(Unread::DamagedAt(2)),
            }
        }
        Some(Line::Version(version)) => Err(Unread::NewerVersion(version)),
        _ => Err(Unread::NotALedger),
    }
}

fn read_flushes(
    mut lines: Lines<impl BufRead>,
    id: FileId,
    undated: u64,
    each: &mut dyn FnMut(LedgerEntry),
) -> Result<Log, Unread> {
    let mut log = Log { id: Some(id), flushes: 0, whole: lines.end, tail: None };
    let (mut sum, mut entries, mut first) = (id.sum(1), Vec::new(), 3);
    let (mut bad, mut is_confirmed) = (None, false);
    while lines.next()? {
        let synced = id.synced_in(&lines.text);
        is_confirmed |= synced.is_some();
        if synced.is_some_and(|number| number > log.flushes) {
            return Err(Unread::DamagedAt(bad.unwrap_or(first)));
        }
        if bad.is_some() {
            continue;
        }
        match Line::parse(&lines.text) {
            Some(Line::Flush { number, sum: expected }) => {
                let found = std::mem::replace(&mut sum, id.sum(number.saturating_add(1))).end();
                if Some(number) != log.flushes.checked_add(1) || found != expected {
                    bad = Some(first);
                    continue;
                }
                entries.drain(..).for_each(&mut *each);
                (log.flushes, log.whole, first) = (number, lines.end, lines.number + 1);
            }
            Some(Line::Synced { .. }) if synced == Some(log.flushes) && entries.is_empty() => {
                (log.whole, first) = (lines.end, lines.number + 1);
            }
            line => match line.and_then(|line| line.into_entry(undated)) {
                Some(entry) => {
                    sum.add(&lines.text);
                    entries.push(entry);
                }
                None => bad = Some(lines.number),
            },
        }
    }
    if !is_confirmed {
        // Every file has such a line before it gets its name, so the id must be wrong.
        return Err(Unread::DamagedAt(2));
    }
    log.tail = lines.tail(log.whole, bad.unwrap_or(first));
    Ok(log)
}

/// It has no sums: what can't be read is the tail, unless a line behind it can be.
fn read_first_version(
    mut lines: Lines<impl BufRead>,
    undated: u64,
    each: &mut dyn FnMut(LedgerEntry),
) -> Result<Log, Unread> {
    let mut log = Log { id: None, flushes: 0, whole: lines.end, tail: None };
    let mut bad = None;
    while lines.next()? {
        match Line::parse(&lines.text).and_then(|line| line.into_entry(undated)) {
            Some(entry) => {
                if let Some(line) = bad {
                    return Err(Unread::DamagedAt(line));
                }
                each(entry);
                log.whole = lines.end;
            }
            None => bad = bad.or(Some(lines.number)),
        }
    }
    log.tail = lines.tail(log.whole, bad.unwrap_or(lines.number));
    Ok(log)
}

struct Lines<R> {
    reader: R,
    text: Vec<u8>,
    number: u64,
    /// Where the line ends.
    end: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> io::Result<bool> {
        self.text.clear();
        let length = self.reader.read_until(b'\n', &mut self.text)?;
        self.number += 1;
        self.end += length as u64;
        Ok(length > 0)
    }

    fn tail(&self, whole: u64, line: u64) -> Option<TornTail> {
        let bytes = self.end - whole;
        (bytes > 0).then(|| TornTail::new(line, bytes))
    }
}
