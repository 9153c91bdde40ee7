//! The OneNote notebooks of a group.

mod new_page;
mod notebooks;
mod pages;
mod sections;

use graph_client::Error;
use graph_models::{Id, Identify, InvalidId};

use super::groups::Groups;
use crate::client::Client;

pub use new_page::NewPage;
pub use notebooks::OnenoteNotebooks;
pub use pages::OnenotePages;
pub use sections::OnenoteSections;

/// OneNote in one group: notebooks hold sections and section groups, and sections hold pages.
///
/// Before a group uses it for the first time, the service may know nothing of it, and answer 404 for some seconds:
/// [`Error::is_not_yet_visible`].
#[derive(Clone, Debug)]
pub struct Onenote {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl Groups {
    /// The OneNote notebooks of a group.
    pub fn onenote(&self, group: impl Identify) -> Onenote {
        Onenote { client: self.client().clone(), group: group.identify() }
    }
}

impl Onenote {
    /// The notebooks of the group.
    pub fn notebooks(&self) -> OnenoteNotebooks {
        OnenoteNotebooks::of(self)
    }

    /// The sections of all notebooks of the group.
    pub fn sections(&self) -> OnenoteSections {
        OnenoteSections::of(self)
    }

    /// The pages of all sections of the group.
    pub fn pages(&self) -> OnenotePages {
        OnenotePages::of(self)
    }
}

/// What the name of a notebook can't have.
const NOT_IN_NOTEBOOKS: &str = "?*/:<>|'\"";
/// What the name of a section or a section group can't have.
const NOT_IN_SECTIONS: &str = "?*\\/:<>|&#'\"%~";

/// Refuses a name that is empty, longer than `most` characters, or has one of `forbidden`.
fn check_name(name: &str, most: usize, forbidden: &str) -> Result<(), Error> {
    let length = name.chars().count();
    let wrong = match name.chars().find(|c| forbidden.contains(*c)) {
        _ if name.trim().is_empty() => "the name is empty: give it one that people can read".to_owned(),
        _ if length > most => format!("the name `{name}` has {length} characters, and may have {most}"),
        Some(c) => format!("the name `{name}` has a `{c}`, and none of `{forbidden}` may be in it"),
        None => return Ok(()),
    };
    Err(Error::refused(wrong))
}
