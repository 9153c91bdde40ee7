//! What the service does for each operation, one file for each kind of resource.
//!
//! To add an operation: add its id to the specification, write a function of the type [`Behavior`] here, and list
//! it in [`BEHAVIORS`].

mod calendar;
mod communities;
mod community_creation;
mod conversations;
mod directory;
mod engagement_roles;
mod events;
mod group_delta;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod membership;
mod operations;
mod posts;
mod resource;
mod sites;
mod teams;
mod threads;
mod users;

use crate::call::Call;
use crate::error::Refusal;
use crate::reply::Reply;

/// What one operation does: reads and changes the store, and answers.
pub(crate) type Behavior = fn(&mut Call<'_>) -> Result<Reply, Refusal>;

const BEHAVIORS: &[(&str, Behavior)] = &[
    ("communities.list", communities::list),
    ("communities.create", community_creation::create),
    ("communities.get", communities::get),
    ("communities.update", communities::update),
    ("communities.delete", communities::delete),
    ("communities.owners.list", communities::list_owners),
    ("communities.owners.count", communities::count_owners),
    ("communities.group.get", communities::get_group),
    ("engagement_async_operations.get", operations::get),
    ("engagement_roles.list", engagement_roles::list),
    ("engagement_roles.get", engagement_roles::get),
    ("engagement_roles.list_mine", engagement_roles::list_mine),
    ("engagement_roles.list_of_user", engagement_roles::list_of_user),
    ("engagement_roles.members.list", engagement_roles::list_members),
    ("engagement_roles.members.add", engagement_roles::add_member),
    ("engagement_roles.members.get", engagement_roles::get_member),
    ("engagement_roles.members.remove", engagement_roles::remove_member),
    ("engagement_roles.members.user.get", engagement_roles::get_user),
    ("groups.calendar.get", calendar::get),
    ("groups.calendar_view.list", calendar::view),
    ("groups.conversations.list", conversations::list),
    ("groups.conversations.create", conversations::create),
    ("groups.conversations.get", conversations::get),
    ("groups.conversations.delete", conversations::delete),
    ("groups.conversations.threads.list", threads::list),
    ("groups.conversations.threads.create", threads::create),
    ("groups.conversations.threads.get", threads::get),
    ("groups.conversations.threads.update", threads::update),
    ("groups.conversations.threads.delete", threads::delete),
    ("groups.conversations.threads.reply", posts::reply_to_thread),
    ("groups.conversations.threads.posts.list", posts::list),
    ("groups.conversations.threads.posts.get", posts::get),
    ("groups.conversations.threads.posts.reply", posts::reply_to_post),
    ("groups.events.list", events::list),
    ("groups.events.create", events::create),
    ("groups.events.get", events::get),
    ("groups.events.update", events::update),
    ("groups.events.delete", events::delete),
    ("groups.events.instances.list", calendar::instances),
    ("groups.settings.list", group_settings::list),
    ("groups.settings.create", group_settings::create),
    ("groups.settings.get", group_settings::get),
    ("groups.settings.update", group_settings::update),
    ("groups.settings.delete", group_settings::delete),
    ("groups.sites.get", sites::get_of_group),
    ("groups.sites.lists.list", sites::list_lists_of_group),
    ("groups.sites.subsites.list", sites::list_subsites_of_group),
    ("groups.team.create", teams::create),
    ("groups.team.get", teams::get_of_group),
    ("groups.threads.list", threads::list),
    ("groups.threads.create", threads::create),
    ("groups.threads.get", threads::get),
    ("groups.threads.update", threads::update),
    ("groups.threads.delete", threads::delete),
    ("groups.threads.reply", posts::reply_to_thread),
    ("groups.threads.posts.list", posts::list),
    ("groups.threads.posts.get", posts::get),
    ("groups.threads.posts.reply", posts::reply_to_post),
    ("groups.list", groups::list),
    ("groups.count", groups::count),
    ("groups.delta", group_delta::delta),
    ("groups.get", groups::get),
    ("groups.members.list", membership::list_members),
    ("groups.members.count", membership::count_members),
    ("groups.transitive_members.count", membership::count_members),
    ("groups.members.add", membership::add_member),
    ("groups.members.remove", membership::remove_member),
    ("groups.owners.list", membership::list_owners),
    ("groups.owners.add", membership::add_owner),
    ("groups.owners.remove", membership::remove_owner),
    ("group_settings.list", group_settings::list),
    ("group_settings.create", group_settings::create),
    ("group_settings.get", group_settings::get),
    ("group_settings.update", group_settings::update),
    ("group_settings.delete", group_settings::delete),
    ("group_setting_templates.list", group_settings::list_templates),
    ("group_setting_templates.get", group_settings::get_template),
    ("group_lifecycle_policies.list", group_lifecycle_policies::list),
    ("group_lifecycle_policies.create", group_lifecycle_policies::create),
    ("group_lifecycle_policies.get", group_lifecycle_policies::get),
    ("group_lifecycle_policies.update", group_lifecycle_policies::update),
    ("group_lifecycle_policies.delete", group_lifecycle_policies::delete),
    ("group_lifecycle_policies.add_group", group_lifecycle_policies::add_group),
    ("group_lifecycle_policies.remove_group", group_lifecycle_policies::remove_group),
    ("group_lifecycle_policies.list_of_group", group_lifecycle_policies::list_of_group),
    ("sites.get", sites::get),
    ("sites.lists.get", sites::get_list),
    ("sites.lists.list", sites::list_lists),
    ("sites.subsites.list", sites::list_subsites),
    ("teams.get", teams::get),
    ("users.get", users::get),
];

/// The behaviour of an operation.
pub(crate) fn find(operation: &str) -> Option<Behavior> {
    BEHAVIORS.iter().find(|(id, _)| *id == operation).map(|(_, behavior)| *behavior)
}

/// The ids of all operations that have a behaviour.
#[cfg(test)]
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    BEHAVIORS.iter().map(|(id, _)| *id)
}
