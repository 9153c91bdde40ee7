//! Notebooks, and what stands directly in one.

use graph_client::{Get, List, Request};
use graph_models::models::{Notebook, OnenoteSection, SectionGroup};
use graph_models::{Id, Identify, InvalidId, facts};

use super::{NOT_IN_NOTEBOOKS, NOT_IN_SECTIONS, Onenote, check_name};
use crate::api::calls::{get, list, send};
use crate::client::Client;

const LONGEST_NOTEBOOK: usize = 128;
const LONGEST_SECTION: usize = 50;

/// The OneNote notebooks of one group.
#[derive(Clone, Debug)]
pub struct OnenoteNotebooks {
    client: Client,
    group: Result<Id, InvalidId>,
}

impl OnenoteNotebooks {
    pub(super) fn of(onenote: &Onenote) -> Self {
        Self { client: onenote.client.clone(), group: onenote.group.clone() }
    }

    /// Lists the notebooks.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_LIST)]
    pub fn list(&self) -> List<Notebook> {
        let group = &self.group;
        list!(&self.client, ONENOTE_NOTEBOOKS_LIST, onenote_notebooks_list(group))
    }

    /// Makes a notebook. Refused before anything is sent: a name that is empty, longer than 128 characters, or has one of
    /// `?*/:<>|'"`. The service refuses a name that another notebook of the group has.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_CREATE)]
    pub fn create(&self, name: impl Into<String>) -> Request<Notebook> {
        let (group, name) = (&self.group, name.into());
        let mut notebook = Notebook::default();
        notebook.display_name = Some(name.clone());
        send!(
            &self.client,
            ONENOTE_NOTEBOOKS_CREATE,
            { check_name(&name, LONGEST_NOTEBOOK, NOT_IN_NOTEBOOKS)? },
            onenote_notebooks_create(group; &notebook)
        )
    }

    /// Reads a notebook.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_GET)]
    pub fn get(&self, notebook: impl Identify) -> Get<Notebook> {
        let group = &self.group;
        get!(&self.client, ONENOTE_NOTEBOOKS_GET, onenote_notebooks_get(group, notebook))
    }

    /// Lists the sections that stand directly in a notebook.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_SECTIONS_LIST)]
    pub fn sections(&self, notebook: impl Identify) -> List<OnenoteSection> {
        let group = &self.group;
        list!(&self.client, ONENOTE_NOTEBOOKS_SECTIONS_LIST, onenote_notebooks_sections_list(group, notebook))
    }

    /// Makes a section in a notebook. Refused before anything is sent: a name that is empty, longer than 50 characters, or
    /// has one of `?*\/:<>|&#'"%~`. The service refuses a name that another section of the notebook has.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_SECTIONS_CREATE)]
    pub fn create_section(
        &self,
        notebook: impl Identify,
        name: impl Into<String>,
    ) -> Request<OnenoteSection> {
        let (group, name) = (&self.group, name.into());
        let mut section = OnenoteSection::default();
        section.display_name = Some(name.clone());
        send!(
            &self.client,
            ONENOTE_NOTEBOOKS_SECTIONS_CREATE,
            { check_name(&name, LONGEST_SECTION, NOT_IN_SECTIONS)? },
            onenote_notebooks_sections_create(group, notebook; &section)
        )
    }

    /// Lists the section groups that stand directly in a notebook.
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_SECTION_GROUPS_LIST)]
    pub fn section_groups(&self, notebook: impl Identify) -> List<SectionGroup> {
        let group = &self.group;
        list!(
            &self.client,
            ONENOTE_NOTEBOOKS_SECTION_GROUPS_LIST,
            onenote_notebooks_section_groups_list(group, notebook)
        )
    }

    /// Makes a section group in a notebook. Names are refused as for [sections](Self::create_section).
    ///
    #[doc = facts!(ONENOTE_NOTEBOOKS_SECTION_GROUPS_CREATE)]
    pub fn create_section_group(
        &self,
        notebook: impl Identify,
        name: impl Into<String>,
    ) -> Request<SectionGroup> {
        let (group, name) = (&self.group, name.into());
        let mut section_group = SectionGroup::default();
        section_group.display_name = Some(name.clone());
        send!(
            &self.client,
            ONENOTE_NOTEBOOKS_SECTION_GROUPS_CREATE,
            { check_name(&name, LONGEST_SECTION, NOT_IN_SECTIONS)? },
            onenote_notebooks_section_groups_create(group, notebook; &section_group)
        )
    }
}
