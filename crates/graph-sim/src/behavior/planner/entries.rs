//! The maps of plans and tasks: a change names single entries, and null removes one.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{bad, check_room, identity, place};
use crate::call::Call;
use crate::clock;
use crate::error::Refusal;

/// The kinds of entries that are objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entries {
    Assignments,
    Checklist,
    References,
}

impl Entries {
    fn odata_type(self) -> &'static str {
        match self {
            Self::Assignments => "#microsoft.graph.plannerAssignment",
            Self::Checklist => "#microsoft.graph.plannerChecklistItem",
            Self::References => "#microsoft.graph.plannerExternalReference",
        }
    }

    /// How many a task has at most, and what the refusal of more is called.
    fn limit(self) -> (usize, &'static str) {
        match self {
            Self::Assignments => (20, "MaximumAssigneesInTasks"),
            Self::Checklist => (20, "MaximumChecklistItemsOnTask"),
            Self::References => (10, "MaximumReferencesOnTask"),
        }
    }

    /// The map that comes of `there` by the entries in `change`.
    pub(super) fn changed(self, call: &Call<'_>, there: &Value, change: &Value) -> Result<Value, Refusal> {
        let mut entries = there.as_object().cloned().unwrap_or_default();
        if change.is_null() {
            entries.clear();
        }
        for (key, entry) in change.as_object().into_iter().flatten().filter(|(key, _)| !key.starts_with('@'))
        {
            match entry.as_object() {
                Some(entry) => self.set(call, &mut entries, key, entry)?,
                None => drop(entries.remove(key)),
            }
        }
        let (most, code) = self.limit();
        check_room(entries.len(), most + 1, code)?;
        Ok(entries.into())
    }

    fn set(
        self,
        call: &Call<'_>,
        entries: &mut Map<String, Value>,
        key: &str,
        change: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        if change.get("@odata.type").and_then(Value::as_str) != Some(self.odata_type()) {
            return Err(bad(format!(
                "The entry '{key}' has not the type '{}' in '@odata.type'.",
                self.odata_type()
            )));
        }
        let is_new = !entries.contains_key(key);
        match self {
            Self::Assignments if call.store.user(key).is_none() => {
                let message = format!("There is no user '{key}'.");
                return Err(Refusal::new(StatusCode::NOT_FOUND, "", message));
            }
            Self::Checklist if is_new && change.get("title").is_none() => {
                return Err(bad(format!("The checklist item '{key}' has no title.")));
            }
            Self::References if key.contains(['.', ':', '#']) => {
                return Err(bad(format!("The reference '{key}' is not encoded.")));
            }
            _ => {}
        }
        let entry = entries.entry(key).or_insert_with(|| self.fresh(call));
        for (property, value) in change {
            entry[property] = match value.as_str() {
                Some(hint) if matches!(&**property, "orderHint" | "previewPriority") => place(hint)?.into(),
                _ => value.clone(),
            };
        }
        if self != Self::Assignments {
            entry["lastModifiedBy"] = identity(call);
            entry["lastModifiedDateTime"] = clock::utc(call.at).into();
        }
        Ok(())
    }

    /// An entry of which nothing was said yet.
    fn fresh(self, call: &Call<'_>) -> Value {
        let hint = super::between(b"", b"");
        match self {
            Self::Assignments => {
                json!({ "assignedBy": identity(call), "assignedDateTime": clock::utc(call.at), "orderHint": hint })
            }
            Self::Checklist => json!({ "isChecked": false, "orderHint": hint }),
            Self::References => json!({ "alias": null, "type": "Other", "previewPriority": hint }),
        }
    }
}

/// The map of what is true in `there` and `change` together: whatever is neither true nor left out goes.
pub(super) fn flags(there: &Value, change: &Map<String, Value>) -> Map<String, Value> {
    let mut flags = there.as_object().cloned().unwrap_or_default();
    flags.extend(change.clone());
    flags.retain(|_, flag| *flag == true);
    flags
}

/// Like [`flags`], for the labels of a task.
pub(super) fn labels(there: &Value, change: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let is_label = |name: &String| (1..=25).any(|number| *name == format!("category{number}"));
    match change.keys().find(|name| !name.starts_with('@') && !is_label(name)) {
        Some(unknown) => Err(bad(format!("There is no category '{unknown}'."))),
        None => Ok(flags(there, change)),
    }
}
