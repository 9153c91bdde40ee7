//! What the service sends and the models do not know, told once and counted.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use graph_runtime::{Inspect, OperationInfo, Unknown, UnknownKind};
use serde::{Deserialize, Serialize};

use crate::pipeline::Observer;
use crate::target::TARGET;

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
    sightings: Vec<Sighting>,
    /// Where each name stands among them.
    by_type: HashMap<(UnknownKind, &'static str), HashMap<Box<str>, usize>>,
    /// How many answers were looked through, which is the number of the one that is.
    answers: u64,
    truncated: bool,
}

#[derive(Debug)]
struct Sighting {
    what: UnknownKind,
    type_name: &'static str,
    name: Box<str>,
    place: &'static str,
    operation: &'static OperationInfo,
    count: u64,
    /// The last answer that it was in.
    answer: u64,
    /// What followed it, and so will again: objects of one type lack the same in the same order.
    next: usize,
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
        let mut entries: Vec<_> = seen.sightings.iter().map(Sighting::entry).collect();
        entries.sort_unstable();
        DriftReport { entries, truncated: seen.truncated }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing in it is half done between any two statements that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for DriftLog {
    /// Adds what an answer to `operation` has.
    fn answer_read(&self, operation: &'static OperationInfo, answer: &dyn Inspect) {
        let news = self.seen().look_through(operation, answer);
        for Unknown { kind, type_name, name, place, .. } in news.names {
            tracing::info!(
                target: TARGET,
                {
                    "graph.drift.what" = kind.as_str(),
                    "graph.drift.type" = type_name,
                    "graph.drift.name" = &*shortened(name),
                    "graph.drift.place" = place,
                    "graph.operation" = operation.id,
                },
                "the models do not know this"
            );
        }
        if news.is_full {
            tracing::warn!(target: TARGET, { "graph.drift.most" = MOST }, "the models know so little that no more is kept of it");
        }
    }
}

impl Seen {
    fn look_through<'a>(&mut self, operation: &'static OperationInfo, answer: &'a dyn Inspect) -> News<'a> {
        self.answers += 1;
        let (mut news, mut last) = (News::default(), None);
        answer.inspect("", &mut |unknown| match self.find(&unknown, last) {
            Some(index) => {
                self.follows(last, index);
                let sighting = &mut self.sightings[index];
                if sighting.answer != self.answers {
                    sighting.answer = self.answers;
                    sighting.count += 1;
                    count(&unknown);
                }
                last = Some(index);
            }
            None if self.sightings.len() < MOST => {
                let index = self.add(operation, &unknown);
                self.follows(last, index);
                count(&unknown);
                news.names.push(unknown);
                last = Some(index);
            }
            None => news.is_full |= !std::mem::replace(&mut self.truncated, true),
        });
        news
    }

    /// Where `unknown` stands, which comes after what stands at `last`.
    fn find(&self, unknown: &Unknown<'_>, last: Option<usize>) -> Option<usize> {
        let expected = last.map_or(0, |last| self.sightings[last].next);
        if self.sightings.get(expected).is_some_and(|sighting| sighting.is(unknown)) {
            return Some(expected);
        }
        self.by_type.get(&(unknown.kind, unknown.type_name))?.get(&*shortened(unknown.name)).copied()
    }

    fn follows(&mut self, last: Option<usize>, index: usize) {
        if let Some(last) = last {
            self.sightings[last].next = index;
        }
    }

    fn add(&mut self, operation: &'static OperationInfo, unknown: &Unknown<'_>) -> usize {
        let Unknown { kind: what, type_name, name, place, .. } = *unknown;
        let (index, name) = (self.sightings.len(), shortened(name));
        self.by_type.entry((what, type_name)).or_default().insert((&*name).into(), index);
        self.sightings.push(Sighting {
            what,
            type_name,
            name: (&*name).into(),
            place,
            operation,
            count: 1,
            answer: self.answers,
            next: 0,
        });
        index
    }
}

impl Sighting {
    fn is(&self, unknown: &Unknown<'_>) -> bool {
        *self.name == *unknown.name && self.what == unknown.kind && self.type_name == unknown.type_name
    }

    fn entry(&self) -> Drift {
        Drift {
            what: self.what,
            type_name: self.type_name.to_owned(),
            name: self.name.to_string(),
            place: Some(self.place).filter(|place| !place.is_empty()).map(str::to_owned),
            first_seen: self.operation.id.to_owned(),
            count: self.count,
        }
    }
}

#[cfg(feature = "metrics")]
fn count(unknown: &Unknown<'_>) {
    super::metrics::drifted(unknown.kind, unknown.type_name);
}

#[cfg(not(feature = "metrics"))]
fn count(_: &Unknown<'_>) {}

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
