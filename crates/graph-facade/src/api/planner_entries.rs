//! Planner's maps: who does a task, its labels, checklist and links. A change names single entries, and leaves the others.

use graph_client::Error;
use graph_models::models::{
    NewPlannerTask, PlannerAppliedCategories, PlannerAssignment, PlannerAssignments, PlannerChecklistItem,
    PlannerChecklistItems, PlannerExternalReference, PlannerExternalReferences, PlannerPlanDetailsPatch,
    PlannerTaskDetailsPatch, PlannerTaskPatch,
};
use graph_models::{Extra, Field, Identify, OpenMap};
use uuid::Uuid;

use super::order_hint::{OrderHint, is_hint};

const LABELS: std::ops::RangeInclusive<u8> = 1..=25;

/// People and labels of a task, in a [`NewPlannerTask`] or a [`PlannerTaskPatch`].
///
/// What is wrong with an entry, such as a user without an id, fails the call before it is sent.
///
/// ```
/// use graph_facade::PlannerTaskEntries as _;
/// use graph_facade::models::PlannerTaskPatch;
///
/// let change = PlannerTaskPatch::new()
///     .assign("6e7b768e-07e2-4810-8459-485f84f8f204")
///     .unassign("87d349ed-44d7-43e1-9a83-5f2406dee5bd")
///     .label(3);
/// ```
pub trait PlannerTaskEntries: Sized + sealed::Task {
    /// Gives the task to a user as well.
    fn assign(mut self, user: impl Identify) -> Self {
        let mut assignment = PlannerAssignment::default();
        assignment.order_hint = Some(OrderHint::anywhere().into());
        self.assignments(|users| users.set(key(user), assignment));
        self
    }

    /// Takes the task from a user.
    fn unassign(mut self, user: impl Identify) -> Self {
        self.assignments(|users| users.remove(key(user)));
        self
    }

    /// Puts on the label with this number, from 1 to 25.
    fn label(mut self, number: u8) -> Self {
        self.labels(|labels| labels.set(category(number), true));
        self
    }

    /// Takes off the label with this number, from 1 to 25.
    fn unlabel(mut self, number: u8) -> Self {
        self.labels(|labels| labels.set(category(number), false));
        self
    }
}

impl PlannerTaskEntries for NewPlannerTask {}
impl PlannerTaskEntries for PlannerTaskPatch {}

/// Checklist and links of a task, in a [`PlannerTaskDetailsPatch`].
pub trait PlannerTaskDetailsEntries: Sized + sealed::TaskDetails {
    /// Adds an item to the checklist, under an id of its own.
    fn add_checklist_item(self, title: impl Into<String>) -> Self {
        self.checklist_item(Uuid::new_v4().to_string(), title)
    }

    /// Adds an item to the checklist under this id, a GUID, or gives the one that has it another title.
    fn checklist_item(mut self, id: impl Into<String>, title: impl Into<String>) -> Self {
        self.item(id, |item| item.title = Some(title.into()));
        self
    }

    /// Ticks an item of the checklist.
    fn tick(mut self, id: impl Into<String>) -> Self {
        self.item(id, |item| item.is_checked = Some(true));
        self
    }

    /// Takes the tick from an item of the checklist.
    fn untick(mut self, id: impl Into<String>) -> Self {
        self.item(id, |item| item.is_checked = Some(false));
        self
    }

    /// Removes an item from the checklist.
    fn remove_checklist_item(mut self, id: impl Into<String>) -> Self {
        self.items(|items| items.remove(id));
        self
    }

    /// Adds a link to an address, shown as `alias`, or changes what it is shown as.
    fn link(mut self, address: &str, alias: impl Into<String>) -> Self {
        let mut reference = PlannerExternalReference::default();
        reference.alias = Some(alias.into());
        self.links(|links| links.set(reference_key(address), reference));
        self
    }

    /// Removes the link to an address.
    fn unlink(mut self, address: &str) -> Self {
        self.links(|links| links.remove(reference_key(address)));
        self
    }
}

impl PlannerTaskDetailsEntries for PlannerTaskDetailsPatch {}

