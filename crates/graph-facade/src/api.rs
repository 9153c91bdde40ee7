//! The resources, one file each.

mod calls;
mod communities;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod learning;
mod members;
mod onenote_copy;
mod operations;
mod users;

pub use communities::Communities;
pub use group_lifecycle_policies::GroupLifecyclePolicies;
pub use group_settings::GroupSettings;
pub use groups::Groups;
pub use learning::{
    CourseProgress, LearningContents, LearningCourseActivities, LearningProviders, NewAssignment,
    NewSelfInitiatedCourse, ProviderCourseActivities,
};
pub use members::{Added, Members, Removed};
pub use onenote_copy::{CopyInterval, CopyTo};
pub use operations::Operations;
pub use users::Users;

#[cfg(test)]
mod tests;
