//! The resources, one file each.

mod calls;
mod communities;
mod conversations;
mod create_with_people;
mod deleted_items;
mod engagement_roles;
mod events;
mod group_actions;
mod group_checks;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod learning;
mod members;
mod onenote;
mod onenote_copy;
mod operations;
mod order_hint;
mod outcome;
mod planner_buckets;
mod planner_entries;
mod planner_plans;
mod planner_tasks;
mod poll_interval;
mod posts;
mod setting_values;
mod sites;
mod states;
mod team_setup;
mod teams;
mod threads;
mod users;

pub use communities::Communities;
pub use conversations::Conversations;
pub use create_with_people::{CreateWithPeople, CreatedGroup};
pub use deleted_items::DeletedItems;
pub use engagement_roles::{EngagementRoleMembers, EngagementRoles};
pub use events::{Events, zoned};
pub use group_actions::{GroupNames, NameCheck};
pub use group_checks::{security_group, unified_group};
pub use group_lifecycle_policies::GroupLifecyclePolicies;
pub use group_settings::GroupSettings;
pub use groups::Groups;
pub(crate) use learning::course;
pub use learning::{
    CourseProgress, LearningContents, LearningCourseActivities, LearningProviders, NewAssignment,
    NewSelfInitiatedCourse, ProviderCourseActivities,
};
pub use members::{Added, Members, Relation, Removed};
pub use onenote::{NewPage, Onenote, OnenoteNotebooks, OnenotePages, OnenoteSections};
pub use onenote_copy::{CopyInterval, CopyTo};
pub use operations::Operations;
pub use order_hint::OrderHint;
pub use outcome::Outcome;
pub use planner_buckets::PlannerBuckets;
pub use planner_entries::{
    PlannerPlanDetailsEntries, PlannerTaskDetailsEntries, PlannerTaskEntries, reference_address,
    reference_key,
};
pub use planner_plans::PlannerPlans;
pub use planner_tasks::PlannerTasks;
pub use poll_interval::{PollInterval, TooFast};
pub use posts::{NewPost, Posts};
pub use setting_values::{SettingInput, SettingValues};
pub use sites::Sites;
pub use team_setup::{InvalidSavedTeamSetup, SavedTeamSetup, TeamSetup, TeamSetupPolicy};
pub use teams::{GroupTeam, Teams};
pub use threads::Threads;
pub use users::Users;

#[cfg(test)]
mod tests;
