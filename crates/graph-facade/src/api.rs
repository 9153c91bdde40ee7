//! The resources, one file each.

mod calls;
mod communities;
mod create_with_people;
mod deleted_items;
mod group_actions;
mod group_checks;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod members;
mod operations;
mod users;

pub use communities::Communities;
pub use create_with_people::{CreateWithPeople, CreatedGroup};
pub use deleted_items::DeletedItems;
pub use group_actions::{GroupNames, NameCheck};
pub use group_checks::{security_group, unified_group};
pub use group_lifecycle_policies::GroupLifecyclePolicies;
pub use group_settings::GroupSettings;
pub use groups::Groups;
pub use members::{Added, Members, Relation, Removed};
pub use operations::Operations;
pub use users::Users;

#[cfg(test)]
mod tests;
