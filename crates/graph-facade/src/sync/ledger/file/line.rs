//! The lines of a ledger's file.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::super::{Fingerprint, Held, LedgerEntry};

/// The version of the form below. The first had no sums, and pending items no time.
pub(super) const VERSION: u32 = 2;

/// One line. The first of a file is its version, the second its id. Entries follow, and a [`Flush`](Self::Flush) after those that
/// were written at once. A [`Synced`](Self::Synced) is written when these are on the disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Line<'a> {
    Version(u32),
    Id(Text),
    Of(Cow<'a, str>),
    Written { key: Cow<'a, str>, content: Text },
    Pending(Pending<'a>),
    Deactivated { key: Cow<'a, str>, at: u64 },
    Gone(Cow<'a, str>),
    Flush { number: u64, sum: Text },
    Synced { number: u64, sum: Text },
}

/// In version 1 it is the key alone.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Pending<'a> {
    Since { key: Cow<'a, str>, at: u64 },
    Undated(Cow<'a, str>),
}

/// 128 bits as hexadecimal digits, in lower case: a letter that became another is damage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Text(pub(super) Fingerprint);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(serde::de::Error::custom("it has a letter in upper case"));
        }
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl<'a> From<&'a LedgerEntry> for Line<'a> {
    fn from(entry: &'a LedgerEntry) -> Self {
        match entry {
            LedgerEntry::Of(name) => Self::Of(Cow::Borrowed(name)),
            LedgerEntry::Item { key, held } => {
                let key = Cow::Borrowed(&**key);
                match *held {
                    Some(Held::Written(content)) => Self::Written { key, content: Text(content) },
                    Some(Held::Pending(at)) => Self::Pending(Pending::Since { key, at }),
                    Some(Held::Deactivated(at)) => Self::Deactivated { key, at },
                    None => Self::Gone(key),
                }
            }
        }
    }
}

impl<'a> Line<'a> {
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        if line.ends_with(b"\n") { serde_json::from_slice(line).ok() } else { None }
    }

    /// The entry, if it is one. What is pending since nobody knows when is so since `undated`.
    pub(super) fn into_entry(self, undated: u64) -> Option<LedgerEntry> {
        let (key, held) = match self {
            Self::Of(name) => return Some(LedgerEntry::Of(name.into())),
            Self::Written { key, content } => (key, Some(Held::Written(content.0))),
            Self::Pending(Pending::Since { key, at }) => (key, Some(Held::Pending(at))),
            Self::Pending(Pending::Undated(key)) => (key, Some(Held::Pending(undated))),
            Self::Deactivated { key, at } => (key, Some(Held::Deactivated(at))),
            Self::Gone(key) => (key, None),
            Self::Version(_) | Self::Id(_) | Self::Flush { .. } | Self::Synced { .. } => return None,
        };
        Some(LedgerEntry::Item { key: key.into(), held })
    }

    pub(super) fn put(&self, to: &mut Vec<u8>) -> io::Result<()> {
        serde_json::to_writer(&mut *to, self)?;
        to.push(b'\n');
        Ok(())
    }
}

/// The id of a file, which is in all of its sums: what a disk shows of other files, or of what was there before, has none that are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(pub(super) Fingerprint);

impl FileId {
    pub(super) fn new() -> Self {
        Self(Fingerprint::of(uuid::Uuid::new_v4().as_bytes()))
    }

    pub(super) fn sum(self, number: u64) -> Sum {
        Sum(Sha256::new_with_prefix(format!("{} flush {number}\n", self.0)))
    }

    /// The line that says that the flush of this number is on the disk.
    pub(super) fn synced(self, number: u64) -> Line<'static> {
        let sum = Fingerprint::of(format!("{} synced {number}\n", self.0).as_bytes());
        Line::Synced { number, sum: Text(sum) }
    }

    /// The number of the flush that a line says is on the disk. What stands before it may be anything.
    pub(super) fn synced_in(self, line: &[u8]) -> Option<u64> {
        const BEGINNING: &[u8] = b"{\"synced\":";
        let at = line.windows(BEGINNING.len()).rposition(|window| window == BEGINNING)?;
        match (Line::parse(&line[at..])?, self) {
            (Line::Synced { number, sum }, id) => match id.synced(number) {
                Line::Synced { sum: right, .. } if right == sum => Some(number),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The sum over the lines of one flush.
#[derive(Clone, Debug)]
pub(super) struct Sum(Sha256);

impl Sum {
    pub(super) fn add(&mut self, lines: &[u8]) {
        self.0.update(lines);
    }

    pub(super) fn end(self) -> Text {
        Text(Fingerprint::from_digest(self.0.finalize().into()))
    }
}
