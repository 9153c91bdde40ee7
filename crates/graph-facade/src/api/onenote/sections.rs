//! Sections, and the pages of one.

use graph_client::{Get, List, Request};
use graph_models::models::{OnenotePage, OnenoteSection};
use graph_models::{Id, Identify, InvalidId, facts};

use super::{NewPage, Onenote};
use crate::api::calls::{get, list, send};
use crate::client::Client;

/// The sections of all OneNote notebooks of one group.
#[derive(Clone, Debug)]
pub struct OnenoteSections {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl OnenoteSections {
    pub(super) fn of(onenote: &Onenote) -> Self {
        Self { client: onenote.client.clone(), group: onenote.group.clone() }
    }

    /// Lists the sections of all notebooks.
    ///
    #[doc = facts!(ONENOTE_SECTIONS_LIST)]
    pub fn list(&self) -> List<OnenoteSection> {
        let group = &self.group;
        list!(&self.client, ONENOTE_SECTIONS_LIST, onenote_sections_list(group))
    }

    /// Reads a section.
    ///
    #[doc = facts!(ONENOTE_SECTIONS_GET)]
    pub fn get(&self, section: impl Identify) -> Get<OnenoteSection> {
        let group = &self.group;
        get!(&self.client, ONENOTE_SECTIONS_GET, onenote_sections_get(group, section))
    }

    /// Lists the pages of a section without their content, the latest first, 20 to a page of the list.
    ///
    #[doc = facts!(ONENOTE_SECTIONS_PAGES_LIST)]
    pub fn pages(&self, section: impl Identify) -> List<OnenotePage> {
        let group = &self.group;
        list!(&self.client, ONENOTE_SECTIONS_PAGES_LIST, onenote_sections_pages_list(group, section))
    }

    /// Makes a page in a section. Refused before anything is sent: what [`NewPage`] says.
    ///
    #[doc = facts!(ONENOTE_SECTIONS_PAGES_CREATE)]
    pub fn create_page(&self, section: impl Identify, page: NewPage) -> Request<OnenotePage> {
        let group = &self.group;
        let form = page.form();
        let media_type = form.media_type();
        send!(
            &self.client,
            ONENOTE_SECTIONS_PAGES_CREATE,
            { form.check()? },
            onenote_sections_pages_create(group, section; form.into_bytes())
        )
        .of_type(media_type)
    }
}
