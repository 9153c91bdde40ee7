//! What the service does for each operation, one file for each kind of resource.
//!
//! To add an operation: add its id to the specification, write a function of the type [`Behavior`] here, and list
//! it in [`BEHAVIORS`].

mod communities;
mod community_creation;
mod directory;
mod group_delta;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod learning;
mod membership;
mod onenote;
mod operations;
mod resource;
mod users;

pub(crate) use learning::UNLICENSED;

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
    ("onenote_notebooks.copy", onenote::copy_notebook),
    ("onenote_notebooks.get", onenote::get_notebook),
    ("onenote_operations.get", onenote::get_operation),
    ("onenote_pages.copy", onenote::copy_page),
    ("onenote_pages.get", onenote::get_page),
    ("onenote_sections.copy", onenote::copy_section),
    ("onenote_sections.get", onenote::get_section),
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
