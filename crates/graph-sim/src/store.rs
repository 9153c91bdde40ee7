//! The tenant: users, groups, communities and the long-running operations that make them.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::behavior::SearchIndex;
use crate::ids::{self, Kind};
use crate::records::Records;
use crate::timeline::{SUCCEEDED, Stage, Timeline};

mod group;
mod users;

pub(crate) use group::{DeletedGroup, Group, NewGroup, Profile};

/// A member of the directory.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    /// As the builder was given it.
    pub(crate) name: String,
    pub(crate) upn: String,
    pub(crate) display_name: String,
}

/// A Viva Engage community; its name, text and people are its group's.
#[derive(Debug, Clone)]
pub(crate) struct Community {
    pub(crate) id: String,
    pub(crate) group_id: String,
}

/// The making of a community.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) created: Duration,
    draft: Draft,
    /// Instead of the course that the others take.
    course: Option<Timeline>,
    /// The timeline has come to its end.
    settled: bool,
    /// The community, once it exists; it stays here after the community is deleted.
    pub(crate) community_id: Option<String>,
}

impl Operation {
    /// How far it is, by its own course or the one that all take.
    pub(crate) fn stage<'t>(&'t self, now: Duration, timeline: &'t Timeline) -> Stage<'t> {
        self.course.as_ref().unwrap_or(timeline).at(now.saturating_sub(self.created))
    }
}

/// A community to be.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) profile: Profile,
    pub(crate) owners: Vec<String>,
}

/// One round of changes among the groups.
#[derive(Debug, Clone)]
pub(crate) struct DeltaRound {
    /// What it tells, page by page.
    pub(crate) items: Vec<serde_json::Value>,
    /// The groups when it began: the next round tells what is different.
    pub(crate) groups: Vec<Group>,
    pub(crate) scope: DeltaScope,
    pub(crate) started: Duration,
}

/// What the first request of a delta query asked for.
#[derive(Debug, Clone)]
pub(crate) struct DeltaScope {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) ids: Option<Vec<String>>,
}

/// The state of one simulator.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    users: Vec<User>,
    /// Where a user is, by id and by principal name in lower case.
    user_places: HashMap<String, usize>,
    /// Where a user is, by name.
    user_names: HashMap<String, usize>,
    groups: Vec<Group>,
    /// Groups that can be restored, in the order in which they were deleted.
    deleted_groups: Vec<DeletedGroup>,
    /// Who marked which group as a favourite: ids of users and groups.
    pub(crate) favorites: BTreeSet<(String, String)>,
    communities: Vec<Community>,
    operations: Vec<Operation>,
    /// What is kept as JSON.
    pub(crate) records: Records,
    /// What learners find of the catalogues of providers.
    pub(crate) search: SearchIndex,
    /// Ids and what a person calls them, also of what is gone.
    labels: Vec<(String, String)>,
    groups_made: u64,
    communities_made: u64,
    /// Every round of changes so far; tokens are numbers of rounds.
    pub(crate) delta_rounds: Vec<DeltaRound>,
    /// The course of the operation that starts next, if it is one of its own.
    pub(crate) next_course: Option<Timeline>,
}

impl Store {
    /// Adds a user, or finds the one of that name; returns the id.
    pub(crate) fn add_user(&mut self, name: &str) -> String {
        if let Some(user) = self.user_named(name) {
            return user.id.clone();
        }
        let id = ids::guid(Kind::User, self.users.len() as u64 + 1);
        let upn = format!("{}@contoso.example", nickname(name));
        self.labels.push((id.clone(), format!("{{{name}}}")));
        for key in [&id, &upn] {
            self.user_places.insert(key.to_ascii_lowercase(), self.users.len());
        }
        self.user_names.insert(name.to_owned(), self.users.len());
        self.users.push(User { id: id.clone(), name: name.to_owned(), upn, display_name: capitalised(name) });
        id
    }

    pub(crate) fn user_count(&self) -> usize {
        self.users.len()
    }

    pub(crate) fn user_named(&self, name: &str) -> Option<&User> {
        self.users.get(*self.user_names.get(name)?)
    }

    /// Finds a user by id or user principal name.
    pub(crate) fn user(&self, key: &str) -> Option<&User> {
        self.users.get(*self.user_places.get(&key.to_ascii_lowercase())?)
    }

    /// Makes a community and its group; returns the community's id.
    pub(crate) fn add_community(&mut self, draft: Draft, at: Duration) -> String {
        self.communities_made += 1;
        let id = ids::community(self.communities_made);
        self.labels.push((id.clone(), format!("{{community {}}}", draft.profile.display_name)));
        let group_id = self.add_group(draft, at);
        self.communities.push(Community { id: id.clone(), group_id });
        id
    }

    /// Every community with its group.
    pub(crate) fn communities(&self) -> impl Iterator<Item = (&Community, &Group)> {
        self.communities.iter().filter_map(|it| Some((it, self.group(&it.group_id)?)))
    }

