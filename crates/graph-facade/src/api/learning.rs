//! Viva Learning: the providers of courses, their catalogues, and what learners do with them.

use graph_client::Error;
use graph_models::Key;
use url::Url;

mod activities;
mod contents;
pub(crate) mod course;
mod providers;

pub use activities::{LearningCourseActivities, ProviderCourseActivities};
pub use contents::LearningContents;
pub use course::{CourseProgress, NewAssignment, NewSelfInitiatedCourse};
pub use providers::LearningProviders;

/// Refuses what is no whole address of one of these protocols.
fn check_address(property: &str, address: &str, protocols: &[&str]) -> Result<(), Error> {
    let is_whole = Url::parse(address).is_ok_and(|url| protocols.contains(&url.scheme()) && url.has_host());
    if is_whole {
        return Ok(());
    }
    Err(Error::refused(format!(
        "`{property}` is `{address}`: give it a whole address that begins with `{}://`",
        protocols.join("://` or `")
    )))
}

/// An id of the provider's own, as a key.
fn external_key(property: &str, text: &str) -> Result<Key, Error> {
    check_filled(property, text)?;
    Ok(Key::new(text))
}

/// Refuses a text without a letter.
fn check_filled(property: &str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::refused(format!("`{property}` is empty: the service needs it")));
    }
    Ok(())
}
