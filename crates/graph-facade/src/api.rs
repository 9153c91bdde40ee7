//! The resources, one file each.

mod calls;
mod communities;
mod conversations;
mod group_lifecycle_policies;
mod group_settings;
mod groups;
mod members;
mod operations;
mod posts;
mod threads;
mod users;

pub use communities::Communities;
pub use conversations::Conversations;
pub use group_lifecycle_policies::GroupLifecyclePolicies;
pub use group_settings::GroupSettings;
pub use groups::Groups;
pub use members::{Added, Members, Removed};
pub use operations::Operations;
pub use posts::{NewPost, Posts};
pub use threads::Threads;
pub use users::Users;

#[cfg(test)]
mod tests;
