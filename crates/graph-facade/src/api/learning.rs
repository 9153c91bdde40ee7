//! Viva Learning: the providers of courses, their catalogues, and what learners do with them.

use url::Url;

use crate::error::Error;

mod providers;

pub use providers::LearningProviders;

/// Refuses an address that browsers of learners can't open.
fn check_address(property: &str, address: &str) -> Result<(), Error> {
    let is_public = Url::parse(address).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    if is_public {
        return Ok(());
    }
    Err(Error::refused(format!(
        "`{property}` is `{address}`: give it a whole address that begins with `https://`"
    )))
}

/// Refuses a text without a letter.
fn check_filled(property: &str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::refused(format!("`{property}` is empty: the service needs it")));
    }
    Ok(())
}