/// Whom a plan is shared with, in a [`PlannerPlanDetailsPatch`].
pub trait PlannerPlanDetailsEntries: Sized + sealed::PlanDetails {
    /// Shares the plan with a user.
    fn share_with(mut self, user: impl Identify) -> Self {
        self.users(|users| users.set(key(user), true));
        self
    }

    /// No longer shares the plan with a user.
    fn unshare_with(mut self, user: impl Identify) -> Self {
        self.users(|users| users.set(key(user), false));
        self
    }
}

impl PlannerPlanDetailsEntries for PlannerPlanDetailsPatch {}

/// The key of a link in a task's `references`: the address, with the characters encoded that a property's name can't have.
///
/// ```
/// assert_eq!(graph_facade::reference_key("https://contoso.com/50%"), "https%3A//contoso%2Ecom/50%25");
/// ```
pub fn reference_key(address: &str) -> String {
    let mut key = String::with_capacity(address.len() + 16);
    for c in address.chars() {
        match c {
            '%' => key.push_str("%25"),
            '.' => key.push_str("%2E"),
            ':' => key.push_str("%3A"),
            '@' => key.push_str("%40"),
            '#' => key.push_str("%23"),
            other => key.push(other),
        }
    }
    key
}

/// The address that a key in a task's `references` stands for: the inverse of [`reference_key`].
///
/// ```
/// assert_eq!(graph_facade::reference_address("https%3A//contoso%2ecom/50%25"), "https://contoso.com/50%");
/// ```
pub fn reference_address(key: &str) -> String {
    let mut address = String::with_capacity(key.len());
    let mut parts = key.split('%');
    address.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let decoded = [("25", '%'), ("2E", '.'), ("3A", ':'), ("40", '@'), ("23", '#')];
        let decoded =
            decoded.iter().find(|(code, _)| part.get(..2).is_some_and(|it| it.eq_ignore_ascii_case(code)));
        match decoded {
            Some((code, c)) => {
                address.push(*c);
                address.push_str(&part[code.len()..]);
            }
            None => {
                address.push('%');
                address.push_str(part);
            }
        }
    }
    address
}

/// The key of a user's entry; an empty one, which is refused later, if there is no id.
fn key(user: impl Identify) -> String {
    user.identify().map(|id| id.to_string()).unwrap_or_default()
}

fn category(number: u8) -> String {
    format!("category{number}")
}

/// Refuses assignments and labels that name nobody and nothing, and completes the others as the service wants them. A place that
/// was read with an entry is left out: the service takes hints alone.
pub(super) fn complete_task(
    assignments: Option<&mut PlannerAssignments>,
    labels: Option<&PlannerAppliedCategories>,
) -> Result<(), Error> {
    if let Some(assignments) = assignments {
        check_users(assignments, "assignment")?;
        for entry in assignments.entries.values_mut().flatten() {
            let read = std::mem::take(entry);
            entry.odata_type = Some("#microsoft.graph.plannerAssignment".to_owned());
            entry.order_hint = only_hint(read.order_hint);
            entry.extra = unknown(read.extra);
        }
    }
    let names = labels.into_iter().flat_map(|labels| labels.entries.keys());
    for name in names {
        if !LABELS.map(category).any(|known| known == *name) {
            return Err(Error::refused(format!(
                "there is no label `{name}`: they are `category1` to `category25`"
            )));
        }
    }
    Ok(())
}

/// Refuses checklist items and links that the service has no place for, and completes the others as it wants them.
pub(super) fn complete_details(
    checklist: Option<&mut PlannerChecklistItems>,
    links: Option<&mut PlannerExternalReferences>,
) -> Result<(), Error> {
    for (id, entry) in checklist.into_iter().flat_map(|items| &mut items.entries) {
        if id.is_empty() {
            return Err(Error::refused("an item of the checklist has no id: give it a GUID"));
        }
        if let Some(entry) = entry {
            let read = std::mem::take(entry);
            entry.odata_type = Some("#microsoft.graph.plannerChecklistItem".to_owned());
            (entry.is_checked, entry.order_hint, entry.title) =
                (read.is_checked, only_hint(read.order_hint), read.title);
            entry.extra = unknown(read.extra);
        }
    }
    for (key, entry) in links.into_iter().flat_map(|links| &mut links.entries) {
        if key.is_empty() || key.contains(['.', ':', '@', '#']) {
            return Err(Error::refused(format!(
                "the key `{key}` of a link is no encoded address: make it with `reference_key`"
            )));
        }
        if let Some(entry) = entry {
            let read = std::mem::take(entry);
            entry.odata_type = Some("#microsoft.graph.plannerExternalReference".to_owned());
            (entry.alias, entry.preview_priority, entry.type_) =
                (read.alias, only_hint(read.preview_priority), read.type_);
            entry.extra = unknown(read.extra);
        }
    }
    Ok(())
}

