//! The groups of the tenant, and those that were deleted.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Draft, Store, nickname};
use crate::ids::{self, Kind};
use crate::properties::Properties;

/// How long a deleted group can be restored.
const RESTORABLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A group: a Microsoft 365 group, or a security group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) mail_nickname: String,
    pub(crate) created: Duration,
    pub(crate) renewed: Duration,
    /// Until then, other parts of the directory don't know it.
    pub(crate) visible_from: Duration,
    pub(crate) profile: Profile,
    /// Every other property that was written, as the wire shows it.
    pub(crate) properties: Properties,
    pub(crate) owners: Vec<String>,
    pub(crate) members: Vec<String>,
}

/// What a community and its group have in common; kept once, so that it can't differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    /// `public`, `private` or, for a group without a community, `hiddenMembership`.
    pub(crate) privacy: String,
}

/// A group to be.
#[derive(Debug, Clone)]
pub(crate) struct NewGroup {
    pub(crate) mail_nickname: String,
    pub(crate) profile: Profile,
    pub(crate) properties: Map<String, Value>,
    pub(crate) owners: Vec<String>,
    pub(crate) members: Vec<String>,
}

/// A group that can be restored.
#[derive(Debug, Clone)]
pub(crate) struct DeletedGroup {
    pub(crate) group: Group,
    pub(crate) at: Duration,
}

impl Group {
    /// Whether it is a Microsoft 365 group.
    pub(crate) fn is_unified(&self) -> bool {
        self.is_of_type("Unified")
    }

    /// Whether its members are shown to those alone who may read hidden ones.
    pub(crate) fn hides_members(&self) -> bool {
        self.profile.privacy == "hiddenMembership"
    }

    /// Whether a rule decides who belongs to it.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.is_of_type("DynamicMembership")
    }

    /// Notes that another service has made something of the group: `Team`.
    pub(crate) fn provisioned_with(&mut self, what: &str) {
        const NAME: &str = "resourceProvisioningOptions";
        let known = self.properties[NAME].as_array().cloned().unwrap_or_default();
        let others = known.into_iter().filter(|it| it != what);
        let all = others.chain([Value::from(what)]).collect();
        self.properties.insert(NAME.to_owned(), all);
    }

    fn is_of_type(&self, name: &str) -> bool {
        self.properties["groupTypes"].as_array().is_some_and(|types| types.iter().any(|it| it == name))
    }
}

impl Store {
    /// Makes a Microsoft 365 group whose owners are members too; returns its id.
    pub(crate) fn add_group(&mut self, draft: Draft, at: Duration) -> String {
        let Draft { profile, owners } = draft;
        let mail_nickname = self.new_nickname(&profile.display_name);
        let properties = [
            ("groupTypes".to_owned(), json!(["Unified"])),
            ("mailEnabled".to_owned(), json!(true)),
            ("securityEnabled".to_owned(), json!(false)),
        ];
        let members = owners.clone();
        let properties = Map::from_iter(properties);
        self.make_group(NewGroup { mail_nickname, profile, properties, owners, members }, at, at)
    }

    /// The mail nickname of the next group, if it has this name.
    pub(crate) fn new_nickname(&self, name: &str) -> String {
        format!("{}{}", nickname(name), self.groups_made + 1)
    }

    /// Makes a group that the rest of the directory knows from `visible_from` on; returns its id.
    pub(crate) fn make_group(&mut self, group: NewGroup, at: Duration, visible_from: Duration) -> String {
        self.groups_made += 1;
        let id = ids::guid(Kind::Group, self.groups_made);
        let NewGroup { mail_nickname, profile, properties, owners, members } = group;
        self.labels.push((id.clone(), format!("{{group {}}}", profile.display_name)));
        self.groups.push(Group {
            id: id.clone(),
            mail_nickname,
            created: at,
            renewed: at,
            visible_from,
            profile,
            properties: properties.into(),
            owners,
            members,
        });
        id
    }

    /// Adds users to the groups of a display name, as far as they aren't members yet.
    pub(crate) fn add_members(&mut self, display_name: &str, users: &[String]) {
        for group in self.groups.iter_mut().filter(|group| group.profile.display_name == display_name) {
            let mut known: HashSet<String> = group.members.iter().cloned().collect();
            group.members.extend(users.iter().filter(|id| known.insert((*id).clone())).cloned());
        }
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(crate) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    pub(crate) fn group_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// The ids of the groups that something is in, also by way of other groups.
    pub(crate) fn groups_around(&self, id: &str) -> Vec<&Group> {
        let mut around: Vec<&Group> = Vec::new();
        let mut inner = vec![id];
        while let Some(id) = inner.pop() {
            for group in self.groups.iter().filter(|group| group.members.iter().any(|member| member == id)) {
                if around.iter().all(|known| known.id != group.id) {
                    around.push(group);
                    inner.push(&group.id);
                }
            }
        }
        around
    }

    /// Deletes a group, together with its community if it has one; says whether there was one. A Microsoft 365 group can be
    /// restored.
    pub(crate) fn remove_group(&mut self, id: &str, at: Duration) -> bool {
        let Some(place) = self.groups.iter().position(|group| group.id.eq_ignore_ascii_case(id)) else {
            return false;
        };
        let group = self.groups.remove(place);
        self.communities.retain(|community| community.group_id != group.id);
        for other in &mut self.groups {
            other.members.retain(|member| *member != group.id);
        }
        if group.is_unified() {
            self.deleted_groups.push(DeletedGroup { group, at });
        } else {
            self.forget_group(&group.id);
        }
        true
    }

    pub(crate) fn deleted_groups(&self) -> &[DeletedGroup] {
        &self.deleted_groups
    }

    pub(crate) fn deleted_group(&self, id: &str) -> Option<&DeletedGroup> {
        self.deleted_groups.iter().find(|deleted| deleted.group.id.eq_ignore_ascii_case(id))
    }

    /// Brings a deleted group back as it was, but for its community.
    pub(crate) fn restore_group(&mut self, id: &str) -> Option<&Group> {
        let place =
            self.deleted_groups.iter().position(|deleted| deleted.group.id.eq_ignore_ascii_case(id))?;
        let DeletedGroup { group, .. } = self.deleted_groups.remove(place);
        self.groups.push(group);
        self.groups.last()
    }

    /// Lets go of a deleted group before its time; whether there was one.
    pub(crate) fn purge_group(&mut self, id: &str) -> bool {
        let place = self.deleted_groups.iter().position(|deleted| deleted.group.id.eq_ignore_ascii_case(id));
        let gone = place.map(|place| self.deleted_groups.remove(place).group.id);
        if let Some(id) = &gone {
            self.forget_group(id);
        }
        gone.is_some()
    }

    /// Lets go of what was deleted too long ago.
    pub(super) fn purge_groups(&mut self, now: Duration) {
        let expired = |deleted: &&DeletedGroup| now.saturating_sub(deleted.at) > RESTORABLE;
        let gone: Vec<String> =
            self.deleted_groups.iter().filter(expired).map(|deleted| deleted.group.id.clone()).collect();
        self.deleted_groups.retain(|deleted| !gone.contains(&deleted.group.id));
        for id in gone {
            self.forget_group(&id);
        }
    }

    /// Takes away what belonged to a group that is gone for good.
    fn forget_group(&mut self, id: &str) {
        self.records.remove_below(&format!("groups/{id}"));
        self.favorites.retain(|(_, group)| group != id);
    }
}
