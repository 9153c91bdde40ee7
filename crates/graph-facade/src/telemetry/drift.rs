//! What the service sends and the models do not know, told once and counted.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use graph_models::{Inspect, InspectAnswer, OperationInfo, Unknown, UnknownKind};
use serde::{Deserialize, Serialize};

use super::metrics;

/// How many names are kept. A service that sends more has gone astray.
const MOST: usize = 1_000;
/// How long a name may be, in bytes, before it is cut.
const LONGEST: usize = 128;

/// What the service has sent to a client and its models do not know: where the API has moved on, or where the models leave
/// out something on purpose.
///
/// It has names and no values: nothing in it says anything about people. Directory extensions, which tenants define, and
/// annotations are left out. It can be written and read with serde; `cargo codegen diff NEW --drift FILE` takes it as JSON, and says which of
/// the names a newer document of the API knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriftReport {
    /// Every unknown name once, sorted.
    pub entries: Vec<Drift>,
    /// Whether there were more names than a client keeps, which is 1,000.
    pub truncated: bool,
}

/// One name that the models do not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drift {
    /// What it names.
    pub what: UnknownKind,
    /// The type that does not know it: `Group`, `CommunityPrivacy`, `DirectoryObject`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The property, the member, or the `@odata.type`; cut after 128 bytes.
    pub name: String,
    /// The property in which it first stood, `Community.privacy`; none at the top of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The id of the operation that it first came from: `communities.get`.
    pub first_seen: String,
    /// In how many answers it was.
    pub count: u64,
}

/// What a client and its clones have seen.
#[derive(Debug, Default)]
pub(crate) struct DriftLog(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    by_type: HashMap<(UnknownKind, &'static str), HashMap<Box<str>, Sighting>>,
    names: usize,
    truncated: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    place: &'static str,
    operation: &'static OperationInfo,
    count: u64,
}

/// What is new about an answer.
#[derive(Default)]
struct News<'a> {
    names: Vec<Unknown<'a>>,
    is_full: bool,
}

impl DriftLog {
    pub(crate) fn report(&self) -> DriftReport {
        let seen = self.seen();
        let mut entries: Vec<_> = seen
            .by_type
            .iter()
            .flat_map(|(of, names)| names.iter().map(move |(name, sighting)| sighting.entry(*of, name)))
            .collect();
        entries.sort_unstable();
        DriftReport { entries, truncated: seen.truncated }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing in it is half done between any two statements that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InspectAnswer for DriftLog {
    fn inspect(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        let mut found = Distinct::default();
        answer.inspect("", &mut |unknown| found.add(unknown));
        if found.names.is_empty() {
            return;
        }
        for unknown in &found.names {
            metrics::drifted(unknown.kind, unknown.type_name);
        }
        let news = self.seen().add(operation, found.names);
        for Unknown { kind, type_name, name, place, .. } in news.names {
            tracing::info!(
                "graph.drift.what" = kind.as_str(),
                "graph.drift.type" = type_name,
                "graph.drift.name" = &*shortened(name),
                "graph.drift.place" = place,
                "graph.operation" = operation.id,
                "the models do not know this"
            );
        }
        if news.is_full {
            tracing::warn!("graph.drift.most" = MOST, "the models know so little that no more is kept of it");
        }
    }
}

impl Seen {
    fn add<'a>(&mut self, operation: &'static OperationInfo, found: Vec<Unknown<'a>>) -> News<'a> {
        let mut news = News::default();
        for unknown in found {
            let Unknown { kind, type_name, name, place, .. } = unknown;
            let name = shortened(name);
            let names = self.by_type.entry((kind, type_name)).or_default();
            if let Some(sighting) = names.get_mut(&*name) {
                sighting.count += 1;
            } else if self.names < MOST {
                self.names += 1;
                names.insert((&*name).into(), Sighting { place, operation, count: 1 });
                news.names.push(unknown);
            } else {
                news.is_full |= !std::mem::replace(&mut self.truncated, true);
            }
        }
        news
    }
}

impl Sighting {
    fn entry(&self, (what, type_name): (UnknownKind, &'static str), name: &str) -> Drift {
        Drift {
            what,
            type_name: type_name.to_owned(),
            name: name.to_owned(),
            place: Some(self.place).filter(|place| !place.is_empty()).map(str::to_owned),
            first_seen: self.operation.id.to_owned(),
            count: self.count,
        }
    }
}

/// The unknown names of one answer, each once, wherever they stand.
#[derive(Default)]
struct Distinct<'a> {
    names: Vec<Unknown<'a>>,
    places: HashMap<(UnknownKind, &'static str, &'a str), usize>,
    /// Which is likely to come next: the items of a page lack the same in the same order.
    next: usize,
}

impl<'a> Distinct<'a> {
    fn add(&mut self, unknown: Unknown<'a>) {
        let key = |of: &Unknown<'a>| (of.kind, of.type_name, of.name);
        let place = match self.names.get(self.next) {
            Some(expected) if key(expected) == key(&unknown) => self.next,
            _ => *self.places.entry(key(&unknown)).or_insert_with(|| {
                self.names.push(unknown);
                self.names.len() - 1
            }),
        };
        self.next = if place + 1 < self.names.len() { place + 1 } else { 0 };
    }
}

/// `name`, or as much of it as is kept.
fn shortened(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return name.into();
    }
    let end = (0..=LONGEST).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", &name[..end]).into()
}

#[cfg(test)]
mod tests;
