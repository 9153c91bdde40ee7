//! A change, as the service annotates it.

use std::fmt;

use graph_runtime::{Tracked, UnknownValue};
use serde::Deserialize;
use serde::de::Error as _;

/// Something that is different from before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change<T> {
    /// The object is new, restored or changed: it has at least the properties that changed, and its id. Relations that
    /// changed follow as [`Linked`](Self::Linked) and [`Unlinked`](Self::Unlinked).
    Updated(T),
    /// The object is gone.
    Removed {
        /// Its id.
        id: String,
        /// Whether it can come back.
        reason: RemovalReason,
    },
    /// The object has somebody or something more in a relation, such as a group in its `members`. It may have been there
    /// before.
    Linked {
        /// The id of the object.
        object: String,
        /// The relation: `members`.
        relation: String,
        /// What was added.
        target: Link,
    },
    /// The object has somebody or something less in a relation.
    Unlinked {
        /// The id of the object.
        object: String,
        /// The relation: `members`.
        relation: String,
        /// What was removed.
        target: Link,
        /// Whether it is gone itself.
        reason: RemovalReason,
    },
    /// The service wanted a full synchronisation, and the round began anew: all that there is follows. What doesn't come
    /// again is gone. Only with [`Delta::restart`](crate::Delta::restart).
    Restarted,
}

/// The other end of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Link {
    /// Its id.
    pub id: String,
    /// Its type, `#microsoft.graph.user`, where the service says it.
    pub odata_type: Option<String>,
}

/// Why something was removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemovalReason {
    /// It was deleted and can be restored.
    Changed,
    /// It is gone for good; of a link, that it was taken away.
    Deleted,
    /// A reason that this version of the SDK does not know, byte for byte; empty if there was none.
    Unknown(UnknownValue),
}

impl RemovalReason {
    /// The reason as the service writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Unknown(reason) => reason.as_str(),
        }
    }
}

impl From<&str> for RemovalReason {
    fn from(reason: &str) -> Self {
        match reason {
            "changed" => Self::Changed,
            "deleted" => Self::Deleted,
            _ => Self::Unknown(UnknownValue::new(reason)),
        }
    }
}

impl fmt::Display for RemovalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// `@removed`
#[derive(Deserialize)]
struct Removal {
    reason: Option<String>,
}

impl Removal {
    fn reason(self) -> RemovalReason {
        RemovalReason::from(self.reason.unwrap_or_default().as_str())
    }
}

/// An item of `members@delta`.
#[derive(Deserialize)]
struct LinkChange {
    id: String,
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
    #[serde(rename = "@removed")]
    removal: Option<Removal>,
}

impl LinkChange {
    fn of<T>(self, object: String, relation: String) -> Change<T> {
        let target = Link { id: self.id, odata_type: self.odata_type };
        match self.removal {
            None => Change::Linked { object, relation, target },
            Some(removal) => Change::Unlinked { object, relation, target, reason: removal.reason() },
        }
    }
}

/// What an item of a page says.
pub(super) fn changes_of<T: Tracked>(object: T) -> serde_json::Result<Vec<Change<T>>> {
    let id = object.id().map(str::to_owned);
    let id = || id.clone().ok_or_else(|| serde_json::Error::custom("a changed object came without its id"));
    if let Some(json) = object.extra().get("@removed")
        && let Some(removal) = serde_json::from_str::<Option<Removal>>(json)?
    {
        return Ok(vec![Change::Removed { id: id()?, reason: removal.reason() }]);
    }
    let mut links = Vec::new();
    for (name, json) in object.extra().iter() {
        let Some(relation) = name.strip_suffix("@delta") else { continue };
        for change in serde_json::from_str::<Option<Vec<LinkChange>>>(json)?.into_iter().flatten() {
            links.push(change.of(id()?, relation.to_owned()));
        }
    }
    let mut changes = vec![Change::Updated(object)];
    changes.extend(links);
    Ok(changes)
}
