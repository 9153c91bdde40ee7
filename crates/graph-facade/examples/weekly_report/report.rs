//! The report, and what it needs to know of the time before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::TryStreamExt as _;
use graph_facade::{Change, Client, DeltaToken};
use serde_json::{Value, json};

use crate::Outcome;

/// What one run leaves to the next: where it stopped, and how the groups are called.
#[derive(Debug, Default)]
pub(crate) struct State {
    token: Option<DeltaToken>,
    names: BTreeMap<String, String>,
}

/// What has changed, in the words of people.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// There was nothing to compare with.
    is_first: bool,
    groups: usize,
    new: BTreeSet<String>,
    gone: BTreeSet<String>,
    joined: BTreeMap<String, BTreeSet<String>>,
    left: BTreeMap<String, BTreeSet<String>>,
}

impl State {
    pub(crate) fn read(text: &str) -> Outcome<Self> {
        let mut json: Value = serde_json::from_str(text)?;
        let token = json["token"].as_str().map(str::parse).transpose()?;
        Ok(Self { token, names: serde_json::from_value(json["names"].take())? })
    }

    pub(crate) fn text(&self) -> Outcome<String> {
        let token = self.token.as_ref().map(DeltaToken::to_json);
        Ok(serde_json::to_string_pretty(&json!({ "token": token, "names": self.names }))?)
    }
}

impl Report {
    /// What has changed since `state`, which becomes that of now.
    pub(crate) async fn since(client: &Client, state: &mut State) -> Outcome<Self> {
        let delta = match state.token.take() {
            Some(token) => client.groups().delta().resume(token),
            None => client.groups().delta().select(["displayName", "members"]),
        };
        let mut report = Self { is_first: state.names.is_empty(), ..Self::default() };
        let mut changes = delta.restart().changes();
        while let Some(change) = changes.try_next().await? {
            report.note(change, &mut state.names);
        }
        state.token = changes.token().cloned();
        report.groups = state.names.len();
        report.name_people(client).await?;
        Ok(report)
    }

    fn note(&mut self, change: Change<graph_facade::models::Group>, names: &mut BTreeMap<String, String>) {
        match change {
            Change::Updated(group) => {
                let (Some(id), Some(name)) = (group.id, group.display_name) else { return };
                if names.insert(id, name.clone()).is_none() {
                    self.new.insert(name);
                }
            }
            Change::Removed { id, .. } => {
                self.gone.extend(names.remove(&id));
            }
            Change::Linked { object, target, .. } => {
                let group = names.get(&object).cloned().unwrap_or(object);
                self.joined.entry(group).or_default().insert(target.id);
            }
            Change::Unlinked { object, target, .. } => {
                let group = names.get(&object).cloned().unwrap_or(object);
                self.left.entry(group).or_default().insert(target.id);
            }
            // Too long ago: everything comes again, and there is nothing to compare with.
            Change::Restarted => {
                names.clear();
                *self = Self { is_first: true, ..Self::default() };
            }
            _ => {}
        }
    }

    /// Puts names in the place of ids, as far as they can still be found, many to a request.
    async fn name_people(&mut self, client: &Client) -> Outcome {
        if self.is_first {
            return Ok(());
        }
        let people: BTreeSet<&String> = self.joined.values().chain(self.left.values()).flatten().collect();
        let mut batch = client.batch();
        let calls: Vec<_> = people
            .into_iter()
            .map(|id| (id.clone(), batch.add(client.users().get(id).select(["displayName"]))))
            .collect();
        let answers = batch.send().await?;
        let mut names = BTreeMap::new();
        for (id, call) in calls {
            if let Some(name) = answers.take(call).ok().and_then(|user| user.display_name) {
                names.insert(id, name);
            }
        }
        for people in self.joined.values_mut().chain(self.left.values_mut()) {
            *people = people.iter().map(|id| names.get(id).unwrap_or(id).clone()).collect();
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_first {
            return write!(f, "Took stock of {} groups; the next run tells what has changed.", self.groups);
        }
        write!(f, "Groups: {}, new {}, gone {}", self.groups, self.new.len(), self.gone.len())?;
        for name in &self.new {
            write!(f, "\n  new   {name}")?;
        }
        for name in &self.gone {
            write!(f, "\n  gone  {name}")?;
        }
        let groups: BTreeSet<&String> = self.joined.keys().chain(self.left.keys()).collect();
        for group in groups {
            write!(f, "\n{group}")?;
            for name in self.joined.get(group).into_iter().flatten() {
                write!(f, "\n  joined  {name}")?;
            }
            for name in self.left.get(group).into_iter().flatten() {
                write!(f, "\n  left    {name}")?;
            }
        }
        Ok(())
    }
}
