//! The resources, one file each.

mod calls;
mod communities;
mod conversations;
mod engagement_roles;
mod events;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod members;
mod operations;
mod posts;
mod setting_values;
mod sites;
mod team_setup;
mod teams;
mod threads;
mod users;

pub use communities::Communities;
pub use conversations::Conversations;
pub use engagement_roles::{EngagementRoleMembers, EngagementRoles};
pub use events::{Events, zoned};
pub use group_lifecycle_policies::GroupLifecyclePolicies;
pub use group_settings::GroupSettings;
pub use groups::Groups;
pub use members::{Added, Members, Removed};
pub use operations::Operations;
pub use posts::{NewPost, Posts};
pub use setting_values::{SettingInput, SettingValues};
pub use sites::Sites;
pub use team_setup::{InvalidSavedTeamSetup, SavedTeamSetup, TeamSetup, TeamSetupPolicy};
pub use teams::{GroupTeam, Teams};
pub use threads::Threads;
pub use users::Users;

#[cfg(test)]
mod tests;
