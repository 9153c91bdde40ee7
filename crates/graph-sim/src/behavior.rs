//! What the service does for each operation, one file for each kind of resource.
//!
//! To add an operation: add its id to the specification, write a function of the type [`Behavior`] here, and list
//! it in [`BEHAVIORS`].

mod calendar;
mod communities;
mod community_creation;
mod conversations;
mod deleted_items;
mod directory;
mod engagement_roles;
mod events;
mod group_actions;
mod group_changes;
mod group_delta;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod learning;
mod membership;
mod onenote;
mod operations;
mod planner;
mod posts;
pub(crate) mod relations;
mod resource;
mod sites;
mod teams;
mod threads;
mod users;

pub(crate) use learning::{SearchIndex, UNLICENSED};
pub(crate) use onenote::copies;

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
    ("communities.owners.get", communities::get_owner),
    ("communities.owners.count", communities::count_owners),
    ("communities.group.get", communities::get_group),
    ("engagement_async_operations.get", operations::get),
    ("deleted_items.groups.list", deleted_items::list_groups),
    ("deleted_items.get", deleted_items::get),
    ("deleted_items.purge", deleted_items::purge),
    ("deleted_items.restore", deleted_items::restore),
    ("directory_objects.validate_properties", group_actions::validate),
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
    ("groups.conversations.threads.posts.forward", posts::forward),
    ("groups.events.list", events::list),
    ("groups.events.create", events::create),
    ("groups.events.get", events::get),
    ("groups.events.update", events::update),
    ("groups.events.delete", events::delete),
    ("groups.events.instances.list", calendar::instances),
    ("groups.drive.get", sites::drive_of_group),
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
    ("groups.threads.posts.forward", posts::forward),
    ("groups.list", groups::list),
    ("groups.count", groups::count),
    ("groups.create", group_changes::create),
    ("groups.delta", group_delta::delta),
    ("groups.get", groups::get),
    ("groups.update", group_changes::update),
    ("groups.delete", group_changes::delete),
    ("groups.validate_properties", group_actions::validate),
    ("groups.validate_properties_of_group", group_actions::validate_of_group),
    ("groups.add_favorite", group_actions::add_favorite),
    ("groups.remove_favorite", group_actions::remove_favorite),
    ("groups.renew", group_actions::renew),
    ("groups.assign_license", group_actions::assign_license),
    ("groups.check_member_groups", group_actions::check_member_groups),
    ("groups.get_member_groups", group_actions::member_groups),
    ("groups.members.list", membership::list_members),
    ("groups.members.users.list", membership::list_member_users),
    ("groups.members.refs.list", membership::list_member_refs),
    ("groups.members.count", membership::count_members),
    ("groups.transitive_members.list", membership::list_transitive_members),
    ("groups.transitive_members.users.list", membership::list_transitive_member_users),
    ("groups.transitive_members.count", membership::count_transitive_members),
    ("groups.members.add", membership::add_member),
    ("groups.members.remove", membership::remove_member),
    ("groups.owners.list", membership::list_owners),
    ("groups.owners.users.list", membership::list_owner_users),
    ("groups.owners.refs.list", membership::list_owner_refs),
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
    ("learning_contents.list", learning::contents::list),
    ("learning_contents.get", learning::contents::get),
    ("learning_contents.get_by_external_id", learning::contents::get_by_external_id),
    ("learning_contents.upsert", learning::contents::upsert),
    ("learning_contents.upsert_by_external_id", learning::contents::upsert_by_external_id),
    ("learning_contents.delete", learning::contents::delete),
    ("learning_contents.delete_by_external_id", learning::contents::delete_by_external_id),
    ("learning_course_activities.create", learning::activities::create),
    ("learning_course_activities.update", learning::activities::update),
    ("learning_course_activities.delete", learning::activities::delete),
    ("learning_course_activities.get", learning::activities::get),
    ("learning_course_activities.get_of_provider", learning::activities::get_of_provider),
    (
        "learning_course_activities.get_of_provider_by_external_id",
        learning::activities::get_of_provider_by_external_id,
    ),
    ("learning_course_activities.get_mine", learning::activities::get_mine),
    ("learning_course_activities.get_of_user", learning::activities::get_of_user),
    ("learning_course_activities.list_mine", learning::activities::list_mine),
    ("learning_course_activities.list_of_user", learning::activities::list_of_user),
    ("learning_providers.list", learning::providers::list),
    ("learning_providers.create", learning::providers::create),
    ("learning_providers.get", learning::providers::get),
    ("learning_providers.update", learning::providers::update),
    ("learning_providers.delete", learning::providers::delete),
    ("onenote_notebooks.copy", onenote::copies::copy_notebook),
    ("onenote_operations.get", onenote::copies::get_operation),
    ("onenote_pages.copy", onenote::copies::copy_page),
    ("onenote_sections.copy", onenote::copies::copy_section),
    ("onenote_notebooks.list", onenote::notebooks::list),
    ("onenote_notebooks.create", onenote::notebooks::create),
    ("onenote_notebooks.get", onenote::notebooks::get),
    ("onenote_notebooks.sections.list", onenote::notebooks::list_sections),
    ("onenote_notebooks.sections.create", onenote::notebooks::create_section),
    ("onenote_notebooks.section_groups.list", onenote::notebooks::list_section_groups),
    ("onenote_notebooks.section_groups.create", onenote::notebooks::create_section_group),
    ("onenote_sections.list", onenote::sections::list),
    ("onenote_sections.get", onenote::sections::get),
    ("onenote_sections.pages.list", onenote::sections::list_pages),
    ("onenote_sections.pages.create", onenote::sections::create_page),
    ("onenote_pages.list", onenote::pages::list),
    ("onenote_pages.create", onenote::pages::create),
    ("onenote_pages.get", onenote::pages::get),
    ("onenote_pages.content.get", onenote::pages::get_content),
    ("onenote_pages.content.update", onenote::changes::update_content),
    ("onenote_pages.delete", onenote::pages::delete),
    ("planner_plans.list_of_group", planner::plans::list_of_group),
    ("planner_plans.create", planner::plans::create),
    ("planner_plans.get", planner::plans::get),
    ("planner_plans.update", planner::plans::update),
    ("planner_plans.delete", planner::plans::delete),
    ("planner_plans.buckets.list", planner::plans::list_buckets),
    ("planner_plans.tasks.list", planner::plans::list_tasks),
    ("planner_plans.details.get", planner::plans::get_details),
    ("planner_plans.details.update", planner::plans::update_details),
    ("planner_buckets.create", planner::buckets::create),
    ("planner_buckets.get", planner::buckets::get),
    ("planner_buckets.update", planner::buckets::update),
    ("planner_buckets.delete", planner::buckets::delete),
    ("planner_buckets.tasks.list", planner::buckets::list_tasks),
    ("planner_tasks.create", planner::tasks::create),
    ("planner_tasks.get", planner::tasks::get),
    ("planner_tasks.update", planner::tasks::update),
    ("planner_tasks.delete", planner::tasks::delete),
    ("planner_tasks.details.get", planner::tasks::get_details),
    ("planner_tasks.details.update", planner::tasks::update_details),
    ("sites.get", sites::get),
    ("sites.lists.get", sites::get_list),
    ("sites.lists.list", sites::list_lists),
    ("sites.subsites.list", sites::list_subsites),
    ("teams.get", teams::get),
    ("teams.update", teams::update),
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