    pub(crate) fn community(&self, id: &str) -> Option<(&Community, &Group)> {
        self.communities().find(|(community, _)| community.id == id)
    }

    pub(crate) fn community_group_mut(&mut self, id: &str) -> Option<&mut Group> {
        let group_id = self.community(id)?.1.id.clone();
        self.group_mut(&group_id)
    }

    /// Deletes a community together with its group, which can be restored; says whether there was one.
    pub(crate) fn remove_community(&mut self, id: &str, at: Duration) -> bool {
        let community = self.community(id).map(|(community, _)| community.group_id.clone());
        community.is_some_and(|group| self.remove_group(&group, at))
    }

    /// Accepts the making of a community; returns the operation's id.
    pub(crate) fn start_operation(&mut self, draft: Draft, at: Duration) -> String {
        let number = self.operations.len() as u64 + 1;
        let id = ids::operation(number);
        self.labels.push((id.clone(), format!("{{operation {number}}}")));
        let course = self.next_course.take();
        self.operations.push(Operation {
            id: id.clone(),
            created: at,
            draft,
            course,
            settled: false,
            community_id: None,
        });
        id
    }

    pub(crate) fn operation_count(&self) -> usize {
        self.operations.len()
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// When the next operation that is due by `now` comes to its end.
    pub(crate) fn next_end(&self, now: Duration, timeline: &Timeline) -> Option<Duration> {
        self.ends(now, timeline).map(|(end, _)| end).min()
    }

    /// Lets everything happen that was due by `now`, in the order it was due.
    pub(crate) fn settle(&mut self, now: Duration, timeline: &Timeline) {
        self.purge_groups(now);
        let mut due: Vec<(Duration, usize)> = self.ends(now, timeline).collect();
        due.sort_unstable();
        for (end, index) in due {
            let operation = &mut self.operations[index];
            operation.settled = true;
            if operation.stage(now, timeline).status == SUCCEEDED {
                let draft = operation.draft.clone();
                let community = self.add_community(draft, end);
                self.operations[index].community_id = Some(community);
            }
        }
    }

    /// The operations that come to their end by `now`: when, and where they are.
    fn ends(&self, now: Duration, timeline: &Timeline) -> impl Iterator<Item = (Duration, usize)> {
        let open = self.operations.iter().enumerate().filter(|(_, operation)| !operation.settled);
        open.filter_map(move |(index, operation)| {
            let stage = operation.stage(now, timeline);
            stage.is_last.then(|| (operation.created.saturating_add(stage.since), index))
        })
    }

    /// Ids and the words that stand for them in the journal.
    pub(crate) fn labels(&self) -> Vec<(String, String)> {
        self.labels.clone()
    }
}

pub(crate) fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The part of a mail address before the `@`.
fn nickname(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str) -> Draft {
        Draft {
            profile: Profile { display_name: name.to_owned(), ..Profile::default() },
            owners: vec!["someone".to_owned()],
        }
    }

    #[test]
    fn users_are_found_by_id_and_principal_name() {
        let mut store = Store::default();
        let id = store.add_user("ada");
        assert_eq!(store.add_user("ada"), id, "a name is added once");
        assert_ne!(store.add_user("grace"), id);
        assert_eq!(store.user("ADA@contoso.example").unwrap().display_name, "Ada");
        assert_eq!(store.user(&id).unwrap().name, "ada");
        assert!(store.user("ada").is_none());
    }

    #[test]
    fn a_community_appears_when_its_operation_succeeds() {
        let (mut store, timeline) = (Store::default(), Timeline::default());
        let id = store.start_operation(draft("Pilots"), Duration::from_secs(5));
        store.settle(Duration::from_millis(79_999), &timeline);
        assert_eq!(store.communities().count(), 0);
        store.settle(Duration::from_secs(200), &timeline);
        store.settle(Duration::from_secs(300), &timeline);
        assert_eq!(store.communities().count(), 1);
        let (community, group) = store.communities().next().unwrap();
        assert_eq!(group.created, Duration::from_secs(80), "when it was due, not when somebody looked");
        assert_eq!(group.members, group.owners);
        assert_eq!(store.operation(&id).unwrap().community_id.as_ref(), Some(&community.id));
        assert_ne!(community.id, group.id);
    }

    #[test]
    fn a_failed_operation_leaves_nothing() {
        let mut store = Store::default();
        store.start_operation(draft("Pilots"), Duration::ZERO);
        store.settle(Duration::from_secs(100), &Timeline::new().end("failed"));
        assert_eq!((store.communities().count(), store.groups().len()), (0, 0));
    }

    #[test]
    fn a_community_takes_its_group_along() {
        let mut store = Store::default();
        let id = store.add_community(draft("Pilots"), Duration::ZERO);
        assert!(store.remove_community(&id, Duration::ZERO));
        assert!(!store.remove_community(&id, Duration::ZERO));
        assert_eq!(store.groups().len(), 0);
    }
}