/// Refuses entries that name no user.
pub(super) fn check_users<T>(users: &OpenMap<T>, what: &str) -> Result<(), Error> {
    if users.entries.contains_key("") {
        let remedy = "pass an id, or a user that was read with its `id`";
        return Err(Error::refused(format!("an {what} names no user: {remedy}")));
    }
    Ok(())
}

fn only_hint(text: Option<String>) -> Option<String> {
    text.filter(|text| is_hint(text))
}

/// What the service may change alone is not sent back, explicit nulls among it.
fn unknown(extra: Extra) -> Extra {
    if extra.is_empty() { Extra::default() } else { extra }
}

/// Changes the entries of a map, which are none so far if it stays or goes.
fn entries<T>(field: &mut Field<OpenMap<T>>, change: impl FnOnce(&mut OpenMap<T>)) {
    let mut map = std::mem::take(field).into_set().unwrap_or_default();
    change(&mut map);
    *field = Field::Set(map);
}

/// The maps of what is sent; nobody else implements these.
mod sealed {
    use super::{
        NewPlannerTask, OpenMap, PlannerAppliedCategories, PlannerAssignments, PlannerChecklistItem,
        PlannerChecklistItems, PlannerExternalReferences, PlannerPlanDetailsPatch, PlannerTaskDetailsPatch,
        PlannerTaskPatch, entries,
    };

    pub trait Task {
        fn assignments(&mut self, change: impl FnOnce(&mut PlannerAssignments));
        fn labels(&mut self, change: impl FnOnce(&mut PlannerAppliedCategories));
    }

    impl Task for NewPlannerTask {
        fn assignments(&mut self, change: impl FnOnce(&mut PlannerAssignments)) {
            change(self.assignments.get_or_insert_default());
        }

        fn labels(&mut self, change: impl FnOnce(&mut PlannerAppliedCategories)) {
            change(self.applied_categories.get_or_insert_default());
        }
    }

    impl Task for PlannerTaskPatch {
        fn assignments(&mut self, change: impl FnOnce(&mut PlannerAssignments)) {
            entries(&mut self.assignments, change);
        }

        fn labels(&mut self, change: impl FnOnce(&mut PlannerAppliedCategories)) {
            entries(&mut self.applied_categories, change);
        }
    }

    pub trait TaskDetails {
        fn items(&mut self, change: impl FnOnce(&mut PlannerChecklistItems));
        fn links(&mut self, change: impl FnOnce(&mut PlannerExternalReferences));

        fn item(&mut self, id: impl Into<String>, change: impl FnOnce(&mut PlannerChecklistItem)) {
            self.items(|items| change(items.entries.entry(id.into()).or_default().get_or_insert_default()));
        }
    }

    impl TaskDetails for PlannerTaskDetailsPatch {
        fn items(&mut self, change: impl FnOnce(&mut PlannerChecklistItems)) {
            entries(&mut self.checklist, change);
        }

        fn links(&mut self, change: impl FnOnce(&mut PlannerExternalReferences)) {
            entries(&mut self.references, change);
        }
    }

    pub trait PlanDetails {
        fn users(&mut self, change: impl FnOnce(&mut OpenMap<bool>));
    }

    impl PlanDetails for PlannerPlanDetailsPatch {
        fn users(&mut self, change: impl FnOnce(&mut OpenMap<bool>)) {
            entries(&mut self.shared_with, change);
        }
    }
}

#[cfg(test)]
mod tests;
