//! What is looked at before redb opens a file.
//!
//! redb trusts what a file says of itself: it asserts what it expects there, and allocates as much memory as a page claims to
//! have, a page of a few terabytes included, which ends the process. So each address in the file is only followed here once the checksum
//! over it was right. redb does just that when it repairs a file; so it is made to repair copies in memory.
//!
//! Not covered: a file that somebody made up, with checksums that are right, and a flipped bit in the older of two commits of
//! a killed process, which can't be told from a commit that was not finished.

use std::panic::catch_unwind;

use redb::backends::InMemoryBackend;
use redb::{ReadableDatabase as _, ReadableTable as _, StorageBackend as _};

use super::database::{ABOUT, RECORDS, VERSION_KEY, builder};

/// The longest file that is opened: one region of redb.
pub(super) const LONGEST: u64 = 1 << 32;

// The header of redb's file format, version 3 (`page_store/header.rs`).
const MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";
const FLAGS: usize = 9;
const PRIMARY: u8 = 1;
const RECOVERY_REQUIRED: u8 = 2;
const TWO_PHASE_COMMIT: u8 = 4;
/// Little-endian numbers of four bytes: the size of a page, pages of a region's header, most pages of a region, full regions, and
/// pages of the last region.
const GEOMETRY: usize = 12;
const SLOTS: [usize; 2] = [64, 192];
const SLOT: usize = 128;
const TRANSACTION: usize = 104;
const HEADER: usize = 320;
const PAGE: u64 = 4096;
const PAGES_OF_REGION: u64 = LONGEST / PAGE;

/// A record's id and its text.
type Records = Vec<(String, String)>;

/// The version of the journal in these bytes, or what is wrong with them. May panic, in redb.
pub(super) fn check(bytes: &[u8]) -> Result<u32, String> {
    check_geometry(bytes)?;
    let flags = bytes[FLAGS];
    let (is_unclosed, primary) = (flags & RECOVERY_REQUIRED != 0, usize::from(flags & PRIMARY));
    let other = primary ^ 1;
    // After a crash, and if only one slot is written at a time, redb goes back to the other one.
    let goes_back = is_unclosed && flags & TWO_PHASE_COMMIT == 0;
    let is_there = is_whole(bytes, primary) || goes_back && is_whole(bytes, other);
    if !is_there {
        return Err("its checksums do not match".to_owned());
    }
    let is_older = transaction(bytes, primary) < transaction(bytes, other);
    if !is_unclosed && is_older && is_whole(bytes, other) {
        return Err("its header names the older of two commits".to_owned());
    }
    as_it_is(bytes)
}

/// Whether the sizes in the header are those of this file.
fn check_geometry(bytes: &[u8]) -> Result<(), String> {
    if bytes.len() < HEADER || !bytes.starts_with(MAGIC) {
        return Err("it does not begin as a journal does".to_owned());
    }
    let number = |index: usize| {
        let at = GEOMETRY + 4 * index;
        bytes[at..at + 4].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    let (length, full, last) = (bytes.len() as u64, number(3), number(4));
    let is_redbs = [number(0), number(1), number(2)] == [PAGE, 0, PAGES_OF_REGION];
    // It may be longer than it says: it grows before its header is written.
    let fits = full == 0 && (1..PAGES_OF_REGION).contains(&last) && (1 + last) * PAGE <= length;
    if is_redbs && fits && length.is_multiple_of(PAGE) && length <= LONGEST {
        Ok(())
    } else {
        Err("the sizes in its header are not those of the file".to_owned())
    }
}

/// Whether all that the commit in this slot consists of is there, with the right checksums.
fn is_whole(bytes: &[u8], slot: usize) -> bool {
    let mut copy = bytes.to_vec();
    copy[FLAGS] = RECOVERY_REQUIRED | u8::from(slot == 1);
    // All that the repair can go back to is an empty commit, which is no journal.
    let other = SLOTS[slot ^ 1];
    copy[other + 1..other + SLOT].fill(0);
    let is_there = || open_copy(&copy).is_ok_and(|database| matches!(version(&database), Ok(Some(_))));
    // A newer commit may be of a longer file than this, which redb asserts.
    catch_unwind(is_there).unwrap_or(false)
}

fn transaction(bytes: &[u8], slot: usize) -> u64 {
    let at = SLOTS[slot] + TRANSACTION;
    bytes[at..at + 8].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Opens a copy as the file will be opened, and looks whether that changes a record.
fn as_it_is(bytes: &[u8]) -> Result<u32, String> {
    let inner = || -> Result<Option<u32>, redb::Error> {
        let mut database = open_copy(bytes)?;
        let records = all(&database)?;
        // What it repairs in its own bookkeeping after a crash is no damage; a change of the records is.
        database.check_integrity()?;
        if all(&database)? == records { version(&database) } else { Ok(None) }
    };
    match inner() {
        Ok(Some(version)) => Ok(version),
        Ok(None) => Err("its records do not match".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn open_copy(bytes: &[u8]) -> Result<redb::Database, redb::Error> {
    let copy = InMemoryBackend::new();
    copy.set_len(bytes.len() as u64)?;
    copy.write(0, bytes)?;
    Ok(builder().create_with_backend(copy)?)
}

pub(super) fn all(database: &redb::Database) -> Result<Records, redb::Error> {
    let records = database.begin_read()?.open_table(RECORDS)?;
    let entries = records.iter()?.map(|entry| {
        let (id, record) = entry?;
        Ok((id.value().to_owned(), record.value().to_owned()))
    });
    entries.collect()
}

fn version(database: &redb::Database) -> Result<Option<u32>, redb::Error> {
    let about = database.begin_read()?.open_table(ABOUT)?;
    Ok(about.get(VERSION_KEY)?.map(|version| version.value()))
}
